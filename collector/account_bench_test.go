package collector

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/simulator"
)

// benchCompany is an account of n resources of 40 types in 6 regions, with so many tags
// each, of which some break a rule.
func benchCompany(n, tags int) simulator.Account {
	const types, regions = 40, 6
	a := simulator.Account{ID: acme, Name: "acme"}
	for i := range n {
		kind, region := i%types, i/types%regions
		r := simulator.AccountResource{
			ID: fmt.Sprintf("%08x-0000-4000-8000-%012x", kind, i), Name: fmt.Sprint("orders-", i), Provider: fmt.Sprint("service", kind), Type: "things",
			Region: fmt.Sprint("cn-north-", region), Project: fmt.Sprintf("%032x", region), ProjectName: fmt.Sprint("cn-north-", region),
		}
		for tag := range tags {
			r.Tags = append(r.Tags, simulator.T(fmt.Sprint("key-", tag), fmt.Sprint("value-", i/types%20)))
		}
		a.Resources = append(a.Resources, r)
	}
	return a
}

// BenchmarkAccount is the scrape of a whole account, from the request to the exposition:
// the first one where the cloud takes 50 ms for each answer, and those after it, which
// read nothing before renew_after.
func BenchmarkAccount(b *testing.B) {
	for _, test := range []struct{ resources, tags int }{{10_000, 3}, {50_000, 3}, {100_000, 10}} {
		b.Run(fmt.Sprintf("resources=%d/tags=%d", test.resources, test.tags), func(b *testing.B) {
			cloud, url := benchCloud(b, 0, 50*time.Millisecond)
			cloud.SetAccount(benchCompany(test.resources, test.tags))
			c, err := config.Parse("bench.yml", fmt.Appendf(nil, `
credentials: {default: {access_key: %s, secret_key: %s}}
accounts: [{name: acme, domain_id: %s, endpoints: {config: %q}, requests_per_second: 0, config: {renew_after: 1h}}]
policy: {rules: [{key: key-0, values: ["value-1*"]}], max_violation_series: 10}
`, testAK, testSK, acme, url))
			if err != nil {
				b.Fatal(err)
			}
			var first, again cost
			var calls int
			var held uint64
			for b.Loop() {
				exporter, err := New(c, Options{UserAgent: "bench/1", Logger: log.NewNopLogger()}, nil)
				if err != nil {
					b.Fatal(err)
				}
				handler := &Handler{Current: func() *Collector { return exporter }, DefaultTimeout: time.Minute, Logger: log.NewNopLogger()}
				scrape := func() {
					rec := httptest.NewRecorder()
					handler.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
					if n := strings.Count(rec.Body.String(), "\nhuaweicloud_tag_resources{"); n != 240 {
						b.Fatalf("%d parts", n)
					}
				}
				cloud.ResetStats()
				before := heapInUse()
				first.of(scrape)
				held += heapInUse() - before
				calls += cloud.Calls("")
				again.of(scrape)
				exporter.Close()
			}
			n, runs := float64(test.resources), float64(b.N)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(calls)/runs, "calls")
			b.ReportMetric(first.wall.Seconds(), "s")
			b.ReportMetric(float64(held)/runs/(1<<20), "MiB-held")
			b.ReportMetric(float64(again.wall.Nanoseconds())/n, "again-ns/resource")
			b.ReportMetric(float64(again.allocs)/runs/n, "again-allocs/resource")
			b.ReportMetric(float64(again.bytes)/runs/n, "again-B/resource")
		})
	}
}

// heapInUse returns the bytes that are reachable.
func heapInUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
