package config

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/strictyaml"
)

// checkCredentials checks the named credentials. One with a problem can be lent all the
// same, so that its users have no problem of their own.
func (d *decoder) checkCredentials(f *file) {
	d.names = slices.SortedFunc(maps.Keys(f.Credentials), func(a, b string) int {
		return cmp.Or(d.At(f.Credentials[a]).Line-d.At(f.Credentials[b]).Line, strings.Compare(a, b))
	})
	d.credentials = make(map[string]huaweicloud.CredentialConfig)
	for i, name := range d.names {
		c := f.Credentials[name]
		d.names[i] = strictyaml.Shown(name)
		if name == "" || d.names[i] != name {
			d.Errorf(c, "the name must be 1 to 100 letters, digits, -, _ and .")
		}
		c.Name, c.Kind = name, d.kind(c)
		d.credentials[name] = c.CredentialConfig
	}
}

// kind tells the kind of a credential by what is given, and notes a mixture and what
// is missing.
func (d *decoder) kind(c *credential) huaweicloud.Kind {
	accessKey := d.givenKeys(&c.AccessKey, &c.SecretKey, &c.SecurityToken)
	token := d.givenKeys(&c.Token)
	password := d.givenKeys(&c.DomainName, &c.Username, &c.Password, &c.IAMEndpoint)
	given := slices.Concat(accessKey, token, password)
	switch len(given) {
	case 0:
		if !d.At(c).Bad {
			for _, err := range huaweicloud.CheckProviders() {
				d.Errorf(c, "%w", err)
			}
		}
		return huaweicloud.Environment
	case len(accessKey):
		d.require(&c.AccessKey, &c.SecretKey)
		return huaweicloud.AccessKey
	case len(token):
		return huaweicloud.Token
	case len(password):
		d.require(&c.DomainName, &c.Username, &c.Password)
		return huaweicloud.Password
	}
	d.Errorf(c, "mixes kinds of credentials: %s", strings.Join(given, ", "))
	return huaweicloud.AccessKey
}

// givenKeys returns the keys of those fields that are given, without _file.
func (d *decoder) givenKeys(fields ...any) (keys []string) {
	for _, field := range fields {
		if at := d.At(field); at.Given() {
			keys = append(keys, strings.TrimSuffix(at.Key, "_file"))
		}
	}
	return keys
}

func (d *decoder) require(fields ...any) {
	for _, field := range fields {
		if at := d.At(field); !at.Given() {
			d.Errorf(at, "missing")
		}
	}
}

// lend returns the credentials that a field names. All is the section that has them.
func (d *decoder) lend(all any, name *string) huaweicloud.CredentialConfig {
	at, section, known := d.At(name), d.At(all), "there are none"
	if len(d.names) > 0 {
		known = "known: " + strings.Join(d.names, ", ")
	}
	*name = cmp.Or(*name, "default")
	lent, found := d.credentials[*name]
	switch {
	case found || at.Bad:
	case *name == "default" && len(d.names) == 0:
		if !section.Bad { // else it was noted
			missing := section.Below(*name, nil)
			missing.Line = at.Line
			d.Errorf(missing, "missing; to take them from the environment, write default: {}")
		}
	case at.Given():
		d.Errorf(at, "no such credentials: %s (%s)", strictyaml.Quote(*name), known)
	default:
		d.Errorf(at, "missing, and there are no credentials.default (%s)", known)
	}
	return lent
}
