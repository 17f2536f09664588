package image

import (
	"net"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"huaweicloud_tag_exporter/internal/testproc"
)

const compose = root + "deploy/compose/"

// project is as much of compose.yaml as these tests look at.
type project struct {
	Services map[string]service
}

type service struct {
	Image       string
	Build       struct{ Context string }
	Command     []string
	Environment map[string]string
	ReadOnly    bool     `json:"read_only"`
	CapDrop     []string `json:"cap_drop"`
	SecurityOpt []string `json:"security_opt"`
	Healthcheck any
	PullPolicy  string `json:"pull_policy"`
	Ports       []struct {
		HostIP string `json:"host_ip"`
		Target int
	}
	Volumes []struct {
		Type, Source, Target string
		ReadOnly             bool `json:"read_only"`
	}
}

func load(t *testing.T, overrides ...string) project {
	t.Helper()
	var p project
	understood(t, &p, "compose", append([]string{compose + "compose.yaml"}, overrides...)...)
	for _, name := range []string{"exporter", "prometheus", "alertmanager", "grafana"} {
		if _, ok := p.Services[name]; !ok {
			t.Fatalf("no service %s", name)
		}
	}
	return p
}

// host returns the file of this tree that a service sees at a path.
func (s service) host(t *testing.T, path string) string {
	t.Helper()
	for _, v := range s.Volumes {
		if rest, ok := strings.CutPrefix(path, v.Target); ok && v.Type == "bind" && (rest == "" || rest[0] == '/') {
			return v.Source + rest
		}
	}
	t.Fatalf("%s has no file %s", s.Image, path)
	return ""
}

func decode(t *testing.T, path string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, path)), into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func TestServices(t *testing.T) {
	pinned := regexp.MustCompile(`^(prom/prometheus|prom/alertmanager|grafana/grafana):v?\d+\.\d+\.\d+$`)
	for name, s := range load(t).Services {
		switch {
		case name != "exporter":
			if !pinned.MatchString(s.Image) {
				t.Errorf("%s: image %s is not pinned", name, s.Image)
			}
		case s.PullPolicy != "build" || s.Healthcheck != nil:
			t.Errorf("%s: pull policy %q, health check %v", name, s.PullPolicy, s.Healthcheck)
		default:
			if _, err := os.Stat(filepath.Join(s.Build.Context, "Dockerfile")); err != nil {
				t.Error(err)
			}
		}
		if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Equal(s.SecurityOpt, []string{"no-new-privileges:true"}) {
			t.Errorf("%s is not confined: %+v", name, s)
		}
		for _, p := range s.Ports {
			if p.HostIP != "127.0.0.1" {
				t.Errorf("%s: others can reach port %d", name, p.Target)
			}
		}
		for _, v := range s.Volumes {
			if v.Type != "bind" {
				continue
			}
			if _, err := os.Stat(v.Source); err != nil || !v.ReadOnly {
				t.Errorf("%s: %s: %v, read-only: %t", name, v.Source, err, v.ReadOnly)
			}
		}
	}
}

// documented returns the block of a page that begins with a key.
func documented(t *testing.T, page, key string) string {
	t.Helper()
	block := regexp.MustCompile("(?s)```yaml\n(" + key + ":.*?)```").FindStringSubmatch(read(t, root+page))
	if block == nil {
		t.Fatalf("%s has no %s", page, key)
	}
	return block[1]
}

// TestAccount loads what is documented for a real account on top of the demo.
func TestAccount(t *testing.T) {
	account := filepath.Join(t.TempDir(), "account.yaml")
	if err := os.WriteFile(account, []byte(documented(t, "docs/deployment.md", "services")), 0o600); err != nil {
		t.Fatal(err)
	}
	exporter := load(t, account).Services["exporter"]
	if len(exporter.Command) > 0 {
		t.Errorf("the demo's arguments stay: %q", exporter.Command)
	}
	for _, name := range []string{"HUAWEICLOUD_ACCESS_KEY", "HUAWEICLOUD_SECRET_KEY"} {
		if _, ok := exporter.Environment[name]; !ok {
			t.Errorf("the exporter does not get %s", name)
		}
	}
	path, err := filepath.Abs(compose + "huaweicloud_tag_exporter.yml")
	if err != nil {
		t.Fatal(err)
	}
	if got := exporter.host(t, "/etc/huaweicloud_tag_exporter/huaweicloud_tag_exporter.yml"); got != path {
		t.Errorf("the configuration is %s, want %s", got, path)
	}
	if !exporter.ReadOnly || exporter.PullPolicy != "build" {
		t.Errorf("what the override does not name is lost: %+v", exporter)
	}
}

// TestFlags runs what can be run here: Alertmanager is not.
func TestFlags(t *testing.T) {
	services := load(t).Services
	for name, program := range map[string]string{"exporter": testproc.Exporter(t), "prometheus": testproc.Tool(t, "prometheus")} {
		help, err := testproc.Command(t, program, "--help").CombinedOutput()
		if err != nil {
			t.Fatal(err)
		}
		if len(services[name].Command) == 0 {
			t.Errorf("%s: no command", name)
		}
		for _, argument := range services[name].Command {
			flag, _, _ := strings.Cut(strings.TrimPrefix(argument, "--"), "=")
			if known := regexp.MustCompile(`(?m)^ +(-\w, )?--(\[no-\])?` + regexp.QuoteMeta(flag) + `\b`); !known.Match(help) {
				t.Errorf("%s has no flag %s", name, argument)
			}
		}
	}
}

// TestPrometheus lays the files out as in the container, and asks promtool.
func TestPrometheus(t *testing.T) {
	p := load(t)
	prometheus := p.Services["prometheus"]
	dir := t.TempDir()
	for _, v := range prometheus.Volumes {
		if v.Type != "bind" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(v.Target)), []byte(read(t, v.Source)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	testproc.Run(t, dir, testproc.Tool(t, "promtool"), "check", "config", "--lint=all", "--lint-fatal", "prometheus.yml")

	file := "/etc/prometheus/prometheus.yml"
	if !slices.Contains(prometheus.Command, "--config.file="+file) {
		t.Errorf("Prometheus does not read %s", file)
	}
	type targets []struct {
		Static []struct{ Targets []string } `yaml:"static_configs"`
	}
	var config struct {
		Alerting struct{ Alertmanagers targets }
		Scrapes  targets `yaml:"scrape_configs"`
	}
	decode(t, prometheus.host(t, file), &config)
	var addresses []string
	for _, group := range slices.Concat(config.Scrapes, config.Alerting.Alertmanagers) {
		for _, static := range group.Static {
			addresses = append(addresses, static.Targets...)
		}
	}
	if want := []string{"exporter:10240", "alertmanager:9093"}; !slices.Equal(addresses, want) {
		t.Errorf("Prometheus talks to %q, want %q", addresses, want)
	}
	for _, address := range addresses {
		p.wantPort(t, address)
	}
}

// wantPort fails if no service listens there.
func (p project) wantPort(t *testing.T, address string) {
	t.Helper()
	name, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	for _, listens := range p.Services[name].Ports {
		if strconv.Itoa(listens.Target) == port {
			return
		}
	}
	t.Errorf("nothing listens on %s", address)
}

// TestAlertmanager also holds the inhibitions to those that the runbooks advise.
func TestAlertmanager(t *testing.T) {
	alertmanager := load(t).Services["alertmanager"]
	file := "/etc/alertmanager/alertmanager.yml"
	if !slices.Contains(alertmanager.Command, "--config.file="+file) {
		t.Errorf("Alertmanager does not read %s", file)
	}
	var accepted struct{ Receivers []struct{ Name string } }
	understood(t, &accepted, "alertmanager", alertmanager.host(t, file))
	if len(accepted.Receivers) != 1 {
		t.Errorf("receivers %v", accepted.Receivers)
	}

	type inhibitions struct {
		Rules []map[string][]string `yaml:"inhibit_rules"`
	}
	var configured, advised inhibitions
	decode(t, alertmanager.host(t, file), &configured)
	if err := yaml.Unmarshal([]byte(documented(t, "docs/runbooks.md", "inhibit_rules")), &advised); err != nil {
		t.Fatal(err)
	}
	if len(advised.Rules) == 0 || !reflect.DeepEqual(configured, advised) {
		t.Errorf("inhibitions\n%v\nthe runbooks advise\n%v", configured, advised)
	}
}

// TestGrafana cannot ask Grafana, so it follows each path and name by itself.
func TestGrafana(t *testing.T) {
	p := load(t)
	grafana := p.Services["grafana"]
	var sources struct {
		Datasources []struct {
			Type, URL string
			IsDefault bool `yaml:"isDefault"`
		}
	}
	decode(t, grafana.host(t, "/etc/grafana/provisioning/datasources/datasources.yml"), &sources)
	// The dashboards take the default one, if it is of this type.
	if len(sources.Datasources) != 1 || sources.Datasources[0].Type != "prometheus" || !sources.Datasources[0].IsDefault {
		t.Fatalf("data sources %+v", sources)
	}
	p.wantPort(t, strings.TrimPrefix(sources.Datasources[0].URL, "http://"))

	var providers struct {
		Providers []struct {
			Type    string
			Options struct{ Path string }
		}
	}
	decode(t, grafana.host(t, "/etc/grafana/provisioning/dashboards/dashboards.yml"), &providers)
	if len(providers.Providers) != 1 || providers.Providers[0].Type != "file" {
		t.Fatalf("providers %+v", providers)
	}
	provided, err := filepath.Glob(filepath.Join(grafana.host(t, providers.Providers[0].Options.Path), "*.json"))
	if err != nil || len(provided) != 4 {
		t.Errorf("%d dashboards, %v; want 4", len(provided), err)
	}
	if _, err := os.Stat(grafana.host(t, grafana.Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])); err != nil {
		t.Error(err)
	}
}
