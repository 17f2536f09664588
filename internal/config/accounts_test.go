package config

import (
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

var standard = huaweicloud.Limits{MaxConcurrency: 16, RequestsPerSecond: 50, RequestTimeout: 10 * time.Second, MaxRetries: 3}

// discovered returns how the services of discovered projects are read by default.
func discovered(limits huaweicloud.Limits) []Service {
	return []Service{
		{ServiceConfig: huaweicloud.ServiceConfig{Name: "modelarts", Limits: limits}, TagsFrom: PoolTags, ResourceTypes: []string{"pool"}},
		{ServiceConfig: huaweicloud.ServiceConfig{Name: "dds", Limits: limits}, TagsFrom: TagAPI, MaxTagAge: 10 * time.Minute},
		{ServiceConfig: huaweicloud.ServiceConfig{Name: "fabric", Limits: limits}},
	}
}

// wantAccounts compares what must be compared by its text: expressions.
func wantAccounts(t *testing.T, got, want []Account, projects ...string) {
	t.Helper()
	for i := range got {
		if found := got[i].Discover; found != nil && i < len(want) {
			if whole, err := inventory.CompileWhole(projects[i]); err != nil || found.Projects.String() != whole.String() {
				t.Errorf("account %d: %v, want %v, %v", i, found.Projects, whole, err)
			}
			found.Projects = nil
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

const wholeAccount = "credentials: {default: {token: t}}\naccounts: [{name: shop, config: , discover: }]\n"

// TestAccountDefaults: an account needs a name, and what is read of it.
func TestAccountDefaults(t *testing.T) {
	c := parse(t, wholeAccount)
	if len(c.Projects) != 0 {
		t.Errorf("projects: %+v", c.Projects)
	}
	wantAccounts(t, c.Accounts, []Account{{
		AccountConfig: huaweicloud.AccountConfig{Name: "shop", Credential: c.Accounts[0].Credential},
		IAM:           huaweicloud.ServiceConfig{Name: "iam", Endpoint: "https://iam.myhuaweicloud.com", Limits: standard},
		Config: &Source{
			ServiceConfig: huaweicloud.ServiceConfig{Name: "config", Endpoint: "https://rms.myhuaweicloud.com", Limits: standard},
			Types:         []string{"*"}, SkipTypes: []string{}, RenewAfter: 5 * time.Minute, MaxTagAge: time.Hour,
		},
		Discover: &Discover{Regions: []string{"*"}, Services: discovered(standard), RenewAfter: 10 * time.Minute},
	}}, ".*")
}

// TestAccountSettings: each setting arrives where it is used.
func TestAccountSettings(t *testing.T) {
	c := parse(t, `
credentials: {default: {token: t}, person: {domain_name: d, username: u, password: p}}
defaults: {max_retries: 1}
projects:
  - {region: cn-north-4, project_id: p1, account: shop, services: {dds: }}
  - {region: cn-north-4, project_id: p2, account: of no other kind, services: {dds: }}
accounts:
  - name: shop
    domain_id: dddd2222333344445555666677778888
    max_concurrency: 7
    endpoints: {config: "http://127.0.0.1:9000/", iam: "http://127.0.0.1:9001"}
    config:
      resource_types: [ECS.*, rds.instances]
      skip_resource_types: ['ecs.cloudServers']
      renew_after: 0s
      max_tag_age: 0s
  - name: lab
    credentials: person
    discover:
      regions: [cn-*, eu-west-101]
      projects: lab|shop
      services: [fabric, dds]
      endpoints: {dds: "https://dds.example.com", modelarts: "https://no.example.com"}
      renew_after: 1m
`)
	for i, want := range []string{"shop", "of no other kind"} {
		if got := c.Projects[i].Account; got != want {
			t.Errorf("account %q of project %d, want %q", got, i, want)
		}
	}
	limits := standard
	limits.MaxRetries = 1
	own := limits
	own.MaxConcurrency = 7
	services := discovered(limits)[1:]
	services[0].Endpoint = "https://dds.example.com"
	person := huaweicloud.CredentialConfig{
		Name: "person", Kind: huaweicloud.Password, DomainName: "d", Username: "u", Password: huaweicloud.NewPassword("p"),
		IAMEndpoint: "https://iam.myhuaweicloud.com", // that of the account
	}
	wantAccounts(t, c.Accounts, []Account{
		{
			AccountConfig: huaweicloud.AccountConfig{Name: "shop", ID: "dddd2222333344445555666677778888", Credential: c.Accounts[0].Credential},
			IAM:           huaweicloud.ServiceConfig{Name: "iam", Endpoint: "http://127.0.0.1:9001", Limits: own},
			Config: &Source{
				ServiceConfig: huaweicloud.ServiceConfig{Name: "config", Endpoint: "http://127.0.0.1:9000", Limits: own},
				Types:         []string{"ECS.*", "rds.instances"}, SkipTypes: []string{"ecs.cloudServers"},
			},
		},
		{
			AccountConfig: huaweicloud.AccountConfig{Name: "lab", Credential: person},
			IAM:           huaweicloud.ServiceConfig{Name: "iam", Endpoint: "https://iam.myhuaweicloud.com", Limits: limits},
			Discover:      &Discover{Regions: []string{"cn-*", "eu-west-101"}, Services: services, RenewAfter: time.Minute},
		},
	}, "", "lab|shop")
}

// TestAccountIAM: a user's tokens come from the account's IAM, unless the credential
// says from where, also those for the projects that are found.
func TestAccountIAM(t *testing.T) {
	c := parse(t, `
credentials:
  default: {domain_name: d, username: u, password: p}
  own: {domain_name: d, username: u, password: p, iam_endpoint: "https://own.example.com"}
accounts:
  - {name: a, endpoints: {iam: "https://iam.example.com"}, discover: }
  - {name: b, endpoints: {iam: "https://iam.example.com"}, discover: , credentials: own}
`)
	for i, want := range []string{"https://iam.example.com", "https://own.example.com"} {
		a := c.Accounts[i]
		found := a.Discover.Project(a.AccountConfig, "id", "cn-north-4", "cn-north-4")
		if got := found.Credential.IAMEndpoint; got != want || found.Account != a.Name {
			t.Errorf("%s: tokens of %q for a project of %q, want %q", a.Name, got, found.Account, want)
		}
	}
}

// TestDiscoveredServices: a discovered project has the services that are known in its
// region.
func TestDiscoveredServices(t *testing.T) {
	a := parse(t, strings.Replace(wholeAccount, "discover: ", `discover: {endpoints: {fabric: "https://fabric.example.com"}}`, 1)).Accounts[0]
	for region, want := range map[string]string{
		"cn-north-4":   "modelarts https://modelarts.cn-north-4.myhuaweicloud.com dds https://dds.cn-north-4.myhuaweicloud.com fabric https://fabric.example.com",
		"eu-west-101":  "dds https://dds.eu-west-101.myhuaweicloud.eu fabric https://fabric.example.com",
		"xx-nowhere-1": "fabric https://fabric.example.com",
	} {
		var got []string
		for _, s := range a.Discover.Project(a.AccountConfig, "id", region, region).Services {
			got = append(got, s.Name, s.Endpoint)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %s", region, got, want)
		}
	}
	all := parse(t, strings.Replace(wholeAccount, "discover: ", "discover: {services: [all]}", 1)).Accounts[0].Discover
	if got, want := len(all.Services), len(catalog.Names(catalog.Project)); got != want {
		t.Errorf("%d services, want all %d", got, want)
	}
}

// TestAccountEndpointVariables: what the SDK's own settings have in place of an endpoint
// is checked where it is used. The SDK never forgets it, hence a process of its own.
func TestAccountEndpointVariables(t *testing.T) {
	const name, variable = "TestAccountEndpointVariables", "HUAWEICLOUD_SDK_REGION_CONFIG_CN_NORTH_4"
	if os.Getenv(variable) == "" {
		again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+name+"$", "-test.v")
		again.Env = append(os.Environ(), variable+"=https://user:SuperSecret@rms.example.com")
		if output, err := again.CombinedOutput(); err != nil || !strings.Contains(string(output), "--- PASS: "+name) {
			t.Errorf("%v\n%s", err, output)
		}
		return
	}
	_, err := Parse("c.yml", []byte(wholeAccount))
	const want = "c.yml:2: accounts[0].endpoints.config: the endpoint of config in environment variable " + variable + " must hold no user and password"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if _, err := Parse("c.yml", []byte(strings.Replace(wholeAccount, "config: ,", "", 1))); err != nil {
		t.Errorf("nothing needs it: %v", err)
	}
}

// TestAccountsAreShown: with their defaults, and as a configuration that is the same.
func TestAccountsAreShown(t *testing.T) {
	c := parse(t, wholeAccount+"  # and a part of one\n"+`
projects: [{region: cn-north-4, project_id: p1, account: shop, services: {fabric: }}]
`)
	_, shown, _ := strings.Cut(string(c.YAML()), "accounts:\n")
	shown, _, _ = strings.Cut(shown, "tags:\n")
	const want = `
    - name: shop
      credentials: default
      endpoints:
        config: https://rms.myhuaweicloud.com
        iam: https://iam.myhuaweicloud.com
      config:
        resource_types: ['*']
        skip_resource_types: []
        renew_after: 5m0s
        max_tag_age: 1h0m0s
      discover:
        regions: ['*']
        projects: .*
        services: [modelarts, dds, fabric]
        endpoints: {}
        renew_after: 10m0s
`
	if "\n"+shown != want {
		t.Errorf("got %s\nwant %s", shown, want)
	}
	again := parse(t, string(c.YAML()))
	if string(again.YAML()) != string(c.YAML()) || again.Projects[0].Account != "shop" {
		t.Errorf("got:\n%s\nwant:\n%s", again.YAML(), c.YAML())
	}
}

// TestEnterpriseProjectNames: EPS is asked for them only if somebody may be named by one.
func TestEnterpriseProjectNames(t *testing.T) {
	const given = "credentials: {default: {token: t}}\naccounts: [{name: shop, config: , endpoints: {eps: 'http://127.0.0.1:9000/'}}]\n"
	for content, want := range map[string]string{
		wholeAccount: "",
		wholeAccount + "policy: {responsible: [owner]}\n":                     "",
		wholeAccount + "policy: {responsible: [owner, enterprise_project]}\n": "https://eps.myhuaweicloud.com",
		given: "",
		given + "policy: {responsible: [enterprise_project]}\n": "http://127.0.0.1:9000",
	} {
		c := parse(t, content)
		got := ""
		if eps := c.Accounts[0].EPS; eps != nil {
			got = eps.Endpoint
		}
		if shown := strings.Contains(string(c.YAML()), "eps: "+want); got != want || want != "" && !shown {
			t.Errorf("%s\ngot %q, want %q", content, got, want)
		}
	}
	_, err := Parse("test.yml", []byte(strings.Replace(given, ":9000/", ":9000/path", 1)))
	if err == nil || err.Error() != "test.yml:2: accounts[0].endpoints.eps: must have no path" {
		t.Error(err)
	}
}
