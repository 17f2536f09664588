package config

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/strictyaml"
)

// projects checks the projects, and returns them all: rules may name one that has a
// problem.
func (d *decoder) projects(f *file) (projects []Project) {
	first := make(map[string]string)
	for i := range f.Projects {
		p := &f.Projects[i]
		if !d.At(&p.Name).Given() {
			p.Name = p.ID
		}
		d.unique(&p.Name, d.At(p).Path, first)
		p.Credential = d.lend(&f.Credentials, &p.Credentials)
		if p.Credential.Kind == huaweicloud.Password && p.Credential.IAMEndpoint == "" && p.Region != "" {
			if _, err := catalog.Endpoint(huaweicloud.IAM, p.Region); err != nil {
				d.Errorf(&p.Region, "%w", err)
			}
		}
		p.Project.Services = d.services(p)
		projects = append(projects, p.Project)
	}
	return projects
}

// unique notes a name that another has, whose path then is in first.
func (d *decoder) unique(name *string, path string, first map[string]string) {
	if other, taken := first[*name]; taken && *name != "" {
		d.Errorf(name, "%s is the name of %s too", strictyaml.Quote(*name), other)
		return
	}
	first[*name] = path
}

// services returns the services of a project: those that it names, and those of all others,
// or of the defaults if it names none, that its endpoints or the region table know. For
// /config, it then names these.
func (d *decoder) services(p *project) (made []Service) {
	at, known := d.At(&p.Services), p.Endpoints.Keys()
	given := at.Given() && !at.IsWord()
	if given && !at.Bad && len(p.Services) == 0 {
		d.Errorf(at, "must name at least one of %s", strings.Join(known, ", "))
	}
	others, all := p.Services[allOthers]
	if all {
		at = d.At(others)
	}
	named, endpoints := p.Services, p.Endpoints
	p.Services, p.Endpoints = make(services), make(byService[string])
	for _, name := range known {
		s, endpoint := named[name], endpoints[name]
		if s == nil {
			if given && !all || !at.Given() && !slices.Contains(catalog.Defaults(), name) {
				continue
			}
			s = new(service)
			d.FillBelow(at, name, s)
		}
		if endpoint == nil {
			found, err := catalog.Endpoint(name, p.Region)
			switch {
			case p.Region == "": // a problem was noted
			case err != nil:
				d.Errorf(s, "%w", err)
			case found == "" && named[name] == nil:
				continue
			case found == "":
				d.Errorf(s, "the region table knows no %s in region %q; if it is there, give its address in endpoints.%[1]s", name, p.Region)
			}
			endpoint = &found
		}
		p.Services[name], p.Endpoints[name] = s, endpoint
		made = append(made, d.service(s, name, *endpoint))
	}
	if len(made) == 0 && (!given || all) {
		wanted := catalog.Defaults()
		if at.Given() { // all
			wanted = known
		}
		d.Errorf(&p.Region, "the region table knows none of %s in region %s; if they are there, give their addresses in endpoints",
			strings.Join(wanted, ", "), strictyaml.Quote(p.Region))
	}
	return made
}

func (d *decoder) service(s *service, name, endpoint string) Service {
	d.tagsFrom(&s.TagsFrom, name)
	d.resourceTypes(&s.ResourceTypes, name)
	made := Service{ServiceConfig: huaweicloud.ServiceConfig{Name: name, Endpoint: endpoint, Limits: s.Limits}, TagsFrom: s.TagsFrom, ResourceTypes: s.ResourceTypes, Selectors: d.selectors(s.Selectors)}
	if s.MaxTagAge != nil {
		made.RenewAfter, made.MaxTagAge = *s.RenewAfter, *s.MaxTagAge
		d.renewal(s.RenewAfter, s.MaxTagAge)
	}
	return made
}

// tagsFrom checks where the tags of a service are to come from, if it can be chosen.
func (d *decoder) tagsFrom(from *string, service string) {
	known := map[string][]string{"modelarts": {PoolTags, PoolList}, "dds": {TagAPI, InstanceList}}[service] // the default first
	switch at := d.At(from); {
	case known == nil:
	case !at.Given():
		*from = known[0]
	case !at.Bad && !slices.Contains(known, *from):
		d.Errorf(at, "must be %s: %s", strings.Join(known, " or "), strictyaml.Quote(*from))
	}
}

// resourceTypes checks which types of a service are to be read, if it has several.
func (d *decoder) resourceTypes(types *[]string, service string) {
	known := catalog.TypesOf(service)
	if len(known) > 1 && !d.At(types).Given() {
		*types = catalog.DefaultTypesOf(service)
	}
	d.among(types, "resource type", known)
}

// among notes what is not known in a list that is given, and that there is nothing in it.
func (d *decoder) among(list *[]string, what string, known []string) {
	if at := d.At(list); at.Given() && !at.Bad && len(*list) == 0 {
		d.Errorf(at, "must name at least one of %s", strings.Join(known, ", "))
	}
	for i := range *list {
		if name := &(*list)[i]; !slices.Contains(known, *name) && !d.At(name).Bad {
			d.Errorf(name, "unknown %s %s (%s)", what, strictyaml.Quote(*name), strictyaml.Hint(*name, known))
		}
	}
}

// renewal notes that tags would be too old before they are read again.
func (d *decoder) renewal(after, age *time.Duration) {
	if !d.At(after).Bad && !d.At(age).Bad && *after > *age {
		d.Errorf(after, "must not be more than max_tag_age: %s is more than %s", *after, *age)
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
			at, tag := d.At(&s.Values[j]), inventory.Tag{Key: s.Key, Value: s.Values[j]}
			if other, twice := first[tag]; twice && !at.Bad && s.Key != "" {
				d.Errorf(at, "%s is asked for twice, first in %s", strictyaml.Quote(tag.Key+"="+tag.Value), other)
			}
			first[tag] = cmp.Or(first[tag], at.Path)
			tags = append(tags, tag)
		}
	}
	return tags
}

func (d *decoder) atMost(field *string, length int) {
	if utf8.RuneCountInString(*field) > length {
		d.Errorf(field, "must be at most %d characters: %s", length, strictyaml.Quote(*field))
	}
}
