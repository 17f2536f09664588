package collector

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// Pages that may not be there are asked for ahead of time; where there are none
// that is no error, whatever the service answers.
func TestPagesAhead(t *testing.T) {
	// As many calls at once as were made before: 1, 1, 2, 4, 8, 16.
	doubling := map[int]int{991: 16, 1000: 16, 1001: 16, 1600: 32}
	for _, n := range []int{991, 1000, 1001, 1600} {
		for _, quirks := range []simulator.Quirks{{}, {PastEndRefused: true}, {PastEndRefused: true, TotalCount: simulator.Absent}} {
			bubble(t, fmt.Sprintf("%d, refused %t, total %d", n, quirks.PastEndRefused, quirks.TotalCount), func(t *testing.T) {
				w := newWorld(t, simulator.Options{Quirks: quirks}, simulator.Project{Instances: instances(n), Workspaces: workspaces(n)},
					"{dds: {tags_from: instance_list}, fabric: {}}")
				w.cloud.Inject(simulator.Fault{Latency: time.Second}) // what is asked for at once arrives at once
				e := w.scrape("")
				w.wantTruth(e, "dds", "fabric")
				e.want(t, "api_errors_total", "")
				pages := (n-1)/(100-1) + 1 // a full one is never the last
				calls := w.cloud.Calls(simulator.OpListInstances)
				want := pages
				if quirks.TotalCount == simulator.Absent {
					want = doubling[n]
				}
				if calls != want {
					t.Errorf("%d instances were listed by %d calls, want %d", n, calls, want)
				}
				if n != 1000 {
					return // saves time
				}
				for _, n := range []int{n, n - 250, n + 550, 1} { // where the last read found the end is a guess
					w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.Instances, p.Workspaces = instances(n), workspaces(n) })
					w.cloud.ResetStats()
					e := w.scrape("")
					w.wantTruth(e, "dds", "fabric")
					e.want(t, "api_errors_total", "")
					if calls := w.cloud.Calls(simulator.OpListInstances); quirks.TotalCount == simulator.Documented && calls != (n-1)/(100-1)+1 {
						t.Errorf("%d instances were listed by %d calls", n, calls)
					}
				}
			})
		}
	}
}

// A page that was guessed in vain and hangs holds up nothing, and is no failure.
func TestGuessHangs(t *testing.T) { synctest.Test(t, guessHangs) }

func guessHangs(t *testing.T) {
	w := newWorld(t, simulator.Options{Quirks: simulator.Quirks{TotalCount: simulator.Absent}},
		simulator.Project{Instances: instances(500)}, "{dds: {tags_from: instance_list}}")
	w.scrape("")
	w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.Instances = instances(250) })
	w.cloud.Inject(simulator.Fault{
		Match: func(r *http.Request) bool { return r.URL.Query().Get("offset") == "396" },
		Break: simulator.Hang,
	})
	begun := time.Now()
	e := w.scrape("")
	w.wantTruth(e, "dds")
	e.want(t, "api_errors_total", "") // no timeout
	if took := time.Since(begun); took > 0 {
		t.Errorf("held up for %s", took)
	}
}

// A page that is certainly there and refused is a failure, not a wrong guess.
func TestCertainPageRefused(t *testing.T) {
	for offset, total := range map[string]simulator.Form{
		"297": simulator.Documented, // the total says so
		"99":  simulator.Absent,     // the page before is full
	} {
		w := newWorld(t, simulator.Options{Quirks: simulator.Quirks{TotalCount: total}}, simulator.Project{Instances: instances(500)}, "{dds: {tags_from: instance_list}}")
		w.cloud.Inject(simulator.Fault{
			Match:  func(r *http.Request) bool { return r.URL.Query().Get("offset") == offset },
			Answer: simulator.Instead(simulator.ErrorE1(400, "DBS.280001", "parameter error")), Times: 1,
		})
		w.scrape("").want(t, tagMetrics+"|api_errors_total", `
			collector_success{cloud_service="dds"} 0
			api_errors_total{cloud_service="dds",error_code="DBS.280001",operation="ListInstances"} 1`)
	}
}

// Where no total says how many there are, or a capped one, what the last read found
// does: all pages but the first are asked for at once.
func TestLastSizeRemembered(t *testing.T) {
	const latency = time.Second
	for _, test := range []struct {
		name, services string
		quirks         simulator.Quirks
		n              int
		first, next    time.Duration
	}{
		{"dds", "{dds: {tags_from: instance_list}}", simulator.Quirks{TotalCount: simulator.Absent}, 1585, 5 * latency, latency},
		{"fabric", "{fabric: {max_concurrency: 40}}", simulator.Quirks{}, 4000, 3 * latency, 2 * latency}, // the first 1000, the others
	} {
		bubble(t, test.name, func(t *testing.T) {
			project := simulator.Project{Instances: instances(test.n), Workspaces: workspaces(test.n)}
			w := newWorld(t, simulator.Options{Quirks: test.quirks}, project, test.services)
			w.cloud.Inject(simulator.Fault{Match: func(r *http.Request) bool { return !firstPage(r) }, Latency: latency})
			scrape := func(want time.Duration) {
				t.Helper()
				begun := time.Now()
				w.wantTruth(w.scrape(""), test.name)
				if took := time.Since(begun); took != want {
					t.Errorf("took %s, want %s", took, want)
				}
			}
			scrape(test.first)
			scrape(test.next)
			w.configure(w.config(test.services, "tags: {max_values_per_key: 70}")) // a reload that changes nothing here
			scrape(test.next)
		})
	}
}

// A page that was guessed, failed and turns out to be needed is read in earnest.
func TestGuessFails(t *testing.T) {
	w := newWorld(t, simulator.Options{Quirks: simulator.Quirks{TotalCount: simulator.Absent}},
		simulator.Project{Instances: instances(500)}, "{dds: {tags_from: instance_list}}")
	remove := w.cloud.Inject(simulator.Fault{
		Match:  func(r *http.Request) bool { return r.URL.Query().Get("offset") == "297" }, // the fourth page, guessed after two
		Answer: simulator.Instead(simulator.ErrorE1(400, "DBS.280001", "parameter error")), Times: 1,
	})
	e := w.scrape("")
	w.wantTruth(e, "dds")
	e.want(t, "api_errors_total", "")
	remove()
	w.cloud.Inject(simulator.Fault{
		Match:  func(r *http.Request) bool { return r.URL.Query().Get("offset") == "297" },
		Answer: simulator.Instead(simulator.ErrorE1(400, "DBS.280001", "parameter error")),
	})
	w.scrape("").want(t, tagMetrics+"|api_errors_total", `
		collector_success{cloud_service="dds"} 0
		api_errors_total{cloud_service="dds",error_code="DBS.280001",operation="ListInstances"} 1`)
}
