package kubernetes

import (
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"huaweicloud_tag_exporter/internal/testproc"
)

var update = flag.Bool("update", false, "write what is generated")

// renderings are all that the tests below look at. watched says that it has what Prometheus
// Operator and Grafana read.
var renderings = []struct {
	name    string
	args    []string
	watched bool
}{
	{"chart", []string{"helm", chart}, false},
	{"chart watched", []string{"helm", chart, "testdata/watched.yaml"}, true},
	{"chart full", []string{"helm", chart, "testdata/full.yaml"}, true},
	{"chart with an account", []string{"helm", chart, "testdata/watched.yaml", "testdata/account.yaml"}, true},
	{"chart with TLS", []string{"helm", chart, "testdata/watched.yaml", "testdata/tls.yaml"}, true},
	{"chart with passwords", []string{"helm", chart, "testdata/watched.yaml", "testdata/password.yaml"}, true},
	{"chart with TLS and passwords", []string{"helm", chart, "testdata/watched.yaml", "testdata/tls.yaml", "testdata/password.yaml"}, true},
	{"base", []string{"kustomize", base}, false},
	{"overlay", []string{"kustomize", overlay}, true},
	{"own", []string{"kustomize", "testdata/own"}, true},
}

func TestManifests(t *testing.T) {
	exporter := testproc.Exporter(t)
	for _, r := range renderings {
		t.Run(r.name, func(t *testing.T) {
			m := render(t, r.args...)
			wantSelected(t, m)
			targets := runPod(t, exporter, m)
			if r.watched {
				wantTargets(t, m, targets)
				wantRules(t, m)
				wantDashboards(t, m)
			}
		})
	}
}

// wantSelected checks that what looks for the pods, and for the Service, finds them.
func wantSelected(t *testing.T, m manifests) {
	t.Helper()
	deployment, service, policy := m.one(t, "Deployment"), m.one(t, "Service"), m.one(t, "NetworkPolicy")
	type matchLabels struct{ MatchLabels map[string]string }
	var ofDeployment matchLabels
	var ofService map[string]string
	decode(t, deployment.Spec.Selector, &ofDeployment)
	decode(t, service.Spec.Selector, &ofService)
	labels := deployment.Spec.Template.Metadata.Labels
	wantSubset(t, "Deployment", ofDeployment.MatchLabels, labels)
	wantSubset(t, "Service", ofService, labels)
	wantSubset(t, "NetworkPolicy", policy.Spec.PodSelector.MatchLabels, labels)
	ports := deployment.Spec.Template.Spec.Containers[0].Ports
	if len(ports) != 1 || len(service.Spec.Ports) != 1 || service.Spec.Ports[0].TargetPort != ports[0].Name {
		t.Errorf("the Service's ports %v are not the pods' %v", service.Spec.Ports, ports)
	}
	if !strings.Contains(string(policy.Spec.Ingress), `"port":"`+ports[0].Name+`"`) {
		t.Errorf("the NetworkPolicy does not let scrapes in: %s", policy.Spec.Ingress)
	}
	if monitors := m.all("ServiceMonitor"); len(monitors) > 0 {
		var ofMonitor matchLabels
		decode(t, monitors[0].Spec.Selector, &ofMonitor)
		wantSubset(t, "ServiceMonitor", ofMonitor.MatchLabels, service.Metadata.Labels)
		job := service.Metadata.Labels[monitors[0].Spec.JobLabel]
		if wanted := jobOfTheRules(t); !wanted.MatchString(job) {
			t.Errorf("job %q is none of the rules' jobs %s", job, wanted)
		}
	}
}

func wantSubset(t *testing.T, what string, selector, labels map[string]string) {
	t.Helper()
	if len(selector) == 0 {
		t.Errorf("%s selects everything", what)
	}
	for name, value := range selector {
		if labels[name] != value {
			t.Errorf("%s selects %s=%q, which the labels %v are not", what, name, value, labels)
		}
	}
}

// jobOfTheRules returns what the alert about a missing exporter takes for one.
func jobOfTheRules(t *testing.T) *regexp.Regexp {
	t.Helper()
	found := regexp.MustCompile(`absent\(up\{job=~"([^"]+)"`).FindStringSubmatch(read(t, root+"deploy/prometheus/rules.yml"))
	if found == nil {
		t.Fatal("no alert about a missing exporter")
	}
	return regexp.MustCompile("^(?:" + found[1] + ")$")
}

// wantTargets checks that each project of no account and each account has its target, and that one more
// has what is not about any of them, and reads nothing.
func wantTargets(t *testing.T, m manifests, want []string) {
	t.Helper()
	port := m.one(t, "Service").Spec.Ports[0].Name
	var scraped []string
	process := 0
	for _, e := range m.one(t, "ServiceMonitor").Spec.Endpoints {
		if e.Port != port {
			t.Errorf("port %q is not the Service's, %q", e.Port, port)
		}
		if e.MetricRelabelings != nil {
			t.Errorf("series are dropped, which were read for nothing then: %s", e.MetricRelabelings)
		}
		if reflect.DeepEqual(e.Params, map[string][]string{"collect": {"none"}}) {
			process++
			continue
		}
		name := strings.Join(e.Params["project"], "+")
		if name == "" {
			name = "account/" + strings.Join(e.Params["account"], "+")
		}
		scraped = append(scraped, name)
		set := make(map[string]string)
		for _, r := range e.Relabelings {
			// As Prometheus does it, which expands $1 and makes $$ a $.
			set[r.TargetLabel] = regexp.MustCompile("^(.*)$").ReplaceAllString("", r.Replacement)
		}
		if want := map[string]string{"instance": name, "__tmp_hash": name}; !reflect.DeepEqual(set, want) {
			t.Errorf("target labels %v, want %v", set, want)
		}
	}
	if !slices.Equal(scraped, want) || process != 1 {
		t.Errorf("targets %q and %d of the process; the exporter reads %q", scraped, process, want)
	}
}

// TestAccounts checks that an account is one target, with the projects that belong to it, and that a
// target about another project says so: IAM may name one like it.
func TestAccounts(t *testing.T) {
	const project = "region: a, project_id: b"
	for _, tt := range []struct {
		config string
		want   []string // the parameters of the targets
	}{
		{`projects: [], accounts: [{name: shop, config: {}}]`, []string{"account=shop"}},
		{
			`projects: [{name: p, ` + project + `}, {name: q, account: shop, ` + project + `}, {name: r, account: other, ` + project + `}], accounts: [{name: shop, discover: {}}]`,
			[]string{"account=&project=p", "account=other&project=r", "account=shop"},
		},
		{`projects: [{name: q, account: shop, ` + project + `}]`, []string{"project=q"}},
	} {
		m := render(t, "helm", chart, valuesFile(t, "{serviceMonitor: {enabled: true}, config: {"+tt.config+"}}"))
		var got []string
		named := make(map[string]bool)
		for _, e := range m.one(t, "ServiceMonitor").Spec.Endpoints {
			got = append(got, url.Values(e.Params).Encode())
			for _, r := range e.Relabelings {
				named[r.TargetLabel+"="+r.Replacement] = true
			}
		}
		if want := slices.Concat(tt.want, []string{"collect=none"}); !slices.Equal(got, want) {
			t.Errorf("%s: targets %q, want %q", tt.config, got, want)
		}
		if len(named) != 2*len(tt.want) { // an instance and a hash for each
			t.Errorf("%s: labels %v", tt.config, named)
		}
	}
}

// wantRules checks that Prometheus gets the rules of deploy/prometheus, all of them and as they are.
func wantRules(t *testing.T, m manifests) {
	t.Helper()
	var got any
	decode(t, m.one(t, "PrometheusRule").Spec.Groups, &got)
	var want struct{ Groups any }
	if err := yaml.Unmarshal([]byte(read(t, root+"deploy/prometheus/rules.yml")), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want.Groups) {
		t.Error("the rules are not those of deploy/prometheus/rules.yml")
	}
	content, err := yaml.Marshal(map[string]any{"groups": got})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "rules.yml")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	testproc.Run(t, ".", testproc.Tool(t, "promtool"), "check", "rules", "--lint=all", "--lint-fatal", path)
}

// wantDashboards checks that Grafana gets each dashboard, as it is.
func wantDashboards(t *testing.T, m manifests) {
	t.Helper()
	files, err := filepath.Glob(root + "dashboards/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no dashboards: %v", err)
	}
	got, want := make(map[string]string), make(map[string]string)
	for _, c := range m.all("ConfigMap") {
		if c.Metadata.Labels["grafana_dashboard"] == "1" {
			for name, content := range c.Data {
				got[name] = content
			}
		}
	}
	for _, file := range files {
		want[filepath.Base(file)] = read(t, file)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%d dashboards, of which not all are those of dashboards/, %d", len(got), len(want))
	}
}

// TestGenerated holds the overlay's rules to their source. Kustomize can put a file into a
// ConfigMap only, and Prometheus Operator reads no rules from there.
func TestGenerated(t *testing.T) {
	want := "# Generated from deploy/prometheus/rules.yml by `make golden`; a test holds it. Change that file.\n" +
		"apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: huaweicloud-tag-exporter\nspec:\n" +
		regexp.MustCompile(`(?m)^(.)`).ReplaceAllString(read(t, root+"deploy/prometheus/rules.yml"), "  $1")
	path := overlay + "/prometheusrule.yaml"
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if read(t, path) != want {
		t.Errorf("%s is not what deploy/prometheus/rules.yml makes it: run make golden", path)
	}
}
