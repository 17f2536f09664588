package collector

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
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

// readerFunc is a Reader.
type readerFunc func(context.Context, *huaweicloud.Session, *inventory.Reading) error

// Read implements Reader.
func (f readerFunc) Read(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading) error {
	return f(ctx, s, into)
}

// flight returns the read of the first target that is under way, or nil.
func (w *world) flight() *flight {
	t := w.collector.targets[0]
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.current
}

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

// beginByHand scrapes in the background until timeIsUp is called. Its deadline is
// far away until then: so no attempt ends before it.
func (w *world) beginByHand() (timeIsUp func(), body <-chan string) {
	ctx, timeIsUp := context.WithCancel(w.t.Context())
	w.t.Cleanup(timeIsUp)
	got := make(chan string, 1)
	go func() {
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil).WithContext(timeUp{ctx}))
		got <- rec.Body.String()
	}()
	return timeIsUp, got
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
