package collector

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"
	"weak"

	"huaweicloud_tag_exporter/internal/simulator"
)

const inventoryMetrics = "resources|untagged_resources|unreadable_resources|tagged_resources|keys|key_values|folded_values|info|selected_resources|oldest_read_timestamp_seconds|policy_.*"

func TestOverlappingScrapesShareOneRead(t *testing.T) {
	w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(5)}, "{dds: {}}")
	w.configure(w.patient("{dds: {}}"))
	release := w.hold("ListInstances", 1)
	var scrapes []<-chan scraped
	for range 3 {
		scrapes = append(scrapes, w.begin(t.Context(), ""))
	}
	w.untilWaiting(3)
	release()
	for _, s := range scrapes {
		(<-s).lines(t).want(t, "resources|tagged_resources|collector_success|api_requests_total|api_error_ratio", `
			resources{cloud_service="dds"} 5
			tagged_resources{cloud_service="dds",key="env",value="prod"} 3
			collector_success{cloud_service="dds"} 1
			api_requests_total{cloud_service="dds",code="200",operation="ListInstances"} 1
			api_requests_total{cloud_service="dds",code="200",operation="ListInstanceTags"} 5
			api_error_ratio{cloud_service="dds",key="",operation="ListInstances",value=""} 0
			api_error_ratio{cloud_service="dds",key="",operation="ListInstanceTags",value=""} 0
		`)
	}
	w.scrape("").want(t, "api_requests_total", `
		api_requests_total{cloud_service="dds",code="200",operation="ListInstances"} 2
		api_requests_total{cloud_service="dds",code="200",operation="ListInstanceTags"} 10
	`)
}

// TestShortScrape: a scrape whose time ends before the shared read does gets
// what has been read, the other one gets all, and the cloud is asked once.
// timeUp is a context that ends by its time being up, whoever ends it.
type timeUp struct{ context.Context }

func (c timeUp) Err() error {
	if c.Context.Err() != nil {
		return context.DeadlineExceeded
	}
	return nil
}

// Value hides the context inside, which would end derived ones its own way.
func (timeUp) Value(any) any { return nil }

func TestShortScrape(t *testing.T) {
	tests := []struct {
		name      string
		operation string // held
		from      int
		read      int // resources, by the time the first scrape ends
		want      string
	}{
		{"the listing is not whole", "ListInstances", 1, -1, `
			collector_success{cloud_service="dds"} 0
		`},
		{"the listing is whole", "ListInstanceTags", 4, 3, `
			resources{cloud_service="dds"} 3
			untagged_resources{cloud_service="dds"} 0
			unreadable_resources{cloud_service="dds"} 2
			keys{cloud_service="dds"} 1
			key_values{cloud_service="dds",key="env"} 1
			tagged_resources{cloud_service="dds",key="env",value="prod"} 3
			collector_success{cloud_service="dds"} 0
			api_error_ratio{cloud_service="dds",key="",operation="ListInstances",value=""} 0
			api_error_ratio{cloud_service="dds",key="",operation="ListInstanceTags",value=""} 0
		`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			instances := fleet(5)
			for i := range instances {
				instances[i].Tags = []simulator.Tag{simulator.T("env", "prod")}
			}
			w := newWorld(t, simulator.Options{}, simulator.Project{Instances: instances}, "{dds: {}}")
			w.configure(w.patient("{dds: {}}"))
			release := w.hold(test.operation, test.from)

			// The first scrape's time is ended by hand, so that it ends then and only then.
			ctx, timeIsUp := context.WithCancel(t.Context())
			defer timeIsUp()
			first := make(chan string, 1)
			go func() {
				rec := httptest.NewRecorder()
				w.handler.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil).WithContext(timeUp{ctx}))
				first <- rec.Body.String()
			}()
			w.untilWaiting(1)
			second := w.begin(t.Context(), "")
			f := w.untilWaiting(2)
			w.until("the cloud is held", func() bool { return w.cloud.Calls(test.operation) >= test.from })
			if test.read >= 0 {
				w.untilRead(f, test.read)
				w.until("the tally is complete", func() bool { // it is told before the reading is
					return w.cloud.InFlight("") == len(instances)-test.read
				})
			}
			timeIsUp()
			parse(<-first).want(t, "resources|untagged_resources|unreadable_resources|tagged_resources|keys|key_values|collector_success|api_error_ratio", test.want)
			if w.flight() != f {
				t.Error("the read did not go on for the other scrape")
			}
			release()
			(<-second).lines(t).want(t, "resources|unreadable_resources|collector_success|api_requests_total|api_errors_total", `
				resources{cloud_service="dds"} 5
				unreadable_resources{cloud_service="dds"} 0
				collector_success{cloud_service="dds"} 1
				api_requests_total{cloud_service="dds",code="200",operation="ListInstances"} 1
				api_requests_total{cloud_service="dds",code="200",operation="ListInstanceTags"} 5
			`)
		})
	}
}

func TestReadEndsWithTheLastScraper(t *testing.T) {
	w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(2)}, "{dds: {}}")
	w.configure(w.patient("{dds: {}}"))
	recovered := w.hang("ListInstances")
	one, hangUpOne := context.WithCancel(t.Context())
	two, hangUpTwo := context.WithCancel(t.Context())
	defer hangUpOne()
	defer hangUpTwo()
	first, second := w.begin(one, ""), w.begin(two, "")
	f := w.untilWaiting(2)
	w.until("a request is in flight", func() bool { return w.cloud.InFlight("") == 1 })
	hangUpOne()
	if got := <-first; got.err == nil {
		t.Errorf("a scraper that hung up got %d", got.status)
	}
	w.untilWaiting(1)
	select {
	case <-f.done:
		t.Fatal("the read ended before the last scraper left")
	default:
	}
	if calls, inFlight := w.cloud.Calls(""), w.cloud.InFlight(""); calls != 1 || inFlight != 1 {
		t.Errorf("%d requests, %d in flight, want one", calls, inFlight)
	}
	hangUpTwo()
	<-second
	<-f.done
	w.until("no request is in flight", func() bool { return w.cloud.InFlight("") == 0 })
	recovered()
	// A scraper that hung up is no failure of the cloud.
	w.scrape("").want(t, "resources|collector_success|api_requests_total|api_errors_total", `
		resources{cloud_service="dds"} 2
		collector_success{cloud_service="dds"} 1
		api_requests_total{cloud_service="dds",code="none",operation="ListInstances"} 1
		api_requests_total{cloud_service="dds",code="200",operation="ListInstances"} 1
		api_requests_total{cloud_service="dds",code="200",operation="ListInstanceTags"} 2
	`)
	if text := w.log.String(); strings.Contains(text, "level=error") {
		t.Errorf("logged:\n%s", text)
	}
	if calls := w.cloud.Calls("ListInstances"); calls != 2 {
		t.Errorf("%d listings, want one for each read", calls)
	}
}

// TestDeadlineMoves: the deadline of a read is that of the
// scrape that waits longest.
func TestDeadlineMoves(t *testing.T) {
	w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(1)}, "{dds: {}}")
	w.configure(w.patient("{dds: {}}"))
	release := w.hold("ListInstances", 1)
	left := func(f *flight) time.Duration {
		deadline, ok := flightContext{t.Context(), f.waiters}.Deadline()
		if !ok {
			t.Fatal("a read without a deadline")
		}
		return time.Until(deadline).Round(30 * time.Second)
	}
	short := w.begin(t.Context(), "", within(time.Minute))
	f := w.untilWaiting(1)
	if got := left(f); got != time.Minute {
		t.Errorf("alone, the deadline is in %s", got)
	}
	ctx, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	long := w.begin(ctx, "", within(time.Hour))
	w.untilWaiting(2)
	if got := left(f); got != time.Hour {
		t.Errorf("with a longer scrape, the deadline is in %s", got)
	}
	hangUp()
	<-long
	w.untilWaiting(1)
	if got := left(f); got != time.Minute {
		t.Errorf("without it again, the deadline is in %s", got)
	}
	release()
	(<-short).lines(t).want(t, "collector_success", `collector_success{cloud_service="dds"} 1`)
}

// TestReadingIsLetGo: what was read is not held until the next scrape, as it was
// by the contexts of idle connections.
func TestReadingIsLetGo(t *testing.T) {
	w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(50)}, "{dds: {}}")
	w.configure(w.patient("{dds: {}}"))
	release := w.hold("ListInstances", 1)
	got := w.begin(t.Context(), "")
	reading := weak.Make(w.untilWaiting(1).reading)
	release()
	(<-got).lines(t).want(t, "collector_success", `collector_success{cloud_service="dds"} 1`)
	w.until("the reading is let go", func() bool {
		runtime.GC()
		return reading.Value() == nil
	})
}
