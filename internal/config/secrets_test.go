package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSecretForms: whatever form a secret has, the same is wrong in it, and the
// error names file, line and key, the variable or the file, and the character.
func TestSecretForms(t *testing.T) {
	for name, test := range map[string]struct {
		secret string
		// What is said of a key or token, and of a password; "": nothing is wrong.
		wrong, wrongPassword string
	}{
		"plain":            {"SuperSecret", "", ""},
		"byte order mark":  {"\ufeffSuperSecret", "", ""},
		"space inside":     {"Super Secret", "holds white space, at character 6", ""},
		"space behind":     {"SuperSecret ", "holds white space, at character 12", "begins or ends with white space"},
		"no-break space":   {"Super\u00a0Secret", "holds white space, at character 6", "holds white space, at character 6"},
		"zero-width space": {"SuperSecret\u200b", "holds an invisible character, at character 12", "holds an invisible character, at character 12"},
		"colour code": {
			"\x1b[1mSuperSecret", "holds a line break or another control character, at character 1",
			"holds a line break or another control character, at character 1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("CONFIG_TEST_SECRET", test.secret)
			file := filepath.Join(dir, "secret")
			if err := os.WriteFile(file, []byte(test.secret+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			asYAML := `"` + strings.NewReplacer("\ufeff", `\uFEFF`, "\u00a0", `\u00A0`, "\u200b", `\u200B`, "\x1b", `\e`).Replace(test.secret) + `"`
			for form, from := range map[string]string{
				": " + asYAML:             "the value",
				": ${CONFIG_TEST_SECRET}": "environment variable CONFIG_TEST_SECRET",
				"_file: secret":           "read secret: " + file,
			} {
				for key, others := range map[string]string{
					"token":          "",
					"access_key":     "\n    secret_key: SK",
					"secret_key":     "\n    access_key: AK",
					"security_token": "\n    access_key: AK\n    secret_key: SK",
					"password":       "\n    domain_name: d\n    username: u",
				} {
					content := "projects: [{region: cn-north-4, project_id: p1}]\ncredentials:\n  default:\n    " + key + form + others
					wrong := test.wrong
					if key == "password" {
						wrong = test.wrongPassword
					}
					_, err := Parse(filepath.Join(dir, "c.yml"), []byte(content))
					if wrong == "" {
						if err != nil {
							t.Errorf("%s%s: %v", key, form, err)
						}
						continue
					}
					path, _, _ := strings.Cut(key+form, ":")
					want := filepath.Join(dir, "c.yml") + ":4: credentials.default." + path + ": " + from + " " + wrong
					if err == nil || err.Error() != want {
						t.Errorf("got  %v\nwant %s", err, want)
					}
				}
			}
		})
	}
}

// TestProviderChain: the check of a configuration looks at what the SDK's provider
// chain takes from variables and the profile, since with these no request could be
// made.
func TestProviderChain(t *testing.T) {
	const content = "projects: [{region: cn-north-4, project_id: p1}]\ncredentials:\n  default: {}\n"
	const goodAK, goodSK = "AKEXAMPLE", "SuperSecret"
	for name, test := range map[string]struct {
		variables map[string]string
		profile   string
		want      string // behind file, line and key
	}{
		"a profile without": {nil, "", "PROFILE has no ak and sk in its section basic"},
		"variables":         {map[string]string{"AK": goodAK, "SK": "\ufeff" + goodSK}, "", ""},
		"a key's newline":   {map[string]string{"AK": goodAK, "SK": goodSK + "\n"}, "", "environment variable HUAWEICLOUD_SDK_SK holds a line break or another control character, at character 12"},
		"an ID's blank":     {map[string]string{"AK": goodAK + " ", "SK": goodSK}, "", "environment variable HUAWEICLOUD_SDK_AK holds white space, at character 10"},
		"an invisible one":  {map[string]string{"AK": goodAK, "SK": goodSK, "SECURITY_TOKEN": "\u200bSuperSecret"}, "", "environment variable HUAWEICLOUD_SDK_SECURITY_TOKEN holds an invisible character, at character 1"},
		"a profile":         {nil, "ak = AKEXAMPLE\nsk = SuperSecret\n", ""},
		"a profile's key":   {nil, "ak = AKEXAMPLE\nsk = Super\u200bSecret\n", "sk in PROFILE holds an invisible character, at character 6"},
		"variables win":     {map[string]string{"AK": goodAK, "SK": goodSK}, "ak = AKEXAMPLE\nsk = Super\u200bSecret\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			profile := filepath.Join(t.TempDir(), "credentials")
			if err := os.WriteFile(profile, []byte("[basic]\n"+test.profile), 0o600); err != nil {
				t.Fatal(err)
			}
			t.Setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", profile)
			for _, name := range []string{"AK", "SK", "SECURITY_TOKEN"} {
				t.Setenv("HUAWEICLOUD_SDK_"+name, test.variables[name])
			}
			got := ""
			if _, err := Parse("c.yml", []byte(content)); err != nil {
				got = err.Error()
			}
			want := ""
			if test.want != "" {
				want = "c.yml:3: credentials.default: " + strings.ReplaceAll(test.want, "PROFILE", profile)
			}
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// TestProviderSettings: the variables by which an agency's or a pod's keys are found
// are looked at before they are needed, if a credential needs them.
func TestProviderSettings(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("pod-token"), 0o600); err != nil {
		t.Fatal(err)
	}
	const (
		noAddress = "is no http:// or https:// address"
		noFile    = "names what cannot be read: no such file or directory"
		projects  = "projects: [{region: cn-north-4, project_id: p1}]\n"
	)
	for _, test := range []struct{ name, value, want string }{
		{"HC_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials", ""},
		{"HC_CONTAINER_CREDENTIALS_FULL_URI", "http://%zz", noAddress},
		{"HC_CONTAINER_CREDENTIALS_FULL_URI", "169.254.170.23", noAddress},
		{"HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", token, ""},
		{"HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", token + "x", noFile},
		{"HUAWEICLOUD_SDK_ID_TOKEN_FILE", token + "x", noFile},
		{"HUAWEICLOUD_SDK_IAM_ENDPOINT", "iam.example.com", ""},
		{"HUAWEICLOUD_SDK_IAM_ENDPOINT", "https://iam.example.com", ""},
		{"HUAWEICLOUD_SDK_IAM_ENDPOINT", "iam example com", noAddress},
		{"HUAWEICLOUD_SDK_CREDENTIALS_FILE", token + "x", noFile},
	} {
		t.Run(test.name+"="+test.value, func(t *testing.T) {
			for _, name := range []string{"AK", "SK", "SECURITY_TOKEN", "CREDENTIALS_FILE"} {
				t.Setenv("HUAWEICLOUD_SDK_"+name, "")
			}
			t.Setenv(test.name, test.value)
			got, want := "", ""
			if _, err := Parse("c.yml", []byte(projects+"credentials: {default: {}, unused: {token: t}}\n")); err != nil {
				got = err.Error()
			}
			if test.want != "" {
				want = "c.yml:2: credentials.default: environment variable " + test.name + " " + test.want
			}
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if _, err := Parse("c.yml", []byte(projects+"credentials: {default: {token: t}}\n")); err != nil {
				t.Errorf("nothing needs it: %v", err)
			}
		})
	}
}
