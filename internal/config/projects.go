package config

import (
	"slices"
	"strings"
	"time"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// limitKeys are the keys of defaults, which projects and services share.
func limitKeys() []string {
	return []string{"max_concurrency", "requests_per_second", "request_timeout", "max_retries"}
}

// limits returns the section's own limits, and the base where it has none.
func (s section) limits(base huaweicloud.Limits) huaweicloud.Limits {
	return huaweicloud.Limits{
		MaxConcurrency:    s.integer("max_concurrency", base.MaxConcurrency, 1, 1000),
		RequestsPerSecond: s.number("requests_per_second", base.RequestsPerSecond),
		RequestTimeout:    s.duration("request_timeout", base.RequestTimeout, time.Nanosecond),
		MaxRetries:        s.integer("max_retries", base.MaxRetries, 0, 10),
	}
}

// projects decodes the list of projects. One with a problem is among them, so
// that rules may name it.
func (d *decoder) projects(root section, credentials *lender, defaults huaweicloud.Limits) []Project {
	items := root.list("projects")
	if v, given := root.get("projects"); given && items != nil && len(items) == 0 {
		d.errorf(v, "must not be empty")
	}
	var projects []Project
	first := make(map[string]string) // name -> path of the project that has it
	for _, item := range items {
		if d.spent(item) {
			break
		}
		s := d.section(item, append(limitKeys(),
			"name", "region", "project_id", "credentials", "endpoints", "services")...)
		p := d.project(s, defaults)
		p.Credential = credentials.lend(s)
		d.iamEndpoint(s, p)
		if other, taken := first[p.Name]; taken && p.Name != "" {
			v, _ := s.get("name")
			d.errorf(v, "%s is the name of %s too", quote(p.Name), other)
		} else {
			first[p.Name] = item.path
		}
		projects = append(projects, p)
	}
	return projects
}

func (d *decoder) project(s section, defaults huaweicloud.Limits) Project {
	s.require("region", "project_id")
	var p Project
	p.ID = s.identifier("project_id")
	p.Region = s.identifier("region")
	p.Name = s.name("name", p.ID)
	p.Services = d.services(s, p.Region, s.limits(defaults))
	return p
}

// iamEndpoint checks where a password's tokens come from, if the SDK's own settings
// say it.
func (d *decoder) iamEndpoint(s section, p Project) {
	if p.Credential.Kind != huaweicloud.Password || p.Credential.IAMEndpoint != "" || p.Region == "" {
		return
	}
	if _, err := huaweicloud.ParseEndpoint(huaweicloud.IAMEndpoint(p.Region)); err != nil {
		v, _ := s.get("region")
		d.errorf(v, "the endpoint of iam in %s %w", regionSettings(huaweicloud.IAM, p.Region), err)
	}
}

func serviceNames() []string { return catalog.Names(catalog.Project) }

// services returns the services of a project: those that it names, else those
// that its endpoints or the region table know.
func (d *decoder) services(project section, region string, limits huaweicloud.Limits) []Service {
	chosen, narrowed := project.get("services")
	named := project.section("services", serviceNames()...)
	if narrowed && len(named.entries) == 0 && !named.broken {
		d.errorf(chosen, "must name at least one of %s", strings.Join(serviceNames(), ", "))
	}
	endpoints := project.section("endpoints", serviceNames()...)
	var services []Service
	for _, name := range serviceNames() {
		v, given := named.get(name)
		if narrowed && !given {
			continue
		}
		endpoint := endpoints.endpoint(name)
		if _, own := endpoints.get(name); !own && region != "" {
			var err error
			endpoint, err = catalog.Endpoint(name, region)
			if err != nil && !narrowed {
				continue
			}
			if err != nil {
				d.errorf(v, "%w; if it is there, give its address in endpoints.%s", err, name)
			} else if u, err := huaweicloud.ParseEndpoint(endpoint); err != nil {
				d.errorf(v, "its endpoint in %s %w", regionSettings(name, region), err)
			} else {
				endpoint = u.String()
			}
		}
		services = append(services, d.service(v, name, endpoint, limits))
	}
	if v, _ := project.get("region"); len(services) == 0 && !narrowed && region != "" {
		d.errorf(v, "the region table knows none of %s in region %s; if they are there, give their addresses in endpoints",
			strings.Join(serviceNames(), ", "), quote(region))
	}
	return services
}

func (d *decoder) service(v value, name, endpoint string, limits huaweicloud.Limits) Service {
	own := map[string][]string{
		"dds":    {"tags_from", "renew_after", "max_tag_age"},
		"fabric": {"selectors"},
	}
	s := d.section(v, slices.Concat(limitKeys(), own[name])...)
	service := Service{ServiceConfig: huaweicloud.ServiceConfig{Name: name, Endpoint: endpoint, Limits: s.limits(limits)}}
	switch name {
	case "dds":
		s.dds(&service)
	case "fabric":
		service.Selectors = s.selectors()
	}
	return service
}
