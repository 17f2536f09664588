package config

import (
	"cmp"
	"slices"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/policy"
)

// accounts checks the accounts, and returns them all, as projects does.
func (d *decoder) accounts(f *file) (accounts []Account) {
	first := make(map[string]string)
	for i := range f.Accounts {
		a := &f.Accounts[i]
		d.unique(&a.Name, d.At(a).Path, first)
		a.Credential = d.lend(&f.Credentials, &a.Credentials)
		made := Account{IAM: d.accountService(a.Limits, huaweicloud.IAM, &a.Endpoints.IAM)}
		if a.Credential.Kind == huaweicloud.Password { // also for the projects that are discovered
			a.Credential.IAMEndpoint = cmp.Or(a.Credential.IAMEndpoint, a.Endpoints.IAM)
		}
		made.AccountConfig = a.AccountConfig
		if s := a.Config; s != nil {
			d.renewal(&s.RenewAfter, &s.MaxTagAge)
			s.ServiceConfig = d.accountService(a.Limits, "config", &a.Endpoints.Config)
			made.Config = s
		}
		if f.Policy != nil && slices.Contains(f.Policy.Responsible, policy.EnterpriseProject) {
			made.EPS = new(d.accountService(a.Limits, catalog.EPS, &a.Endpoints.EPS))
		}
		if a.Discover != nil {
			made.Discover = d.discover(a.Discover)
		}
		if a.Config == nil && a.Discover == nil && !d.At(a).Bad {
			d.Errorf(a, "reads nothing: give config, discover or both")
		}
		accounts = append(accounts, made)
	}
	return accounts
}

// accountService returns a service of an account. It answers where the field says, or
// else at the one host for all regions.
func (d *decoder) accountService(limits huaweicloud.Limits, name string, endpoint *string) huaweicloud.ServiceConfig {
	if at := d.At(endpoint); !at.Given() && !at.Bad {
		var err error
		if *endpoint, err = catalog.AccountEndpoint(name); err != nil {
			d.Errorf(endpoint, "%w", err)
		}
	}
	return huaweicloud.ServiceConfig{Name: name, Endpoint: *endpoint, Limits: limits}
}

func (d *decoder) discover(s *discover) *Discover {
	at, known := d.At(&s.Services), s.Endpoints.Keys()
	switch {
	case !at.Given():
		s.Services = catalog.Defaults()
	case slices.Equal(s.Services, []string{allOthers}):
		s.Services = known
	}
	d.among(&s.Services, "service", known)
	made := &Discover{Regions: s.Regions, RenewAfter: s.RenewAfter}
	made.Projects, _ = inventory.CompileWhole(s.Projects) // an error was noted
	for _, name := range known {
		if slices.Contains(s.Services, name) {
			endpoint := cmp.Or(s.Endpoints[name], new(string)) // "": by region
			var settings service
			d.FillBelow(at, name, &settings)
			made.Services = append(made.Services, d.service(&settings, name, *endpoint))
		}
	}
	return made
}
