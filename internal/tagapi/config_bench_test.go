package tagapi

import (
	"fmt"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/simulator"
)

// benchAccount is an account of n resources of 40 types in 6 regions, with tags each, and
// how many pages it has. The types are of different size, as they are in life: the largest
// place has five times what the average has.
func benchAccount(n, tags int) (account simulator.Account, pages int) {
	const types, regions = 40, 6
	account = simulator.Account{ID: testAccount, Name: testDomain}
	weights := types * (types + 1) / 2 * regions
	for kind := range types {
		for region := range regions {
			size := n * (kind + 1) / weights
			if kind == types-1 && region == 0 {
				size = n * 5 / (types * regions)
			}
			for i := range size {
				r := simulator.AccountResource{
					ID: fmt.Sprintf("%08x-%04x-4%03x-8000-%012x", kind*regions+region, kind, region, i), Name: fmt.Sprintf("orders-%d-%06d", kind, i),
					Provider: fmt.Sprint("service", kind%20), Type: fmt.Sprint("typeOf", kind), Region: fmt.Sprint("cn-north-", region),
					Project: fmt.Sprintf("1111222233334444555566667777%04d", region), ProjectName: fmt.Sprint("cn-north-", region),
					Created: "2025-02-03T04:05:06Z", Updated: "2025-02-03T04:05:06.700Z",
					Properties: `{"flavor":{"id":"s6.large.2","vcpus":"2"},"addresses":[{"addr":"192.168.0.17","version":4}],"securityGroups":[{"id":"2d1d6b9a-0000-4000-8000-000000000000"}]}`,
				}
				for tag := range tags {
					r.Tags = append(r.Tags, simulator.T(fmt.Sprint("key-", tag), fmt.Sprint("value-", i%(10*(tag+1)))))
				}
				account.Resources = append(account.Resources, r)
			}
			pages += (size + resourcesLimit - 1) / resourcesLimit
		}
	}
	return account, pages
}

// BenchmarkAccountLatencyBound is one read of a whole account where the cloud takes 50 ms
// for each answer. The limit is one latency for the recorder, one for the summary, and
// one for each round of lists, whole or not.
func BenchmarkAccountLatencyBound(b *testing.B) {
	const latency, concurrency = 50 * time.Millisecond, 16
	for _, n := range []int{10_000, 50_000} {
		b.Run(fmt.Sprintf("resources=%d/concurrency=%d", n, concurrency), func(b *testing.B) {
			account, pages := benchAccount(n, 3)
			read := benchReader(b, account, latency, concurrency)
			var calls, allocs, bytes float64
			for b.Loop() {
				one := read()
				calls, allocs, bytes = calls+one.calls, allocs+one.allocs, bytes+one.held
			}
			runs, took := float64(b.N), b.Elapsed().Seconds()/float64(b.N)
			b.ReportMetric(calls/runs, "calls")
			b.ReportMetric(took, "s")
			b.ReportMetric(took/(latency.Seconds()*(2+float64(pages)/concurrency)), "x-limit")
			b.ReportMetric(allocs/runs/float64(len(account.Resources)), "allocs/resource")
			b.ReportMetric(bytes/runs/(1<<20), "MiB-held")
		})
	}
}

// benchRead is what one read cost.
type benchRead struct{ calls, allocs, held float64 }

// benchReader returns a function that reads an account anew.
func benchReader(b *testing.B, account simulator.Account, latency time.Duration, concurrency int) func() benchRead {
	b.Helper()
	cloud := simulator.New(simulator.Options{})
	cloud.SetAccount(account)
	cloud.Inject(simulator.Fault{Latency: latency})
	server := httptest.NewServer(cloud)
	client, err := huaweicloud.NewClient(huaweicloud.ClientConfig{UserAgent: "test/1"}, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { cloud.Close(); client.Close(); server.Close() })
	limits := huaweicloud.Limits{MaxConcurrency: concurrency, RequestTimeout: 10 * time.Second}
	service, err := client.AccountService(huaweicloud.AccountConfig{
		Name: testDomain, ID: account.ID,
		Credential: huaweicloud.CredentialConfig{Name: "token", Kind: huaweicloud.Token, Token: huaweicloud.NewSecret(cloud.IssueAccountToken(account.ID, time.Hour))},
	}, huaweicloud.ServiceConfig{Name: huaweicloud.IAM, Endpoint: server.URL, Limits: limits}, huaweicloud.ServiceConfig{Name: "config", Endpoint: server.URL, Limits: limits})
	if err != nil {
		b.Fatal(err)
	}
	return func() benchRead {
		heap := func() (m runtime.MemStats) {
			runtime.GC()
			runtime.ReadMemStats(&m)
			return m
		}
		b.StopTimer()
		cloud.ResetStats()
		before := heap()
		b.StartTimer()
		reader := Config().New(Settings{RenewAfter: time.Minute, MaxTagAge: time.Hour}, nil)
		session, err := service.Session(b.Context(), nobody{})
		if err != nil {
			b.Fatal(err)
		}
		into := inventory.NewReading(inventory.Part{Account: testDomain}, inventory.All, inventory.NewFilter(nil))
		if err := reader.Read(b.Context(), session, into); err != nil {
			b.Fatal(err)
		}
		parts, _ := into.Parts(time.Time{})
		found := 0
		for _, p := range parts {
			found += len(p.Resources)
		}
		if found != len(account.Resources) {
			b.Fatalf("%d resources of %d", found, len(account.Resources))
		}
		b.StopTimer()
		defer b.StartTimer()
		var after runtime.MemStats
		runtime.ReadMemStats(&after)
		one := benchRead{calls: float64(cloud.Calls("")), allocs: float64(after.Mallocs - before.Mallocs)}
		one.held = float64(heap().HeapAlloc) - float64(before.HeapAlloc)
		runtime.KeepAlive(reader)
		return one
	}
}
