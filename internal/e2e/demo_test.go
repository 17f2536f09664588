package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/collector"
	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/demo"
	"huaweicloud_tag_exporter/internal/simulator"
)

// scrapeConfig has two jobs: one takes the classic histograms from the text
// format, the other the native ones from protobuf.
const scrapeConfig = `
global: {scrape_interval: 1s, scrape_timeout: 1s}
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
	prometheus, promtool := tool(t, "prometheus"), tool(t, "promtool")
	exporter, _ := start(t, build(t), "--demo", "--web.listen-address=127.0.0.1:0")

	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(config, fmt.Appendf(nil, scrapeConfig, exporter), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "", promtool, "check", "config", config)
	address, _ := start(t, prometheus, "--config.file="+config,
		"--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address=127.0.0.1:0")
	api := queryAPI("http://" + address)

	t.Run("up", func(t *testing.T) {
		eventually(t, func() error {
			// Both plain jobs, and each project and service on its own.
			return api.wants(`sum by (job) (up)`, map[string]float64{
				`{job="classic"}`: 1, `{job="native"}`: 1, `{job="discovered"}`: 9,
			})
		})
	})
	t.Run("every metric is there", func(t *testing.T) {
		eventually(t, func() error {
			for _, m := range collector.Metrics() {
				if err := api.has(m.Name); err != nil {
					return err
				}
			}
			return nil
		})
	})
	t.Run("both histograms", func(t *testing.T) {
		eventually(t, func() error {
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
	eventually(t, func() error {
		before := truth(twin.Cloud(), c.Projects)
		err := api.wants(`sum by (cloud_service, key) (huaweicloud_tag_tagged_resources{job="classic"})`, before)
		if err != nil && !reflect.DeepEqual(before, truth(twin.Cloud(), c.Projects)) {
			return errors.New("the fleet moved")
		}
		return err
	})
}

// truth counts tagged resources by service and key over all projects.
func truth(cloud *simulator.Cloud, projects []config.Project) map[string]float64 {
	counts := make(map[string]float64)
	system := func(key string) bool { return strings.HasPrefix(key, "_sys_") }
	for _, p := range projects {
		for service, truth := range map[string]simulator.Truth{
			"dds": cloud.TruthDDS(p.ID, system), "fabric": cloud.TruthFabric(p.ID, system),
		} {
			for key, values := range truth.Tagged {
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
	cmd := command(t, promtool, "check", "metrics")
	cmd.Stdin = strings.NewReader(body)
	if output, err := cmd.CombinedOutput(); err != nil || len(output) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, output)
	}
}

func get(t *testing.T, from string) string {
	t.Helper()
	resp, err := http.Get(from) //nolint:noctx // loopback
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

// queryAPI is the address of a Prometheus.
type queryAPI string

// ask returns the result of an instant query, by labels as PromQL writes them.
func (a queryAPI) ask(query string) (map[string]float64, error) {
	resp, err := http.Get(string(a) + "/api/v1/query?query=" + url.QueryEscape(query)) //nolint:noctx // loopback
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var answer struct {
		Status, Error string
		Data          struct {
			Result []struct {
				Metric map[string]string
				Value  []any
			}
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return nil, err
	}
	if answer.Status != "success" {
		return nil, fmt.Errorf("%s: %s", query, answer.Error)
	}
	result := make(map[string]float64)
	for _, r := range answer.Data.Result {
		var labels []string
		for name, value := range r.Metric {
			labels = append(labels, fmt.Sprintf("%s=%q", name, value))
		}
		slices.Sort(labels)
		if len(r.Value) == 2 {
			text, _ := r.Value[1].(string)
			value, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return nil, err
			}
			result["{"+strings.Join(labels, ", ")+"}"] = value
		}
	}
	return result, nil
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
