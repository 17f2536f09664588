package config

import (
	"os"
	"slices"
	"strings"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// lender has the credentials that projects refer to.
type lender struct {
	d           *decoder
	credentials []huaweicloud.CredentialConfig
	silent      bool // that the default is missing has been noted, or why
}

// lender decodes the named credentials. One with a problem is among them, so
// that its users have no problem of their own.
func (d *decoder) lender(s section) *lender {
	l := &lender{d: d, silent: s.broken}
	for _, e := range s.entries {
		if e.key == "" || shown(e.key) != e.key {
			d.errorf(e.value, "the name must be 1 to 100 letters, digits, -, _ and .")
		}
		l.credentials = append(l.credentials, d.credential(e))
	}
	return l
}

// lend returns the credentials that a project refers to.
func (l *lender) lend(project section) huaweicloud.CredentialConfig {
	v, given := project.get("credentials")
	name := project.name("credentials", "default")
	known := make([]string, len(l.credentials))
	for i, c := range l.credentials {
		if c.Name == name {
			return c
		}
		known[i] = shown(c.Name)
	}
	switch {
	case name == "" || project.broken: // noted
	case len(known) > 0 && given:
		l.d.errorf(v, "no such credentials: %s (known: %s)", quote(name), strings.Join(known, ", "))
	case len(known) > 0:
		l.d.errorf(v, "missing, and there are no credentials.default (known: %s)", strings.Join(known, ", "))
	case name != "default":
		l.d.errorf(v, "no such credentials: %s (there are none)", quote(name))
	case !l.silent:
		l.silent = true // once is enough
		l.d.errorf(value{path: "credentials.default", line: project.line},
			"missing; to take them from the environment, write default: {}")
	}
	return huaweicloud.CredentialConfig{}
}

func (d *decoder) credential(e entry) huaweicloud.CredentialConfig {
	s := d.section(e.value, "access_key", "access_key_file", "secret_key", "secret_key_file",
		"security_token", "security_token_file", "token", "token_file",
		"domain_name", "username", "password", "password_file", "iam_endpoint")
	c := huaweicloud.CredentialConfig{
		Name:          e.key,
		AccessKey:     s.secret("access_key"),
		SecretKey:     s.secret("secret_key"),
		SecurityToken: s.secret("security_token"),
		Token:         s.secret("token"),
		DomainName:    s.name("domain_name", ""),
		Username:      s.name("username", ""),
		Password:      s.secret("password"),
		IAMEndpoint:   s.endpoint("iam_endpoint"),
	}
	c.Kind = s.kind()
	if c.Kind == huaweicloud.Environment && !s.broken {
		for _, err := range provided() {
			d.errorf(e.value, "%w", err)
		}
	}
	return c
}

// form is what a kind of credential consists of.
type form struct {
	kind               huaweicloud.Kind
	required, optional []string
}

func forms() []form {
	return []form{
		{huaweicloud.AccessKey, []string{"access_key", "secret_key"}, []string{"security_token"}},
		{huaweicloud.Token, []string{"token"}, nil},
		{huaweicloud.Password, []string{"domain_name", "username", "password"}, []string{"iam_endpoint"}},
	}
}

// kind tells the kind of a credential by its keys, and notes a mixture and what
// is missing.
func (s section) kind() huaweicloud.Kind {
	var found []form
	var given []string
	for _, f := range forms() {
		before := len(given)
		for _, key := range slices.Concat(f.required, f.optional) {
			if s.holds(key) {
				given = append(given, key)
			}
		}
		if len(given) > before {
			found = append(found, f)
		}
	}
	switch len(found) {
	case 0:
		return huaweicloud.Environment
	case 1:
		for _, key := range found[0].required {
			if !s.holds(key) {
				s.d.errorf(value{path: join(s.path, key), line: s.line}, "missing")
			}
		}
	default:
		s.d.errorf(s.value, "mixes kinds of credentials: %s", strings.Join(given, ", "))
	}
	return found[0].kind
}

// holds reports whether a secret, or another key, is given in one of its forms.
func (s section) holds(key string) bool {
	return slices.ContainsFunc(s.entries, func(e entry) bool {
		return strings.TrimSuffix(e.key, "_file") == key
	})
}

// secret returns the secret below a key: as it is, as the name of an
// environment variable, or, below the key with _file, as a file.
func (s section) secret(key string) huaweicloud.Secret {
	plain, hasPlain := s.get(key)
	file, hasFile := s.get(key + "_file")
	switch {
	case hasPlain && hasFile:
		s.d.errorf(file, "given beside %s: give one of them", key)
	case hasPlain:
		return s.d.plainSecret(plain, key == "password")
	case hasFile:
		return s.d.secretFile(file, key == "password")
	}
	return huaweicloud.Secret{}
}

func (d *decoder) plainSecret(v value, isPassword bool) huaweicloud.Secret {
	text, ok := d.verbatim(v)
	if !ok {
		return huaweicloud.Secret{}
	}
	from := "the value"
	isWhole := strings.HasPrefix(text, "${") && strings.HasSuffix(text, "}")
	if !isWhole && hasReference(text) {
		d.errorf(v, "${…} must be the whole value")
		return huaweicloud.Secret{}
	}
	if isWhole {
		name := text[2 : len(text)-1]
		if !isVariable(name) {
			d.errorf(v, "${…} must hold the name of one environment variable")
			return huaweicloud.Secret{}
		}
		from = "environment variable " + name
		if text, ok = os.LookupEnv(name); !ok {
			d.errorf(v, "%s is not set", from)
			return huaweicloud.Secret{}
		}
	}
	secret := huaweicloud.NewSecret(text)
	if isPassword {
		secret = huaweicloud.NewPassword(text)
	}
	if _, err := secret.Reveal(); err != nil {
		d.errorf(v, "%s %w", from, err)
	}
	return secret
}

// secretFile checks that a file holds a secret now. It is read again when the
// secret is used.
func (d *decoder) secretFile(v value, isPassword bool) huaweicloud.Secret {
	path, _, ok := d.file(v)
	if !ok {
		return huaweicloud.Secret{}
	}
	secret := huaweicloud.NewSecretFile(path)
	if isPassword {
		secret = huaweicloud.NewPasswordFile(path)
	}
	if _, err := secret.Reveal(); err != nil {
		d.errorf(v, "%w", err)
	}
	return secret
}

func isVariable(name string) bool {
	for i, r := range name {
		isLetter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !isLetter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}
