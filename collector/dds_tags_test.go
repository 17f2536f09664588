package collector

import (
	"net/http"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/simulator"
)

// oddTags returns what tags may be like, and some that they must not be like.
func oddTags() [][]simulator.Tag {
	return [][]simulator.Tag{
		nil,
		{simulator.T("env", "prod")},
		{simulator.T("env", ""), simulator.T("Env", "prod"), simulator.T("ENV", "prod")},
		{{Key: "env"}, simulator.T("owner", "")},                                                 // null or absent
		{simulator.T("env", "first"), simulator.T("env", "second"), simulator.T("env", "first")}, // the first counts
		{simulator.T("", "no key")},
		{simulator.T("业务线", "支付"), simulator.T("🚀", "🌍🌏"), simulator.T("ключ", "значение")},
		{simulator.T("le", "+Inf"), simulator.T("__name__", "up"), simulator.T("key", "value"), simulator.T("value", "key"), simulator.T("project", "other")},
		{simulator.T("text", "line\nnext"), simulator.T("quote\"", `"`), simulator.T(`back\slash`, `\n`), simulator.T("tab\t", "\r\x00\x1f")},
		{simulator.T("bad\xff", "\xff\xfe"), simulator.T("bad\xfe", "second"), simulator.T("cut", "\xe4\xb8")},
		{simulator.T("_sys_enterprise_project_id", "0")},
		{simulator.T("_sys_", "x"), simulator.T("_SYS_x", "counts"), simulator.T("a_sys_", "counts")},
		{simulator.T(" space ", " "), simulator.T("cost-center", "1"), simulator.T("cost.center", "2"), simulator.T("__other__", "__other__")},
		{simulator.T(strings.Repeat("k", 128), strings.Repeat("值", 255))},
	}
}

func TestOddTags(t *testing.T) {
	project := simulator.Project{}
	for i, tags := range oddTags() {
		project.Instances = append(project.Instances, simulator.Instance{ID: simulator.InstanceID(i), Name: "bad\xffname", Tags: tags})
		project.Workspaces = append(project.Workspaces, simulator.Workspace{ID: simulator.InstanceID(i), Name: "bad\xffname", EnterpriseProjectID: "0", Tags: tags})
	}
	for name, quirks := range map[string]simulator.Quirks{
		"as documented":       {},
		"null":                {EmptyArrays: simulator.Null, NullDetail: true, TotalCount: simulator.AsText},
		"absent":              {EmptyArrays: simulator.Absent, AbsentNullValue: true, TotalCount: simulator.Absent},
		"scalars as the page": {DDSPageScalars: true},
		"system tags":         {SystemTags: true},
	} {
		for _, from := range []string{"tag_api", "instance_list"} {
			t.Run(name+", "+from, func(t *testing.T) {
				services := "{dds: {tags_from: " + from + "}, fabric: {}}"
				w := newWorld(t, simulator.Options{Quirks: quirks}, project, services)
				e := w.scrape("")
				w.wantTruth(e, "dds", "fabric")
				e.want(t, "api_errors_total", "")
				w.configure(w.config(services, "tags: {exclude_keys: ''}"))
				all := append(truthLines("dds", w.cloud.TruthDDS(testProject, nil)), truthLines("fabric", w.cloud.TruthFabric(testProject, nil))...)
				w.scrape("").want(t, tagMetrics, strings.Join(all, "\n"))
			})
		}
	}
}

// Answers that the simulator does not give.
func TestInstanceBodies(t *testing.T) {
	const one = `{"instances":[{"id":"a-1_B"}]}`
	failed := `collector_success{cloud_service="dds"} 0
		api_errors_total{cloud_service="dds",error_code="malformed",operation="ListInstances"} 1`
	untagged := `
		collector_success{cloud_service="dds"} 1
		resources{cloud_service="dds"} 1
		untagged_resources{cloud_service="dds"} 1
		unreadable_resources{cloud_service="dds"} 0
		keys{cloud_service="dds"} 0`
	none := `
		collector_success{cloud_service="dds"} 1
		resources{cloud_service="dds"} 0
		untagged_resources{cloud_service="dds"} 0
		unreadable_resources{cloud_service="dds"} 0
		keys{cloud_service="dds"} 0`
	for _, test := range []struct{ name, list, tags, want string }{
		{"id with a path", `{"instances":[{"id":"../../v3/x"}]}`, "", failed},
		{"id with a query", `{"instances":[{"id":"x?y"}]}`, "", failed},
		{"id with an escape", `{"instances":[{"id":"x%2fy"}]}`, "", failed},
		{"id with a line break", `{"instances":[{"id":"x\n"}]}`, "", failed},
		{"no id", `{"instances":[{"name":"x"}]}`, "", failed},
		{"null id", `{"instances":[{"id":null}]}`, "", failed},
		{"null item", `{"instances":[null]}`, "", failed},
		{"tags of a wrong type in a list", `{"instances":[{"id":"x","tags":7}]}`, "", failed},
		{"no instances member", `{"total_count":0}`, "", none},
		{"empty object", `{}`, "", none},
		{"null tags", one, `{"tags":null}`, untagged},
		{"empty text for tags", one, `{"tags":""}`, untagged},
		{"no tags member", one, `{}`, untagged},
		{"null key", one, `{"tags":[{"key":null,"value":"x"}]}`, untagged},
		{"a number as a value", one, `{"tags":[{"key":"a","value":1}]}`, `
			collector_success{cloud_service="dds"} 1
			resources{cloud_service="dds"} 1
			untagged_resources{cloud_service="dds"} 0
			unreadable_resources{cloud_service="dds"} 0
			keys{cloud_service="dds"} 1
			key_values{cloud_service="dds",key="a"} 1
			tagged_resources{cloud_service="dds",key="a",value="1"} 1`},
		{"tags of a wrong type", one, `{"tags":[{"key":["a"]}]}`, `
			collector_success{cloud_service="dds"} 0
			resources{cloud_service="dds"} 0
			untagged_resources{cloud_service="dds"} 0
			unreadable_resources{cloud_service="dds"} 1
			keys{cloud_service="dds"} 0
			api_errors_total{cloud_service="dds",error_code="malformed",operation="ListInstanceTags"} 1`},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{}, simulator.Project{}, "{dds: {}}")
			w.expectRefusals = true // the simulator knows no such IDs
			list, tags := simulator.Text(http.StatusOK, test.list), simulator.Text(http.StatusOK, test.tags)
			w.cloud.Inject(simulator.Fault{Operation: simulator.OpListInstances, Answer: &list})
			w.cloud.Inject(simulator.Fault{Operation: simulator.OpListInstanceTags, Answer: &tags})
			w.scrape("").want(t, tagMetrics+"|api_errors_total", test.want)
		})
	}
}
