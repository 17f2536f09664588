package e2e

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/collector"
	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/demo"
	"huaweicloud_tag_exporter/internal/simulator"
	"huaweicloud_tag_exporter/internal/testproc"
)

// scrapeConfig has two jobs: one takes the classic histograms from the text
// format, the other the native ones from protobuf.
const scrapeConfig = `
global: {scrape_interval: 5s, scrape_timeout: 5s}
scrape_configs:
  - job_name: classic
    scrape_protocols: [PrometheusText1.0.0]
    static_configs: [{targets: ["%[1]s"]}]
  - job_name: native
    scrape_protocols: [PrometheusProto]
    scrape_native_histograms: true
    static_configs: [{targets: ["%[1]s"]}]
  - job_name: discovered
    http_sd_configs: [{url: "http://%[1]s/service-discovery", refresh_interval: 5s}]
`

// TestDemo is the main job: the built binary and a real Prometheus, asked what
// a user would ask.
func TestDemo(t *testing.T) {
	prometheus, promtool := testproc.Tool(t, "prometheus"), testproc.Tool(t, "promtool")
	program := testproc.Start(t, testproc.Exporter(t), "--demo", "--web.listen-address=127.0.0.1:0")

	exporter := program.Address
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(config, fmt.Appendf(nil, scrapeConfig, exporter), 0o600); err != nil {
		t.Fatal(err)
	}
	testproc.Run(t, "", promtool, "check", "config", config)
	server := testproc.Start(t, prometheus, "--config.file="+config,
		"--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address=127.0.0.1:0")
	api := queryAPI{testproc.Prometheus("http://" + server.Address)}

	t.Run("up", func(t *testing.T) {
		testproc.Eventually(t, func() error {
			// Both plain jobs; each project and service on its own: all services of the three
			// projects, and two of each of the account's five; the account's Config, IAM and
			// policy in force, and the exporter itself.
			return api.wants(`sum by (job) (up)`, map[string]float64{
				`{job="classic"}`: 1, `{job="native"}`: 1, `{job="discovered"}`: float64(3*len(catalog.Names(catalog.Project)) + 5*2 + 4),
			})
		})
	})
	t.Run("every metric is there", func(t *testing.T) {
		testproc.Eventually(t, func() error {
			for _, m := range collector.Metrics() {
				if err := api.has(m.Name); err != nil {
					return err
				}
			}
			return nil
		})
	})
	t.Run("both histograms", func(t *testing.T) {
		testproc.Eventually(t, func() error {
			return errors.Join(
				api.has(`huaweicloud_tag_api_request_duration_seconds_bucket{job="classic"}`),
				api.has(`histogram_count(huaweicloud_tag_api_request_duration_seconds{job="native"}) > 0`))
		})
	})
	t.Run("counts are the cloud's own", func(t *testing.T) { wantTruth(t, api) })
	t.Run("promtool check metrics", func(t *testing.T) {
		checkMetrics(t, promtool, "http://"+exporter+"/metrics")
	})
}

// wantTruth compares sums by key with the counts of a second demo. Fleets of
// one time are equal; so the sums are right if they are those of a moment at
// most two scrapes ago.
func wantTruth(t *testing.T, api queryAPI) {
	twin, err := demo.Start(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer twin.Close()
	c, err := config.ParseWith("demo.yml", twin.Config(), twin.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	for query, truth := range map[string]func() map[string]float64{
		`sum by (cloud_service, key) (huaweicloud_tag_tagged_resources{job="classic", account=""})`: func() map[string]float64 {
			return truth(twin.Cloud(), c.Projects)
		},
		`sum by (cloud_service, key) (huaweicloud_tag_tagged_resources{job="classic", account!=""})`: func() map[string]float64 {
			return accountTruth(twin.Cloud(), c.Accounts[0].ID)
		},
	} {
		testproc.Eventually(t, func() error {
			before := truth()
			err := api.wants(query, before)
			if err != nil && !reflect.DeepEqual(before, truth()) {
				return errors.New("the fleet moved")
			}
			return err
		})
	}
}

// accountTruth counts tagged resources by service and key in all that Config lists. The
// account's projects have nothing that is tagged and not there.
func accountTruth(cloud *simulator.Cloud, id string) map[string]float64 {
	counts := make(map[string]float64)
	for part, truth := range cloud.TruthAccount(id, nil) {
		for key, values := range truth.Tagged {
			for _, n := range values {
				counts[fmt.Sprintf("{cloud_service=%q, key=%q}", part.Provider, key)] += float64(n)
			}
		}
	}
	return counts
}

// truth counts tagged resources by service and key over all projects.
func truth(cloud *simulator.Cloud, projects []config.Project) map[string]float64 {
	counts := make(map[string]float64)
	system := func(key string) bool { return strings.HasPrefix(key, "_sys_") }
	for _, p := range projects {
		held, _ := cloud.Project(p.ID)
		for _, kind := range append(slices.Collect(maps.Keys(held.Resources)), "dds:instance", "fabric:workspace") {
			service, _, _ := strings.Cut(kind, ":")
			for key, values := range cloud.Truth(p.ID, kind, system).Tagged {
				for _, n := range values {
					counts[fmt.Sprintf("{cloud_service=%q, key=%q}", service, key)] += float64(n)
				}
			}
		}
	}
	return counts
}

// checkMetrics fails unless promtool finds nothing to say.
func checkMetrics(t *testing.T, promtool, from string) {
	body := get(t, from)
	cmd := testproc.Command(t, promtool, "check", "metrics")
	cmd.Stdin = strings.NewReader(body)
	if output, err := cmd.CombinedOutput(); err != nil || len(output) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, output)
	}
}

func get(t testing.TB, from string) string {
	t.Helper()
	resp, err := http.Get(from)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v", from, resp.StatusCode, err)
	}
	return string(body)
}

// queryAPI asks a Prometheus for what it should know.
type queryAPI struct{ testproc.Prometheus }

func (a queryAPI) ask(query string) (map[string]float64, error) {
	rows, err := a.Ask(query, true)
	return testproc.Values(rows), err
}

func (a queryAPI) wants(query string, want map[string]float64) error {
	got, err := a.ask(query)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("%s\ngot:  %v\nwant: %v", query, got, want)
	}
	return nil
}

func (a queryAPI) has(selector string) error {
	got, err := a.ask("count(" + selector + ")")
	if err != nil {
		return err
	}
	if len(got) == 0 {
		return fmt.Errorf("nothing for %s", selector)
	}
	return nil
}
