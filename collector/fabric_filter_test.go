package collector

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

func TestWorkspaceSelectors(t *testing.T) {
	project := simulator.Project{Workspaces: workspaces(50)}
	for i := range 1234 {
		project.Workspaces = append(project.Workspaces, simulator.Workspace{
			ID: fmt.Sprintf("many-%d", i), Tags: []simulator.Tag{simulator.T("业务线", "支付\n\"")},
		})
	}
	const services = `{fabric: {max_retries: 0, selectors: [
		{key: key-0, values: [value-1, value-2, none]}, {key: 业务线, values: ["支付\n\""]}, {key: le, values: ['']}]}}`
	const rest = `
		selected_resources{cloud_service="fabric",key="key-0",value="value-2"} 5
		selected_resources{cloud_service="fabric",key="key-0",value="none"} 0
		selected_resources{cloud_service="fabric",key="le",value=""} 0
		selected_resources{cloud_service="fabric",key="业务线",value="支付\n\""} 1234
		api_error_ratio{cloud_service="fabric",key="",operation="ListTagFabricWorkspaces",value=""} 0
		api_error_ratio{cloud_service="fabric",key="key-0",operation="ListTagFabricWorkspaces",value="value-2"} 0
		api_error_ratio{cloud_service="fabric",key="key-0",operation="ListTagFabricWorkspaces",value="none"} 0
		api_error_ratio{cloud_service="fabric",key="le",operation="ListTagFabricWorkspaces",value=""} 0
		api_error_ratio{cloud_service="fabric",key="业务线",operation="ListTagFabricWorkspaces",value="支付\n\""} 0`
	const names = "selected_resources|api_error_ratio"
	w := newWorld(t, simulator.Options{}, project, services)
	e := w.scrape("")
	w.wantTruth(e, "fabric")
	e.want(t, names, rest+`
		selected_resources{cloud_service="fabric",key="key-0",value="value-1"} 5
		api_error_ratio{cloud_service="fabric",key="key-0",operation="ListTagFabricWorkspaces",value="value-1"} 0`)

	w.cloud.Inject(simulator.Fault{BodyContains: `"value-1"`, Answer: simulator.Instead(simulator.ErrorE2(500, "common.02000001", "no", ""))})
	e = w.scrape("")
	e.want(t, names+"|api_errors_total", rest+`
		api_error_ratio{cloud_service="fabric",key="key-0",operation="ListTagFabricWorkspaces",value="value-1"} 1
		api_errors_total{cloud_service="fabric",error_code="common.02000001",operation="ListTagFabricWorkspaces"} 1`)
	whole := strings.Replace(strings.Join(w.truth("fabric"), "\n"), `collector_success{cloud_service="fabric"} 1`, `collector_success{cloud_service="fabric"} 0`, 1)
	e.want(t, tagMetrics, whole)
}

// A selector that is still being asked for when the scrape's time is up takes
// nothing from the workspaces that were listed meanwhile.
func TestWorkspaceSelectorHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Workspaces: workspaces(4)},
			`{fabric: {selectors: [{key: key-0, values: [value-1, value-2]}]}}`)
		w.cloud.Inject(simulator.Fault{BodyContains: "value-1", Break: simulator.Hang})
		w.scrapeWithin("", 10*time.Second).want(t, "resources|untagged_resources|selected_resources|collector_success", `
			resources{cloud_service="fabric"} 4
			untagged_resources{cloud_service="fabric"} 1
			selected_resources{cloud_service="fabric",key="key-0",value="value-2"} 1
			collector_success{cloud_service="fabric"} 0`)
	})
}

// A selector that is refused as a bad request says nothing of listings without
// a filter.
func TestWorkspaceSelectorRefused(t *testing.T) {
	w := newWorld(t, simulator.Options{}, simulator.Project{Workspaces: workspaces(4)},
		`{fabric: {selectors: [{key: key-0, values: [value-1]}]}}`)
	w.cloud.Inject(simulator.Fault{BodyContains: "value-1", Answer: simulator.Instead(simulator.ErrorE2(400, "common.01000001", "no", ""))})
	e := w.scrape("")
	e.want(t, "resources|selected_resources|collector_success", `
		resources{cloud_service="fabric"} 4
		collector_success{cloud_service="fabric"} 0`)
	if calls := w.cloud.Calls(simulator.OpListFabricProjectTags); calls != 0 {
		t.Errorf("%d calls of ListFabricProjectTags", calls)
	}
}

// A workspace that is in the listing of the untagged ones, and has tags in the
// other, was tagged in between.
func TestTaggedMeanwhile(t *testing.T) {
	w := newWorld(t, simulator.Options{}, simulator.Project{Workspaces: workspaces(2)}, "{fabric: {}}")
	w.cloud.Inject(simulator.Fault{
		BodyContains: "without_any_tag", Answer: simulator.Instead(simulator.Text(http.StatusOK,
			`{"resources":[{"resource_id":"workspace-0","tags":[]},{"resource_id":"workspace-1","tags":[]}],"total_count":2}`)),
	})
	w.wantTruth(w.scrape(""), "fabric")
}

// Where workspaces are listed key by key, a key that fails ends it: the others
// would be asked for in vain.
func TestWorkspaceKeyFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project := simulator.Project{}
		for i := range 20 {
			project.Workspaces = append(project.Workspaces, simulator.Workspace{
				ID: fmt.Sprint("w-", i), Tags: []simulator.Tag{simulator.T(fmt.Sprintf("key-%02d", i), "v")},
			})
		}
		quirks := simulator.Quirks{Filterless: simulator.FilterlessRefused}
		w := newWorld(t, simulator.Options{Quirks: quirks}, project, "{fabric: {max_concurrency: 2, max_retries: 0}}")
		w.cloud.Inject(simulator.Fault{Latency: time.Second})
		w.cloud.Inject(simulator.Fault{BodyContains: "key-03", Answer: simulator.Instead(simulator.ErrorE4(403, "no"))})
		w.scrape("").want(t, tagMetrics, `collector_success{cloud_service="fabric"} 0`)
		if calls := w.cloud.Calls(simulator.OpListFabricWorkspaces); calls > 2+6 { // all, the untagged, and the keys up to that one, two at once
			t.Errorf("%d calls", calls)
		}
		if !strings.Contains(w.log.String(), `key \"key-03\"`) || !strings.Contains(w.log.String(), "403") {
			t.Errorf("log:\n%s", w.log)
		}
	})
}

// Each listing of workspaces must be whole: the page of any that fails hides
// them all.
func TestWorkspacePageFails(t *testing.T) {
	for name, filterless := range filterless() {
		for _, body := range []string{"{}", `"without_any_tag":true`, `"key-1"`} {
			if (body == "{}") != (name != "refused") && body != `"without_any_tag":true` {
				continue // this body is not sent or not answered
			}
			t.Run(name+", "+body, func(t *testing.T) {
				options := simulator.Options{Quirks: simulator.Quirks{Filterless: filterless}}
				w := newWorld(t, options, simulator.Project{Workspaces: workspaces(900)}, "{fabric: {}}")
				w.cloud.Inject(simulator.Fault{
					BodyContains: body,
					Match:        func(r *http.Request) bool { return r.URL.Query().Get("offset") == "99" },
					Answer:       simulator.Instead(simulator.ErrorE4(403, "no")),
				})
				e := w.scrape("")
				e.want(t, tagMetrics+"|selected_resources|oldest.*", `collector_success{cloud_service="fabric"} 0`)
				want := `api_errors_total{cloud_service="fabric",error_code="403",operation="ListTagFabricWorkspaces"} 1`
				if name == "refused" {
					want += "\n" + `api_errors_total{cloud_service="fabric",error_code="common.01000001",operation="ListTagFabricWorkspaces"} 1`
				}
				e.want(t, "api_errors_total", want)
			})
		}
	}
}

// Untagged workspaces come from a listing of their own, and count once if both
// listings name them. What became tagged in between is not untagged.
func TestUntaggedUnion(t *testing.T) {
	for name, filterless := range filterless() {
		t.Run(name, func(t *testing.T) {
			options := simulator.Options{Log: 100, Quirks: simulator.Quirks{Filterless: filterless}}
			w := newWorld(t, options, simulator.Project{Workspaces: []simulator.Workspace{
				{ID: "a"},
				{ID: "b", EnterpriseProjectID: "0"},
				{ID: "c", Tags: []simulator.Tag{simulator.T("env", "prod")}},
				{ID: "d", Tags: []simulator.Tag{simulator.T("_sys_x", "no tag")}},
			}}, "{fabric: {}}")
			w.scrape("").want(t, "resources|untagged_resources|tagged_resources|keys|collector_success", `
				resources{cloud_service="fabric"} 4
				untagged_resources{cloud_service="fabric"} 3
				tagged_resources{cloud_service="fabric",key="env",value="prod"} 1
				keys{cloud_service="fabric"} 1
				collector_success{cloud_service="fabric"} 1`)
			asked := false
			for _, r := range w.cloud.Requests() {
				asked = asked || string(r.Body) == `{"without_any_tag":true}`
			}
			if !asked {
				t.Error("nobody asked for the untagged ones")
			}
		})
	}
}

// Answers that the simulator does not give.
func TestWorkspaceBodies(t *testing.T) {
	for _, test := range []struct{ name, body, want string }{
		{"no id", `{"resources":[{"resource_name":"x"}]}`, ""},
		{"null item", `{"resources":[null]}`, ""},
		{"tags of a wrong type", `{"resources":[{"resource_id":"x","tags":[1]}]}`, ""},
		{"another object", `{"workspaces":[]}`, ""},
		{"an item twice, no detail", `{"resources":[{"resource_id":"x","resource_detail":null,"tags":null},{"resource_id":"x"}],"total_count":"2"}`, `
			collector_success{cloud_service="fabric"} 1
			resources{cloud_service="fabric"} 1
			untagged_resources{cloud_service="fabric"} 1`},
		{"empty texts for arrays", `{"resources":[{"resource_id":"x","tags":"","sys_tags":""}],"total_count":""}`, `
			collector_success{cloud_service="fabric"} 1
			resources{cloud_service="fabric"} 1
			untagged_resources{cloud_service="fabric"} 1`},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{}, simulator.Project{}, "{fabric: {}}")
			answer := simulator.Text(http.StatusOK, test.body)
			w.cloud.Inject(simulator.Fault{Answer: &answer})
			want := test.want
			if want == "" {
				want = `
					collector_success{cloud_service="fabric"} 0
					api_errors_total{cloud_service="fabric",error_code="malformed",operation="ListTagFabricWorkspaces"} 2`
			}
			w.scrape("").want(t, "resources|untagged_resources|collector_success|api_errors_total", want)
		})
	}
}
