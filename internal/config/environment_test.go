package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// quiet empties the variables that the machine of the test may have set.
func quiet(t *testing.T) {
	t.Helper()
	for _, name := range []string{
		"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy",
		"SSL_CERT_FILE", "SSL_CERT_DIR", "HUAWEICLOUD_SDK_REGIONS_FILE",
	} {
		t.Setenv(name, "")
	}
}

func loadMinimal(t *testing.T) error {
	t.Helper()
	file := filepath.Join(t.TempDir(), "c.yml")
	content := "credentials: {default: {token: SuperSecret}}\nprojects: [{region: cn-north-4, project_id: p1}]\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Load(file)
	return err
}

// TestEnvironment: what libraries read from the environment, and ignore where it is
// wrong, is an error that names the variable and nothing of its value.
func TestEnvironment(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ca, err := os.ReadFile("testdata/ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	const (
		noURL   = "is not the address of a proxy, such as http://proxy.example.com:3128"
		noHost  = "has an entry that is neither a host nor a network: number "
		noFile  = "names what cannot be read: no such file or directory"
		noCA    = "names a file without a PEM certificate"
		regions = "is no file of regions as the SDK documents it"
	)
	for _, test := range []struct{ name, value, want string }{
		{"HTTPS_PROXY", "http://proxy.example.com:3128", ""},
		{"HTTPS_PROXY", "https://proxy.example.com", ""},
		{"HTTPS_PROXY", "http://user:pass%40word@proxy.example.com:3128/", ""},
		{"HTTPS_PROXY", "socks5://127.0.0.1:1080", ""},
		{"HTTPS_PROXY", "socks5h://[::1]:1080", ""},
		{"HTTPS_PROXY", "proxy.example.com:3128", ""},
		{"HTTPS_PROXY", "10.0.0.1:3128", ""},
		{"HTTPS_PROXY", "proxy", ""},
		{"HTTPS_PROXY", "http://user:pass%zzword@proxy.example.com:3128", noURL},
		{"HTTPS_PROXY", "http://user:pass#word@proxy.example.com:3128", noURL},
		{"HTTPS_PROXY", "http://proxy.example.com:3128\n", noURL},
		{"HTTPS_PROXY", " http://proxy.example.com:3128", noURL},
		{"HTTPS_PROXY", "proxy.example.com:3128 ", noURL},
		{"HTTPS_PROXY", "http://", noURL},
		{"HTTPS_PROXY", "http://:3128", noURL},
		{"HTTPS_PROXY", "http:/proxy.example.com", noURL},
		{"HTTPS_PROXY", "ftp://proxy.example.com:21", noURL},
		{"HTTPS_PROXY", "http://proxy.example.com:99999", noURL},
		{"HTTPS_PROXY", "http://proxy.example.com:", noURL},
		{"https_proxy", "http://%zz", noURL},
		{"HTTP_PROXY", "http://%zz", noURL},
		{"http_proxy", "http://%zz", noURL},

		{"NO_PROXY", "localhost, .example.com,*.example.org,10.0.0.0/8,fd00::/8,[::1]:80,::1,a.example.com:443,,10.*", ""},
		{"NO_PROXY", "*", ""},
		{"NO_PROXY", "localhost\n", ""}, // it is trimmed
		{"NO_PROXY", "localhost,10.0.0.0/99", noHost + "2"},
		{"NO_PROXY", "http://example.com", noHost + "1"},
		{"NO_PROXY", "localhost 127.0.0.1", noHost + "1"},
		{"NO_PROXY", "a,b\nc", noHost + "2"},
		{"NO_PROXY", ":80", noHost + "1"},
		{"no_proxy", "10.0.0.0/255.0.0.0", noHost + "1"},

		{"SSL_CERT_FILE", write("ca.pem", string(ca)), ""},
		{"SSL_CERT_FILE", filepath.Join(dir, "none.pem"), noFile},
		{"SSL_CERT_FILE", dir, "names what cannot be read: it is not a regular file"},
		{"SSL_CERT_FILE", write("empty.pem", "hello"), noCA},
		{"SSL_CERT_DIR", dir, ""},
		{"SSL_CERT_DIR", dir + ":", ""},
		{"SSL_CERT_DIR", dir + ":" + filepath.Join(dir, "none"), noFile},
		{"SSL_CERT_DIR", write("file", ""), "names what cannot be read: not a directory"},

		{"HUAWEICLOUD_SDK_REGIONS_FILE", write("regions.yaml", "DDS:\n  - id: own-1\n    endpoint: https://dds.example.com\n"), ""},
		{"HUAWEICLOUD_SDK_REGIONS_FILE", write("nothing.yaml", ""), ""},
		{"HUAWEICLOUD_SDK_REGIONS_FILE", filepath.Join(dir, "none.yaml"), noFile},
		{"HUAWEICLOUD_SDK_REGIONS_FILE", dir, "names what cannot be read: it is not a regular file"},
		{"HUAWEICLOUD_SDK_REGIONS_FILE", write("bad.yaml", "DDS: [\n"), regions},
		{"HUAWEICLOUD_SDK_REGIONS_FILE", write("other.yaml", "DDS: https://dds.example.com\n"), regions},
	} {
		t.Run(test.name+"="+test.value, func(t *testing.T) {
			quiet(t)
			t.Setenv(test.name, test.value)
			got, want := "", ""
			if err := loadMinimal(t); err != nil {
				got, _, _ = strings.Cut(err.Error(), "\n")
			}
			if test.want != "" {
				want = "environment variable " + test.name + " " + test.want
			}
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// TestDefaultRegions: the SDK reads a file of regions without being told to.
func TestDefaultRegions(t *testing.T) {
	quiet(t)
	home := t.TempDir()
	t.Setenv("HOME", home)
	if err := loadMinimal(t); err != nil {
		t.Errorf("without a file: %v", err)
	}
	path := filepath.Join(home, ".huaweicloud", "regions.yaml")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("DDS: [\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := loadMinimal(t); err == nil || err.Error() != path+" cannot be read, or is no file of regions as the SDK documents it" {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(path, []byte("DDS: [{id: r, endpoint: https://dds.example.com}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := loadMinimal(t); err != nil {
		t.Errorf("with a good file: %v", err)
	}
	if err := os.WriteFile(path, []byte("DDS: [\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HUAWEICLOUD_SDK_REGIONS_FILE", filepath.Join("testdata", "blank.txt"))
	if err := loadMinimal(t); err != nil {
		t.Errorf("with another file: %v", err)
	}
}

// TestEnvironmentBesideFile: both are looked at, and the environment comes first.
func TestEnvironmentBesideFile(t *testing.T) {
	quiet(t)
	t.Setenv("HTTPS_PROXY", "http://%zz")
	t.Setenv("SSL_CERT_FILE", "/none")
	_, err := Load("testdata/tags.bad.yml")
	var names []string
	for line := range strings.Lines(err.Error()) {
		names = append(names, strings.Join(strings.Fields(line)[:3], " "))
	}
	want := []string{"environment variable HTTPS_PROXY", "environment variable SSL_CERT_FILE"}
	if len(names) < 3 || names[0] != want[0] || names[1] != want[1] || !strings.HasPrefix(names[2], "testdata/tags.bad.yml:4:") {
		t.Errorf("got %q", names)
	}
}

// TestRegionVariables: an endpoint that the SDK takes from a variable is checked
// where it is used, also that of IAM.
func TestRegionVariables(t *testing.T) {
	t.Setenv("HUAWEICLOUD_SDK_REGION_DDS_VAR_1", "dds.example.com")
	t.Setenv("HUAWEICLOUD_SDK_REGION_IAM_VAR_2", "https://user:SuperSecret@iam.example.com")
	const login = "credentials: {default: {domain_name: d, username: u, password: SuperSecret}, own: {domain_name: d, username: u, password: p, iam_endpoint: 'https://iam.example.com'}, token: {token: t}}\n"
	_, err := Parse("c.yml", []byte(login+`projects:
  - {region: var-1, project_id: p1, credentials: token}
  - {region: var-2, project_id: p2, endpoints: {dds: "https://dds.example.com"}}
  - {region: var-2, project_id: p3, endpoints: {dds: "https://dds.example.com"}, credentials: own}
  - {region: var-2, project_id: p4, endpoints: {dds: "https://dds.example.com"}, credentials: token}
`))
	want := "c.yml:3: projects[0].services.dds: its endpoint in environment variable HUAWEICLOUD_SDK_REGION_DDS_VAR_1 must be http:// or https:// and a host\n" +
		"c.yml:4: projects[1].region: the endpoint of iam in environment variable HUAWEICLOUD_SDK_REGION_IAM_VAR_2 must hold no user and password"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// TestRegionOrigin: without a variable, an endpoint is from the file of regions.
func TestRegionOrigin(t *testing.T) {
	t.Setenv("HUAWEICLOUD_SDK_REGION_DATAARTSFABRIC_VAR_3", "https://fabric.example.com")
	for service, want := range map[string]string{
		"fabric": "environment variable HUAWEICLOUD_SDK_REGION_DATAARTSFABRIC_VAR_3",
		"dds":    "the SDK's region settings",
	} {
		if got := regionSettings(service, "var-3"); got != want {
			t.Errorf("%s: got %s, want %s", service, got, want)
		}
	}
	c := parse(t, "credentials: {default: {token: t}}\nprojects: [{region: var-3, project_id: p1}]\n")
	if s := c.Projects[0].Services; len(s) != 1 || s[0].Endpoint != "https://fabric.example.com" {
		t.Errorf("the SDK does not read that variable: %+v", s)
	}
}
