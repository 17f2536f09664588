package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"
	"go.uber.org/goleak"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/memnet"
	"huaweicloud_tag_exporter/internal/simulator"
)

const (
	testAK = "SIMACCESSKEY0001"
	testSK = "sim-secret-key-0001"
)

// exporter is a server that reads a simulated cloud, and a client of it, all over
// HTTP through a network in memory: so a test of time can run in virtual time.
type exporter struct {
	t       *testing.T
	network *memnet.Network
	cloud   *simulator.Cloud
	api     *httptest.Server // the cloud
	routes  http.Handler
	web     *httptest.Server
	client  *http.Client
	server  *Server
	logs    logs

	mu     sync.Mutex
	config string // what the next reload loads; "": it fails
}

type logs struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func start(t *testing.T, o Options) *exporter {
	t.Helper()
	ignore := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, ignore) })
	network := new(memnet.Network)
	e := &exporter{
		t: t, network: network, cloud: simulator.New(simulator.Options{}),
		client: &http.Client{Transport: &http.Transport{DialContext: network.DialContext}},
	}
	e.cloud.AddAccessKey(simulator.AccessKey{AK: testAK, SK: testSK})
	e.cloud.SetProject(simulator.Project{ID: "p1", Region: "cn-north-4", Instances: []simulator.Instance{{ID: simulator.InstanceID(1)}}})
	e.api = e.serve(e.cloud)
	t.Cleanup(e.api.Close)
	t.Cleanup(e.cloud.Close)
	e.use("shop")
	o.Load, o.Dial = e.load, network.DialContext
	o.Logger, o.Version, o.UserAgent = log.NewLogfmtLogger(&e.logs), "1.2.3", Name+"/1.2.3"
	if o.DefaultTimeout == 0 {
		o.DefaultTimeout = 10 * time.Second
	}
	var err error
	if e.server, err = New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.server.Close)
	if e.routes, err = e.server.Routes(); err != nil {
		t.Fatal(err)
	}
	e.web = e.serve(e.routes)
	t.Cleanup(func() {
		e.web.Close()
		e.client.CloseIdleConnections()
		if text := e.logs.String(); strings.Contains(text, testSK) {
			t.Errorf("a secret was logged:\n%s", text)
		}
		if refusals := e.cloud.Refusals(); len(refusals) > 0 {
			t.Errorf("the cloud refused requests:\n%s", strings.Join(refusals, "\n"))
		}
	})
	return e
}

// bubble runs a subtest in virtual time.
func bubble(t *testing.T, name string, test func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

// serve starts a server in the exporter's network.
func (e *exporter) serve(h http.Handler) *httptest.Server {
	server := httptest.NewUnstartedServer(h)
	server.Listener.Close()
	server.Listener = e.network.Listen()
	server.Start()
	return server
}

// use makes a configuration of one project the one that is loaded next; no
// name makes loading fail.
func (e *exporter) use(name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.config = ""
	if name != "" {
		e.config = fmt.Sprintf(`
credentials: {default: {access_key: %s, secret_key: %s}}
projects: [{name: %q, region: cn-north-4, project_id: p1, endpoints: {dds: %[4]s, fabric: %[4]s}, services: {dds: {}, fabric: {}}}]
`, testAK, testSK, name, e.api.URL)
	}
}

func (e *exporter) load() (*config.Config, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.config == "" {
		return nil, errors.New("test.yml:3: projects: must not be empty")
	}
	return config.Parse("test.yml", []byte(e.config))
}

// do makes a request. No page may show a secret.
func (e *exporter) do(method, path string) (status int, header http.Header, body string) {
	e.t.Helper()
	req, err := http.NewRequestWithContext(e.t.Context(), method, e.web.URL+path, nil)
	if err != nil {
		e.t.Error(err)
		return 0, nil, ""
	}
	return e.send(req)
}

func (e *exporter) send(req *http.Request) (status int, header http.Header, body string) {
	e.t.Helper()
	resp, err := e.client.Do(req)
	if err != nil {
		e.t.Error(err)
		return 0, nil, ""
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		e.t.Error(err)
	}
	if strings.Contains(string(content), testSK) {
		e.t.Errorf("%s shows a secret:\n%s", req.URL, content)
	}
	return resp.StatusCode, resp.Header, string(content)
}

func TestRoutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const plain = "text/plain; charset=utf-8"
		tests := []struct {
			method, path string
			status       int
			contentType  string // beginning
			body         string // part
		}{
			{"GET", "/", 200, "text/html", `<a href="./metrics">Metrics</a>`},
			{"GET", "/", 200, "text/html", `<a href="./service-discovery">Service discovery</a>`},
			{"GET", "/", 200, "text/html", `<a href="./config">Configuration</a>`},
			{"GET", "/", 200, "text/html", "1.2.3"},
			{"GET", "/metrics", 200, "text/plain; version=0.0.4", "\nhuaweicloud_tag_resources{"},
			{"GET", "/metrics", 200, "text/plain; version=0.0.4", "\nhuaweicloud_tag_exporter_build_info{branch=\"\",build_date=\"\",goarch="},
			{"GET", "/metrics", 200, "text/plain; version=0.0.4", "\nhuaweicloud_tag_config_last_reload_successful 1\n"},
			{"GET", "/metrics", 200, "text/plain; version=0.0.4", "\nhuaweicloud_tag_config_last_reload_success_timestamp_seconds "},
			{"GET", "/metrics", 200, "text/plain; version=0.0.4", "\ngo_goroutines "},
			{"GET", "/metrics", 200, "text/plain; version=0.0.4", "\nprocess_open_fds "},
			{"GET", "/metrics?collect=obs", 400, plain, `unknown service "obs"`},
			{"HEAD", "/metrics", 200, "text/plain; version=0.0.4", ""},
			{"GET", "/-/healthy", 200, plain, "healthy"},
			{"HEAD", "/-/healthy", 200, plain, ""},
			{"HEAD", "/", 200, "text/html", ""},
			{"HEAD", "/status", 200, "text/html", ""},
			{"HEAD", "/service-discovery", 200, "application/json", ""},
			{"GET", "/metrics?collect=none", 200, "text/plain; version=0.0.4", "\ngo_goroutines "},
			{"GET", "/metrics?collect=none", 200, "text/plain; version=0.0.4", "\nhuaweicloud_tag_config_last_reload_successful 1\n"},
			{"POST", "/metrics", 405, plain, "GET"},
			{"POST", "/", 405, plain, "Method Not Allowed"},
			{"DELETE", "/config", 405, plain, "Method Not Allowed"},
			{"PUT", "/status", 405, plain, "Method Not Allowed"},
			{"OPTIONS", "/service-discovery", 405, plain, "Method Not Allowed"},
			{"POST", "/-/ready", 405, plain, "Method Not Allowed"},
			{"POST", "/nothing", 404, plain, "not found"},
			{"GET", "/-/ready", 200, plain, "ready"},
			{"GET", "/-/reload", 405, plain, "POST"},
			{"POST", "/-/reload", 403, plain, "--web.enable-lifecycle"},
			{"GET", "/config", 200, plain, "secret_key: <secret>"},
			{"GET", "/config", 200, plain, "access_key: " + testAK},
			{"GET", "/debug/pprof/", 404, plain, "not found"},
			{"GET", "/debug/pprof/cmdline", 404, plain, "not found"},
			{"GET", "/nothing", 404, plain, "not found"},
			{"GET", "/metrics/", 404, plain, "not found"},
			{"GET", "/config/x", 404, plain, "not found"},
		}
		e := start(t, Options{TelemetryPath: "/metrics"})
		for _, test := range tests {
			status, header, body := e.do(test.method, test.path)
			if status != test.status || !strings.HasPrefix(header.Get("Content-Type"), test.contentType) || !strings.Contains(body, test.body) {
				t.Errorf("%s %s: %d, %s, want %d, %s, %q in:\n%.2000s", test.method, test.path,
					status, header.Get("Content-Type"), test.status, test.contentType, test.body, body)
			}
		}
		for method, path := range map[string]string{"GET": "/-/reload", "POST": "/status", "PUT": "/metrics"} {
			want := "GET, HEAD"
			if path == "/-/reload" {
				want = "POST, PUT"
			}
			if _, header, _ := e.do(method, path); header.Get("Allow") != want {
				t.Errorf("%s %s: Allow: %q", method, path, header.Get("Allow"))
			}
		}
		// A narrowed scrape is about projects, not about this process.
		_, _, body := e.do("GET", "/metrics?project=shop")
		for _, name := range []string{"go_", "process_", "huaweicloud_tag_exporter_build_info", "huaweicloud_tag_config_"} {
			if strings.Contains(body, "\n"+name) {
				t.Errorf("%s is in a narrowed scrape", name)
			}
		}
	})
}

func TestPprof(t *testing.T) {
	e := start(t, Options{TelemetryPath: "/metrics", EnablePprof: true})
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/cmdline", "/debug/pprof/symbol"} {
		if status, _, _ := e.do("GET", path); status != http.StatusOK {
			t.Errorf("%s: %d", path, status)
		}
	}
}

// TestTelemetryPath: any path will do, also one that means something to a mux,
// but not another page's.
func TestTelemetryPath(t *testing.T) {
	for _, path := range []string{"/", "/probe", "/metrics/", "/a/../b", "/a/..", "/{project}", "/{", "/with space", "/-/metrics", "/指标"} {
		bubble(t, path, func(t *testing.T) {
			e := start(t, Options{TelemetryPath: path})
			status, _, body := e.do("GET", strings.ReplaceAll(path, " ", "%20")+"?project=shop")
			if status != 200 || !strings.Contains(body, "huaweicloud_tag_resources{") {
				t.Errorf("metrics: %d %.200s", status, body)
			}
			for other, want := range map[string]int{"/metrics": 404, "/nothing": 404, "/-/healthy": 200, "/config": 200} {
				if status, _, body := e.do("GET", other); status != want || strings.Contains(body, "huaweicloud_tag_resources{") {
					t.Errorf("%s: %d, want %d", other, status, want)
				}
			}
			if status, _, body := e.do("GET", "/"); status != 200 || path != "/" && !strings.Contains(body, "Service discovery") {
				t.Errorf("/: %d %.200s", status, body)
			}
		})
	}
	for _, path := range []string{"/config", "/-/healthy", "/-/ready", "/-/reload", "/service-discovery", "/debug/pprof/", "/debug/pprof/heap"} {
		e := start(t, Options{TelemetryPath: "/metrics", EnablePprof: true})
		e.server.options.TelemetryPath = path
		if _, err := e.server.Routes(); err == nil || !strings.Contains(err.Error(), "--web.telemetry-path: "+path) {
			t.Errorf("%s: error %v", path, err)
		}
	}
}
