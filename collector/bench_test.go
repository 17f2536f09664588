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

// benchCloud has n instances and n workspaces with three tags each.
func benchCloud(b *testing.B, n int, latency time.Duration) (*simulator.Cloud, string) {
	b.Helper()
	cloud := simulator.New(simulator.Options{})
	cloud.AddAccessKey(simulator.AccessKey{AK: testAK, SK: testSK})
	project := simulator.Project{ID: testProject, Region: "cn-north-4"}
	for i := range n {
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

// benchScrape returns a function that scrapes, and fails unless it got all n.
func benchScrape(b *testing.B, n int, url, credential, services, limits string) func() {
	b.Helper()
	c, err := config.Parse("bench.yml", fmt.Appendf(nil, `
credentials: {default: {%s}}
projects:
  - {name: shop, region: cn-north-4, project_id: %s, endpoints: {dds: %q, fabric: %[3]q}, services: %[4]s}
defaults: {%s}
`, credential, testProject, url, services, limits))
	if err != nil {
		b.Fatal(err)
	}
	collector, err := New(c, Options{UserAgent: "bench/1", Logger: log.NewNopLogger()}, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(collector.Close)
	handler := &Handler{Current: func() *Collector { return collector }, DefaultTimeout: time.Minute, Logger: log.NewNopLogger()}
	return func() {
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		if body := rec.Body.String(); !strings.Contains(body, "\nhuaweicloud_tag_resources{") || !strings.Contains(body, fmt.Sprintf("} %d\n", n)) {
			b.Fatal("not all resources were read")
		}
	}
}

func useKeys() string { return fmt.Sprintf("access_key: %s, secret_key: %s", testAK, testSK) }

func useToken(cloud *simulator.Cloud) string {
	return "token: " + cloud.IssueToken(testProject, 24*time.Hour)
}

// callCost is what one API call took of this process, in which the cloud runs too.
type callCost struct{ ns, bytes, allocs float64 }

// perCall runs f b.N times and returns the calls of one run and what each cost.
func perCall(b *testing.B, cloud *simulator.Cloud, f func()) (calls float64, each callCost) {
	b.Helper()
	f() // connections are there already, as they are from the second scrape on
	cloud.ResetStats()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		f()
	}
	runtime.ReadMemStats(&after)
	all := float64(cloud.Calls(""))
	if refusals := cloud.Refusals(); len(refusals) > 0 {
		b.Errorf("the cloud refused requests, the first: %s", refusals[0])
	}
	return all / float64(b.N), callCost{
		ns:     float64(b.Elapsed().Nanoseconds()) / all,
		bytes:  float64(after.TotalAlloc-before.TotalAlloc) / all,
		allocs: float64(after.Mallocs-before.Mallocs) / all,
	}
}

// BenchmarkLatencyBound is one whole scrape, from the request to the exposition,
// where the cloud takes 50 ms for each answer. The limit is one latency for the
// first page and one for each round of calls behind it, whole or not.
func BenchmarkLatencyBound(b *testing.B) {
	const latency = 50 * time.Millisecond
	for _, test := range []struct {
		name, services         string
		resources, concurrency int
	}{
		{"dds", "{dds: {}}", 1000, 32},
		{"dds/instance_list", "{dds: {tags_from: instance_list}}", 10_000, 16},
		{"fabric", "{fabric: {}}", 10_000, 16},
	} {
		b.Run(fmt.Sprintf("%s/resources=%d/concurrency=%d", test.name, test.resources, test.concurrency), func(b *testing.B) {
			cloud, url := benchCloud(b, test.resources, latency)
			calls, _ := perCall(b, cloud, benchScrape(b, test.resources, url, useKeys(), test.services,
				fmt.Sprintf("requests_per_second: 0, max_concurrency: %d", test.concurrency)))
			reportBound(b, calls, latency.Seconds()*(1+calls/float64(test.concurrency)))
		})
	}
}

// BenchmarkRateBound is the same under a rate limit. The limit is the calls
// divided by the rate.
func BenchmarkRateBound(b *testing.B) {
	const rate = 50
	cloud, url := benchCloud(b, 200, 20*time.Millisecond)
	calls, _ := perCall(b, cloud, benchScrape(b, 200, url, useKeys(), "{dds: {}}", fmt.Sprintf("requests_per_second: %d", rate)))
	reportBound(b, calls, calls/rate)
}

func reportBound(b *testing.B, calls, limit float64) {
	b.Helper()
	took := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(calls, "calls")
	b.ReportMetric(took, "s")
	b.ReportMetric(took/limit, "x-limit")
}

// BenchmarkCall is what each call of a scrape of 1,000 instances costs where the
// cloud answers at once: by net/http and encoding/json alone, with a token, and
// signed by an access key.
func BenchmarkCall(b *testing.B) {
	const n, concurrency = 1000, 32
	limits := fmt.Sprintf("requests_per_second: 0, max_concurrency: %d", concurrency)
	cloud, url := benchCloud(b, n, 0)
	var bare callCost
	for _, client := range []struct {
		name   string
		scrape func(*testing.B) func()
	}{
		{"floor", func(b *testing.B) func() {
			return floor(b, n, concurrency, url, cloud.IssueToken(testProject, 24*time.Hour))
		}},
		{"token", func(b *testing.B) func() { return benchScrape(b, n, url, useToken(cloud), "{dds: {}}", limits) }},
		{"signed", func(b *testing.B) func() { return benchScrape(b, n, url, useKeys(), "{dds: {}}", limits) }},
	} {
		b.Run(client.name, func(b *testing.B) {
			_, each := perCall(b, cloud, client.scrape(b))
			b.ReportMetric(each.ns/1000, "us/call")
			b.ReportMetric(each.allocs, "allocs/call")
			b.ReportMetric(each.bytes, "B/call")
			if client.name == "floor" {
				bare = each
			} else if bare != (callCost{}) {
				b.ReportMetric(each.ns/bare.ns, "x-floor-time")
				b.ReportMetric(each.allocs/bare.allocs, "x-floor-allocs")
				b.ReportMetric(each.bytes/bare.bytes, "x-floor-B")
			}
		})
	}
}

// floor returns a function that makes the calls of a DDS scrape and decodes the
// answers, and no more.
func floor(b *testing.B, n, concurrency int, url, token string) func() {
	b.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: concurrency}
	b.Cleanup(transport.CloseIdleConnections)
	url += "/v3/" + testProject + "/instances"
	return func() {
		ids := make(chan string, n)
		var readers sync.WaitGroup
		for range concurrency {
			readers.Go(func() {
				for id := range ids {
					var answer struct{ Tags []struct{ Key, Value string } }
					if err := get(transport, url+"/"+id+"/tags", token, &answer); err != nil || len(answer.Tags) != 3 {
						b.Error(err, len(answer.Tags))
					}
				}
			})
		}
		for offset := 0; offset < n; offset += 100 {
			var page struct{ Instances []struct{ ID, Name string } }
			if err := get(transport, fmt.Sprintf("%s?limit=100&offset=%d", url, offset), token, &page); err != nil {
				b.Error(err)
			}
			for _, i := range page.Instances {
				ids <- i.ID
			}
		}
		close(ids)
		readers.Wait()
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
