package dashboards

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/demo"
	"huaweicloud_tag_exporter/internal/simulator"
	"huaweicloud_tag_exporter/internal/testproc"
)

// scrapeConfig has a plain job, one that meets the same exporter twice, one that
// finds each project and service as a target of its own, one of a company that has
// more accounts, and one as if there were none.
const scrapeConfig = `
global: {scrape_interval: 5s, scrape_timeout: 5s}
scrape_configs:
  - job_name: tags
    static_configs: [{targets: ["%[1]s"]}]
  - job_name: twice
    static_configs: [{targets: ["%[1]s", "localhost:%[2]s"]}]
  - job_name: discovered
    http_sd_configs: [{url: "http://%[1]s/service-discovery", refresh_interval: 5s}]
  - job_name: company
    static_configs: [{targets: ["%[1]s", "%[3]s"]}]
  - job_name: alone
    params: {account: [""]}
    static_configs: [{targets: ["%[1]s"]}]
  - job_name: huaweicloud_tag_process
    params: {collect: [none]}
    static_configs: [{targets: ["%[1]s"]}]
`

// TestLive asks a real Prometheus every query of every dashboard. The demo's
// clock stands still, in a minute in which much is wrong, so that answers can be
// compared.
func TestLive(t *testing.T) {
	tool, exporter := testproc.Tool(t, "prometheus"), testproc.Exporter(t)
	at := time.Date(2026, time.July, 15, 8, 8, 0, 0, time.UTC)
	shop, err := demo.Start(func() time.Time { return at })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shop.Close)

	dir := t.TempDir()
	write(t, dir, "demo.yml", shop.Config())
	for name, content := range shop.Documents() {
		write(t, dir, name, content)
	}
	program := testproc.Start(t, exporter, "--config.file="+filepath.Join(dir, "demo.yml"), "--web.listen-address=127.0.0.1:0")
	_, port, err := net.SplitHostPort(program.Address)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "prometheus.yml", fmt.Appendf(nil, scrapeConfig, program.Address, port, accounts(t)))
	listens := testproc.Start(t, tool, "--config.file="+filepath.Join(dir, "prometheus.yml"),
		"--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address=127.0.0.1:0")
	api := testproc.Prometheus("http://" + listens.Address)
	testproc.Eventually(t, func() error {
		rows, err := api.Ask(`count(count_over_time(up[1m]) >= 3) >= 80`, true)
		if err == nil && len(rows) == 0 {
			err = errors.New("not every target was scraped thrice")
		}
		return err
	})

	boards := load(t)
	t.Run("every query has an answer", func(t *testing.T) {
		wantAnswers(t, api, boards, with(everything, "job", "company"))
	})
	t.Run("without accounts", func(t *testing.T) {
		wantAnswers(t, api, boards, with(everything, "job", "alone"), "account", "Accounts")
	})
	t.Run("accounts", func(t *testing.T) { wantAccounts(t, api, boards) })
	t.Run("names", func(t *testing.T) { wantNames(t, api, boards) })
	t.Run("a choice of values", func(t *testing.T) {
		for _, d := range boards {
			for _, p := range d.Panels {
				for _, q := range p.Targets {
					if _, err := api.Ask(interpolate(t, q.Expr, chosen), q.Instant); err != nil {
						t.Errorf("%s, %s %s: %v", d.file, p.Title, q.RefID, err)
					}
				}
			}
		}
	})
	t.Run("whichever way it is scraped", func(t *testing.T) { wantSame(t, api, boards) })
	t.Run("a failing collector", func(t *testing.T) {
		before := held(t, api, boards)
		shop.Cloud().Inject(simulator.Fault{
			Project: "0549b4a43100d4f32f51c01c2fe4acdb", Operation: simulator.OpListFabricWorkspaces,
			Answer: simulator.Instead(simulator.ErrorE2(http.StatusForbidden, "common.01000001", "no", "")),
		})
		wantIncomplete(t, api, boards, 1)
		wantUnmoved(t, before, held(t, api, boards))
	})
	t.Run("no exporter", func(t *testing.T) {
		before := held(t, api, boards)
		all, err := api.Ask(`count(max without (instance) (huaweicloud_tag_collector_success{job="tags"}))`, true)
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		program.Stop()
		wantIncomplete(t, api, boards, all[0].Value)
		wantUnmoved(t, before, held(t, api, boards))
	})
}

func write(t *testing.T, dir, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// How a person may have set the variables.
var (
	everything = map[string]string{
		"job": "tags", "account": ".*", "project": ".*", "region": ".*", "cloud_service": ".*", "resource_type": ".*", "responsible": ".*", "key": ".*",
		"__interval": "5s", "__rate_interval": "20s", "__range": "20s",
	}
	chosen = map[string]string{
		"job": "tags", "account": "(acme|bolt)", "project": "(shop-prod|lake-analytics)", "region": "cn-north-4", "cloud_service": "dds",
		"resource_type": "instance", "responsible": ".*", "key": "(env|负责人)", "__interval": "5s", "__rate_interval": "20s", "__range": "20s",
	}
)

// with returns a copy of variables in which some have other values.
func with(variables map[string]string, pairs ...string) map[string]string {
	other := maps.Clone(variables)
	for i := 0; i < len(pairs); i += 2 {
		other[pairs[i]] = pairs[i+1]
	}
	return other
}

func interpolate(t *testing.T, text string, variables map[string]string) string {
	t.Helper()
	return reference.ReplaceAllStringFunc(text, func(ref string) string {
		m := reference.FindStringSubmatch(ref)
		value, ok := variables[m[1]+m[2]]
		if !ok {
			t.Errorf("unknown variable %s in %s", ref, text)
		}
		return value
	})
}

var labelValues = regexp.MustCompile(`(?s)^label_values\((.*), (\w+)\)$`)

// wantAnswers fails for a variable or panel without an answer, and for one of those
// named, which have none to give, with one.
func wantAnswers(t *testing.T, api testproc.Prometheus, boards []dashboard, variables map[string]string, without ...string) {
	for _, d := range boards {
		for _, v := range d.Templating.List {
			if v.Type != "query" {
				continue
			}
			m := labelValues.FindStringSubmatch(v.Definition)
			if m == nil {
				t.Errorf("%s: variable %s asks %s", d.file, v.Name, v.Definition)
				continue
			}
			var found []string
			err := api.Get("label/"+m[2]+"/values", url.Values{"match[]": {interpolate(t, m[1], variables)}}, &found)
			if err != nil || (len(found) == 0) != slices.Contains(without, v.Name) {
				t.Errorf("%s: variable %s: %d values, %v", d.file, v.Name, len(found), err)
			}
		}
		for _, p := range d.Panels {
			for _, q := range p.Targets {
				query := interpolate(t, q.Expr, variables)
				testproc.Eventually(t, func() error {
					rows, err := api.Ask(query, q.Instant)
					if n := remaining(p, rows); err == nil && (n == 0) != slices.Contains(without, p.Title) {
						err = fmt.Errorf("%d rows", n)
					}
					if err != nil {
						err = fmt.Errorf("%s, %s %s: %w: %s", d.file, p.Title, q.RefID, err, query)
					}
					return err
				})
			}
		}
	}
}

// remaining returns how many rows a panel shows. A panel that groups rows by a
// text in small letters shows those groups of which there is more than one.
func remaining(p panel, rows []testproc.Row) int {
	groups := make(map[string]int)
	for _, tr := range p.Transformations {
		if tr.ID != "groupBy" {
			continue
		}
		for _, r := range rows {
			var group []string
			for field, f := range tr.Options.Fields {
				if f.Operation == "groupby" && field != "lower" {
					group = append(group, r.Labels[field])
				}
			}
			groups[strings.Join(append(group, strings.ToLower(r.Labels["lower"])), "=")]++
		}
		shown := 0
		for _, n := range groups {
			if n > 1 {
				shown++
			}
		}
		return shown
	}
	return len(rows)
}

func wantNames(t *testing.T, api testproc.Prometheus, boards []dashboard) {
	known, err := testproc.NewCatalogue(api, `{job="tags"}`)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range boards {
		for _, v := range d.Templating.List {
			if m := labelValues.FindStringSubmatch(v.Definition); m != nil {
				// The label must be one of the metric's, as if it were grouped by.
				query := fmt.Sprintf("count by (%s) (%s)", m[2], interpolate(t, m[1], everything))
				if err := known.Check(api, query, ""); err != nil {
					t.Errorf("%s: variable %s: %v", d.file, v.Name, err)
				}
			}
		}
		for _, p := range d.Panels {
			for _, q := range p.Targets {
				if err := known.Check(api, interpolate(t, q.Expr, everything), q.LegendFormat); err != nil {
					t.Errorf("%s, %s %s: %v", d.file, p.Title, q.RefID, err)
				}
			}
		}
	}
	for _, wrong := range []string{
		`sum(huaweicloud_tag_nonsense)`, `huaweicloud_tag_resources{service="dds"}`,
		`sum by (key) (huaweicloud_tag_resources)`, `up * on (project) huaweicloud_tag_keys{tenant=""}`,
	} {
		if known.Check(api, wrong, "") == nil {
			t.Errorf("%s was taken for right", wrong)
		}
	}
}

// wantSame fails if a count depends on how the exporter is scraped.
func wantSame(t *testing.T, api testproc.Prometheus, boards []dashboard) {
	for _, d := range boards {
		if d.file == "exporter-health.json" {
			continue // about calls: these differ
		}
		for _, p := range d.Panels {
			for _, q := range p.Targets {
				if !q.Instant {
					continue
				}
				testproc.Eventually(t, func() error {
					var answers []map[string]float64
					for _, job := range []string{"tags", "twice", "discovered"} {
						rows, err := api.Ask(strings.ReplaceAll(interpolate(t, q.Expr, everything), `job="tags"`, fmt.Sprintf("job=%q", job)), true)
						if err != nil {
							return err
						}
						answers = append(answers, testproc.Values(rows))
					}
					for _, other := range answers[1:] {
						// Of equal counts, topk may take any.
						if !reflect.DeepEqual(other, answers[0]) && !strings.HasPrefix(q.Expr, "topk") {
							return fmt.Errorf("%s, %s %s: %v and %v", d.file, p.Title, q.RefID, answers[0], other)
						}
					}
					return nil
				})
			}
		}
	}
}
