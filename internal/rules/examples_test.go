package rules

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"huaweicloud_tag_exporter/internal/testproc"
)

// examples are the example configurations.
func examples(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(prometheus + "prometheus*.yml")
	if err != nil || len(files) != 3 {
		t.Fatalf("%d example configurations, %v; want 3", len(files), err)
	}
	return files
}

func TestPromtoolAcceptsTheExampleConfigurations(t *testing.T) {
	for _, file := range examples(t) {
		run(t, "check", "config", filepath.Base(file))
		run(t, "check", "config", commentsTaken(t, file))
	}
}

// commentsTaken returns a copy of a file in whose scrapes the keys for newer servers are in force.
func commentsTaken(t *testing.T, file string) string {
	t.Helper()
	newer := regexp.MustCompile(`(?m)^( +)# (\w+_histograms: true)$`)
	text := read(t, file)
	if n := len(newer.FindAllString(text, -1)); n != 2 {
		t.Errorf("%s: %d keys for newer servers, want 2", file, n)
	}
	text = strings.Replace(newer.ReplaceAllString(text, "$1$2"), "- rules.yml", "- "+testproc.Root(t)+"/deploy/prometheus/rules.yml", 1)
	path := filepath.Join(t.TempDir(), "prometheus.yml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// oldest is as much of the configuration of Prometheus 2.42, which Debian 12 has, as the examples need.
// A key has its place here only if that server knows it: it refuses others.
type oldest struct {
	Global struct {
		ScrapeInterval     string            `yaml:"scrape_interval"`
		EvaluationInterval string            `yaml:"evaluation_interval"`
		ExternalLabels     map[string]string `yaml:"external_labels"`
	}
	RuleFiles     []string  `yaml:"rule_files"`
	Alerting      yaml.Node // as the Compose file has it
	ScrapeConfigs []struct {
		JobName        string `yaml:"job_name"`
		ScrapeInterval string `yaml:"scrape_interval"`
		ScrapeTimeout  string `yaml:"scrape_timeout"`
		StaticConfigs  []struct {
			Targets []string
		} `yaml:"static_configs"`
		HTTPSDConfigs []struct {
			URL             string
			RefreshInterval string `yaml:"refresh_interval"`
		} `yaml:"http_sd_configs"`
		RelabelConfigs []struct {
			SourceLabels []string `yaml:"source_labels"`
			Regex        string
			Modulus      int
			Replacement  string
			TargetLabel  string `yaml:"target_label"`
			Action       string
		} `yaml:"relabel_configs"`
	} `yaml:"scrape_configs"`
}

// TestOldServersLoadTheExamples fails for a key that Prometheus 2.42 does not know.
func TestOldServersLoadTheExamples(t *testing.T) {
	for _, file := range append(examples(t), root+"deploy/compose/prometheus.yml") {
		decoder := yaml.NewDecoder(strings.NewReader(read(t, file)))
		decoder.KnownFields(true)
		if err := decoder.Decode(new(oldest)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
