package server

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"
	"go.uber.org/goleak"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/simulator"
)

// TestNoLeaks: over a thousand scrapes, of which a third hang up while the cloud
// is being asked, connections are kept and never more than allowed, and neither
// goroutines nor memory pile up.
func TestNoLeaks(t *testing.T) {
	const (
		concurrency = 4
		whole       = 100
		all         = 1000
	)
	ignore := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, ignore) })
	cloud := simulator.New(simulator.Options{})
	t.Cleanup(cloud.Close)
	cloud.AddAccessKey(simulator.AccessKey{AK: testAK, SK: testSK})
	cloud.SetProject(simulator.Project{
		ID: "p1", Region: "cn-north-4", Instances: instances(8),
		Workspaces: []simulator.Workspace{{ID: "w1", Tags: []simulator.Tag{simulator.T("env", "prod")}}},
		PoolTags:   []simulator.PoolTag{{Key: "env", Values: []string{"prod"}}},
	})
	cloud.Inject(simulator.Fault{LatencyFunc: func(n int) time.Duration { return time.Duration(n%3) * time.Millisecond }})
	// A scrape hangs up at one of its calls to the cloud.
	var mu sync.Mutex
	var hangUp context.CancelFunc
	callsLeft := 0
	cloud.OnCall("", func(int) {
		mu.Lock()
		defer mu.Unlock()
		if callsLeft--; callsLeft == 0 {
			hangUp()
		}
	})

	gates := make(map[string]*gate)
	endpoints := ""
	for _, service := range []string{"modelarts", "dds", "fabric"} {
		gates[service] = newGate(t, service, cloud, nil)
		endpoints += fmt.Sprintf("%s: %s, ", service, gates[service].URL)
	}
	s, err := New(Options{
		Load: func() (*config.Config, error) {
			return config.Parse("test.yml", fmt.Appendf(nil, `
credentials: {default: {access_key: %s, secret_key: %s}}
defaults: {max_concurrency: %d, requests_per_second: 0}
projects: [{name: shop, region: cn-north-4, project_id: p1, endpoints: {%s}}]
`, testAK, testSK, concurrency, endpoints))
		},
		Logger: log.NewNopLogger(), TelemetryPath: "/metrics", DefaultTimeout: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	routes, err := s.Routes()
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(routes)
	t.Cleanup(web.Close)
	client := &http.Client{Transport: new(http.Transport)}
	t.Cleanup(client.CloseIdleConnections)

	var failed int
	var early uint64
	for i := range all {
		ctx, cancel := context.WithCancel(t.Context())
		mu.Lock()
		hangUp, callsLeft = cancel, 0
		if i >= whole && i%3 == 0 {
			callsLeft = 1 + rand.N(8)
		}
		mu.Unlock()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, web.URL+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err == nil {
			_, err = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		if err != nil {
			failed++
		}
		cancel()
		for _, g := range gates {
			g.wantOpen(concurrency)
			g.forget()
		}
		if t.Failed() {
			t.Fatalf("scrape %d", i)
		}
		if i+1 == whole {
			early = heap()
			for name, g := range gates {
				if n := g.everOpened(); n > concurrency {
					t.Errorf("%s: %d connections for %d scrapes that nobody cut, want at most %d", name, n, whole, concurrency)
				}
			}
		}
	}
	if failed < (all-whole)/4 || failed > (all-whole)/3+1 {
		t.Errorf("%d scrapes hung up, want about %d", failed, (all-whole)/3)
	}
	late := heap()
	t.Logf("%d scrapes hung up; heap %d KiB, then %d KiB", failed, early>>10, late>>10)
	for name, g := range gates {
		t.Logf("%s: %d connections", name, g.everOpened())
		if n := g.everOpened(); n > concurrency*(1+failed) {
			t.Errorf("%s: %d connections", name, n)
		}
	}
	if late > early+512<<10 {
		t.Errorf("the heap grew from %d to %d KiB in %d scrapes", early>>10, late>>10, all-whole)
	}
	s.Close()
	for _, g := range gates {
		g.wantOpen(0)
	}
}

// heap returns the bytes that are in use.
func heap() uint64 {
	var stats runtime.MemStats
	for range 2 { // the first empties the pools into their victim caches
		runtime.GC()
	}
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func instances(n int) []simulator.Instance {
	list := make([]simulator.Instance, n)
	for i := range list {
		list[i] = simulator.Instance{ID: simulator.InstanceID(i), Tags: []simulator.Tag{simulator.T("env", "prod")}}
	}
	return list
}
