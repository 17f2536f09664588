package rules

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/collector"
)

// promql are the queries of the runbook.
var promql = regexp.MustCompile("(?s)```promql\n(.*?)```")

func TestQueriesUseWhatTheExporterHas(t *testing.T) {
	known := vocabularyOf(t)
	for _, r := range rules(t) {
		known.check(t, "rules.yml: "+r.name(), r.Expr)
		for _, annotation := range r.Annotations {
			for _, m := range regexp.MustCompile(`\$labels\.(\w+)`).FindAllStringSubmatch(annotation, -1) {
				if !known.labels[m[1]] {
					t.Errorf("%s: its text has the label %s, which does not exist", r.name(), m[1])
				}
			}
		}
	}
	for _, m := range promql.FindAllStringSubmatch(read(t, root+runbooks), -1) {
		known.check(t, runbooks, m[1])
	}
	for _, file := range testFiles(t) {
		var content struct {
			Tests []struct {
				Series []struct {
					Series string `yaml:"series"`
				} `yaml:"input_series"`
			} `yaml:"tests"`
		}
		load(t, file, &content)
		for _, test := range content.Tests {
			for _, s := range test.Series {
				known.check(t, filepath.Base(file), s.Series)
			}
		}
	}
}

// TestVocabularyNoticesMistakes shows that the check above can fail.
func TestVocabularyNoticesMistakes(t *testing.T) {
	known := vocabularyOf(t)
	for expr, want := range map[string]string{
		`huaweicloud_tag_resources{project="p"}`:                         "",
		`huaweicloud_tag_ressources`:                                     "huaweicloud_tag_ressources",
		`huaweicloud_tag_resources{service="dds"}`:                       "service",
		`sum by (project, servcie) (huaweicloud_tag_resources)`:          "servcie",
		`rate(huaweicloud_tag_api_request_duration_seconds_count[5m])`:   "",
		`rate(huaweicloud_tag_resources_count[5m])`:                      "huaweicloud_tag_resources_count",
		`{__name__=~"huaweicloud_tag_(info|keys)", key="a{b}=c"}`:        "",
		`project:huaweicloud_tag_complianze:ratio`:                       "project:huaweicloud_tag_complianze:ratio",
		`a and on (project, region) group_left (cloud_srv) b`:            "cloud_srv",
		`huaweicloud_tag_resources{rule="env"}`:                          "rule",
		`huaweicloud_tag_api_errors_total{error_code!="x", opration=""}`: "opration",
	} {
		if got := strings.Join(known.unknown(expr), " "); got != want {
			t.Errorf("%s: found %q, want %q", expr, got, want)
		}
	}
}

// vocabulary is what the exporter exports and the rules record.
type vocabulary struct {
	metrics map[string][]string // their labels; nil: not known
	labels  map[string]bool     // of any metric
}

func vocabularyOf(t *testing.T) vocabulary {
	t.Helper()
	target := []string{"job", "instance"}
	v := vocabulary{
		metrics: map[string][]string{
			"huaweicloud_tag_config_last_reload_successful":                target,
			"huaweicloud_tag_config_last_reload_success_timestamp_seconds": target,
		},
		labels: map[string]bool{"__name__": true, "job": true, "instance": true, "severity": true},
	}
	for _, m := range collector.Metrics() {
		names := []string{m.Name}
		if m.Type == "histogram" {
			names = []string{m.Name, m.Name + "_count", m.Name + "_sum", m.Name + "_bucket"}
		}
		for _, name := range names {
			v.metrics[name] = slices.Concat(m.Labels, target)
		}
		for _, l := range m.Labels {
			v.labels[l] = true
		}
	}
	for _, r := range rules(t) {
		if r.Record != "" {
			v.metrics[r.Record] = nil
		}
	}
	return v
}

func (v vocabulary) check(t *testing.T, where, expr string) {
	t.Helper()
	for _, name := range v.unknown(expr) {
		t.Errorf("%s uses %s, which neither the exporter nor a recording rule has:\n%s", where, name, expr)
	}
}

var (
	comment  = regexp.MustCompile(`#.*`)
	text     = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	metric   = regexp.MustCompile(`[\w:]*huaweicloud_tag_[\w:]+`)
	grouping = regexp.MustCompile(`\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)`)
	selector = regexp.MustCompile(`([\w:]*)\{([^}]*)\}`)
	matcher  = regexp.MustCompile(`(\w+)\s*[=!]`)
	word     = regexp.MustCompile(`\w+`)
)

// unknown returns the metrics and labels of an expression that do not exist. It
// knows just enough of PromQL: strings are put out of the way first.
func (v vocabulary) unknown(expr string) []string {
	expr = comment.ReplaceAllString(text.ReplaceAllString(expr, `""`), "")
	var unknown []string
	for _, name := range metric.FindAllString(expr, -1) {
		if _, ok := v.metrics[name]; !ok {
			unknown = append(unknown, name)
		}
	}
	for _, m := range grouping.FindAllStringSubmatch(expr, -1) {
		for _, label := range word.FindAllString(m[1], -1) {
			if !v.labels[label] {
				unknown = append(unknown, label)
			}
		}
	}
	for _, m := range selector.FindAllStringSubmatch(expr, -1) {
		for _, label := range matcher.FindAllStringSubmatch(m[2], -1) {
			own := v.metrics[m[1]]
			if !v.labels[label[1]] || (own != nil && !slices.Contains(own, label[1])) {
				unknown = append(unknown, label[1])
			}
		}
	}
	return unknown
}
