package dashboards

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/collector"
)

// ofProcess matches what is about a process, with the braces behind it.
var ofProcess = regexp.MustCompile(`\b(?:process_|go_|huaweicloud_tag_exporter_build_info|huaweicloud_tag_config_last_)\w*({[^}]*}+[^}]*})?`)

// TestOnlyExporters fails for a query about processes that shows other programs' than ours. The job
// is found as the rules find it, or chosen.
func TestOnlyExporters(t *testing.T) {
	rules, err := os.ReadFile("../../deploy/prometheus/rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	job := regexp.MustCompile(`absent\(up\{job=~"([^"]+)"`).FindStringSubmatch(string(rules))
	if job == nil {
		t.Fatal("no alert about a missing exporter")
	}
	want, found := `{job=~"${job:regex}|`+job[1]+`"}`, 0
	for _, d := range load(t) {
		for _, p := range d.Panels {
			for _, q := range p.Targets {
				for _, m := range ofProcess.FindAllStringSubmatch(q.Expr, -1) {
					found++
					if m[1] != want {
						t.Errorf("%s, %s: %s, want %s", d.file, p.Title, m[0], want)
					}
				}
			}
		}
	}
	if found < 5 {
		t.Errorf("only %d metrics of processes", found)
	}
}

// ofCalls matches a counter of calls with the aggregation around it.
var ofCalls = regexp.MustCompile(`max by \(([^)]*)\) \((?:rate|increase)\(huaweicloud_tag_api_(requests|errors)_total`)

// TestCallsCountOnce fails for a sum of calls that counts those twice that two targets tell, as that of
// a project and that of the process do; or that takes one of several codes for all of them.
func TestCallsCountOnce(t *testing.T) {
	for _, d := range load(t) {
		for _, p := range d.Panels {
			for _, q := range p.Targets {
				all := ofCalls.FindAllStringSubmatch(q.Expr, -1)
				if n := strings.Count(q.Expr, "huaweicloud_tag_api_requests_total") + strings.Count(q.Expr, "huaweicloud_tag_api_errors_total"); n != len(all) {
					t.Errorf("%s, %s: %d of %d counters have max by around them: %s", d.file, p.Title, len(all), n, q.Expr)
				}
				for _, m := range all {
					labels := strings.Split(m[1], ", ")
					code := map[string]string{"requests": "code", "errors": "error_code"}[m[2]]
					if slices.Contains(labels, "instance") || !slices.Contains(labels, code) {
						t.Errorf("%s, %s: max by (%s), want %s and no instance", d.file, p.Title, m[1], code)
					}
				}
			}
		}
	}
}

// manyOf are labels that have dozens of values in a large account.
var manyOf = regexp.MustCompile(`\{\{(account|project|cloud_service|resource_type|operation|key|value|rule)\}\}`)

// TestFewLines fails for a graph or bars of which a large account would have dozens: nobody can tell so
// many colours apart.
func TestFewLines(t *testing.T) {
	found := 0
	for _, d := range load(t) {
		for _, p := range d.Panels {
			for _, q := range p.Targets {
				if p.Type == "table" || !manyOf.MatchString(q.LegendFormat) {
					continue
				}
				found++
				if !regexp.MustCompile(`\b(top|bottom)k\((\d|1[0-2]), `).MatchString(q.Expr) {
					t.Errorf("%s, %s: one line for each %s", d.file, p.Title, q.LegendFormat)
				}
			}
		}
	}
	if found < 8 {
		t.Errorf("only %d queries of many lines", found)
	}
}

// ofTags matches a selector of what is read, with what it selects by.
var ofTags = regexp.MustCompile(`huaweicloud_tag_(\w+)\{([^}]*)`)

// TestVariablesChoose fails for a query that heeds only some of the variables.
func TestVariablesChoose(t *testing.T) {
	labels := make(map[string][]string)
	for _, m := range collector.Metrics() {
		labels[m.Name] = m.Labels
	}
	for _, d := range load(t) {
		for _, p := range d.Panels {
			for _, q := range p.Targets {
				for _, m := range ofTags.FindAllStringSubmatch(q.Expr, -1) {
					name := "huaweicloud_tag_" + strings.TrimSuffix(m[1], "_bucket")
					for _, v := range d.Templating.List {
						about := slices.Contains(labels[name], v.Name) && v.Type == "query" && p.Title != "Accounts"
						if v.Name != "key" && about && !strings.Contains(m[2], v.Name+`=~"$`+v.Name+`"`) {
							t.Errorf("%s, %s: %s is not narrowed by %s", d.file, p.Title, name, v.Name)
						}
					}
				}
			}
		}
	}
}
