package collector

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/simulator"
)

// TestListed: services whose lists carry tags are read where they are named, and one of
// several lists fails alone.
func TestListed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tagged := []simulator.Instance{{ID: "a", Name: "one", Tags: []simulator.Tag{simulator.T("env", "prod")}}, {ID: "b", Name: "two"}}
		w := newWorld(t, simulator.Options{}, simulator.Project{Resources: map[string][]simulator.Instance{
			"ecs:cloudservers": tagged, "vpc:vpcs": tagged, "vpc:subnets": tagged, "vpc:securitygroups": tagged, "vpc:publicips": tagged,
		}}, "{dds: {}}")
		services := fmt.Sprintf("endpoints: {ecs: %[1]s, vpc: %[1]s, ", w.api.URL)
		w.configure(strings.Replace(w.config("{ecs: {}, vpc: {}}", ""), "endpoints: {", services, 1))
		part := func(service, kind string) string {
			return strings.ReplaceAll(strings.ReplaceAll(`
				resources{cloud_service="S",resource_type="T"} 2
				tagged_resources{cloud_service="S",key="env",resource_type="T",value="prod"} 1
				untagged_resources{cloud_service="S",resource_type="T"} 1`, "S", service), "T", kind)
		}
		const metrics = "collector_success|resources|tagged_resources|untagged_resources"
		all := part("ecs", "cloudservers") + part("vpc", "vpcs") + part("vpc", "subnets") + part("vpc", "publicips") + `
			collector_success{cloud_service="ecs"} 1`
		w.scrape("").want(t, metrics, all+part("vpc", "securitygroups")+`
			collector_success{cloud_service="vpc"} 1`)
		w.cloud.Inject(simulator.Fault{Operation: "ListSecurityGroups", Answer: simulator.Instead(simulator.ErrorE1(403, "VPC.0107", "denied"))})
		w.scrape("").want(t, metrics, all+`
			collector_success{cloud_service="vpc"} 0`)
		w.scrape("collect=ecs").want(t, metrics, part("ecs", "cloudservers")+`
			collector_success{cloud_service="ecs"} 1`)
		if text := `first vpc securitygroups`; !strings.Contains(w.log.String(), text) {
			t.Errorf("the log lacks %q:\n%s", text, w.log)
		}
	})
}

// TestListedPrecedence: each type that a service lists itself is not taken from Config; the
// others of that service are.
func TestListedPrecedence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany(t)
		c.accounts[0].Discover = nil
		own := c.configured("own", "acme", projectOf(acme, 1))
		own.Services = []config.Service{{ServiceConfig: c.service("vpc")}}
		c.projects = []config.Project{own}
		c.cloud.UpdateAccount(acme, func(a *simulator.Account) {
			a.Resources = []simulator.AccountResource{
				resource(acme, "v1", "vpc.vpcs"), resource(acme, "v2", "vpc.vpcs"), resource(acme, "g1", "vpc.securityGroups"), resource(acme, "b1", "vpc.bandwidths"),
			}
		})
		c.cloud.UpdateProject(projectOf(acme, 1), func(p *simulator.Project) {
			p.Resources = map[string][]simulator.Instance{"vpc:vpcs": {{ID: "v1"}}}
		})
		c.reload()
		listed := func(vpcs ...string) []string {
			return append(vpcs, "acme/config ok", "acme/own/cn-north-4/vpc/bandwidths=1", "acme/own/cn-north-4/vpc/publicips=0",
				"acme/own/cn-north-4/vpc/securitygroups=0", "acme/own/cn-north-4/vpc/subnets=0")
		}
		c.wants("both are read", c.scrape(""), listed("acme/own/cn-north-4/vpc ok", "acme/own/cn-north-4/vpc/vpcs=1")...)
		c.cloud.Inject(simulator.Fault{Operation: "ListVpcs", Answer: simulator.Instead(simulator.ErrorE1(403, "VPC.0107", "denied"))})
		c.wants("the list fails", c.scrape(""), listed("acme/own/cn-north-4/vpc failed")...)
	})
}

// TestListedPools: pools by their names are resources; by their tags alone they are not,
// and other types are read beside them all the same.
func TestListedPools(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tagged := []simulator.Instance{{ID: "a", Name: "one", Tags: []simulator.Tag{simulator.T("env", "prod")}}, {ID: "b", Name: "two", Mode: "0"}}
		w := newWorld(t, simulator.Options{}, simulator.Project{
			PoolTags:  []simulator.PoolTag{{Key: "env", Values: []string{"prod"}}},
			Resources: map[string][]simulator.Instance{"modelarts:pool": tagged, "modelarts:notebook": tagged},
		}, "{modelarts: {tags_from: pool_list}}")
		const metrics = "collector_success|resources|tagged_resources|info|source_info"
		w.scrape("").want(t, metrics, `
			collector_success{cloud_service="modelarts"} 1
			resources{cloud_service="modelarts"} 2
			source_info{cloud_service="modelarts",source="instance_list"} 1
			tagged_resources{cloud_service="modelarts",key="env",value="prod"} 1`)
		w.configure(w.config("{modelarts: {resource_types: [notebook, pool]}}", ""))
		w.scrape("").want(t, metrics, `
			collector_success{cloud_service="modelarts"} 1
			info{cloud_service="modelarts",key="env",value="prod"} 1
			resources{cloud_service="modelarts",resource_type="notebook"} 2
			source_info{cloud_service="modelarts",source="tag_api"} 1
			source_info{cloud_service="modelarts",resource_type="notebook",source="tag_api"} 1
			tagged_resources{cloud_service="modelarts",key="env",resource_type="notebook",value="prod"} 1`)
	})
}
