package collector

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"huaweicloud_tag_exporter/internal/simulator"
)

func TestTimeout(t *testing.T) {
	tests := []struct {
		header string
		want   time.Duration
	}{
		{"", 30 * time.Second}, // nothing is taken off
		{"10", 9500 * time.Millisecond},
		{"10.0", 9500 * time.Millisecond},
		{"1e1", 9500 * time.Millisecond},
		{"1", 500 * time.Millisecond},
		{"0.8", 400 * time.Millisecond},
		{"0.001", 500 * time.Microsecond},
		{"3600", time.Hour - 500*time.Millisecond},
		{"0", 30 * time.Second},
		{"-1", 30 * time.Second},
		{"NaN", 30 * time.Second},
		{"Inf", 30 * time.Second},
		{"-Inf", 30 * time.Second},
		{"1e300", 30 * time.Second},
		{"1e999", 30 * time.Second},
		{"10s", 30 * time.Second},
		{" 10", 30 * time.Second},
		{"ten", 30 * time.Second},
	}
	h := &Handler{TimeoutOffset: 500 * time.Millisecond, DefaultTimeout: 30 * time.Second}
	for _, test := range tests {
		got, given := h.timeout(test.header)
		if got != test.want || given != (test.want != h.DefaultTimeout) {
			t.Errorf("%q: %s, by the scraper: %t, want %s", test.header, got, given, test.want)
		}
	}
	h.TimeoutOffset = -time.Hour
	if got, _ := h.timeout("10"); got != 10*time.Second {
		t.Errorf("with a negative offset: %s, want the scraper's own time", got)
	}
}

// TestAnswerInTime: whatever hangs, the answer is there when the scraper's time less
// the offset is up, and hardly before: attempts use the time. Nothing goes on
// afterwards.
func TestAnswerInTime(t *testing.T) {
	const services = "{dds: {}, modelarts: {}, fabric: {selectors: [{key: env, values: [prod]}]}}"
	for _, test := range []struct {
		name   string
		header []string
		stall  simulator.Break
		limit  time.Duration
	}{
		{"hanging", []string{within(10 * time.Second)}, simulator.Hang, 9500 * time.Millisecond},
		{"half an answer", []string{within(10 * time.Second)}, simulator.Stall, 9500 * time.Millisecond},
		{"little time", []string{within(800 * time.Millisecond)}, simulator.Hang, 400 * time.Millisecond},
		{"by default", nil, simulator.Hang, 30 * time.Second},
	} {
		bubble(t, test.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(1)}, services)
			w.configure(w.patient(services))
			w.handler.TimeoutOffset, w.handler.DefaultTimeout = 500*time.Millisecond, 30*time.Second
			w.cloud.Inject(simulator.Fault{Break: test.stall})
			begun := time.Now()
			got := w.get(t.Context(), "", test.header...)
			if took := time.Since(begun); took > test.limit || took < test.limit*9/10 {
				t.Errorf("the answer took %s of %s", took, test.limit)
			}
			got.lines(t).want(t, "collector_success|"+inventoryMetrics, `
				collector_success{cloud_service="dds"} 0
				collector_success{cloud_service="fabric"} 0
				collector_success{cloud_service="modelarts"} 0
			`)
			synctest.Wait()
			if n := w.cloud.InFlight(""); n != 0 {
				t.Errorf("%d requests are in flight", n)
			}
		})
	}
}

// TestTimeAfterNothing: a scrape that has nothing to read, of a service that the project
// does not have, takes no time off those that come after it.
func TestTimeAfterNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const services = "{dds: {}}"
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(1)}, services)
		w.configure(w.patient(services))
		w.handler.TimeoutOffset = 500 * time.Millisecond
		w.get(t.Context(), "project=shop&collect=fabric", within(10*time.Second)).lines(t).want(t, "collector_success", "")
		w.cloud.Inject(simulator.Fault{Break: simulator.Hang})
		begun := time.Now()
		w.get(t.Context(), "", within(10*time.Second))
		if took := time.Since(begun); took <= 5*time.Second { // at most half is ever taken off
			t.Errorf("the next one gave up after %s of 10 s", took)
		}
	})
}

// both returns a configuration of two projects, which differ in name, ID and
// credentials.
func (w *world) both(name, credentials, services string) string {
	other := "6a4d9a7e21d84b60a1c2d3e4f5061729"
	w.cloud.SetProject(simulator.Project{
		ID: other, Region: "eu-west-101", Instances: fleet(3),
		Workspaces: []simulator.Workspace{{ID: "w-1", Tags: []simulator.Tag{simulator.T("env", "prod")}}},
		PoolTags:   []simulator.PoolTag{{Key: "env", Values: []string{"prod"}}},
	})
	w.cloud.AddUser(simulator.User{Domain: "sim", Name: "exporter", Password: testPassword})
	second := fmt.Sprintf(`
  - name: %q
    region: eu-west-101
    project_id: %s
    credentials: second
    endpoints: {dds: %[3]s, modelarts: %[3]s, fabric: %[3]s}
    services: %[4]s
`, name, other, w.api.URL, services)
	return strings.Replace(w.config(services, second), "credentials: {default:", "credentials: {second: "+credentials+", default:", 1)
}

func (w *world) password() string {
	return fmt.Sprintf("{domain_name: sim, username: exporter, password: %s, iam_endpoint: %q}", testPassword, w.api.URL)
}

// TestProcessSeries: what is about the exporter itself, not about a project, is
// in a whole scrape only.
func TestProcessSeries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{}, "{dds: {}}")
		w.handler.Process = []prometheus.Collector{prometheus.NewGauge(prometheus.GaugeOpts{Name: "process_ok", Help: "About the exporter itself."})}
		tests := []struct {
			query string
			names string // in the answer
		}{
			{"", "process_ok huaweicloud_tag_collector_success"},
			{"project=shop", "huaweicloud_tag_collector_success"},
			{"collect[]=dds", "huaweicloud_tag_collector_success"},
			{"name[]=process_ok", "process_ok"},
			{"name[]=process_ok&name[]=huaweicloud_tag_collector_success", "process_ok huaweicloud_tag_collector_success"},
			{"name[]=process_ok&collect=dds", ""},
		}
		for _, test := range tests {
			lines := strings.Join(w.scrape(test.query), "\n")
			for _, name := range []string{"process_ok", "huaweicloud_tag_collector_success"} {
				if got, want := strings.Contains(lines, name), strings.Contains(test.names, name); got != want {
					t.Errorf("%q: %s is there: %t, want %t", test.query, name, got, want)
				}
			}
			if filtered := strings.Contains(test.query, "name[]"); filtered == strings.Contains(lines, "huaweicloud_tag_resources") {
				t.Errorf("%q: other series are there: %t", test.query, filtered)
			}
		}
	})
}

// TestMethods: only GET reads the cloud.
func TestMethods(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(1)}, "{dds: {}}")
		for _, test := range []struct {
			method, query string
			status        int
			read          bool
		}{
			{"GET", "", 200, true},
			{"HEAD", "", 200, false},
			{"HEAD", "?project=nobody", 400, false},
			{"POST", "", 405, false},
			{"PUT", "", 405, false},
			{"DELETE", "", 405, false},
			{"OPTIONS", "", 405, false},
			{"PROPFIND", "?project=nobody", 405, false},
		} {
			calls := w.cloud.Calls("")
			req, err := http.NewRequestWithContext(t.Context(), test.method, w.web.URL+"/metrics"+test.query, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := w.client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || resp.StatusCode != test.status || (w.cloud.Calls("") > calls) != test.read {
				t.Errorf("%s %s: status %d, %d requests, %v", test.method, test.query, resp.StatusCode, w.cloud.Calls("")-calls, err)
			}
			if got := resp.Header.Get("Allow"); (got == "GET, HEAD") != (test.status == 405) {
				t.Errorf("%s: Allow: %q", test.method, got)
			}
			if test.status == 200 && !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain; version=0.0.4") {
				t.Errorf("%s: %s", test.method, resp.Header.Get("Content-Type"))
			}
			if test.method == "HEAD" && (len(body) > 0 || resp.Header.Get("Content-Length") == "0") {
				t.Errorf("HEAD: %d bytes, Content-Length %q", len(body), resp.Header.Get("Content-Length"))
			}
		}
	})
}

// TestTwoOfOneName: a mistake of ours is logged, and takes no other series with it.
func TestTwoOfOneName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{}, "{dds: {}}")
		gauge := func() prometheus.Collector {
			return prometheus.NewGauge(prometheus.GaugeOpts{Name: "twice", Help: "Two of them."})
		}
		w.handler.Process = []prometheus.Collector{gauge(), gauge()}
		got := w.scrape("")
		got.want(t, "collector_success", `collector_success{cloud_service="dds"} 1`)
		if !slices.Contains(got, "twice 0") || !strings.Contains(w.log.String(), `level=error msg="registering metrics failed" err=`) {
			t.Errorf("logged:\n%s", w.log)
		}
	})
}

// TestProjectNamesAreEscaped: a project may have any name.
func TestProjectNamesAreEscaped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const name = `商店 "a\b"{},=#` + "\t"
		w := newWorld(t, simulator.Options{}, simulator.Project{}, "{dds: {}}")
		w.configure(w.both(name, w.password(), "{dds: {}}"))
		series := `huaweicloud_tag_resources{cloud_service="dds",project="商店 \"a\\b\"{},=#` + "\t" + `",region="eu-west-101",resource_type="instance"} 3`
		if got := w.scrape("project=" + url.QueryEscape(name)); !slices.Contains(got, series) {
			t.Errorf("no %s in:\n%s", series, strings.Join(got, "\n"))
		}
	})
}
