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
// configuration is YAML, without secrets, and says what it did not say before.
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
	var view configView
	if err := yaml.Unmarshal(shown, &view); err != nil {
		t.Fatalf("%v in:\n%s", err, shown)
	}
	if len(view.Projects) != len(c.Projects) || len(view.Credentials) != len(c.credentials) {
		t.Errorf("something got lost in:\n%s", shown)
	}
	for name, credential := range view.Credentials {
		for _, secret := range []string{credential.SecretKey, credential.SecurityToken, credential.Token, credential.Password} {
			if secret != "" && secret != "<secret>" {
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
