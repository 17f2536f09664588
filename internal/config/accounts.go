package config

import (
	"cmp"
	"slices"
	"strings"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

// accounts checks the accounts, and returns them all, as projects does.
func (d *decoder) accounts(f *file, base limits) (accounts []Account) {
	first := make(map[string]string)
	for i := range f.Accounts {
		a := &f.Accounts[i]
		own := a.or(base)
		d.unique(&a.Name, d.at(a).path, first)
		a.Credential = d.lend(&f.Credentials, &a.Credentials)
		a.Endpoints.IAM = d.accountEndpoint(huaweicloud.IAM, &a.Endpoints.IAM)
		made := Account{IAM: own.of(huaweicloud.IAM, a.Endpoints.IAM)}
		if a.Credential.Kind == huaweicloud.Password { // also for the projects that are discovered
			a.Credential.IAMEndpoint = cmp.Or(a.Credential.IAMEndpoint, a.Endpoints.IAM)
		}
		made.AccountConfig = a.AccountConfig
		if a.Config != nil {
			a.Endpoints.Config = d.accountEndpoint(configService, &a.Endpoints.Config)
			made.Config = d.configSource(a.Config, own.of(configService, a.Endpoints.Config))
		}
		if a.Discover != nil {
			made.Discover = d.discover(a.Discover, own)
		}
		if a.Config == nil && a.Discover == nil && !d.at(a).bad {
			d.errorf(a, "reads nothing: give config, discover or both")
		}
		accounts = append(accounts, made)
	}
	return accounts
}

// configService is the one that lists what an account has, as the catalogue calls it.
const configService = "config"

// accountEndpoint returns where a service of an account answers: the field, if it is
// given, else the one host for all regions.
func (d *decoder) accountEndpoint(service string, field *string) string {
	if at := d.at(field); at.given() || at.bad {
		return *field
	}
	found, err := catalog.AccountEndpoint(service)
	if err != nil {
		d.errorf(field, "%w", err)
	}
	return found
}

func (d *decoder) configSource(s *configSource, of huaweicloud.ServiceConfig) *ConfigSource {
	d.renewal(&s.RenewAfter, &s.MaxTagAge)
	made := &ConfigSource{ServiceConfig: of, RenewAfter: s.RenewAfter, MaxTagAge: s.MaxTagAge}
	for _, pattern := range s.ResourceTypes {
		made.Types = append(made.Types, strings.ToLower(pattern))
	}
	for _, pattern := range s.SkipResourceTypes {
		made.SkipTypes = append(made.SkipTypes, strings.ToLower(pattern))
	}
	return made
}

func (d *decoder) discover(s *discover, base limits) *Discover {
	at, known := d.at(&s.Services), s.Endpoints.keys()
	if !at.given() {
		s.Services = known
	} else if !at.bad && len(s.Services) == 0 {
		d.errorf(at, "must name at least one of %s", strings.Join(known, ", "))
	}
	for i, name := range s.Services {
		if !slices.Contains(known, name) && !d.at(&s.Services[i]).bad {
			d.errorf(&s.Services[i], "unknown service %s (%s)", quote(name), hint(name, known))
		}
	}
	made := &Discover{Regions: s.Regions, RenewAfter: s.RenewAfter}
	made.Projects, _ = inventory.CompileWhole(s.Projects) // an error was noted
	for _, name := range known {
		if slices.Contains(s.Services, name) {
			endpoint := cmp.Or(s.Endpoints[name], new(string)) // "": by region
			made.Services = append(made.Services, d.service(d.defaultService(at, name), name, *endpoint, base))
		}
	}
	return made
}
