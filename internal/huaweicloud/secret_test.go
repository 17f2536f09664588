package huaweicloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestSecretIsNotPrinted(t *testing.T) {
	const clear = "clear-text-secret"
	type exported struct {
		Secret  Secret
		Pointer *Secret
	}
	type unexported struct {
		secret Secret
		inner  struct{ secrets []Secret }
	}
	s := NewSecret(clear)
	u := unexported{secret: s}
	u.inner.secrets = []Secret{s}
	for name, value := range map[string]any{
		"secret": s, "pointer": &s, "slice": []Secret{s}, "map": map[string]Secret{"a": s},
		"exported": exported{s, &s}, "pointer to exported": &exported{s, &s},
		"unexported": u, "pointer to unexported": &u,
		"config": CredentialConfig{AccessKey: s, SecretKey: s, SecurityToken: s, Token: s, Password: s},
	} {
		var texts []string
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
			texts = append(texts, fmt.Sprintf(verb, value))
		}
		asJSON, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		asYAML, err := yaml.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		var log strings.Builder
		slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "value", value)
		slog.New(slog.NewTextHandler(&log, nil)).Info("m", "value", value)
		for _, text := range append(texts, string(asJSON), string(asYAML), log.String()) {
			if strings.Contains(text, clear) || strings.Contains(strings.ToLower(text), fmt.Sprintf("%x", clear)) {
				t.Errorf("%s shows its secret: %s", name, text)
			}
		}
	}
	want(t, "shown", fmt.Sprint(s), "<secret>")
	want(t, "unset", fmt.Sprint(Secret{}), "")
}

func TestReveal(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct{ content, want, problem string }{
		"plain":        {"secret", "secret", ""},
		"newline":      {"secret\n", "secret", ""},
		"many":         {"secret\r\n\n", "secret", ""},
		"inner blanks": {" sec ret ", " sec ret ", ""},
		"empty":        {"", "", "is empty"},
		"only newline": {"\n", "", "is empty"},
		"two lines":    {"hidden1\nhidden2", "", "more than one line"},
		"binary":       {"hidden\x00", "", "more than one line"},
	} {
		path := writeFile(t, dir, name, test.content)
		got, err := NewSecretFile(path).Reveal()
		want(t, name, got, test.want)
		if test.problem == "" {
			want(t, name, err, nil)
			continue
		}
		if err == nil || !strings.Contains(err.Error(), test.problem) || !strings.Contains(err.Error(), path) ||
			strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := NewSecretFile(filepath.Join(dir, "absent")).Reveal(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: error %v", err)
	}
	want(t, "file", NewSecretFile("f").File(), "f")
	if !(Secret{}).IsZero() || NewSecret("").IsZero() || NewSecretFile("f").IsZero() {
		t.Error("IsZero is wrong")
	}
}
