package collector

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// patient is a configuration in which no attempt ends by itself while a test
// holds it.
func (w *world) patient(services string) string {
	return strings.Replace(w.config(services, ""), "request_timeout: 2s", "request_timeout: 1m", 1)
}

// scraped is what a scraper got.
type scraped struct {
	status int
	header http.Header
	body   string
	err    error
}

// get scrapes with a query and header lines "Name: value".
func (w *world) get(ctx context.Context, query string, header ...string) scraped {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.web.URL+"/metrics?"+query, nil)
	if err != nil {
		return scraped{err: err}
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Set(name, value)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return scraped{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return scraped{resp.StatusCode, resp.Header, string(body), err}
}

// within is the header of a scraper that waits so long.
func within(d time.Duration) string {
	return fmt.Sprintf("X-Prometheus-Scrape-Timeout-Seconds: %g", d.Seconds())
}

// begin scrapes in the background. The channel gives what became of it.
func (w *world) begin(ctx context.Context, query string, header ...string) <-chan scraped {
	got := make(chan scraped, 1)
	go func() { got <- w.get(ctx, query, header...) }()
	return got
}

// lines returns the exposition that a scraper got.
func (s scraped) lines(t *testing.T) exposition {
	t.Helper()
	if s.err != nil || s.status != http.StatusOK {
		t.Fatalf("scrape: status %d, err %v: %s", s.status, s.err, s.body)
	}
	return parse(s.body)
}

// hold keeps calls of an operation from being answered, from the n-th on, until
// release is called.
func (w *world) hold(operation string, from int) (release func()) {
	held := make(chan struct{})
	remove := w.cloud.OnCall(operation, func(n int) {
		if n >= from {
			<-held
		}
	})
	release = sync.OnceFunc(func() { remove(); close(held) })
	w.t.Cleanup(release)
	return release
}

// hang lets no call of an operation be answered while its client waits.
func (w *world) hang(operation string) (remove func()) {
	return w.cloud.Inject(simulator.Fault{Operation: operation, Break: simulator.Hang})
}

// until waits for something that is about to happen.
func (w *world) until(what string, happened func() bool) {
	w.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	limit := time.NewTimer(20 * time.Second)
	defer limit.Stop()
	for !happened() {
		select {
		case <-tick.C:
		case <-limit.C:
			w.t.Fatalf("did not happen: %s", what)
		}
	}
}

// flight returns the read of the first target that is under way, or nil.
func (w *world) flight() *flight {
	t := w.collector.targets[0]
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.current
}

// untilWaiting waits until so many scrapes wait for the first target.
func (w *world) untilWaiting(scrapes int) *flight {
	w.t.Helper()
	var f *flight
	w.until(fmt.Sprintf("%d scrapes wait", scrapes), func() bool {
		f = w.flight()
		if f == nil {
			return scrapes == 0
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		return len(f.deadlines) == scrapes
	})
	return f
}

// untilRead waits until a read has got the tags of so many resources.
func (w *world) untilRead(f *flight, resources int) {
	w.t.Helper()
	w.until(fmt.Sprintf("%d resources are read", resources), func() bool {
		inv, whole := f.reading.Snapshot(time.Time{})
		return whole && len(inv.Resources) == resources
	})
}

// fleet has n instances; every third has no tag.
func fleet(n int) (list []simulator.Instance) {
	for i := range n {
		instance := simulator.Instance{ID: simulator.InstanceID(i), Name: fmt.Sprintf("db-%d", i)}
		if i%3 != 0 {
			instance.Tags = []simulator.Tag{simulator.T("env", "prod")}
		}
		list = append(list, instance)
	}
	return list
}
