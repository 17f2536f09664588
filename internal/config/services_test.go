package config

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/catalog"
)

const oneProject = "credentials: {default: {token: t}}\nprojects: [{region: cn-north-4, project_id: p1, services: @}]\n"

func servicesOf(t *testing.T, yaml string) []Service {
	t.Helper()
	return parse(t, strings.Replace(oneProject, "@", yaml, 1)).Projects[0].Services
}

// TestAllServices: all are those of the catalogue that the region has, and /config then
// names each.
func TestAllServices(t *testing.T) {
	var names []string
	for _, s := range servicesOf(t, "all") {
		names = append(names, s.Name)
	}
	if want := catalog.Names(catalog.Project); !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
	c := parse(t, strings.Replace(oneProject, "@", "all", 1))
	if again := parse(t, string(c.YAML())); len(again.Projects[0].Services) != len(names) {
		t.Errorf("%d services are shown of %d", len(again.Projects[0].Services), len(names))
	}
	elsewhere := parse(t, strings.Replace(strings.Replace(oneProject, "@", "all", 1), "cn-north-4", "eu-west-101", 1)).Projects[0].Services
	if n := len(elsewhere); n < 10 || slices.ContainsFunc(elsewhere, func(s Service) bool { return s.Name == "fabric" || s.Endpoint == "" }) {
		t.Errorf("%d services in eu-west-101", n)
	}
}

// TestAllBesideSettings: all among names means the others, too, with the limits that it has;
// those that the region has not are left out, unless they are named.
func TestAllBesideSettings(t *testing.T) {
	services := servicesOf(t, "{all: {max_retries: 1}, fabric: {selectors: [{key: env, values: [prod]}]}, vpc: {resource_types: [vpcs], max_retries: 2}}")
	var names []string
	for _, s := range services {
		names = append(names, s.Name)
		retries := map[string]int{"fabric": 3, "vpc": 2}[s.Name]
		if s.Limits.MaxRetries != cmp.Or(retries, 1) {
			t.Errorf("%s: %d retries", s.Name, s.Limits.MaxRetries)
		}
		if (len(s.Selectors) == 1) != (s.Name == "fabric") || s.Name == "vpc" && len(s.ResourceTypes) != 1 {
			t.Errorf("%s: %+v", s.Name, s)
		}
	}
	if want := catalog.Names(catalog.Project); !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
	in := func(services string) (*Config, error) {
		return Parse("c.yml", []byte(strings.NewReplacer("@", services, "cn-north-4", "eu-west-101").Replace(oneProject)))
	}
	if c, err := in("{all: , vpc: {}}"); err != nil || len(c.Projects[0].Services) < 10 {
		t.Errorf("%v, %v", c, err)
	}
	for yaml, want := range map[string]string{
		"{all: {}, fabric: {}}":          `c.yml:2: projects[0].services.fabric: the region table knows no fabric in region "eu-west-101"; if it is there, give its address in endpoints.fabric`,
		"{all: {resource_types: [vpc]}}": `c.yml:2: projects[0].services.all.resource_types: unknown key (known: max_concurrency, requests_per_second, request_timeout, max_retries)`,
		"{al: {}}":                       `c.yml:2: projects[0].services.al: unknown key (known: all, ` + strings.Join(catalog.Names(catalog.Project), ", ") + ")",
	} {
		if _, err := in(yaml); err == nil || err.Error() != want {
			t.Errorf("%s:\ngot  %v\nwant %s", yaml, err, want)
		}
	}
}

// TestResourceTypes: which types of a service are read, and where the tags come from.
func TestResourceTypes(t *testing.T) {
	for yaml, want := range map[string]string{
		"{vpc: {}}": " vpcs subnets securitygroups publicips",
		"{vpc: {resource_types: [publicips, vpcs]}}": " publicips vpcs",
		"{modelarts: {}}": "pool_tags pool",
		"{modelarts: {resource_types: [pool, notebook]}}": "pool_tags pool notebook",
		"{modelarts: {tags_from: pool_list}}":             "pool_list pool",
		"{ecs: {}}":                                       "",
		"{dds: {tags_from: instance_list}}":               "instance_list",
		"{gaussdb-opengauss: {requests_per_second: 5}}":   "",
		"{vpc: {resource_types: [networks]}}":             `c.yml:2: projects[0].services.vpc.resource_types[0]: unknown resource type "networks" (known: vpcs, subnets, securitygroups, publicips)`,
		"{vpc: {resource_types: [vpc]}}":                  `c.yml:2: projects[0].services.vpc.resource_types[0]: unknown resource type "vpc" (did you mean vpcs?)`,
		"{vpc: {resource_types: []}}":                     `c.yml:2: projects[0].services.vpc.resource_types: must name at least one of vpcs, subnets, securitygroups, publicips`,
		"{vpc: {resource_types: vpcs}}":                   `c.yml:2: projects[0].services.vpc.resource_types: must be a list, not text`,
		"{ecs: {resource_types: [cloudservers]}}":         `c.yml:2: projects[0].services.ecs.resource_types: unknown key (known: max_concurrency, requests_per_second, request_timeout, max_retries)`,
		"{modelarts: {tags_from: tag_api}}":               `c.yml:2: projects[0].services.modelarts.tags_from: must be pool_tags or pool_list: "tag_api"`,
		"{dds: {tags_from: pool_list}}":                   `c.yml:2: projects[0].services.dds.tags_from: must be tag_api or instance_list: "pool_list"`,
		"all of them":                                     `c.yml:2: projects[0].services: must be a mapping or all, not text`,
		"{vpc: all}":                                      `c.yml:2: projects[0].services.vpc: must be a mapping, not text`,
	} {
		c, err := Parse("c.yml", []byte(strings.Replace(oneProject, "@", yaml, 1)))
		var got string
		if err != nil {
			got = err.Error()
		} else {
			s := c.Projects[0].Services[0]
			got = strings.TrimSuffix(s.TagsFrom+" "+strings.Join(s.ResourceTypes, " "), " ")
		}
		if got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", yaml, got, want)
		}
	}
}
