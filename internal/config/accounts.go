package config

import (
	"cmp"
	"slices"
	"strings"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/policy"
)

// accounts checks the accounts, and returns them all, as projects does.
func (d *decoder) accounts(f *file, base limits) (accounts []Account) {
	first := make(map[string]string)
	for i := range f.Accounts {
		a := &f.Accounts[i]
		own := a.or(base)
		d.unique(&a.Name, d.at(a).path, first)
		a.Credential = d.lend(&f.Credentials, &a.Credentials)
		made := Account{IAM: d.accountService(own, huaweicloud.IAM, &a.Endpoints.IAM)}
		if a.Credential.Kind == huaweicloud.Password { // also for the projects that are discovered
			a.Credential.IAMEndpoint = cmp.Or(a.Credential.IAMEndpoint, a.Endpoints.IAM)
		}
		made.AccountConfig = a.AccountConfig
		if s := a.Config; s != nil {
			d.renewal(&s.RenewAfter, &s.MaxTagAge)
			made.Config = &Source{
				ServiceConfig: d.accountService(own, "config", &a.Endpoints.Config),
				Types:         s.ResourceTypes, SkipTypes: s.SkipResourceTypes, RenewAfter: s.RenewAfter, MaxTagAge: s.MaxTagAge,
			}
		}
		if f.Policy != nil && slices.Contains(f.Policy.Responsible, policy.EnterpriseProject) {
			made.EPS = new(d.accountService(own, catalog.EPS, &a.Endpoints.EPS))
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

// accountService returns a service of an account. It answers where the field says, or
// else at the one host for all regions.
func (d *decoder) accountService(own limits, name string, endpoint *string) huaweicloud.ServiceConfig {
	if at := d.at(endpoint); !at.given() && !at.bad {
		var err error
		if *endpoint, err = catalog.AccountEndpoint(name); err != nil {
			d.errorf(endpoint, "%w", err)
		}
	}
	return own.of(name, *endpoint)
}

func (d *decoder) discover(s *discover, base limits) *Discover {
	at, known := d.at(&s.Services), s.Endpoints.keys()
	if !at.given() {
		s.Services = catalog.Defaults()
	} else if !at.bad && slices.Equal(s.Services, []string{allOthers}) {
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
