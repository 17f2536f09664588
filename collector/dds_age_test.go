package collector

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// An instance that is gone when its tags are asked for counts nowhere; one
// whose tags cannot be read is unreadable. The others stay exact.
func TestUnreadableInstances(t *testing.T) {
	const whole = `
		resources{cloud_service="dds"} 3
		untagged_resources{cloud_service="dds"} 1
		keys{cloud_service="dds"} 2
		key_values{cloud_service="dds",key="key-0"} 2
		key_values{cloud_service="dds",key="key-1"} 1
		tagged_resources{cloud_service="dds",key="key-0",value="value-1"} 1
		tagged_resources{cloud_service="dds",key="key-0",value="value-2"} 1
		tagged_resources{cloud_service="dds",key="key-1",value="value-2"} 1
		api_requests_total{cloud_service="dds",code="200",operation="ListInstances"} 1
		api_requests_total{cloud_service="dds",code="200",operation="ListInstanceTags"} 3
		api_error_ratio{cloud_service="dds",key="",operation="ListInstances",value=""} 0
	`
	for _, test := range []struct {
		name   string
		quirks simulator.Quirks
		answer *simulator.Answer // nil: the instance is deleted
		want   string
	}{
		{"gone", simulator.Quirks{}, nil, `
			unreadable_resources{cloud_service="dds"} 0
			collector_success{cloud_service="dds"} 1
			api_requests_total{cloud_service="dds",code="404",operation="ListInstanceTags"} 1
			api_error_ratio{cloud_service="dds",key="",operation="ListInstanceTags",value=""} 0`},
		{"gone, with another error body", simulator.Quirks{DDSExternalMessage: true}, nil, `
			unreadable_resources{cloud_service="dds"} 0
			collector_success{cloud_service="dds"} 1
			api_requests_total{cloud_service="dds",code="404",operation="ListInstanceTags"} 1
			api_error_ratio{cloud_service="dds",key="",operation="ListInstanceTags",value=""} 0`},
		{"gone, with a 400", simulator.Quirks{GoneBadRequest: true}, nil, `
			unreadable_resources{cloud_service="dds"} 1
			collector_success{cloud_service="dds"} 0
			api_requests_total{cloud_service="dds",code="400",operation="ListInstanceTags"} 1
			api_errors_total{cloud_service="dds",error_code="DBS.280343",operation="ListInstanceTags"} 1
			api_error_ratio{cloud_service="dds",key="",operation="ListInstanceTags",value=""} 0.25`},
		{"500", simulator.Quirks{}, simulator.Instead(simulator.ErrorE1(500, "DBS.200001", "internal error")), `
			unreadable_resources{cloud_service="dds"} 1
			collector_success{cloud_service="dds"} 0
			api_requests_total{cloud_service="dds",code="500",operation="ListInstanceTags"} 2
			api_errors_total{cloud_service="dds",error_code="DBS.200001",operation="ListInstanceTags"} 2
			api_error_ratio{cloud_service="dds",key="",operation="ListInstanceTags",value=""} 0.4`},
	} {
		bubble(t, test.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{Quirks: test.quirks}, simulator.Project{Instances: instances(4)}, "{dds: {max_retries: 1}}")
			lost := simulator.InstanceID(3)
			if test.answer != nil {
				w.cloud.Inject(simulator.Fault{Instance: lost, Answer: test.answer})
			} else {
				listed, _ := w.cloud.Project(testProject)
				w.cloud.OnCall(simulator.OpListInstances, func(int) { w.cloud.SetProject(listed) })
				w.cloud.OnCall(simulator.OpListInstanceTags, func(int) {
					w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.Instances = p.Instances[:3] })
				})
			}
			w.scrape("").want(t, strings.Replace(tagMetrics, "|info", "", 1)+"|api_.*(total|ratio)", whole+test.want)
		})
	}
}

// A page that cannot be read in the middle of the listing leaves only what is
// said of the collector and the API. No attempt is cut off for it, and none outlasts
// the read.
func TestInstancePageFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: instances(250)}, "{dds: {}}")
		w.cloud.Inject(simulator.Fault{
			Match: func(r *http.Request) bool {
				return r.URL.Query().Get("offset") == "99" && strings.HasSuffix(r.URL.Path, "/instances")
			},
			Answer: simulator.Instead(simulator.ErrorE1(403, "DBS.200047", "denied")), Latency: 500 * time.Millisecond,
		})
		w.cloud.Inject(simulator.Fault{Operation: simulator.OpListInstanceTags, Latency: time.Second}) // outlasts the page
		e := w.scrape("")
		e.want(t, tagMetrics+"|oldest_read.*|policy_.*|selected_.*|collector_success|api_errors_total", `
			collector_success{cloud_service="dds"} 0
			api_errors_total{cloud_service="dds",error_code="DBS.200047",operation="ListInstances"} 1`)
		synctest.Wait()
		if calls := w.cloud.Calls(simulator.OpListInstanceTags); calls > 32 || w.cloud.Answers("")[0] > 0 {
			t.Errorf("%d calls of ListInstanceTags, answers %v", calls, w.cloud.Answers(""))
		}
	})
}

// Tags that cannot be renewed are used up to max_tag_age, to the moment; those that
// have been read are not read again before renew_after.
func TestTagAge(t *testing.T) {
	const (
		success = `
			resources{cloud_service="dds"} 4
			unreadable_resources{cloud_service="dds"} 0
			collector_success{cloud_service="dds"} 1`
		unreadable = `
			resources{cloud_service="dds"} 0
			unreadable_resources{cloud_service="dds"} 4
			collector_success{cloud_service="dds"} 0`
	)
	list := func(latency time.Duration) simulator.Fault {
		return simulator.Fault{Operation: simulator.OpListInstances, Latency: latency}
	}
	tags := func(latency time.Duration) simulator.Fault {
		return simulator.Fault{Operation: simulator.OpListInstanceTags, Latency: latency}
	}
	for _, test := range []struct {
		name, service string
		age           time.Duration   // of the tags when the second scrape begins
		fault         simulator.Fault // when they cannot be read any more
		want          string
		calls         int    // of ListInstanceTags in the second scrape
		log           string // which says why
	}{
		{"young enough", "", 10 * time.Minute, simulator.Fault{}, success, 4, ""},
		{"too old", "", 10*time.Minute + 1, simulator.Fault{}, unreadable, 4, "HTTP 500"},
		{"only what this scrape read", "max_tag_age: 0s", 1, simulator.Fault{}, unreadable, 4, "HTTP 500"},
		{"young enough when listed", "max_tag_age: 1m", 59 * time.Second, list(time.Second), success, 4, ""},
		{"too old when listed", "max_tag_age: 1m", 59 * time.Second, list(time.Second + 1), unreadable, 4, "HTTP 500"},
		{"young enough when reading failed", "max_tag_age: 1m", 59 * time.Second, tags(time.Second), success, 4, ""},
		{"too old when reading failed", "max_tag_age: 1m", 59 * time.Second, tags(time.Second + 1), unreadable, 4, "HTTP 500"},
		{"not due", "renew_after: 1m", time.Minute - 1, simulator.Fault{}, success, 0, ""},
		{"due", "renew_after: 1m", time.Minute, simulator.Fault{}, success, 4, ""},
		{"due when listed", "renew_after: 1m", 59 * time.Second, list(time.Second), success, 4, ""},
	} {
		bubble(t, test.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{}, simulator.Project{Instances: instances(4)}, "{dds: {max_retries: 0, "+test.service+"}}")
			read := time.Now()
			w.scrape("").want(t, goneMetrics, success)
			time.Sleep(test.age)
			w.cloud.Inject(test.fault)
			w.cloud.Inject(simulator.Fault{Operation: simulator.OpListInstanceTags, Answer: simulator.Instead(simulator.Empty(500))})
			w.cloud.ResetStats()
			again := time.Now()
			e := w.scrape("")
			e.want(t, goneMetrics, test.want)
			if calls := w.cloud.Calls(simulator.OpListInstanceTags); calls != test.calls {
				t.Errorf("%d calls of ListInstanceTags, want %d", calls, test.calls)
			}
			oldest := read // what is shown was read then; where nothing is, it is the list's beginning
			if test.want == unreadable {
				oldest = again
			}
			e.wantOldest(t, oldest)
			if !strings.Contains(w.log.String(), test.log) || test.log == "" && strings.Contains(w.log.String(), "err=") {
				t.Errorf("log:\n%s", w.log)
			}
		})
	}
}

// wantOldest fails the test unless the oldest tags were read at this time.
func (e exposition) wantOldest(t *testing.T, at time.Time) {
	t.Helper()
	_, value, _ := strings.Cut(e.about("oldest_read_timestamp_seconds"), "} ")
	oldest, err := strconv.ParseFloat(value, 64)
	if err != nil || math.Round(oldest*1000) != float64(at.UnixMilli()) {
		t.Errorf("oldest read at %s, want %d ms, %v", value, at.UnixMilli(), err)
	}
}

// An instance that has been read keeps no other from being read first.
func TestRenewal(t *testing.T) {
	w := newWorld(t, simulator.Options{Log: 100}, simulator.Project{Instances: instances(3)}, "{dds: {renew_after: 1m}}")
	w.wantTruth(w.scrape(""), "dds")
	w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.Instances = instances(5)[1:] })
	w.cloud.ResetStats()
	w.wantTruth(w.scrape(""), "dds")
	if calls := w.cloud.Calls(simulator.OpListInstanceTags); calls != 2 {
		t.Errorf("%d calls of ListInstanceTags, want one for each new instance", calls)
	}
}

// A scrape whose time is up while tags are being renewed is whole if those that
// are known are young enough.
func TestYoungTagsOutlastHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: instances(3)}, "{dds: {max_tag_age: 1m}}")
		w.scrape("")
		w.cloud.Inject(simulator.Fault{Operation: simulator.OpListInstanceTags, Break: simulator.Hang})
		time.Sleep(50 * time.Second)
		w.scrapeWithin("", 10*time.Second).want(t, goneMetrics, goneLines(3, 0, 1))
		w.scrapeWithin("", 10*time.Second).want(t, goneMetrics, goneLines(0, 3, 0))
	})
}
