package config

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

// projects checks the projects, and returns them all: rules may name one that has a
// problem.
func (d *decoder) projects(f *file, base limits) (projects []Project) {
	first := make(map[string]string)
	for i := range f.Projects {
		p := &f.Projects[i]
		if !d.at(&p.Name).given() {
			p.Name = p.ID
		}
		d.unique(&p.Name, d.at(p).path, first)
		p.Credential = d.lend(&f.Credentials, &p.Credentials)
		if p.Credential.Kind == huaweicloud.Password && p.Credential.IAMEndpoint == "" && p.Region != "" {
			if _, err := catalog.Endpoint(huaweicloud.IAM, p.Region); err != nil {
				d.errorf(&p.Region, "%w", err)
			}
		}
		projects = append(projects, Project{ProjectConfig: p.ProjectConfig, Account: p.Account, Services: d.services(p, p.or(base))})
		p.limits = limits{} // handed down to the services
	}
	return projects
}

// unique notes a name that another has, whose path then is in first.
func (d *decoder) unique(name *string, path string, first map[string]string) {
	if other, taken := first[*name]; taken && *name != "" {
		d.errorf(name, "%s is the name of %s too", quote(*name), other)
		return
	}
	first[*name] = path
}

// services returns the services of a project: those that it names, and those of all others,
// or of the defaults if it names none, that its endpoints or the region table know. For
// /config, it then names these.
func (d *decoder) services(p *project, base limits) (made []Service) {
	at, known := d.at(&p.Services), p.Endpoints.keys()
	given := at.given() && !at.isOther()
	if given && !at.bad && len(p.Services) == 0 {
		d.errorf(at, "must name at least one of %s", strings.Join(known, ", "))
	}
	others, all := p.Services[allOthers]
	if others == nil {
		others = new(service)
	}
	named, endpoints := p.Services, p.Endpoints
	p.Services, p.Endpoints = make(services), make(byService[string])
	for _, name := range known {
		s, endpoint := named[name], endpoints[name]
		if s == nil {
			if given && !all || !at.given() && !slices.Contains(catalog.Defaults(), name) {
				continue
			}
			s = d.defaultService(at, name)
			s.limits = others.limits
		}
		if endpoint == nil {
			found, err := catalog.Endpoint(name, p.Region)
			switch {
			case p.Region == "": // a problem was noted
			case err != nil:
				d.errorf(s, "%w", err)
			case found == "" && named[name] == nil:
				continue
			case found == "":
				d.errorf(s, "the region table knows no %s in region %q; if it is there, give its address in endpoints.%[1]s", name, p.Region)
			}
			endpoint = &found
		}
		p.Services[name], p.Endpoints[name] = s, endpoint
		made = append(made, d.service(s, name, *endpoint, base))
	}
	if len(made) == 0 && (!given || all) {
		d.errorf(&p.Region, "the region table knows none of %s in region %s; if they are there, give their addresses in endpoints",
			strings.Join(catalog.Defaults(), ", "), quote(p.Region))
	}
	return made
}

// defaultService returns the settings of a service that a section does not name.
func (d *decoder) defaultService(section *place, name string) *service {
	s := new(service)
	d.fill(section.below(name, section.line, null), reflect.ValueOf(s).Elem())
	return s
}

func (d *decoder) service(s *service, name, endpoint string, base limits) Service {
	s.limits = s.or(base)
	d.tagsFrom(&s.TagsFrom, name)
	d.resourceTypes(&s.ResourceTypes, name)
	made := Service{ServiceConfig: s.of(name, endpoint), TagsFrom: s.TagsFrom, ResourceTypes: s.ResourceTypes, Selectors: d.selectors(s.Selectors)}
	if s.MaxTagAge != nil {
		made.RenewAfter, made.MaxTagAge = *s.RenewAfter, *s.MaxTagAge
		d.renewal(s.RenewAfter, s.MaxTagAge)
	}
	return made
}

// tagsFrom checks where the tags of a service are to come from, if it can be chosen.
func (d *decoder) tagsFrom(from *string, service string) {
	known := map[string][]string{"modelarts": {PoolTags, PoolList}, "dds": {TagAPI, InstanceList}}[service] // the default first
	switch at := d.at(from); {
	case known == nil:
	case !at.given():
		*from = known[0]
	case !at.bad && !slices.Contains(known, *from):
		d.errorf(at, "must be %s: %s", strings.Join(known, " or "), quote(*from))
	}
}

// resourceTypes checks which types of a service are to be read, if it has several.
func (d *decoder) resourceTypes(types *[]string, service string) {
	at, known := d.at(types), catalog.TypesOf(service)
	switch {
	case len(known) < 2 || at.bad:
	case !at.given():
		*types = catalog.DefaultTypesOf(service)
	case len(*types) == 0:
		d.errorf(at, "must name at least one of %s", strings.Join(known, ", "))
	}
	for i, name := range *types {
		if !slices.Contains(known, name) && !d.at(&(*types)[i]).bad {
			d.errorf(&(*types)[i], "unknown resource type %s (%s)", quote(name), hint(name, known))
		}
	}
}

// renewal notes that tags would be too old before they are read again.
func (d *decoder) renewal(after, age *time.Duration) {
	if !d.at(after).bad && !d.at(age).bad && *after > *age {
		d.errorf(after, "must not be more than max_tag_age: %s is more than %s", *after, *age)
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
