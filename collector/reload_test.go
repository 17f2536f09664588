package collector

import (
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/simulator"
)

const requests = "api_requests_total|api_request_duration_seconds_count|api_errors_total"

// TestReloadKeeps: counters go on from where they were, and tags that are
// young enough are not read again, unless the reload changes what they are.
func TestReloadKeeps(t *testing.T) {
	const services = "{dds: {renew_after: 5m}}"
	const otherProject = "6a4d9a7e21d84b60a1c2d3e4f5061729"
	elsewhere := func(w *world) *httptest.Server {
		server := w.serve(w.cloud)
		w.t.Cleanup(server.Close)
		return server
	}
	for _, test := range []struct {
		name     string
		config   func(w *world) string // after the reload
		tagReads string                // after one scrape before and one after the reload
	}{
		{"nothing changed", func(w *world) string { return w.config(services, "") }, "2"},
		{"series changed, tags did not", func(w *world) string {
			return w.config(services, "tags: {include_keys: 'e.*', max_values_per_key: 1}")
		}, "2"},
		{"other keys are tags", func(w *world) string { return w.config(services, "tags: {exclude_keys: 'env'}") }, "4"},
		{"other ages and limits", func(w *world) string {
			return w.config("{dds: {renew_after: 4m, max_retries: 7, requests_per_second: 20}}", "")
		}, "2"},
		{"younger than they are", func(w *world) string { return w.config("{dds: {max_tag_age: 0s}}", "") }, "4"},
		{"another cloud", func(w *world) string {
			return strings.Replace(w.config(services, ""), "dds: "+w.api.URL, "dds: "+elsewhere(w).URL, 1)
		}, "4"},
		{"another project", func(w *world) string {
			w.cloud.SetProject(simulator.Project{ID: otherProject, Region: "cn-north-4", Instances: fleet(2)})
			return strings.Replace(w.config(services, ""), testProject, otherProject, 1)
		}, "4"},
	} {
		bubble(t, test.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(2)}, services)
			w.scrape("")
			time.Sleep(time.Second)
			w.configure(test.config(w))
			w.scrape("").want(t, requests, `
				api_requests_total{cloud_service="dds",code="200",operation="ListInstances"} 2
				api_requests_total{cloud_service="dds",code="200",operation="ListInstanceTags"} `+test.tagReads+`
				api_request_duration_seconds_count{cloud_service="dds",operation="ListInstances"} 2
				api_request_duration_seconds_count{cloud_service="dds",operation="ListInstanceTags"} `+test.tagReads+`
			`)
		})
	}
}

// TestReloadExcludes: tags that were stored under the old expression do not
// come back under the new one, in either direction.
func TestReloadExcludes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const services = "{dds: {renew_after: 5m}}"
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(2)}, services)
		tagged := `tagged_resources{cloud_service="dds",key="env",value="prod"} 1`
		w.scrape("").want(t, "untagged_resources|tagged_resources", `untagged_resources{cloud_service="dds"} 1`+"\n"+tagged)
		w.configure(w.config(services, "tags: {exclude_keys: env}"))
		w.scrape("").want(t, "untagged_resources|tagged_resources", `untagged_resources{cloud_service="dds"} 2`)
		w.configure(w.config(services, ""))
		w.scrape("").want(t, "untagged_resources|tagged_resources", `untagged_resources{cloud_service="dds"} 1`+"\n"+tagged)
	})
}

// TestReloadRemoves: a project that is configured no longer takes its series
// along; one that comes back begins anew.
func TestReloadRemoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(2)}, "{dds: {}}")
		alone := w.config("{dds: {}}", "")
		both := w.both("bank", w.password(), "{dds: {}}")
		for _, step := range []struct {
			config string
			bank   bool
		}{{both, true}, {alone, false}, {both, true}} {
			w.configure(step.config)
			lines := strings.Join(w.scrape(""), "\n")
			if got := strings.Contains(lines, `"bank"`); got != step.bank {
				t.Errorf("series of bank: %t, want %t", got, step.bank)
			}
			once := `huaweicloud_tag_api_requests_total{cloud_service="dds",code="200",operation="ListInstances",project="bank",region="eu-west-101"} 1`
			if step.bank && !strings.Contains(lines, once) {
				t.Errorf("no %s", once)
			}
		}
		w.scrape("project=shop").want(t, requests, `
			api_requests_total{cloud_service="dds",code="200",operation="ListInstances"} 4
			api_requests_total{cloud_service="dds",code="200",operation="ListInstanceTags"} 8
			api_request_duration_seconds_count{cloud_service="dds",operation="ListInstances"} 4
			api_request_duration_seconds_count{cloud_service="dds",operation="ListInstanceTags"} 8
		`)
	})
}

// TestReloadDuringScrape: a scrape ends on the configuration it began with, and
// its attempts are counted in the series that go on.
func TestReloadDuringScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(2)}, "{dds: {}}")
		old := w.patient("{dds: {}}")
		w.configure(old)
		release := w.hold("ListInstances", 1)
		scrape := w.begin(t.Context(), "")
		synctest.Wait()
		w.configure(strings.Replace(old, "name: shop", "name: store", 1))
		w.configure(strings.Replace(old, "dds: {}}", "dds: {tags_from: instance_list}}", 1))
		release()
		(<-scrape).lines(t).want(t, "resources|collector_success|api_requests_total", `
			resources{cloud_service="dds"} 2
			collector_success{cloud_service="dds"} 1
			api_requests_total{cloud_service="dds",code="200",operation="ListInstances"} 1
			api_requests_total{cloud_service="dds",code="200",operation="ListInstanceTags"} 2
		`)
	})
}

// TestReloadKeepsPace: the burst that was used up before a reload is not there
// again after it.
func TestReloadKeepsPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{}, "{dds: {}}")
		slow := strings.Replace(w.config("{dds: {}}", ""), "requests_per_second: 0", "requests_per_second: 0.01", 1) // burst 1
		w.configure(slow)
		for _, want := range []string{"1", "0", "0"} {
			w.scrape("").want(t, "collector_success", `collector_success{cloud_service="dds"} `+want)
			w.configure(slow)
		}
		if calls := w.cloud.Calls(""); calls != 1 {
			t.Errorf("%d requests, want 1", calls)
		}
		faster := strings.Replace(slow, "0.01", "1000", 1)
		w.configure(faster)
		w.scrape("").want(t, "collector_success", `collector_success{cloud_service="dds"} 1`)
	})
}

// TestReloadClosesBreaker: after a refusal nothing is sent, until a reload says
// that somebody has looked into it.
func TestReloadClosesBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{}, "{dds: {}}")
		w.expectRefusals = true
		w.cloud.AddAccessKey(simulator.AccessKey{AK: testAK, SK: "another"})
		w.scrape("")
		w.cloud.AddAccessKey(simulator.AccessKey{AK: testAK, SK: testSK})
		refused := w.cloud.Calls("")
		// What is not sent has taken no time.
		w.scrape("").want(t, "collector_success|api_request_duration_seconds_count", fmt.Sprintf(`
			collector_success{cloud_service="dds"} 0
			api_request_duration_seconds_count{cloud_service="dds",operation="ListInstances"} %d
			api_request_duration_seconds_count{cloud_service="dds",operation="ListInstanceTags"} 0
		`, refused))
		if calls := w.cloud.Calls(""); calls != refused {
			t.Errorf("%d requests were sent while paused", calls-refused)
		}
		w.configure(w.config("{dds: {}}", ""))
		w.scrape("").want(t, "collector_success", `collector_success{cloud_service="dds"} 1`)
	})
}

// TestReloadsDoNotLock: more than five refusals in a row would lock the access key
// for everybody, however often somebody tries another wrong secret.
func TestReloadsDoNotLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(2)}, "{dds: {}, fabric: {}, modelarts: {}}")
		w.expectRefusals = true
		for n := range 9 {
			w.configure(strings.ReplaceAll(w.config("{dds: {}, fabric: {}, modelarts: {}}", ""), testSK, fmt.Sprint("wrong-", n)))
			w.scrape("")
			time.Sleep(time.Minute)
		}
		if n := w.cloud.AuthFailures(testAK); n != 5 || w.cloud.Locked(testAK) {
			t.Errorf("%d failed authentications in a row, locked: %t", n, w.cloud.Locked(testAK))
		}
		w.configure(w.config("{dds: {}, fabric: {}, modelarts: {}}", ""))
		time.Sleep(time.Minute) // the first of them is ten minutes old
		w.wantTruth(w.scrape(""), "dds", "fabric", "modelarts")
	})
}

// TestFailedReload: a configuration that cannot be used after all leaves the running
// one as it is, and nothing behind when that ends.
func TestFailedReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(2)}, "{dds: {}}")
		var open atomic.Int32
		options := Options{Logger: log.NewNopLogger(), Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := w.network.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			open.Add(1)
			return &countedConn{Conn: c, open: &open}, nil
		}}
		elsewhere := strings.Replace(w.config("{dds: {}, fabric: {}}", ""), "fabric: "+w.api.URL, "fabric: http://127.0.0.1:1", 1)
		c, err := config.Parse("test.yml", []byte(elsewhere))
		if err != nil {
			t.Fatal(err)
		}
		running, err := New(c, options, nil)
		if err != nil {
			t.Fatal(err)
		}
		running.Scrape(t.Context(), Selection{})
		c.Projects[0].Services[1].Endpoint = "no endpoint"
		if _, err := New(c, options, running); err == nil {
			t.Error("no error")
		}
		running.Scrape(t.Context(), Selection{})
		if open.Load() == 0 {
			t.Error("no connection is kept")
		}
		running.Close()
		synctest.Wait()
		if n := open.Load(); n != 0 {
			t.Errorf("%d connections are open after the end", n)
		}
	})
}

type countedConn struct {
	net.Conn
	open *atomic.Int32
	once sync.Once
}

// Close implements net.Conn.
func (c *countedConn) Close() error {
	c.once.Do(func() { c.open.Add(-1) })
	return c.Conn.Close()
}

// TestUnknownService: a collector that could not read all is none.
func TestUnknownService(t *testing.T) {
	c := &config.Config{Projects: []config.Project{{
		ProjectConfig: huaweicloud.ProjectConfig{Name: "shop", Region: "cn-north-4", ID: testProject},
		Services:      []config.Service{{ServiceConfig: huaweicloud.ServiceConfig{Name: "obs"}}},
	}}}
	got, err := New(c, Options{Logger: log.NewNopLogger()}, nil)
	if want := "project shop, service obs: no such service"; got != nil || err == nil || err.Error() != want {
		t.Errorf("%v, error %v, want %s", got, err, want)
	}
}
