package config

import (
	"cmp"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

// projects checks the projects, and returns them all: rules may name one that has a
// problem.
func (d *decoder) projects(f *file) (projects []Project) {
	credentials, names := d.credentials(f)
	defaults := f.Defaults.or(limits{new(16), new(50.0), new(10 * time.Second), new(3)})
	first := make(map[string]string) // name -> path of the project that has it
	for i := range f.Projects {
		p := &f.Projects[i]
		if !d.at(&p.Name).given() {
			p.Name = p.ID
		}
		if other, taken := first[p.Name]; taken && p.Name != "" {
			d.errorf(&p.Name, "%s is the name of %s too", quote(p.Name), other)
		} else {
			first[p.Name] = d.at(p).path
		}
		made := Project{Services: d.services(p, p.or(defaults))}
		made.ID, made.Region, made.Name = p.ID, p.Region, p.Name
		made.Credential = d.lend(f, p, credentials, names)
		if made.Credential.Kind == huaweicloud.Password && made.Credential.IAMEndpoint == "" && p.Region != "" {
			d.regionEndpoint(&p.Region, "the endpoint of iam", huaweicloud.IAM, p.Region, huaweicloud.IAMEndpoint(p.Region))
		}
		projects = append(projects, made)
		p.limits = limits{} // handed down to the services
	}
	f.Defaults = limits{} // likewise
	return projects
}

// regionEndpoint checks an endpoint that is not from this file. What is wrong with it is
// noted for the field that made us use it: it stands in the SDK's own settings.
func (d *decoder) regionEndpoint(field any, what, service, region, endpoint string) string {
	endpoint, err := parseEndpoint(endpoint)
	if err != nil {
		d.errorf(field, "%s in %s %w", what, regionSettings(service, region), err)
	}
	return endpoint
}

func regionSettings(service, region string) string {
	if name := catalog.RegionVariable(service, region); os.Getenv(name) != "" {
		return "environment variable " + name
	}
	return "the SDK's region settings"
}

// services returns the services of a project: those that it names, else those that its
// endpoints or the region table know. For /config, it then names these.
func (d *decoder) services(p *project, base limits) (made []Service) {
	at, known := d.at(&p.Services), p.Services.keys()
	if at.given() && !at.bad && len(p.Services) == 0 {
		d.errorf(at, "must name at least one of %s", strings.Join(known, ", "))
	}
	named, endpoints := p.Services, p.Endpoints
	p.Services, p.Endpoints = make(byService[service]), make(byService[string])
	for _, name := range known {
		s, endpoint := named[name], endpoints[name]
		if s == nil && at.given() {
			continue
		}
		if s == nil {
			s = new(service)
			d.places[s] = at.below(name, at.line, nil)
		}
		if endpoint == nil && p.Region != "" {
			found, err := catalog.Endpoint(name, p.Region)
			if err != nil && !at.given() {
				continue
			}
			if err != nil {
				d.errorf(s, "%w; if it is there, give its address in endpoints.%s", err, name)
			} else {
				found = d.regionEndpoint(s, "its endpoint", name, p.Region, found)
			}
			endpoint = &found
		}
		endpoint = cmp.Or(endpoint, new(string))
		p.Services[name], p.Endpoints[name] = s, endpoint
		made = append(made, d.service(s, name, *endpoint, base))
	}
	if len(made) == 0 && !at.given() && p.Region != "" {
		d.errorf(&p.Region, "the region table knows none of %s in region %s; if they are there, give their addresses in endpoints",
			strings.Join(known, ", "), quote(p.Region))
	}
	return made
}

func (d *decoder) service(s *service, name, endpoint string, base limits) Service {
	s.limits = s.or(base)
	made := Service{ServiceConfig: huaweicloud.ServiceConfig{Name: name, Endpoint: endpoint, Limits: huaweicloud.Limits{
		MaxConcurrency: *s.MaxConcurrency, RequestsPerSecond: *s.RequestsPerSecond,
		RequestTimeout: *s.RequestTimeout, MaxRetries: *s.MaxRetries,
	}}}
	switch name {
	case "dds":
		d.dds(s)
		made.TagsFrom, made.RenewAfter, made.MaxTagAge = s.TagsFrom, *s.RenewAfter, *s.MaxTagAge
	case "fabric":
		made.Selectors = d.selectors(s.Selectors)
	}
	return made
}

func (d *decoder) dds(s *service) {
	from, renew, age := d.at(&s.TagsFrom), d.at(&s.RenewAfter), d.at(&s.MaxTagAge)
	if !from.given() {
		s.TagsFrom = TagAPI
	}
	if !from.bad && s.TagsFrom != TagAPI && s.TagsFrom != InstanceList {
		d.errorf(from, "must be %s or %s: %s", TagAPI, InstanceList, quote(s.TagsFrom))
	}
	s.RenewAfter, s.MaxTagAge = cmp.Or(s.RenewAfter, new(time.Duration)), cmp.Or(s.MaxTagAge, new(10*time.Minute))
	if !renew.bad && !age.bad && *s.RenewAfter > *s.MaxTagAge {
		d.errorf(renew, "must not be more than max_tag_age: %s is more than %s", *s.RenewAfter, *s.MaxTagAge)
	}
}

// selectors returns the Fabric queries, one for each key and value.
func (d *decoder) selectors(selectors []selector) (tags []inventory.Tag) {
	first := make(map[inventory.Tag]string) // the path that has it
	for i := range selectors {
		s := &selectors[i]
		d.atMost(&s.Key, inventory.MaxKeyLength)
		for j := range s.Values {
			d.atMost(&s.Values[j], inventory.MaxValueLength)
			at, tag := d.at(&s.Values[j]), inventory.Tag{Key: s.Key, Value: s.Values[j]}
			if other, twice := first[tag]; twice && !at.bad && s.Key != "" {
				d.errorf(at, "%s is asked for twice, first in %s", quote(tag.Key+"="+tag.Value), other)
			}
			first[tag] = cmp.Or(first[tag], at.path)
			tags = append(tags, tag)
		}
	}
	return tags
}

func (d *decoder) atMost(field *string, length int) {
	if utf8.RuneCountInString(*field) > length {
		d.errorf(field, "must be at most %d characters: %s", length, quote(*field))
	}
}
