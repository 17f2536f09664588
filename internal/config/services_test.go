package config

import (
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
