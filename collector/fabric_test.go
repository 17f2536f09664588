package collector

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/simulator"
)

// workspaces returns n workspaces with none to three tags.
func workspaces(n int) []simulator.Workspace {
	list := make([]simulator.Workspace, n)
	for i := range list {
		list[i] = simulator.Workspace{ID: fmt.Sprintf("workspace-%d", i), EnterpriseProjectID: "0", Tags: someTags(i)}
	}
	return list
}

func filterless() map[string]simulator.Filterless {
	return map[string]simulator.Filterless{
		"all": simulator.FilterlessAll, "tagged only": simulator.FilterlessTagged, "refused": simulator.FilterlessRefused,
	}
}

// Whatever a listing without a filter gives, the workspaces are the same. The
// total is capped at 1000.
func TestWorkspacePages(t *testing.T) {
	for name, filterless := range filterless() {
		for totalName, total := range map[string]simulator.TotalCount{
			"number": simulator.TotalNumber, "string": simulator.TotalString, "absent": simulator.TotalAbsent,
		} {
			t.Run("filterless "+name+", total "+totalName, func(t *testing.T) {
				quirks := simulator.Quirks{Filterless: filterless, TotalCount: total, NullDetail: true}
				w := newWorld(t, simulator.Options{Quirks: quirks}, simulator.Project{}, "{fabric: {}}")
				sizes := []int{0, 1, 99, 100, 101, 200, 1000, 1333}
				if total != simulator.TotalNumber { // which alone is capped
					sizes = []int{0, 100, 101}
				}
				for _, n := range sizes {
					w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.Workspaces = workspaces(n) })
					if w.wantTruth(w.scrape(""), "fabric"); t.Failed() {
						t.Fatalf("%d workspaces", n)
					}
				}
			})
		}
	}
}

// Workspaces that come and go while pages are read shift the pages.
func TestWorkspaceShift(t *testing.T) {
	newest := simulator.Workspace{ID: "newest", Tags: someTags(3)}
	for name, shift := range map[string]func([]simulator.Workspace) []simulator.Workspace{
		"one deleted":            func(list []simulator.Workspace) []simulator.Workspace { return list[1:] },
		"five deleted":           func(list []simulator.Workspace) []simulator.Workspace { return list[5:] },
		"all deleted":            func([]simulator.Workspace) []simulator.Workspace { return nil },
		"one created at the end": func(list []simulator.Workspace) []simulator.Workspace { return append(list, newest) },
		"two deleted, two created": func(list []simulator.Workspace) []simulator.Workspace {
			return append(list[2:], newest, simulator.Workspace{ID: "2nd"})
		},
	} {
		for _, n := range []int{250, 1133} { // the latter with a capped total
			t.Run(fmt.Sprintf("%s, %d workspaces", name, n), func(t *testing.T) {
				// All of them are tagged, so that one listing is empty and the other shifts.
				list := workspaces(n)
				for i := range list {
					list[i].Tags = someTags(3)
				}
				w := newWorld(t, simulator.Options{}, simulator.Project{Workspaces: list}, "{fabric: {}}")
				before := w.truth("fabric") // shown where all pages were fetched by then
				shifted := false
				w.cloud.Inject(simulator.Fault{Operation: simulator.OpListFabricWorkspaces, Match: func(r *http.Request) bool {
					if r.URL.Query().Get("offset") != "99" || shifted {
						return false
					}
					shifted = true // behind the page that this request is about
					w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.Workspaces = shift(p.Workspaces) })
					return false
				}})
				e := w.scrape("")
				if !shifted {
					t.Fatal("nothing was shifted")
				}
				if slices.Sort(before); e.about(tagMetrics) != strings.Join(before, "\n") {
					w.wantTruth(e, "fabric")
				}
				e.want(t, "api_errors_total", "")
			})
		}
	}
}

// If a listing without a filter is refused, that is asked once and said once.
func TestFilterlessRefused(t *testing.T) {
	options := simulator.Options{Quirks: simulator.Quirks{Filterless: simulator.FilterlessRefused}}
	w := newWorld(t, options, simulator.Project{Workspaces: workspaces(4)}, "{fabric: {}}")
	const apiMetrics = "api_errors_total|api_error_ratio"
	keyed := `
		api_error_ratio{cloud_service="fabric",key="",operation="ListFabricProjectTags",value=""} 0
		api_error_ratio{cloud_service="fabric",key="key-0",operation="ListTagFabricWorkspaces",value=""} 0
		api_error_ratio{cloud_service="fabric",key="key-1",operation="ListTagFabricWorkspaces",value=""} 0
		api_error_ratio{cloud_service="fabric",key="key-2",operation="ListTagFabricWorkspaces",value=""} 0
		api_errors_total{cloud_service="fabric",error_code="common.01000001",operation="ListTagFabricWorkspaces"} 1`
	first := w.scrape("")
	w.wantTruth(first, "fabric")
	first.want(t, apiMetrics, keyed+`
		api_error_ratio{cloud_service="fabric",key="",operation="ListTagFabricWorkspaces",value=""} 0.5`)
	for range 3 {
		again := w.scrape("")
		w.wantTruth(again, "fabric")
		again.want(t, apiMetrics, keyed+`
			api_error_ratio{cloud_service="fabric",key="",operation="ListTagFabricWorkspaces",value=""} 0`)
	}
	w.configure(w.config("{fabric: {}}", "tags: {include_keys: 'x'}")) // a reload that changes nothing here
	w.scrape("")
	if n := strings.Count(w.log.String(), "listing workspaces without a filter was refused"); n != 1 {
		t.Errorf("said %d times:\n%s", n, w.log.String())
	}
	if n := w.cloud.Answers(simulator.OpListFabricWorkspaces)[http.StatusBadRequest]; n != 1 {
		t.Errorf("asked %d times", n)
	}
}

// What refuses more than a missing filter is no reason to go on without.
func TestFilterlessFails(t *testing.T) {
	refused := simulator.Instead(simulator.ErrorE2(400, "common.01000001", "no", ""))
	for _, test := range []struct {
		name  string
		fault simulator.Fault
		keys  int // calls of ListFabricProjectTags
	}{
		{"each filter is refused", simulator.Fault{Operation: simulator.OpListFabricWorkspaces, Answer: refused}, 1},
		{"a later page is refused", simulator.Fault{Match: func(r *http.Request) bool { return r.URL.Query().Get("offset") == "99" }, Answer: refused}, 0},
		{"denied", simulator.Fault{Answer: simulator.Instead(simulator.ErrorE4(403, "no"))}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{}, simulator.Project{Workspaces: workspaces(250)}, "{fabric: {}}")
			remove := w.cloud.Inject(test.fault)
			w.scrape("").want(t, tagMetrics, `collector_success{cloud_service="fabric"} 0`)
			if calls := w.cloud.Calls(simulator.OpListFabricProjectTags); calls != test.keys {
				t.Errorf("%d calls of ListFabricProjectTags, want %d", calls, test.keys)
			}
			remove()
			w.cloud.ResetStats()
			w.wantTruth(w.scrape(""), "fabric")
			if calls := w.cloud.Calls(simulator.OpListFabricProjectTags); calls != 0 {
				t.Errorf("key by key after all, %d calls", calls)
			}
			if strings.Contains(w.log.String(), "unexpected answer") {
				t.Errorf("a wrong notice:\n%s", w.log.String())
			}
		})
	}
}
