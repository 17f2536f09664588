package collector

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/simulator"
)

// wrongLists are shapes that no list of any service is documented to have.
var wrongLists = []string{
	`{"a":"b"}`, `{"a":{"key":"k","id":"i","resource_id":"r"}}`, `{}`, `{"tags":[{"key":"k","value":"v"}]}`,
	`[{"a":"b"}]`, `[{"name":"k","values":["v"]}]`, `["k=v"]`, `[["k","v"]]`, `[[]]`, `[{}]`, `[null]`, `[7]`, `[true]`, `[""]`,
	`"k=v"`, `"[]"`, `"null"`, `" "`, `7`, `0`, `true`, `false`,
}

// wrongTags are shapes that the tags of a resource are not documented to have, but
// that look like them.
var wrongTags = []string{
	`{"key":"k","value":"v"}`, `{"key":"k"}`,
	`[{"key":"k","values":["v"]}]`, `[{"key":"k","values":"v"}]`, `[{"key":"k","val":"v"}]`, `{"key":"k","values":["v"]}`,
	`[{"key":["k"],"value":"v"}]`, `[{"key":{"a":1},"value":"v"}]`, `[{"key":"k","value":["v"]}]`, `[{"key":"k","value":{"v":1}}]`, `[{"key":"k","value":[]}]`,
	`[{"value":"v"}]`, `[{"key":"k","value":"v"},{"a":"b"}]`, `[{"key":"k","value":"v"},"x"]`, `[{"key":"k","value":"v"},null]`,
}

// Answers of a shape that nobody documents are no answers: what they hold must
// never pass for nothing, or for resources without tags.
func TestWrongShapes(t *testing.T) {
	type shape struct{ services, operation, body string } // %s is the part
	check := func(s shape, parts []string, want string) {
		t.Run(s.services+", "+s.body, func(t *testing.T) {
			w := newWorld(t, simulator.Options{}, simulator.Project{Instances: instances(1)}, s.services)
			w.expectRefusals = true // the simulator knows no such IDs
			for _, part := range parts {
				answer := simulator.Text(http.StatusOK, fmt.Sprintf(s.body, part))
				remove := w.cloud.Inject(simulator.Fault{Operation: s.operation, Answer: &answer})
				e := w.scrape("")
				if got := e.about(tagMetrics); got != want {
					t.Errorf("%s:\n%s\nwant:\n%s", part, got, want)
				}
				if ratio := e.about("api_error_ratio.*" + s.operation + ".*"); !strings.HasSuffix(ratio, " 1") {
					t.Errorf("%s: %s", part, ratio)
				}
				remove()
			}
			errors := w.scrape("").about("api_errors_total")
			if strings.Count(errors, "\n") != 0 || !strings.Contains(errors, `error_code="malformed"`) {
				t.Errorf("errors:\n%s", errors)
			}
		})
	}
	const nothing, unreadable = `collector_success{cloud_service="%s"} 0`, `collector_success{cloud_service="dds"} 0
keys{cloud_service="dds"} 0
resources{cloud_service="dds"} 0
unreadable_resources{cloud_service="dds"} 1
untagged_resources{cloud_service="dds"} 0`
	pools := shape{"{modelarts: {}}", simulator.OpListPoolTags, `{"tags":%s}`}
	check(pools, wrongLists, fmt.Sprintf(nothing, "modelarts"))
	check(pools, []string{
		`[{"key":"k","values":"v"}]`, `[{"key":"k","values":7}]`, `[{"key":"k","values":{"v":1}}]`, `[{"key":"k","values":[["v"]]}]`, `[{"key":"k","values":[{"v":1}]}]`,
		`[{"key":"k","vals":["v"]}]`, `[{"key":"k","value":["v"]}]`, `[{"values":["v"]}]`, `[{"key":["k"],"values":["v"]}]`, `[{"key":"k","values":["v"]},{"a":["b"]}]`,
	}, fmt.Sprintf(nothing, "modelarts"))

	tags := shape{"{dds: {max_tag_age: 0s}}", simulator.OpListInstanceTags, `{"tags":%s}`}
	check(tags, wrongLists, unreadable)
	check(tags, wrongTags, unreadable)
	for _, from := range []string{"tag_api", "instance_list"} {
		listed := shape{"{dds: {tags_from: " + from + "}}", simulator.OpListInstances, `{"instances":[{"id":"a","tags":[]},{"id":"b","tags":%s}]}`}
		check(listed, wrongLists, fmt.Sprintf(nothing, "dds"))
		check(listed, wrongTags, fmt.Sprintf(nothing, "dds"))
		listed.body = `{"instances":%s,"total_count":1}`
		check(listed, wrongLists, fmt.Sprintf(nothing, "dds"))
		check(listed, []string{`[{"instance_id":"x","tags":[]}]`, `{"x":{"id":"x","tags":[]}}`, `{"id":"x","tags":[]}`, `[{"id":"x","tags":[]},{"tags":[]}]`, `[{"id":["x"]}]`}, fmt.Sprintf(nothing, "dds"))
	}

	workspaces := shape{"{fabric: {}}", simulator.OpListFabricWorkspaces, `{"resources":[{"resource_id":"a","tags":[]},{"resource_id":"b","tags":%s}]}`}
	check(workspaces, wrongLists, fmt.Sprintf(nothing, "fabric"))
	check(workspaces, wrongTags, fmt.Sprintf(nothing, "fabric"))
	workspaces.body = `{"resources":%s,"total_count":1}`
	check(workspaces, wrongLists, fmt.Sprintf(nothing, "fabric"))
	check(workspaces, []string{
		`[{"id":"x","tags":[]}]`, `{"x":{"resource_id":"x","tags":[]}}`, `{"resource_id":"x","tags":[]}`, `[{"resource_id":"x","tags":[]},{"tags":[]}]`, `[{"resource_id":["x"]}]`,
		`[{"resource_id":"x","labels":[{"key":"k","value":"v"}]}]`, `[{"resource_id":"x","tag":{"k":"v"}}]`,
	}, fmt.Sprintf(nothing, "fabric"))
}

// The keys by which workspaces are listed where a listing without a filter is
// refused: one that is not read hides those that carry only that.
func TestWrongWorkspaceKeys(t *testing.T) {
	w := newWorld(t, simulator.Options{Quirks: simulator.Quirks{Filterless: simulator.FilterlessRefused, StrictFilter: true}},
		simulator.Project{Workspaces: workspaces(4)}, "{fabric: {}}")
	for _, part := range append([]string{`[{"value":"v"}]`, `[{"key":["k"]}]`}, wrongLists...) {
		answer := simulator.Text(http.StatusOK, `{"tags":`+part+`}`)
		remove := w.cloud.Inject(simulator.Fault{Operation: simulator.OpListFabricProjectTags, Answer: &answer})
		e := w.scrape("")
		e.want(t, tagMetrics, `collector_success{cloud_service="fabric"} 0`)
		if e.about("api_errors_total.*malformed.*") == "" {
			t.Errorf("%s: no malformed answer", part)
		}
		remove()
	}
	w.wantTruth(w.scrape(""), "fabric")
	// A key that is null cannot be asked for, and hides nothing that has a name.
	w.cloud.Inject(simulator.Fault{Operation: simulator.OpListFabricProjectTags, Rewrite: simulator.MemberAs("tags", `[{"key":null},{"key":""},{"key":"key-0"}]`)})
	e := w.scrape("")
	e.want(t, "resources|collector_success", `
		resources{cloud_service="fabric"} 4
		collector_success{cloud_service="fabric"} 1`)
}

// What some encoders do, and what the documentation leaves open, is read: members
// more than documented, a byte order mark, counts however they are spelt.
func TestOddSpellings(t *testing.T) {
	project := simulator.Project{PoolTags: poolKeys(3), Instances: instances(150), Workspaces: workspaces(150)}
	for name, rewrite := range map[string]func([]byte) []byte{
		"byte order mark":      simulator.ByteOrderMark,
		"a count with a point": simulator.MemberAs("total_count", "{value}.0"),
		"a count with an e":    simulator.MemberAs("total_count", "{value}e0"),
		"a count as text":      simulator.MemberAs("total_count", `"{value}"`),
		"no count":             simulator.MemberAs("total_count", `"many"`),
		"a negative count":     simulator.MemberAs("total_count", "-1"),
		"half a count":         simulator.MemberAs("total_count", "99.5"),
		"a count of no use":    simulator.MemberAs("total_count", `{"a":[{value}]}`),
		"a list for a count":   simulator.MemberAs("total_count", `[{value}]`),
		"true":                 simulator.MemberAs("total_count", "true"),
		"details":              simulator.MemberAs("resource_detail", `{"tags":{"env":"prod"}}`),
		"more members": func(body []byte) []byte {
			for _, member := range []string{`"key":`, `"id":`, `"resource_id":`} {
				body = bytes.ReplaceAll(body, []byte(member), []byte(`"more":{"at":[7]},`+member))
			}
			return bytes.Replace(body, []byte("{"), []byte(`{"more":[{"key":"x"}],`), 1)
		},
	} {
		for _, from := range []string{"tag_api", "instance_list"} {
			t.Run(name+", "+from, func(t *testing.T) {
				w := newWorld(t, simulator.Options{}, project, "{modelarts: {}, dds: {tags_from: "+from+"}, fabric: {}}")
				w.cloud.Inject(simulator.Fault{Rewrite: rewrite})
				e := w.scrape("")
				w.wantTruth(e, "modelarts", "dds", "fabric")
				e.want(t, "api_errors_total", "")
			})
		}
	}
}
