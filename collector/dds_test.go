package collector

import (
	"testing"

	"huaweicloud_tag_exporter/internal/simulator"
)

func TestInstances(t *testing.T) {
	w := newWorld(t, simulator.Options{}, simulator.Project{
		Instances: []simulator.Instance{
			{ID: simulator.InstanceID(1), Name: "orders", Tags: []simulator.Tag{simulator.T("env", "prod"), simulator.T("业务线", "支付")}},
			{ID: simulator.InstanceID(2), Name: "scratch"},
		},
	}, "{dds: {}}")
	w.scrape("").want(t, "resources|untagged_resources|unreadable_resources|tagged_resources|keys|key_values|collector_success|api_requests_total", `
		resources{cloud_service="dds"} 2
		untagged_resources{cloud_service="dds"} 1
		unreadable_resources{cloud_service="dds"} 0
		tagged_resources{cloud_service="dds",key="env",value="prod"} 1
		tagged_resources{cloud_service="dds",key="业务线",value="支付"} 1
		keys{cloud_service="dds"} 2
		key_values{cloud_service="dds",key="env"} 1
		key_values{cloud_service="dds",key="业务线"} 1
		collector_success{cloud_service="dds"} 1
		api_requests_total{cloud_service="dds",code="200",operation="ListInstances"} 1
		api_requests_total{cloud_service="dds",code="200",operation="ListInstanceTags"} 2
	`)
}
