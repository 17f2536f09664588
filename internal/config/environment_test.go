package config

import (
	"strings"
	"testing"
)

// TestEnvironmentBesideFile: both are looked at, and the environment comes first.
func TestEnvironmentBesideFile(t *testing.T) {
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
	want := "c.yml:3: projects[0].services.dds: the endpoint of dds in environment variable HUAWEICLOUD_SDK_REGION_DDS_VAR_1 must be http:// or https:// and a host\n" +
		"c.yml:4: projects[1].region: the endpoint of iam in environment variable HUAWEICLOUD_SDK_REGION_IAM_VAR_2 must hold no user and password"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
