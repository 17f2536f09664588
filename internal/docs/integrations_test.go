package docs

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"huaweicloud_tag_exporter/internal/testproc"
)

const integrationsPage = "docs/integrations.md"

// vmagentFile is as much of vmagent's scrape configuration as the page needs. A key has its place here
// only if vmagent knows it: it refuses others, refresh_interval among them, which Prometheus has.
type vmagentFile struct {
	Global struct {
		ScrapeInterval string `yaml:"scrape_interval"`
	}
	ScrapeConfigs []struct {
		JobName        string `yaml:"job_name"`
		ScrapeInterval string `yaml:"scrape_interval"`
		ScrapeTimeout  string `yaml:"scrape_timeout"`
		HTTPSDConfigs  []struct {
			URL string
		} `yaml:"http_sd_configs"`
	} `yaml:"scrape_configs"`
}

func checkVmagent(t *testing.T, w *world, b block) {
	decoder := yaml.NewDecoder(strings.NewReader(b.text))
	decoder.KnownFields(true)
	if err := decoder.Decode(new(vmagentFile)); err != nil {
		t.Error(err)
	}
	checkWith("config")(t, w, b)
}

// checkCollector takes the scrape configuration out of one of OpenTelemetry's Collector and has
// promtool check it.
func checkCollector(t *testing.T, w *world, b block) {
	if single := regexp.MustCompile(`\$+`).FindString(strings.ReplaceAll(b.text, "$$", "")); single != "" {
		t.Error("a single $: the Collector takes it for a variable")
	}
	var file struct {
		Receivers map[string]struct{ Config map[string]any }
		Exporters map[string]any
		Service   struct {
			Pipelines map[string]struct{ Receivers, Exporters []string }
		}
	}
	if err := yaml.Unmarshal([]byte(strings.ReplaceAll(b.text, "$$", "$")), &file); err != nil {
		t.Fatal(err)
	}
	config := file.Receivers["prometheus"].Config
	if keys := slices.Sorted(maps.Keys(config)); !slices.Equal(keys, []string{"scrape_configs"}) {
		t.Errorf("the receiver takes scrape_configs alone, not %q", keys)
	}
	content, err := yaml.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	dir := sandbox(t)
	write(t, filepath.Join(dir, "example.yml"), content)
	testproc.Run(t, dir, w.promtool, "check", "config", "example.yml")
	for _, p := range file.Service.Pipelines {
		for _, name := range p.Exporters {
			if _, ok := file.Exporters[name]; !ok {
				t.Errorf("no exporter %s", name)
			}
		}
	}
}

var tomlLine = regexp.MustCompile(`^( *\[[\w.]+\]|\[\[\w+\.\w+\]\]| +\w+ = ("[^"]*"|\d+|\["[^"]*"\]|\[)|    "[^"]*",|  \])?$`)

// checkTelegraf reads as much of TOML as Telegraf's blocks need: each line for itself. The exporter must
// answer before Telegraf gives up, which it does not tell the exporter.
func checkTelegraf(t *testing.T, _ *world, b block) {
	for line := range strings.Lines(b.text) {
		if !tomlLine.MatchString(strings.TrimSuffix(line, "\n")) {
			t.Errorf("not read: %s", line)
		}
	}
	told := regexp.MustCompile(`--scrape\.default-timeout=(\w+)`).FindStringSubmatch(pageOf(t, integrationsPage).source)
	waits := regexp.MustCompile(`timeout = "(\w+)"`).FindStringSubmatch(b.text)
	if told == nil || waits == nil || duration(t, told[1]) >= duration(t, waits[1]) {
		t.Errorf("the exporter takes %v, Telegraf waits %v", told, waits)
	}
}

func duration(t *testing.T, text string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// checkNginx looks for what the exporter needs to be told by a proxy, and that no directive is left open.
func checkNginx(t *testing.T, _ *world, b block) {
	for line := range strings.Lines(b.text) {
		if line = strings.TrimSpace(line); !slices.Contains([]string{";", "{", "}"}, line[len(line)-1:]) {
			t.Errorf("a directive that does not end: %s", line)
		}
	}
	if strings.Count(b.text, "{") != strings.Count(b.text, "}") {
		t.Error("braces do not match")
	}
	for _, directive := range []string{
		"proxy_set_header Host $http_host;", "proxy_set_header X-Forwarded-Proto $scheme;",
	} {
		if !strings.Contains(b.text, directive) {
			t.Errorf("no %s", directive)
		}
	}
	waits := regexp.MustCompile(`proxy_read_timeout (\w+);`).FindStringSubmatch(b.text)
	if waits == nil || duration(t, waits[1]) < 110*time.Second { // the longest scrape_timeout that is recommended
		t.Errorf("waits %v", waits)
	}
}

// ruleGroups are those of the rules.
func ruleGroups(t *testing.T) []ruleGroup {
	t.Helper()
	content, err := os.ReadFile(root + "deploy/prometheus/rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Groups []ruleGroup }
	if err := yaml.Unmarshal(content, &file); err != nil || len(file.Groups) == 0 {
		t.Fatalf("%d groups, %v", len(file.Groups), err)
	}
	return file.Groups
}

type ruleGroup struct {
	Name  string
	Rules []struct{ Record, Alert, Expr string }
}

// TestMimirTakesTheGroups holds the groups to what Mimir takes unless its limit is raised.
func TestMimirTakesTheGroups(t *testing.T) {
	for _, g := range ruleGroups(t) {
		if len(g.Rules) > 20 {
			t.Errorf("%s: %d rules, of which %s says there are at most 20", g.Name, len(g.Rules), integrationsPage)
		}
	}
}

// TestVmalertAlerts holds the alerts that the page says never fire without its advice to the rules:
// those of the first group, each of which uses what that group records.
func TestVmalertAlerts(t *testing.T) {
	var records, alerts []string
	for _, r := range ruleGroups(t)[0].Rules {
		if r.Record != "" {
			records = append(records, r.Record)
		} else if slices.ContainsFunc(records, func(name string) bool { return strings.Contains(r.Expr, name) }) {
			alerts = append(alerts, r.Alert)
		}
	}
	_, section, _ := strings.Cut(pageOf(t, integrationsPage).source, "## vmalert")
	section, _, _ = strings.Cut(section, "\n## ")
	var documented []string
	for _, m := range regexp.MustCompile("`(HuaweiCloudTag\\w+)`").FindAllStringSubmatch(section, -1) {
		documented = append(documented, m[1])
	}
	wantSame(t, integrationsPage, documented, alerts)
}
