package docs

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/collector"
	"huaweicloud_tag_exporter/internal/testproc"
)

var update = flag.Bool("update", false, "write the tables of docs/metrics.md anew")

const metricsPage = "docs/metrics.md"

// generated is what the test writes: the table that follows a comment with a name.
var generated = regexp.MustCompile(`(?s)(<!-- metrics (\w+): [^\n]* -->\n).*?(<!-- end -->)`)

// TestMetricsPage holds the reference of metrics to the code. The tables of what
// is read come from the collector, that of the program from a running exporter.
func TestMetricsPage(t *testing.T) {
	page := pageOf(t, metricsPage).source
	program := testproc.Start(t, testproc.Exporter(t), "--demo", "--web.listen-address=127.0.0.1:0")
	exposed := exposition(t, "http://"+program.Address+"/metrics")
	tables := make(map[string]string)
	known := make(map[string]bool)
	for _, m := range collector.Metrics() {
		known[m.Name] = true
		group := "tags"
		switch {
		case strings.Contains(m.Name, "_policy_"), strings.Contains(m.Name, "_responsible_"):
			group = "policy"
		case strings.Contains(m.Name, "_api_"), strings.Contains(m.Name, "_collector_"):
			group = "reading"
		}
		tables[group] += fmt.Sprintf("| `%s` | %s | `%s` | %s |\n", m.Name, m.Type, strings.Join(m.Labels, "`, `"), m.Help)
		if e, ok := exposed[m.Name]; ok && e != (family{m.Type, m.Help}) {
			t.Errorf("%s is exposed as %v", m.Name, e)
		}
	}
	for _, name := range sorted(exposed) {
		if strings.HasPrefix(name, "huaweicloud_tag_") && !known[name] {
			tables["program"] += fmt.Sprintf("| `%s` | %s | %s |\n", name, exposed[name].kind, exposed[name].help)
		}
	}
	heads := map[string]string{"program": "| metric | type | value |\n| --- | --- | --- |\n"}
	found := 0
	want := generated.ReplaceAllStringFunc(page, func(part string) string {
		m := generated.FindStringSubmatch(part)
		found++
		head, ok := heads[m[2]]
		if !ok {
			head = "| metric | type | labels | value |\n| --- | --- | --- | --- |\n"
		}
		return m[1] + "\n" + head + tables[m[2]] + "\n" + m[3]
	})
	if found != len(tables) {
		t.Errorf("%s has %d of the tables %v", metricsPage, found, sorted(tables))
	}
	if *update {
		if err := os.WriteFile(root+metricsPage, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if page != want {
		t.Errorf("%s is not what the program says; look, then: make golden\n%s", metricsPage, want)
	}
}

type family struct{ kind, help string }

// exposition returns the families of a scrape.
func exposition(t *testing.T, url string) map[string]family {
	t.Helper()
	families := make(map[string]family)
	for line := range strings.Lines(get(t, url)) {
		words := strings.SplitN(strings.TrimSpace(line), " ", 4)
		if len(words) < 4 || words[0] != "#" {
			continue
		}
		f := families[words[2]]
		if words[1] == "HELP" {
			f.help = words[3]
		} else {
			f.kind = words[3]
		}
		families[words[2]] = f
	}
	return families
}

var metricName = regexp.MustCompile(`(?:^|[^\w:/."-])(huaweicloud_tag_\w+)`)

// TestMetricNames fails for a metric that a page names, in its text too, and that
// does not exist.
func TestMetricNames(t *testing.T) {
	known := map[string]bool{"huaweicloud_tag_exporter": true, "huaweicloud_tag_new": true} // the program, and a group of rules
	for _, m := range table(t, metricsPage, "metrics program") {
		known[m[0]] = true
	}
	for _, m := range collector.Metrics() {
		known[m.Name] = true
		if m.Type == "histogram" {
			known[m.Name+"_bucket"], known[m.Name+"_count"], known[m.Name+"_sum"] = true, true, true
		}
	}
	for _, p := range pages(t) {
		for _, m := range metricName.FindAllStringSubmatch(p.source, -1) {
			if !known[m[1]] && !strings.HasSuffix(m[1], "_") {
				t.Errorf("%s: there is no %s", p.name, m[1])
			}
		}
	}
}
