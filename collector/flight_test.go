package collector

import (
	"context"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/simulator"
)

const inventoryMetrics = "resources|untagged_resources|unreadable_resources|tagged_resources|keys|key_values|folded_values|info|selected_resources|oldest_read_timestamp_seconds|policy_.*"

func TestOverlappingScrapesShareOneRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(5)}, "{dds: {}}")
		w.configure(w.patient("{dds: {}}"))
		release := w.hold("ListInstances", 1)
		var scrapes []<-chan scraped
		for range 3 {
			scrapes = append(scrapes, w.begin(t.Context(), ""))
		}
		synctest.Wait()
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
	})
}

// TestShortScrape: a scrape whose time ends before the shared read does gets
// what has been read, the other one gets all, and the cloud is asked once.
func TestShortScrape(t *testing.T) {
	for _, test := range []struct {
		name      string
		operation string // held
		from      int
		want      string
	}{
		{"the listing is not whole", "ListInstances", 1, `
			collector_success{cloud_service="dds"} 0
		`},
		{"the listing is whole", "ListInstanceTags", 4, `
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
	} {
		bubble(t, test.name, func(t *testing.T) {
			instances := fleet(5)
			for i := range instances {
				instances[i].Tags = []simulator.Tag{simulator.T("env", "prod")}
			}
			w := newWorld(t, simulator.Options{}, simulator.Project{Instances: instances}, "{dds: {}}")
			w.configure(w.patient("{dds: {}}"))
			release := w.hold(test.operation, test.from)
			timeIsUp, first := w.beginByHand()
			synctest.Wait()
			f := w.flight()
			second := w.begin(t.Context(), "")
			synctest.Wait()
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

// TestShortScrapeOfSelectors: workspaces are shown while a selector is still being
// asked, but not with success.
func TestShortScrapeOfSelectors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const services = "{fabric: {selectors: [{key: env, values: [prod, dev]}]}}"
		w := newWorld(t, simulator.Options{}, simulator.Project{Workspaces: []simulator.Workspace{
			{ID: "w-1", Tags: []simulator.Tag{simulator.T("env", "prod")}}, {ID: "w-2"},
		}}, services)
		w.configure(w.patient(services))
		w.scrape("") // so that the key is proved: the request that proves it may be the one that hangs
		w.cloud.Inject(simulator.Fault{BodyContains: `"dev"`, Break: simulator.Hang})
		timeIsUp, got := w.beginByHand()
		synctest.Wait()
		timeIsUp()
		parse(<-got).want(t, "resources|untagged_resources|unreadable_resources|selected_resources|collector_success", `
			resources{cloud_service="fabric"} 2
			untagged_resources{cloud_service="fabric"} 1
			unreadable_resources{cloud_service="fabric"} 0
			selected_resources{cloud_service="fabric",key="env",value="prod"} 1
			collector_success{cloud_service="fabric"} 0
		`)
	})
}

// TestLateReader: a reader that goes on after its last scraper has left keeps
// nobody from beginning another read.
func TestLateReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(2)}, "{dds: {}}")
		target := w.collector.targets[0]
		reader := target.reader
		var reads atomic.Int32
		target.reader = readerFunc(func(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading) error {
			if reads.Add(1) > 1 {
				return reader.Read(ctx, s, into)
			}
			<-ctx.Done()
			time.Sleep(time.Hour)
			return ctx.Err()
		})
		w.scrapeWithin("", time.Second).want(t, "collector_success", `collector_success{cloud_service="dds"} 0`)
		late := w.flight()
		w.scrape("").want(t, "resources|collector_success", `
			resources{cloud_service="dds"} 2
			collector_success{cloud_service="dds"} 1
		`)
		if late != nil {
			t.Error("the abandoned read is still the current one")
		}
		time.Sleep(2 * time.Hour)
	})
}

func TestReadEndsWithTheLastScraper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(2)}, "{dds: {}}")
		w.configure(w.patient("{dds: {}}"))
		recovered := w.hang("ListInstances")
		one, hangUpOne := context.WithCancel(t.Context())
		two, hangUpTwo := context.WithCancel(t.Context())
		defer hangUpOne()
		defer hangUpTwo()
		first, second := w.begin(one, ""), w.begin(two, "")
		synctest.Wait()
		f := w.flight()
		hangUpOne()
		if got := <-first; got.err == nil {
			t.Errorf("a scraper that hung up got %d", got.status)
		}
		synctest.Wait()
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
		synctest.Wait()
		select {
		case <-f.done:
		default:
			t.Error("the read goes on")
		}
		if n := w.cloud.InFlight(""); n != 0 {
			t.Errorf("%d requests are in flight", n)
		}
		recovered()
		if reports := w.collector.Last(); !reports[0].Begun.IsZero() {
			t.Errorf("the status page shows what nobody was told: %+v", reports[0])
		}
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
	})
}

// TestDeadlineMoves: the deadline of a read is that of the scrape that waits longest.
func TestDeadlineMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(1)}, "{dds: {}}")
		w.configure(w.patient("{dds: {}}"))
		release := w.hold("ListInstances", 1)
		wantLeft := func(want time.Duration) {
			t.Helper()
			synctest.Wait()
			deadline, ok := flightContext{t.Context(), w.flight().waiters}.Deadline()
			if left := time.Until(deadline); !ok || left != want {
				t.Errorf("the deadline is in %s, want %s", left, want)
			}
		}
		short := w.begin(t.Context(), "", within(time.Minute))
		wantLeft(time.Minute)
		ctx, hangUp := context.WithCancel(t.Context())
		defer hangUp()
		long := w.begin(ctx, "", within(time.Hour))
		wantLeft(time.Hour)
		hangUp()
		<-long
		wantLeft(time.Minute)
		release()
		(<-short).lines(t).want(t, "collector_success", `collector_success{cloud_service="dds"} 1`)
	})
}

// TestReadingIsLetGo: what was read is not held until the next scrape, as it was
// by the contexts of idle connections.
func TestReadingIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(50)}, "{dds: {}}")
		w.configure(w.patient("{dds: {}}"))
		release := w.hold("ListInstances", 1)
		got := w.begin(t.Context(), "")
		synctest.Wait()
		reading := weak.Make(w.flight().reading)
		release()
		(<-got).lines(t).want(t, "collector_success", `collector_success{cloud_service="dds"} 1`)
		synctest.Wait()
		runtime.GC()
		if reading.Value() != nil {
			t.Error("the reading is still there")
		}
	})
}
