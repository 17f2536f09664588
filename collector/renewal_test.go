package collector

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// number returns the value of the series that a regular expression names.
func (e exposition) number(t *testing.T, series string) float64 {
	t.Helper()
	form := regexp.MustCompile(`^huaweicloud_tag_` + series + ` (\S+)$`)
	for _, line := range e {
		if m := form.FindStringSubmatch(line); m != nil {
			value, err := strconv.ParseFloat(m[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			return value
		}
	}
	t.Fatalf("no series %s", series)
	return 0
}

// paces fails the test if a scrape made more calls than the rate and its burst
// of a tenth allow within the time it took, or more at once than it may.
func (w *world) paces(rate float64, took time.Duration) {
	w.t.Helper()
	allowed := int(math.Ceil(rate*took.Seconds() + rate/10))
	if calls := w.cloud.Calls(""); calls > allowed {
		w.t.Errorf("%d calls within %s, at most %d are allowed", calls, took, allowed)
	}
	if n := w.cloud.MaxInFlight(""); n > 16 {
		w.t.Errorf("%d calls at once", n)
	}
}

// A fleet that no scrape can read in full is read by several, each within its
// time and rate, and no instance twice. For the race detector, which makes each call
// ten times as much work, the fleet and its rate are a fifth: make test runs both.
func TestLargeFleet(t *testing.T) { synctest.Test(t, largeFleet) }

func largeFleet(t *testing.T) {
	const (
		interval = 15 * time.Second
		timeout  = 10 * time.Second
		counted  = `{cloud_service="dds",project="shop",region="cn-north-4",resource_type="instance"}`
	)
	n, rate := 20_000, 300
	if raceDetector {
		n, rate = n/5, rate/5
	}
	services := fmt.Sprintf("{dds: {requests_per_second: %d, renew_after: 5m}}", rate)
	w := newWorld(t, simulator.Options{Log: n}, simulator.Project{Instances: fleet(n)}, services)
	w.handler.TimeoutOffset = 500 * time.Millisecond
	w.cloud.Inject(simulator.Fault{Latency: 20 * time.Millisecond})
	first, read := time.Now(), 0
	scrape := func() exposition {
		w.cloud.ResetStats()
		begun := time.Now()
		e := w.scrapeWithin("", timeout)
		took := time.Since(begun)
		if took > timeout-w.handler.TimeoutOffset {
			t.Errorf("a scrape took %s", took)
		}
		w.paces(float64(rate), took)
		if unanswered := w.cloud.Answers("")[0]; unanswered > 0 {
			t.Errorf("%d requests died at the deadline", unanswered)
		}
		read += w.cloud.Calls(simulator.OpListInstanceTags)
		if calls := w.cloud.Calls(""); read < n && calls < rate*9 { // of 9.5 s
			t.Errorf("only %d calls", calls)
		}
		time.Sleep(interval - took)
		return e
	}
	for i := range 10 {
		e := scrape()
		known, unreadable := e.number(t, "resources"+counted), e.number(t, "unreadable_resources"+counted)
		success := e.number(t, `collector_success{cloud_service="dds",project="shop",region="cn-north-4"}`)
		oldest := e.number(t, "oldest_read_timestamp_seconds"+counted)
		t.Logf("scrape %d: %v read, %v unreadable, success %v, %d calls", i+1, known, unreadable, success, w.cloud.Calls(""))
		if int(known) != read || int(known+unreadable) != n || (success == 1) != (unreadable == 0) {
			t.Errorf("scrape %d: %v resources after %d reads, %v unreadable, success %v", i+1, known, read, unreadable, success)
		}
		if age := oldest - float64(first.UnixMilli())/1000; age < 0 || age > timeout.Seconds() {
			t.Errorf("scrape %d: the oldest tags were read %v s after the first scrape began", i+1, age)
		}
	}
	w.wantTruth(scrape(), "dds")
	if read != n {
		t.Errorf("%d instances were read by %d calls", n, read)
	}
	// After a restart, with nothing known, the pace is the same.
	w.collector.Close()
	w.collector = nil
	w.configure(w.config(services, ""))
	scrape()
}

// A fleet that was read at once, and that no scrape can renew in full, does not
// expire at once: through a whole night each scrape renews the oldest tags, all of
// them equally often, and what is shown is never older than it must be.
func TestNightOfRenewals(t *testing.T) { synctest.Test(t, nightOfRenewals) }

func nightOfRenewals(t *testing.T) {
	const (
		n        = 30
		rate     = 1
		each     = 8 // instances that a scrape renews at least: the list takes a call, too
		interval = time.Minute
		timeout  = 10 * time.Second
		night    = 8 * time.Hour
		counted  = `{cloud_service="dds",project="shop",region="cn-north-4",resource_type="instance"}`
	)
	services := func(rate int) string {
		return fmt.Sprintf("{dds: {requests_per_second: %d, max_concurrency: 1, max_tag_age: 5m}}", rate)
	}
	w := newWorld(t, simulator.Options{Log: 100}, simulator.Project{Instances: fleet(n)}, services(0))
	w.handler.TimeoutOffset = 500 * time.Millisecond
	w.wantTruth(w.scrape(""), "dds")
	w.configure(w.config(services(rate), ""))
	renewed := make(map[string]int)
	for begun := time.Now(); time.Since(begun) < night && !t.Failed(); {
		w.cloud.ResetStats()
		at := time.Now()
		e := w.scrapeWithin("", timeout)
		took := time.Since(at)
		w.wantTruth(e, "dds")
		w.paces(rate, took)
		if calls := w.cloud.Calls(simulator.OpListInstanceTags); calls < each || took > timeout-w.handler.TimeoutOffset {
			t.Errorf("%d instances were renewed within %s", calls, took)
		}
		for _, r := range w.cloud.Requests() {
			if r.Instance != "" {
				renewed[r.Instance]++
			}
		}
		oldest := time.UnixMilli(int64(1000 * e.number(t, "oldest_read_timestamp_seconds"+counted)))
		if age := time.Since(oldest); age > (n/each+1)*interval+timeout {
			t.Errorf("the oldest tags are %s old", age)
		}
		time.Sleep(interval - took)
	}
	counts := slices.Sorted(maps.Values(renewed))
	if len(counts) != n || counts[n-1]-counts[0] > 2 { // those that were read at the same moment may change places
		t.Errorf("renewed %v times", counts)
	}
}
