package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
	"huaweicloud_tag_exporter/internal/testproc"
)

const memoryAccount = "0a6c91e47bd2483f95c0e1d7f8a23b64"

// BenchmarkMemoryOfAccount is a whole account, read from Config by the built exporter: how
// long its first scrape takes where the cloud takes 50 ms for each answer, and the highest
// resident memory after three scrapes. docs/scaling.md has the figures.
func BenchmarkMemoryOfAccount(b *testing.B) {
	exporter := testproc.Exporter(b)
	for _, n := range []int{10_000, 50_000, 100_000} {
		for _, rate := range []int{0, 50} {
			b.Run(fmt.Sprintf("resources=%d/requests_per_second=%d", n, rate), func(b *testing.B) {
				cloud, config := accountConfig(b, n, rate)
				for b.Loop() {
					cloud.ResetStats()
					program := testproc.Start(b, exporter, "--config.file="+config, "--web.listen-address=127.0.0.1:0")
					begun := time.Now()
					body := get(b, "http://"+program.Address+"/metrics")
					b.ReportMetric(time.Since(begun).Seconds(), "s")
					b.ReportMetric(float64(cloud.Calls("")), "calls")
					if !strings.Contains(body, `huaweicloud_tag_collector_success{account="shop",cloud_service="config"} 1`) {
						b.Fatal("not all was read")
					}
					b.ReportMetric(float64(strings.Count("\n"+body, "\nhuaweicloud_tag_")), "series")
					b.ReportMetric(float64(len(body))/1e6, "MB")
					for range 2 {
						get(b, "http://"+program.Address+"/metrics")
					}
					b.ReportMetric(program.PeakMiB(b), "MiB")
					program.Stop()
				}
			})
		}
	}
}

// accountConfig starts a cloud with an account of n resources, which are of 40 types in 6
// regions and have ten tags each, and returns the file that configures it.
func accountConfig(b *testing.B, n, rate int) (*simulator.Cloud, string) {
	b.Helper()
	const types, regions = 40, 6
	cloud := simulator.New(simulator.Options{})
	account := simulator.Account{ID: memoryAccount, Name: "shop"}
	for i := range n {
		region := i / types % regions
		resource := simulator.AccountResource{
			ID: fmt.Sprintf("%036d", i), Name: fmt.Sprintf("orders-%06d", i), Provider: fmt.Sprint("service", i%types), Type: "instances",
			Region: fmt.Sprint("cn-north-", region), Project: fmt.Sprintf("%032d", region), ProjectName: fmt.Sprint("cn-north-", region),
			Created: "2025-02-03T04:05:06Z", Properties: `{"description":"` + strings.Repeat("x", 600) + `"}`,
		}
		for tag := range memoryTags {
			resource.Tags = append(resource.Tags, simulator.T(fmt.Sprint("key-", tag), fmt.Sprint("value-", i%(10*(tag+1)))))
		}
		account.Resources = append(account.Resources, resource)
	}
	cloud.SetAccount(account)
	cloud.Inject(simulator.Fault{Latency: 50 * time.Millisecond})
	url, stop, err := cloud.Listen("127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(stop)
	file := filepath.Join(b.TempDir(), "exporter.yml")
	err = os.WriteFile(file, fmt.Appendf(nil, `
credentials: {default: {token: %s}}
defaults: {requests_per_second: %d}
accounts: [{name: shop, domain_id: %s, endpoints: {config: %q, iam: %[4]q}, config: {}}]
policy: {rules: [{key: key-0, required: true}, {key: key-1, values: ['value-1*']}, {key: key-2, pattern: 'value-[0-9]+'}]}
`, cloud.IssueAccountToken(memoryAccount, 24*time.Hour), rate, memoryAccount, url), 0o600)
	if err != nil {
		b.Fatal(err)
	}
	return cloud, file
}
