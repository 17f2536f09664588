package docs

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/demo"
	"huaweicloud_tag_exporter/internal/testproc"
)

// scrapeConfig is how the demo is scraped: often, so that rates exist soon, and with time
// enough for a machine that has much to do, or a project might be missing. The
// rules are evaluated too, for the queries that use what they record.
const scrapeConfig = `
global: {scrape_interval: 5s, scrape_timeout: 5s, evaluation_interval: 1s}
rule_files: [%q]
scrape_configs:
  - job_name: huaweicloud-tags
    static_configs: [{targets: [%q]}]
`

// world is what the documentation talks about: the exporter of the demo, and a
// Prometheus that scrapes it. The demo's clock stands still, in a minute in which
// much is wrong, so that answers can be compared.
type world struct {
	config     string // of the demo, on disk
	binary     string // the exporter
	promtool   string
	exporter   string // address
	prometheus testproc.Prometheus
	catalogue  testproc.Catalogue
	flags      map[string]bool // of the exporter
	targets    map[string]bool // of make
}

func newWorld(t *testing.T) *world {
	t.Helper()
	at := time.Date(2026, time.July, 15, 8, 8, 0, 0, time.UTC)
	shop, err := demo.Start(func() time.Time { return at })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shop.Close)
	dir := t.TempDir()
	w := &world{config: filepath.Join(dir, "demo.yml"), binary: testproc.Exporter(t), promtool: testproc.Tool(t, "promtool")}
	w.flags, w.targets = flagsOf(t, w.binary), targetsOf(t)
	write(t, w.config, shop.Config())
	for name, content := range shop.Documents() {
		write(t, filepath.Join(dir, name), content)
	}
	w.exporter = testproc.Start(t, w.binary, "--config.file="+w.config, "--web.listen-address=127.0.0.1:0", "--web.enable-lifecycle").Address
	scraped := filepath.Join(dir, "prometheus.yml")
	write(t, scraped, fmt.Appendf(nil, scrapeConfig, filepath.Join(testproc.Root(t), "deploy/prometheus/rules.yml"), w.exporter))
	address := testproc.Start(t, testproc.Tool(t, "prometheus"), "--config.file="+scraped,
		"--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address=127.0.0.1:0").Address
	w.prometheus = testproc.Prometheus("http://" + address)
	testproc.Eventually(t, func() error {
		rows, err := w.prometheus.Ask(`count_over_time(up[1m]) >= 3 and on () project_operation:huaweicloud_tag_api_errors_per_request:ratio_rate15m > 0`, true)
		if err == nil && len(rows) == 0 {
			err = errors.New("not scraped often enough")
		}
		return err
	})
	if w.catalogue, err = testproc.NewCatalogue(w.prometheus, `{job="huaweicloud-tags"}`, `{__name__=~".+:.+"}`); err != nil {
		t.Fatal(err)
	}
	return w
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// flagsOf returns the flags of a program, as its help names them.
func flagsOf(t *testing.T, binary string) map[string]bool {
	t.Helper()
	flags := make(map[string]bool)
	for _, args := range [][]string{{"--help"}, {"audit", "--help"}} {
		help, err := testproc.Command(t, binary, args...).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^ +(?:-h, )?--(\[no-\])?([\w.-]+)`).FindAllStringSubmatch(string(help), -1) {
			flags["--"+m[2]] = true
			if m[1] != "" {
				flags["--no-"+m[2]] = true
			}
		}
	}
	return flags
}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v", url, resp.StatusCode, err)
	}
	return string(body)
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
