package config

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

var update = flag.Bool("update", false, "write testdata/*.bad.err anew")

// TestBadFiles holds the complete error of each testdata/*.bad.yml to the text
// in *.bad.err.
func TestBadFiles(t *testing.T) {
	t.Setenv("CONFIG_TEST_EMPTY", "")
	files, err := filepath.Glob("testdata/*.bad.yml")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			c, err := Load(file)
			if err == nil || c != nil {
				t.Fatalf("got %+v, %v, want no configuration and an error", c, err)
			}
			// All of them are many, and it is the catalogue that lists them.
			got := strings.NewReplacer(
				strings.Join(catalog.Names(catalog.Project), ", "), "<services>",
				strings.Join(catalog.Types(), ", "), "<types>",
			).Replace(err.Error()) + "\n"
			if strings.Contains(got, "SuperSecret") {
				t.Errorf("a secret in the error:\n%s", got)
			}
			golden := strings.TrimSuffix(file, "yml") + "err"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func TestErrorsAreApart(t *testing.T) {
	_, err := Load("testdata/credentials.bad.yml")
	var all Errors
	if !errors.As(err, &all) || len(all) < 10 {
		t.Fatalf("got %T of %d, want Errors", err, len(all))
	}
	if !errors.Is(err, os.ErrNotExist) {
		t.Error("the cause of the absent file cannot be found")
	}
	for _, err := range all {
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("two lines in one error: %q", err)
		}
	}
}

func TestLoadAbsent(t *testing.T) {
	_, err := Load("testdata/absent.yml")
	if err == nil || err.Error() != "there is no configuration file testdata/absent.yml" {
		t.Errorf("got %v", err)
	}
	if _, err := Load("testdata"); err == nil || err.Error() != "read configuration: read testdata: is a directory" {
		t.Errorf("a folder: got %v", err)
	}
}

// TestContract reads the example of the contract, with addresses in place of
// its two ellipses.
func TestContract(t *testing.T) {
	c, err := Load("testdata/contract.good.yml")
	if err != nil {
		t.Fatal(err)
	}
	limits := huaweicloud.Limits{MaxConcurrency: 16, RequestsPerSecond: 50, RequestTimeout: 10 * time.Second, MaxRetries: 3}
	if len(c.Projects) != 1 {
		t.Fatalf("got %d projects", len(c.Projects))
	}
	p := c.Projects[0]
	want := Project{
		Account: "shop",
		ProjectConfig: huaweicloud.ProjectConfig{
			Name: "shop-prod", Region: "cn-north-4", ID: "0549b4a43100d4f32f51c01c2fe4acdb",
			Credential: huaweicloud.CredentialConfig{
				Name:          "default",
				Kind:          huaweicloud.AccessKey,
				AccessKey:     huaweicloud.NewSecret("AK…"),
				SecretKey:     huaweicloud.NewSecret("SK…"),
				SecurityToken: huaweicloud.NewSecret("…"),
			},
		},
		Services: []Service{
			{ServiceConfig: huaweicloud.ServiceConfig{Name: "modelarts", Endpoint: "https://modelarts.example.com", Limits: limits}, TagsFrom: PoolTags, ResourceTypes: []string{"pool"}},
			{
				ServiceConfig: huaweicloud.ServiceConfig{Name: "dds", Endpoint: "http://127.0.0.1:9000", Limits: limits},
				TagsFrom:      TagAPI, MaxTagAge: 10 * time.Minute,
			},
			{
				ServiceConfig: huaweicloud.ServiceConfig{Name: "fabric", Endpoint: "https://fabric.example.com", Limits: limits},
				Selectors:     []inventory.Tag{{Key: "env", Value: "prod"}, {Key: "env", Value: "staging"}},
			},
		},
	}
	if !reflect.DeepEqual(p, want) {
		t.Errorf("got  %+v\nwant %+v", p, want)
	}
	wantAccounts(t, c.Accounts, []Account{{
		AccountConfig: huaweicloud.AccountConfig{Name: "shop", ID: "dddd2222333344445555666677778888", Credential: want.Credential},
		IAM:           huaweicloud.ServiceConfig{Name: "iam", Endpoint: "https://iam.myhuaweicloud.com", Limits: limits},
		EPS:           &huaweicloud.ServiceConfig{Name: "eps", Endpoint: "https://eps.myhuaweicloud.com", Limits: limits},
		Config: &Source{
			ServiceConfig: huaweicloud.ServiceConfig{Name: "config", Endpoint: "https://rms.myhuaweicloud.com", Limits: limits},
			Types:         []string{"*"}, SkipTypes: []string{}, RenewAfter: 5 * time.Minute, MaxTagAge: time.Hour,
		},
		Discover: &Discover{Regions: []string{"*"}, Services: discovered(limits), RenewAfter: 10 * time.Minute},
	}}, ".*")
	if !c.Policy.NamesResponsible() || c.MaxViolationSeries != 1000 || c.Tags.MaxKeys != 1000 || c.Tags.MaxValuesPerKey != 1000 {
		t.Errorf("got %+v", c)
	}
	for key, tag := range map[string]bool{"env": true, "a\nb": true, "_sys_enterprise_project_id": false, "my_sys_x": true} {
		if got := c.Tags.Include.MatchString(key) && !c.Tags.Exclude.MatchString(key); got != tag {
			t.Errorf("%q becomes series: %v, want %v", key, got, tag)
		}
	}
}

const minimal = "credentials: {default: }\nprojects: [{region: cn-north-4, project_id: p1}]\n"

func TestDefaults(t *testing.T) {
	c := parse(t, minimal)
	p := c.Projects[0]
	if p.Name != "p1" || p.Credential.Kind != huaweicloud.Environment || p.Credential.Name != "default" {
		t.Errorf("got %+v", p.ProjectConfig)
	}
	var got []string
	for _, s := range p.Services {
		got = append(got, s.Endpoint)
	}
	want := []string{
		"https://modelarts.cn-north-4.myhuaweicloud.com",
		"https://dds.cn-north-4.myhuaweicloud.com",
		"https://fabric.cn-north-4.myhuaweicloud.com",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if c.Policy != nil || c.CAFile != "" || c.MaxViolationSeries != 1000 {
		t.Errorf("got %+v", c)
	}
}

func TestInheritance(t *testing.T) {
	c := parse(t, `
credentials: {default: }
defaults: {max_concurrency: 2, requests_per_second: 0, request_timeout: 2s, max_retries: 0}
projects:
  - &base
    region: cn-north-9 # knows no fabric
    project_id: 00000000000000000000000000000012 # digits without quotes
    max_retries: 1
    services:
      dds: {max_concurrency: 7, max_tag_age: 0, tags_from: instance_list}
      modelarts:
  - <<: *base
    project_id: p2
    services: # absent would be what base has
      modelarts: {request_timeout: 1m30s, requests_per_second: 0.5}
  - {region: cn-north-9, project_id: p3}
  - {region: private-1, project_id: p4, endpoints: {fabric: "https://[::1]:8443/"}}
`)
	type row struct {
		Project, Service string
		Limits           huaweicloud.Limits
		MaxTagAge        time.Duration
	}
	var got []row
	for _, p := range c.Projects {
		for _, s := range p.Services {
			got = append(got, row{p.Name, s.Name, s.Limits, s.MaxTagAge})
		}
	}
	base := huaweicloud.Limits{MaxConcurrency: 2, RequestTimeout: 2 * time.Second}
	want := []row{
		{"00000000000000000000000000000012", "modelarts", huaweicloud.Limits{MaxConcurrency: 2, RequestTimeout: 2 * time.Second, MaxRetries: 1}, 0},
		{"00000000000000000000000000000012", "dds", huaweicloud.Limits{MaxConcurrency: 7, RequestTimeout: 2 * time.Second, MaxRetries: 1}, 0},
		{"p2", "modelarts", huaweicloud.Limits{MaxConcurrency: 2, RequestsPerSecond: 0.5, RequestTimeout: 90 * time.Second, MaxRetries: 1}, 0},
		{"p3", "modelarts", base, 0},
		{"p3", "dds", base, 10 * time.Minute},
		{"p4", "fabric", base, 0},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if e := c.Projects[3].Services[0].Endpoint; e != "https://[::1]:8443" {
		t.Errorf("got endpoint %s", e)
	}
}

// every has each way of giving a secret.
const every = `
credentials:
  default: {access_key: AKID, secret_key: SuperSecretKey, security_token: SuperSecretToken}
  env: {access_key: "${CONFIG_TEST_AK}", secret_key: "${CONFIG_TEST_SK}"}
  file: {access_key: AKID, secret_key_file: secret.txt}
  all_files: {access_key_file: secret.txt, secret_key_file: secret.txt, security_token_file: secret.txt}
  token: {token: SuperSecretToken}
  password: {domain_name: d, username: u, password: SuperSecretPassword, iam_endpoint: "https://iam.example.com/"}
  chain: {}
projects:
  - {region: cn-north-4, project_id: p1}
  - {region: cn-north-4, project_id: p2, credentials: env}
  - {region: cn-north-4, project_id: p3, credentials: file}
  - {region: cn-north-4, project_id: p4, credentials: password}
policy:
  responsible: [owner, 负责人, enterprise_project]
  documents: [tag-policy.json]
  rules: [{key: env, values: [prod, "*"], name: "rule: 1"}]
`

// TestMergedNames: of two entries of one name, the one that is written here wins, then
// the one that was merged first; names are merged like other keys.
func TestMergedNames(t *testing.T) {
	c := parse(t, `
projects:
  - {region: cn-north-4, project_id: p1, services: {dds: }, credentials: own}
  - {region: cn-north-4, project_id: p2, services: {dds: }, credentials: merged}
credentials:
  own: {access_key: written-here, secret_key: s-0123456789}
  <<:
    - own: {access_key: merged-first, secret_key: s-0123456789}
      merged: {access_key: merged-first, secret_key: s-0123456789}
    - merged: {access_key: merged-second, secret_key: s-0123456789}
`)
	for i, want := range []string{"written-here", "merged-first"} {
		if got, err := c.Projects[i].Credential.AccessKey.Reveal(); got != want || err != nil {
			t.Errorf("project %s has access key %q, %v; want %q", c.Projects[i].Name, got, err, want)
		}
	}
}

func TestCAFile(t *testing.T) {
	c, err := Parse("testdata/ca.yml", []byte(minimal+"ca_file: ca.pem\n"))
	if err != nil || c.CAFile != "testdata/ca.pem" {
		t.Errorf("got %+v, %v", c, err)
	}
}

// TestRegionSettings takes endpoints from the SDK's own settings, which are
// checked like those of the file.
func TestRegionSettings(t *testing.T) {
	t.Setenv("HUAWEICLOUD_SDK_REGION_DDS_OWN_1", "https://dds.own.example.com/")
	t.Setenv("HUAWEICLOUD_SDK_REGION_DDS_OWN_2", "https://dds.own.example.com/path")
	c := parse(t, "credentials: {default: }\nprojects: [{region: own-1, project_id: p1}]\n")
	if s := c.Projects[0].Services; len(s) != 1 || s[0].Endpoint != "https://dds.own.example.com" {
		t.Errorf("got %+v", s)
	}
	_, err := Parse("test.yml", []byte("credentials: {default: }\nprojects: [{region: own-2, project_id: p1}]\n"))
	want := "test.yml:2: projects[0].services.dds: the endpoint of dds in environment variable HUAWEICLOUD_SDK_REGION_DDS_OWN_2 must have no path"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestPolicySection(t *testing.T) {
	if c := parse(t, minimal+"policy:\n"); c.Policy != nil {
		t.Error("a policy of null is one")
	}
	c := parse(t, minimal+"policy: {max_violation_series: 0}\n")
	if c.Policy == nil || c.MaxViolationSeries != 0 || c.Policy.NamesResponsible() {
		t.Errorf("got %+v", c)
	}
}

func parse(t *testing.T, content string) *Config {
	t.Helper()
	c, err := Parse("test.yml", []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	return c
}
