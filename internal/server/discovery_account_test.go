package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// company makes the configuration one of a project of no account and of an account, which
// has two projects, a server and a bucket.
func (e *exporter) company(more string) {
	e.t.Helper()
	e.cloud.SetAccount(simulator.Account{ID: "acme-id", Name: "acme", Resources: []simulator.AccountResource{
		{ID: "s1", Name: "web", Provider: "ecs", Type: "cloudServers", Region: "cn-north-4", Project: "a1", ProjectName: "cn-north-4", Tags: []simulator.Tag{simulator.T("env", "prod")}},
		{ID: "b1", Name: "logs", Provider: "obs", Type: "buckets", Tags: []simulator.Tag{simulator.T("env", "prod")}},
	}})
	e.cloud.AddAccessKey(simulator.AccessKey{AK: testAK + "ACME", SK: testSK, Account: "acme-id"})
	for id, name := range map[string]string{"a1": "cn-north-4", "a2": "cn-north-4_team"} {
		e.cloud.SetProject(simulator.Project{ID: id, Name: name, Region: "cn-north-4", Account: "acme-id", Instances: []simulator.Instance{{ID: simulator.InstanceID(1)}}})
	}
	e.mu.Lock()
	e.config = fmt.Sprintf(`
credentials:
  default: {access_key: %s, secret_key: %s}
  acme: {access_key: %[1]sACME, secret_key: %[2]s}
projects: [{name: cn-north-4, region: cn-north-4, project_id: p1, endpoints: {dds: %[3]q}, services: {dds: {}}}]
accounts:
  - name: acme
    domain_id: acme-id
    credentials: acme
    endpoints: {iam: %[3]q, config: %[3]q}
    config: {}
    discover: {services: [dds], endpoints: {dds: %[3]q}}
%[4]s`, testAK, testSK, e.api.URL, more)
	e.mu.Unlock()
	if err := e.server.Reload(); err != nil {
		e.t.Fatal(err)
	}
}

// TestDiscoveredAccounts: where there are accounts, each target names its own, and it is
// the only one of that instance and the only one to have its series.
func TestDiscoveredAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, Options{TelemetryPath: "/metrics"})
		e.company("")
		_, _, body := e.do(http.MethodGet, "/service-discovery")
		var groups []targetGroup
		if err := json.Unmarshal([]byte(body), &groups); err != nil {
			t.Fatal(err)
		}
		want := []string{
			`acme/cn-north-4/dds?account=acme&collect=dds&project=cn-north-4`,
			`acme/cn-north-4_team/dds?account=acme&collect=dds&project=cn-north-4_team`,
			`acme/config?account=acme&collect=config`,
			`acme/iam?account=acme&collect=iam`,
			`cn-north-4/dds?account=&collect=dds&project=cn-north-4`,
			`exporter?collect=none`,
		}
		var got []string
		owners := make(map[string]string) // of series
		for _, g := range groups {
			query := make(url.Values)
			for name, value := range g.Labels {
				if param, is := strings.CutPrefix(name, "__param_"); is {
					query.Set(param, value)
				}
			}
			got = append(got, g.Labels["instance"]+"?"+query.Encode())
			status, _, metrics := e.do(http.MethodGet, "/metrics?"+query.Encode())
			if status != http.StatusOK || !strings.Contains(metrics, "huaweicloud_tag_") {
				t.Errorf("%s: %d %s", query.Encode(), status, metrics)
			}
			for line := range strings.Lines(metrics) {
				series, _, _ := strings.Cut(line, "} ")
				if other := owners[series]; strings.HasPrefix(series, "huaweicloud_tag_resources{") && other != "" {
					t.Errorf("%s and %s both have %s", other, g.Labels["instance"], series)
				}
				owners[series] = g.Labels["instance"]
			}
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// TestDiscoveryWaits: IAM gets five seconds, then the last answer is given.
func TestDiscoveryWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, Options{TelemetryPath: "/metrics"})
		e.company("")
		remove := e.cloud.Inject(simulator.Fault{Operation: simulator.OpListAuthProjects, Latency: 7 * time.Second})
		for _, step := range []struct {
			change  func()
			targets int
			waits   bool
		}{
			{func() {}, 4, true},
			{func() { remove() }, 6, false},
			{func() {
				time.Sleep(10 * time.Minute)
				remove = e.cloud.Inject(simulator.Fault{Operation: simulator.OpListAuthProjects, Latency: 7 * time.Second})
			}, 6, true},
		} {
			step.change()
			begun := time.Now()
			_, _, body := e.do(http.MethodGet, "/service-discovery")
			took := time.Since(begun)
			if n := strings.Count(body, `"targets"`); n != step.targets || took > 5*time.Second || (took > time.Second) != step.waits {
				t.Errorf("%d targets after %s, want %d (waits: %t)", n, took, step.targets, step.waits)
			}
		}
	})
}
