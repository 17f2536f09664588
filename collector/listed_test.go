package collector

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

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
