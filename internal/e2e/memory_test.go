package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"huaweicloud_tag_exporter/internal/simulator"
	"huaweicloud_tag_exporter/internal/testproc"
)

const (
	memoryProject = "5f3c9a7e21d84b60a1c2d3e4f5061728"
	memoryTags    = 10
)

// BenchmarkMemory is the highest resident memory of the built exporter, after
// three scrapes of a fleet with ten tags each, listed with its instances. The
// cloud is another process: this one.
func BenchmarkMemory(b *testing.B) {
	exporter := testproc.Exporter(b)
	for _, n := range []int{0, 10_000, 50_000, 100_000} {
		b.Run(fmt.Sprintf("resources=%d", n), func(b *testing.B) {
			config := memoryConfig(b, n)
			for b.Loop() {
				program := testproc.Start(b, exporter, "--config.file="+config, "--web.listen-address=127.0.0.1:0")
				for range 3 {
					body := get(b, "http://"+program.Address+"/metrics")
					if want := regexp.MustCompile(fmt.Sprintf(`(?m)^huaweicloud_tag_resources\{.*\} %s$`, strconv.FormatFloat(float64(n), 'g', -1, 64))); !want.MatchString(body) {
						b.Fatalf("no %s in the answer", want)
					}
				}
				b.ReportMetric(program.PeakMiB(b), "MiB")
				program.Stop()
			}
		})
	}
}

// memoryConfig starts a cloud and returns the file that configures it.
func memoryConfig(b *testing.B, n int) string {
	b.Helper()
	cloud := simulator.New(simulator.Options{})
	project := simulator.Project{ID: memoryProject, Region: "cn-north-4"}
	for i := range n {
		instance := simulator.Instance{ID: simulator.InstanceID(i), Name: fmt.Sprintf("orders-rs-%06d", i)}
		for tag := range memoryTags {
			instance.Tags = append(instance.Tags, simulator.T(fmt.Sprintf("key-%d", tag), fmt.Sprintf("value-%d", i%(10*(tag+1)))))
		}
		project.Instances = append(project.Instances, instance)
	}
	cloud.SetProject(project)
	url, stop, err := cloud.Listen("127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(stop)
	file := filepath.Join(b.TempDir(), "exporter.yml")
	err = os.WriteFile(file, fmt.Appendf(nil, `
credentials: {default: {token: %s}}
defaults: {requests_per_second: 0}
projects: [{name: shop, region: cn-north-4, project_id: %s, endpoints: {dds: %q}, services: {dds: {tags_from: instance_list}}}]
policy: {rules: [{key: key-0, required: true}, {key: key-1, values: ['value-1*']}, {key: key-2, pattern: 'value-[0-9]+'}]}
`, cloud.IssueToken(memoryProject, 24*3600e9), memoryProject, url), 0o600)
	if err != nil {
		b.Fatal(err)
	}
	return file
}
