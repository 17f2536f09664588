package collector

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/simulator"
)

const (
	benchResources   = 1000
	benchConcurrency = 32
)

// benchCloud has 1,000 instances and 1,000 workspaces with three tags each.
func benchCloud(b *testing.B, latency time.Duration) (*simulator.Cloud, string) {
	b.Helper()
	cloud := simulator.New(simulator.Options{})
	cloud.AddAccessKey(simulator.AccessKey{AK: testAK, SK: testSK})
	project := simulator.Project{ID: testProject, Region: "cn-north-4"}
	for i := range benchResources {
		tags := []simulator.Tag{
			simulator.T("env", []string{"prod", "dev"}[i%2]), simulator.T("owner", fmt.Sprint("team-", i%20)), simulator.T("cost-center", fmt.Sprint(i%7)),
		}
		project.Instances = append(project.Instances, simulator.Instance{ID: simulator.InstanceID(i), Name: fmt.Sprint("db-", i), Tags: tags})
		project.Workspaces = append(project.Workspaces, simulator.Workspace{ID: fmt.Sprint("w-", i), Name: fmt.Sprint("lake-", i), Tags: tags})
	}
	cloud.SetProject(project)
	if latency > 0 {
		cloud.Inject(simulator.Fault{Latency: latency})
	}
	url, stop, err := cloud.Listen("127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(stop)
	return cloud, url
}

// perCall runs scrape b.N times and reports what one API call cost. The cloud
// runs in this process, so that the bytes and allocations are those of both
// sides; BenchmarkFloor says what of that is not ours.
func perCall(b *testing.B, cloud *simulator.Cloud, latency time.Duration, scrape func()) {
	b.Helper()
	scrape() // connections are there already, as they are from the second scrape on
	cloud.ResetStats()
	b.ReportAllocs()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		scrape()
	}
	runtime.ReadMemStats(&after)
	calls := float64(cloud.Calls(""))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/calls, "ns/call")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/calls, "B/call")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/calls, "allocs/call")
	b.ReportMetric(calls/float64(b.N), "calls/op")
	if latency > 0 {
		floor := calls / benchConcurrency * latency.Seconds()
		b.ReportMetric(b.Elapsed().Seconds()/floor, "x-floor")
	}
	if refusals := cloud.Refusals(); len(refusals) > 0 {
		b.Errorf("the cloud refused requests, the first: %s", refusals[0])
	}
}

// BenchmarkScrape is one whole scrape, from the request to the exposition.
func BenchmarkScrape(b *testing.B) {
	for _, service := range []string{"dds", "fabric"} {
		for _, latency := range []time.Duration{0, 50 * time.Millisecond} {
			b.Run(fmt.Sprintf("service=%s/latency=%s", service, latency), func(b *testing.B) {
				cloud, url := benchCloud(b, latency)
				c, err := config.Parse("bench.yml", fmt.Appendf(nil, `
credentials: {default: {token: %s}}
projects:
  - {name: shop, region: cn-north-4, project_id: %s, endpoints: {%s: %q}, services: {%[3]s: {}}}
defaults: {requests_per_second: 0, max_concurrency: %[5]d}
`, cloud.IssueToken(testProject, time.Hour), testProject, service, url, benchConcurrency))
				if err != nil {
					b.Fatal(err)
				}
				collector, err := New(c, "bench/1", log.NewNopLogger(), nil)
				if err != nil {
					b.Fatal(err)
				}
				defer collector.Close()
				handler := &Handler{Current: func() *Collector { return collector }, DefaultTimeout: time.Minute, Logger: log.NewNopLogger()}
				want := fmt.Sprintf(`huaweicloud_tag_resources{cloud_service=%q,project="shop",`, service)
				perCall(b, cloud, latency, func() {
					rec := httptest.NewRecorder()
					handler.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
					if body := rec.Body.String(); !strings.Contains(body, want) || !strings.Contains(body, fmt.Sprintf("} %d\n", benchResources)) {
						b.Fatal("not all resources were read")
					}
				})
			})
		}
	}
}

// BenchmarkFloor makes the calls of the DDS scrape with net/http and
// encoding/json alone: what BenchmarkScrape costs beyond it is ours.
func BenchmarkFloor(b *testing.B) {
	for _, latency := range []time.Duration{0, 50 * time.Millisecond} {
		b.Run(fmt.Sprintf("latency=%s", latency), func(b *testing.B) {
			cloud, url := benchCloud(b, latency)
			token := cloud.IssueToken(testProject, time.Hour)
			transport := &http.Transport{MaxIdleConnsPerHost: benchConcurrency}
			defer transport.CloseIdleConnections()
			perCall(b, cloud, latency, func() {
				ids := make(chan string, benchResources)
				var readers sync.WaitGroup
				for range benchConcurrency {
					readers.Go(func() {
						for id := range ids {
							var answer struct{ Tags []struct{ Key, Value string } }
							if err := get(transport, url+"/v3/"+testProject+"/instances/"+id+"/tags", token, &answer); err != nil || len(answer.Tags) != 3 {
								b.Error(err, len(answer.Tags))
							}
						}
					})
				}
				for offset := 0; offset < benchResources; offset += 100 {
					var page struct{ Instances []struct{ ID, Name string } }
					if err := get(transport, fmt.Sprint(url, "/v3/", testProject, "/instances?limit=100&offset=", offset), token, &page); err != nil {
						b.Error(err)
					}
					for _, i := range page.Instances {
						ids <- i.ID
					}
				}
				close(ids)
				readers.Wait()
			})
		})
	}
}

func get(transport *http.Transport, url, token string, answer any) error {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("X-Auth-Token", token)
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(answer)
}
