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

// TestReveal: a secret says in whatever form it is given what is wrong with it, and
// where, but nothing of its content.
func TestReveal(t *testing.T) {
	const (
		control   = "holds a line break or another control character, at character "
		white     = "holds white space, at character "
		invisible = "holds an invisible character, at character "
		noText    = "holds what is no UTF-8 text, at character "
	)
	for name, test := range map[string]struct{ content, secret, password string }{
		"plain":              {"hidden", "", ""},
		"not Latin":          {"hid键…", "", ""},
		"byte order mark":    {"\ufeffhidden", "", ""},
		"empty":              {"", "is empty", "is empty"},
		"only a mark":        {"\ufeff", "is empty", "is empty"},
		"blank inside":       {"hid den", white + "4", ""},
		"blank before":       {" hidden", white + "1", "begins or ends with white space"},
		"blank behind":       {"hidden ", white + "7", "begins or ends with white space"},
		"no-break space":     {"hid\u00a0den", white + "4", white + "4"},
		"ideographic space":  {"键hid\u3000den", white + "5", white + "5"},
		"zero-width space":   {"hid\u200bden", invisible + "4", invisible + "4"},
		"zero-width joiner":  {"\u200dhidden", invisible + "1", invisible + "1"},
		"word joiner":        {"hidden\u2060", invisible + "7", invisible + "7"},
		"a mark inside":      {"hid\ufeffden", invisible + "4", invisible + "4"},
		"two marks":          {"\ufeff\ufeffhidden", invisible + "1", invisible + "1"},
		"soft hyphen":        {"hid\u00adden", invisible + "4", invisible + "4"},
		"right to left":      {"hid\u202eden", invisible + "4", invisible + "4"},
		"variation selector": {"hid\ufe0fden", invisible + "4", invisible + "4"},
		"Hangul filler":      {"hid\u3164den", invisible + "4", invisible + "4"},
		"tab":                {"hid\tden", control + "4", control + "4"},
		"colour codes":       {"\x1b[32mhidden\x1b[0m", control + "1", control + "1"},
		"binary":             {"hidden\x00", control + "7", control + "7"},
		"delete":             {"hid\x7fden", control + "4", control + "4"},
		"C1 control":         {"hid\u0085den", control + "4", control + "4"},
		"not UTF-8":          {"hid\xffden", noText + "4", noText + "4"},
		"UTF-16":             {"\xff\xfeh\x00i\x00", noText + "1", noText + "1"},
	} {
		path := writeFile(t, t.TempDir(), "file", test.content)
		for _, form := range []struct {
			name          string
			secret        Secret
			prefix, about string
		}{
			{"value", NewSecret(test.content), "", test.secret},
			{"file", NewSecretFile(path), "read secret: " + path + " ", test.secret},
			{"password", NewPassword(test.content), "", test.password},
			{"password file", NewPasswordFile(path), "read secret: " + path + " ", test.password},
		} {
			got, err := form.secret.Reveal()
			if form.about == "" {
				want(t, name+", "+form.name, got, strings.TrimPrefix(test.content, "\ufeff"))
				want(t, name+", "+form.name, err, nil)
				continue
			}
			want(t, name+", "+form.name, got, "")
			want(t, name+", "+form.name, fmt.Sprint(err), form.prefix+form.about)
		}
	}
}

// TestRevealFile: newlines at the end of a file are no part of a secret.
func TestRevealFile(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct{ content, want, problem string }{
		"newline":            {"secret\n", "secret", ""},
		"many":               {"secret\r\n\n", "secret", ""},
		"only newline":       {"\n", "", "is empty"},
		"mark and newline":   {"\ufeff\r\n", "", "is empty"},
		"newline before":     {"\nhidden", "", "has more than one line"},
		"two lines":          {"hidden1\nhidden2\n", "", "has more than one line"},
		"blank, and newline": {"hidden \n", "", "holds white space, at character 7"},
	} {
		path := writeFile(t, dir, name, test.content)
		got, err := NewSecretFile(path).Reveal()
		want(t, name, got, test.want)
		if test.problem == "" {
			want(t, name, err, nil)
			continue
		}
		want(t, name, fmt.Sprint(err), "read secret: "+path+" "+test.problem)
	}
	if _, err := NewSecretFile(filepath.Join(dir, "absent")).Reveal(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: error %v", err)
	}
	want(t, "file", NewSecretFile("f").File(), "f")
	if !(Secret{}).IsZero() || NewSecret("").IsZero() || NewSecretFile("f").IsZero() || NewPassword("").IsZero() || NewPasswordFile("f").IsZero() {
		t.Error("IsZero is wrong")
	}
	if got, err := (Secret{}).Reveal(); got != "" || err != nil {
		t.Errorf("unset: %q, %v", got, err)
	}
}
