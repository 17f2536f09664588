package collector

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

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
		for totalName, total := range map[string]simulator.Form{
			"number": simulator.Documented, "string": simulator.AsText, "absent": simulator.Absent,
		} {
			t.Run("filterless "+name+", total "+totalName, func(t *testing.T) {
				quirks := simulator.Quirks{Filterless: filterless, TotalCount: total, NullDetail: true}
				w := newWorld(t, simulator.Options{Quirks: quirks}, simulator.Project{}, "{fabric: {}}")
				sizes := []int{0, 1, 99, 100, 101, 200, 1000, 1333}
				if total != simulator.Documented { // which alone is capped
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

// Workspaces that come and go while pages are read shift the pages. Each of the two
// listings gives what was there before or after that; together they may give what
// was there before and, besides, an untagged one that came.
func TestWorkspaceShift(t *testing.T) {
	newest := simulator.Workspace{ID: "newest", Tags: someTags(3)}
	untagged := simulator.Workspace{ID: "untagged"}
	for name, shift := range map[string]func([]simulator.Workspace) []simulator.Workspace{
		"one deleted":              func(list []simulator.Workspace) []simulator.Workspace { return list[1:] },
		"five deleted":             func(list []simulator.Workspace) []simulator.Workspace { return list[5:] },
		"all deleted":              func([]simulator.Workspace) []simulator.Workspace { return nil },
		"one created at the end":   func(list []simulator.Workspace) []simulator.Workspace { return append(list, newest) },
		"two deleted, two created": func(list []simulator.Workspace) []simulator.Workspace { return append(list[2:], newest, untagged) },
	} {
		for _, n := range []int{250, 1133} { // the latter with a capped total
			t.Run(fmt.Sprintf("%s, %d workspaces", name, n), func(t *testing.T) {
				// All of them are tagged, so that one listing is empty and the other shifts.
				list := workspaces(n)
				for i := range list {
					list[i].Tags = someTags(3)
				}
				w := newWorld(t, simulator.Options{}, simulator.Project{}, "{fabric: {}}")
				var possible []string
				after := shift(slices.Clone(list))
				mixed := list
				if slices.ContainsFunc(after, func(w simulator.Workspace) bool { return w.ID == untagged.ID }) {
					mixed = append(slices.Clone(list), untagged)
				}
				for _, seen := range [][]simulator.Workspace{after, mixed, list} {
					w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.Workspaces = seen })
					possible = append(possible, strings.Join(slices.Sorted(slices.Values(w.truth("fabric"))), "\n"))
				}
				shifted := false
				w.cloud.Inject(simulator.Fault{Operation: simulator.OpListFabricWorkspaces, Match: func(r *http.Request) bool {
					if r.URL.Query().Get("offset") != "99" || shifted {
						return false
					}
					shifted = true // behind the page that this request is about
					w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.Workspaces = after })
					return false
				}})
				e := w.scrape("")
				if !shifted {
					t.Fatal("nothing was shifted")
				}
				if got := e.about(tagMetrics); !slices.Contains(possible, got) {
					t.Errorf("got:\n%s\nwant one of:\n%s", got, strings.Join(possible, "\n\n"))
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

// A refusal may have been a mistake: after a day it is asked again, and said again
// only if it had been mended meanwhile.
func TestFilterlessRefusedForADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Workspaces: workspaces(4)}, "{fabric: {}}")
		refusing := false
		w.cloud.Inject(simulator.Fault{
			BodyContains: "{}", Match: func(*http.Request) bool { return refusing },
			Answer: simulator.Instead(simulator.ErrorE2(400, "common.01000001", "no filter", "")),
		})
		for i, step := range []struct {
			after        time.Duration
			refusing     bool
			asked, byKey bool // without a filter, in vain; key by key
			said         int
		}{
			{0, true, true, true, 1},
			{0, true, false, true, 1},
			{24*time.Hour - time.Second, true, false, true, 1},
			{time.Second, true, true, true, 1},
			{24*time.Hour - time.Second, true, false, true, 1},
			{time.Second, false, false, false, 1}, // it was a mistake
			{0, true, true, true, 2},
		} {
			time.Sleep(step.after)
			refusing = step.refusing
			w.cloud.ResetStats()
			w.wantTruth(w.scrape(""), "fabric")
			asked := w.cloud.Answers(simulator.OpListFabricWorkspaces)[http.StatusBadRequest] > 0
			byKey := w.cloud.Calls(simulator.OpListFabricProjectTags) > 0
			said := strings.Count(w.log.String(), "listing workspaces without a filter was refused")
			if asked != step.asked || byKey != step.byKey || said != step.said {
				t.Errorf("step %d: asked without a filter %t, key by key %t, said %d times", i+1, asked, byKey, said)
			}
		}
	})
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
