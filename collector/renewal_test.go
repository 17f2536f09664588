package collector

import (
	"fmt"
	"math"
	"regexp"
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
// time and rate, and no instance twice.
func TestLargeFleet(t *testing.T) { synctest.Test(t, largeFleet) }

func largeFleet(t *testing.T) {
	const (
		n       = 3000
		rate    = 300
		timeout = 4 * time.Second
		counted = `{cloud_service="dds",project="shop",region="cn-north-4",resource_type="instance"}`
	)
	w := newWorld(t, simulator.Options{Log: 2 * n}, simulator.Project{Instances: fleet(n)},
		fmt.Sprintf("{dds: {requests_per_second: %d, renew_after: 5m}}", rate))
	w.handler.TimeoutOffset = 500 * time.Millisecond
	w.cloud.Inject(simulator.Fault{Latency: 20 * time.Millisecond})
	first, read := time.Now(), 0
	scrape := func() exposition {
		w.cloud.ResetStats()
		begun := time.Now()
		e := w.scrapeWithin("", timeout)
		took := time.Since(begun)
		if took > timeout {
			t.Errorf("a scrape took %s", took)
		}
		w.paces(rate, took)
		if unanswered := w.cloud.Answers("")[0]; unanswered > 0 {
			t.Errorf("%d requests died at the deadline", unanswered)
		}
		for _, r := range w.cloud.Requests() {
			if r.Operation == simulator.OpListInstanceTags {
				read++
			}
		}
		return e
	}
	for i := range 4 {
		e := scrape()
		known, unreadable := e.number(t, "resources"+counted), e.number(t, "unreadable_resources"+counted)
		success := e.number(t, `collector_success{cloud_service="dds",project="shop",region="cn-north-4"}`)
		oldest := e.number(t, "oldest_read_timestamp_seconds"+counted)
		t.Logf("scrape %d: %v read, %v unreadable, success %v, %d calls", i+1, known, unreadable, success, w.cloud.Calls(""))
		if int(known) != read || known+unreadable != n || (success == 1) != (unreadable == 0) {
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
	w.configure(w.config(fmt.Sprintf("{dds: {requests_per_second: %d}}", rate), ""))
	scrape()
}

// A fleet that was read at once, and that no scrape can renew in full, does not
// expire at once.
func TestRenewalsSpread(t *testing.T) {
	const n, rate = 300, 200
	services := func(rate int) string {
		return fmt.Sprintf("{dds: {requests_per_second: %d, renew_after: 500ms, max_tag_age: 4s}}", rate)
	}
	w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(n)}, services(0))
	w.handler.TimeoutOffset = 500 * time.Millisecond
	w.wantTruth(w.scrape(""), "dds")
	w.configure(w.config(services(rate), ""))
	for begun := time.Now(); time.Since(begun) < 6*time.Second; {
		w.cloud.ResetStats()
		w.wantTruth(w.scrapeWithin("", time.Second), "dds")
		if calls := w.cloud.Calls(simulator.OpListInstanceTags); calls > n/2 {
			t.Errorf("%d instances were renewed by one scrape", calls)
		}
		if t.Failed() {
			break
		}
	}
}
