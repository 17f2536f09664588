package config

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// credentials checks the named credentials. One with a problem is in the result, so
// that its users have no problem of their own. The names are in the order of the file.
func (d *decoder) credentials(f *file) (all map[string]huaweicloud.CredentialConfig, names []string) {
	names = slices.SortedFunc(maps.Keys(f.Credentials), func(a, b string) int {
		return d.at(f.Credentials[a]).order - d.at(f.Credentials[b]).order
	})
	all = make(map[string]huaweicloud.CredentialConfig)
	for i, name := range names {
		c := f.Credentials[name]
		names[i] = shown(name)
		if name == "" || names[i] != name {
			d.errorf(c, "the name must be 1 to 100 letters, digits, -, _ and .")
		}
		all[name] = d.credential(name, c)
	}
	return all, names
}

func (d *decoder) credential(name string, c *credential) huaweicloud.CredentialConfig {
	made := huaweicloud.CredentialConfig{
		Name: name, Kind: d.kind(c),
		AccessKey:     d.either(&c.AccessKey.Secret, &c.AccessKeyFile, huaweicloud.NewSecretFile),
		SecretKey:     d.either(&c.SecretKey, &c.SecretKeyFile, huaweicloud.NewSecretFile),
		SecurityToken: d.either(&c.SecurityToken, &c.SecurityTokenFile, huaweicloud.NewSecretFile),
		Token:         d.either(&c.Token, &c.TokenFile, huaweicloud.NewSecretFile),
		DomainName:    c.DomainName, Username: c.Username,
		Password:    d.either(&c.Password, &c.PasswordFile, huaweicloud.NewPasswordFile),
		IAMEndpoint: c.IAMEndpoint,
	}
	if made.Kind == huaweicloud.Environment && !d.at(c).bad {
		for _, err := range huaweicloud.CheckProviders() {
			d.errorf(c, "%w", err)
		}
	}
	return made
}

// either returns a secret that is given as it is, or as a file, which is read again
// when the secret is used.
func (d *decoder) either(plain *huaweicloud.Secret, file *string, read func(path string) huaweicloud.Secret) huaweicloud.Secret {
	at, fileAt := d.at(plain), d.at(file)
	switch {
	case at.given() && fileAt.given():
		d.errorf(file, "given beside %s: give one of them", at.key)
	case fileAt.given() && !fileAt.bad:
		secret := read(*file)
		if _, err := secret.Reveal(); err != nil {
			d.errorf(file, "%w", err)
		}
		return secret
	}
	return *plain
}

// kind tells the kind of a credential by what is given, and notes a mixture and what
// is missing.
func (d *decoder) kind(c *credential) huaweicloud.Kind {
	accessKey := d.givenKeys(&c.AccessKey, &c.AccessKeyFile, &c.SecretKey, &c.SecretKeyFile, &c.SecurityToken, &c.SecurityTokenFile)
	token := d.givenKeys(&c.Token, &c.TokenFile)
	password := d.givenKeys(&c.DomainName, &c.Username, &c.Password, &c.PasswordFile, &c.IAMEndpoint)
	given := slices.Concat(accessKey, token, password)
	switch len(given) {
	case 0:
		return huaweicloud.Environment
	case len(accessKey):
		d.requireOne(&c.AccessKey, &c.AccessKeyFile)
		d.requireOne(&c.SecretKey, &c.SecretKeyFile)
		return huaweicloud.AccessKey
	case len(token):
		return huaweicloud.Token
	case len(password):
		d.requireOne(&c.DomainName)
		d.requireOne(&c.Username)
		d.requireOne(&c.Password, &c.PasswordFile)
		return huaweicloud.Password
	}
	d.errorf(c, "mixes kinds of credentials: %s", strings.Join(given, ", "))
	return huaweicloud.AccessKey
}

// givenKeys returns the keys of those fields that are given, without _file.
func (d *decoder) givenKeys(fields ...any) (keys []string) {
	for _, field := range fields {
		if at := d.at(field); at.given() {
			keys = append(keys, strings.TrimSuffix(at.key, "_file"))
		}
	}
	return slices.Compact(keys)
}

// requireOne notes fields of which none is given.
func (d *decoder) requireOne(fields ...any) {
	if len(d.givenKeys(fields...)) == 0 {
		d.errorf(fields[0], "missing")
	}
}

// lend returns the credentials that a project refers to.
func (d *decoder) lend(f *file, p *project, all map[string]huaweicloud.CredentialConfig, names []string) huaweicloud.CredentialConfig {
	at, whole, known := d.at(&p.Credentials), d.at(&f.Credentials), strings.Join(names, ", ")
	if !at.given() {
		p.Credentials = "default"
	}
	lent, found := all[p.Credentials]
	switch {
	case found || at.bad:
	case len(names) > 0 && at.given():
		d.errorf(at, "no such credentials: %s (known: %s)", quote(p.Credentials), known)
	case len(names) > 0:
		d.errorf(at, "missing, and there are no credentials.default (known: %s)", known)
	case p.Credentials != "default":
		d.errorf(at, "no such credentials: %s (there are none)", quote(p.Credentials))
	case !whole.bad: // else it was noted
		d.errorf(whole.below("default", at.line, nil), "missing; to take them from the environment, write default: {}")
	}
	return lent
}

// secret decodes a secret: as it is written, or from the environment variable that
// stands there in ${}.
func (d *decoder) secret(p *place) huaweicloud.Secret {
	text, from := d.verbatim(p), "the value"
	variable, opened := strings.CutPrefix(text, "${")
	variable, closed := strings.CutSuffix(variable, "}")
	switch {
	case p.bad:
	case opened && closed && !isVariable(variable):
		d.errorf(p, "${…} must hold the name of one environment variable")
	case opened && closed:
		from = "environment variable " + variable
		if text, opened = os.LookupEnv(variable); !opened {
			d.errorf(p, "%s is not set", from)
		}
	case reference.MatchString(text):
		d.errorf(p, "${…} must be the whole value")
	}
	secret := huaweicloud.NewSecret(text)
	if p.tag.Get("is") == "password" {
		secret = huaweicloud.NewPassword(text)
	}
	if _, err := secret.Reveal(); err != nil && !p.bad {
		d.errorf(p, "%s %w", from, err)
	}
	return secret
}

var isVariable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`).MatchString
