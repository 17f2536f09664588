package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// FuzzParse holds that no content makes Parse panic or hang, that every error
// begins with the name and a line, and that what YAML shows of a valid
// configuration is one itself, the same, without secrets.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yml")
	if err != nil || len(files) == 0 {
		f.Fatal("no files", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Add([]byte(every))
	f.Add([]byte(minimal))
	f.Add([]byte(wholeAccount))
	f.Fuzz(func(t *testing.T, content []byte) {
		c, err := Parse("testdata/fuzz.yml", content)
		if err != nil {
			checkErrors(t, err)
			return
		}
		checkShown(t, c)
	})
}

func checkErrors(t *testing.T, err error) {
	var all Errors
	if !errors.As(err, &all) {
		t.Fatalf("not of type Errors: %v", err)
	}
	for _, err := range all {
		name, rest, _ := strings.Cut(err.Error(), ":")
		line, _, _ := strings.Cut(rest, ":")
		if !strings.HasPrefix(name, "testdata/") && !filepath.IsAbs(name) || line == "" || strings.Trim(line, "0123456789") != "" {
			t.Errorf("no file and line: %q", err)
		}
	}
}

func checkShown(t *testing.T, c *Config) {
	shown := c.YAML()
	again, err := Parse("fuzz.yml", shown) // in this folder, for the paths are as they are opened
	if err != nil {
		t.Fatalf("%v in:\n%s", err, shown)
	}
	if string(again.YAML()) != string(shown) || len(again.Projects) != len(c.Projects) || len(again.Accounts) != len(c.Accounts) {
		t.Errorf("got:\n%s\nwant:\n%s", again.YAML(), shown)
	}
	var view struct {
		Credentials map[string]map[string]string
	}
	if err := yaml.Unmarshal(shown, &view); err != nil {
		t.Fatal(err)
	}
	for name, credential := range view.Credentials {
		for _, key := range []string{"secret_key", "security_token", "token", "password"} {
			if secret := credential[key]; secret != "" && secret != "<secret>" {
				t.Errorf("a secret of %s in:\n%s", name, shown)
			}
		}
	}
	for _, p := range c.Projects {
		for _, s := range []interface{ Reveal() (string, error) }{
			p.Credential.SecretKey, p.Credential.SecurityToken, p.Credential.Token, p.Credential.Password,
		} {
			// Only a word of its own can be told from the rest of the file.
			if text, err := s.Reveal(); err == nil && strings.HasPrefix(text, "SuperSecret") && strings.Contains(string(shown), text) {
				t.Errorf("the secret %q in:\n%s", text, shown)
			}
		}
	}
}
