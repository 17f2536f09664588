// Package rules tests the rules for Prometheus in deploy/prometheus.
package rules

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"huaweicloud_tag_exporter/internal/testproc"
)

const (
	root       = "../../"
	prometheus = root + "deploy/prometheus/"
	runbooks   = "docs/runbooks.md"
)

// rule is a recording rule or an alert.
type rule struct {
	Record        string            `yaml:"record"`
	Alert         string            `yaml:"alert"`
	Expr          string            `yaml:"expr"`
	For           string            `yaml:"for"`
	KeepFiringFor string            `yaml:"keep_firing_for"`
	Labels        map[string]string `yaml:"labels"`
	Annotations   map[string]string `yaml:"annotations"`
}

func (r rule) name() string { return cmp.Or(r.Alert, r.Record) }

func load(t *testing.T, path string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, path)), into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func rules(t *testing.T) []rule {
	t.Helper()
	var file struct {
		Groups []struct {
			Rules []rule `yaml:"rules"`
		} `yaml:"groups"`
	}
	load(t, prometheus+"rules.yml", &file)
	var all []rule
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	if len(all) == 0 {
		t.Fatal("no rules")
	}
	return all
}

func alerts(t *testing.T) []rule {
	t.Helper()
	return slices.DeleteFunc(rules(t), func(r rule) bool { return r.Alert == "" })
}

func run(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), testproc.Tool(t, "promtool"), args...)
	cmd.Dir = prometheus
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, output)
	}
}

func TestPromtoolAcceptsTheRules(t *testing.T) {
	run(t, "check", "rules", "--lint=all", "--lint-fatal", "rules.yml")
}

func testFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(prometheus + "tests/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no rule tests: %v", err)
	}
	return files
}

func TestRules(t *testing.T) {
	for _, file := range testFiles(t) {
		name := filepath.Base(file)
		t.Run(strings.TrimSuffix(name, ".yml"), func(t *testing.T) {
			t.Parallel()
			run(t, "test", "rules", "tests/"+name)
		})
	}
}

// TestEachAlertIsTested asks for a case in which an alert fires and resolves, one
// in which it never does, and for a test of each recording rule's values.
func TestEachAlertIsTested(t *testing.T) {
	resolves, silent := make(map[string]bool), make(map[string]bool)
	var tested strings.Builder
	for _, file := range testFiles(t) {
		var content struct {
			Tests []struct {
				Alerts []struct {
					Name     string      `yaml:"alertname"`
					Expected []yaml.Node `yaml:"exp_alerts"`
				} `yaml:"alert_rule_test"`
				Expressions []struct {
					Expr string `yaml:"expr"`
				} `yaml:"promql_expr_test"`
			} `yaml:"tests"`
		}
		load(t, file, &content)
		for _, test := range content.Tests {
			firing := make(map[string]bool)
			fired := make(map[string]bool)
			for _, a := range test.Alerts { // in the order of time, as all tests are written
				firing[a.Name] = len(a.Expected) > 0
				fired[a.Name] = fired[a.Name] || firing[a.Name]
			}
			for name, now := range firing {
				resolves[name] = resolves[name] || fired[name] && !now
				silent[name] = silent[name] || !fired[name]
			}
			for _, e := range test.Expressions {
				tested.WriteString(e.Expr + "\n")
			}
		}
	}
	for _, r := range rules(t) {
		switch {
		case r.Record != "" && !strings.Contains(tested.String(), r.Record):
			t.Errorf("%s: no test of its values", r.Record)
		case r.Alert != "" && !resolves[r.Alert]:
			t.Errorf("%s: no test in which it fires and resolves", r.Alert)
		case r.Alert != "" && !silent[r.Alert]:
			t.Errorf("%s: no test in which it never fires", r.Alert)
		}
	}
	names := make(map[string]bool)
	for _, a := range alerts(t) {
		names[a.Alert] = true
	}
	for name := range silent {
		if !names[name] {
			t.Errorf("a test is about %s, which is no alert", name)
		}
	}
}

func TestAlertsTellWhatAPersonNeeds(t *testing.T) {
	seen := make(map[string]bool)
	for _, a := range alerts(t) {
		if !strings.HasPrefix(a.Alert, "HuaweiCloudTag") || seen[a.Alert] {
			t.Errorf("%s: must be unique and begin with HuaweiCloudTag", a.Alert)
		}
		seen[a.Alert] = true
		if !slices.Contains([]string{"critical", "warning", "info"}, a.Labels["severity"]) {
			t.Errorf("%s: severity %q", a.Alert, a.Labels["severity"])
		}
		for _, annotation := range []string{"summary", "description"} {
			if a.Annotations[annotation] == "" {
				t.Errorf("%s: no %s", a.Alert, annotation)
			}
		}
		if a.For == "" || a.KeepFiringFor == "" {
			t.Errorf("%s: needs for and keep_firing_for", a.Alert)
		}
		if want := runbooks + "#" + strings.ToLower(a.Alert); a.Annotations["runbook"] != want {
			t.Errorf("%s: runbook %q, want %q", a.Alert, a.Annotations["runbook"], want)
		}
	}
}

// place is how the texts of alerts name what they are about, so that projects of the same name in two
// accounts differ, and that nothing stands for a label that is absent.
const place = `{{ $labels.account }}{{ if and $labels.account $labels.project }}/{{ end }}{{ $labels.project }}`

var groupedByProject = regexp.MustCompile(`\b(?:by|on) \((?:\w+, )*project\b[^)]*\)`)

// TestProjectsOfTwoAccountsDiffer fails for a rule that takes two accounts' projects of one name for one,
// as two accounts both have a project cn-north-4, or has a text that does.
func TestProjectsOfTwoAccountsDiffer(t *testing.T) {
	found := 0
	for _, r := range rules(t) {
		for _, grouping := range groupedByProject.FindAllString(r.Expr, -1) {
			found++
			if !strings.Contains(grouping, "(account, project, region") {
				t.Errorf("%s: %s", r.name(), grouping)
			}
		}
		for name, text := range r.Annotations {
			left := strings.ReplaceAll(text, place, "")
			if strings.Contains(left, "$labels.project") || (left == text && strings.Contains(text, "$labels.region")) {
				t.Errorf("%s: its %s names a project otherwise than by\n%s", r.name(), name, place)
			}
		}
	}
	if found < 40 {
		t.Errorf("only %d groupings by project", found)
	}
}

// sections are the runbook's, by alert.
func sections(t *testing.T) map[string]string {
	t.Helper()
	found := make(map[string]string)
	for _, section := range strings.Split(read(t, root+runbooks), "\n## ")[1:] {
		name, text, _ := strings.Cut(section, "\n")
		found[name] = text
	}
	return found
}

func TestEachAlertHasARunbook(t *testing.T) {
	left := sections(t)
	for _, a := range alerts(t) {
		text, ok := left[a.Alert]
		if !ok {
			t.Errorf("%s: no section in %s", a.Alert, runbooks)
			continue
		}
		delete(left, a.Alert)
		for _, part := range []string{"**Means:**", "**Look at", "```promql", "**Likely causes", "ure:**"} {
			if !strings.Contains(text, part) {
				t.Errorf("%s: its section in %s lacks %q", a.Alert, runbooks, part)
			}
		}
	}
	for name := range left {
		t.Errorf("%s has a section %s, which is no alert", runbooks, name)
	}
}
