package kubernetes

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"huaweicloud_tag_exporter/collector"
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
			projects := runPod(t, exporter, m)
			if r.watched {
				wantTargets(t, m, projects)
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

// runPod runs the exporter as the pod would: its flags and working directory, its files at their
// places below a directory, and its probes. It returns the projects that the exporter names to Prometheus.
func runPod(t *testing.T, exporter string, m manifests) []string {
	t.Helper()
	pod := m.one(t, "Deployment").Spec.Template.Spec
	container := pod.Containers[0]
	dir := t.TempDir()
	for _, mount := range container.VolumeMounts {
		for name, content := range volume(t, m, pod, mount.Name) {
			path := filepath.Join(dir, mount.MountPath, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	var projects []string
	t.Run("pod", func(t *testing.T) {
		t.Chdir(filepath.Join(dir, container.WorkingDir))
		running := testproc.Start(t, exporter, append(container.Args, "--web.listen-address=127.0.0.1:0")...)
		projects = probe(t, "http://"+running.Address, container.LivenessProbe.HTTPGet.Path, container.ReadinessProbe.HTTPGet.Path)
	})
	return projects
}

// probe gets the paths of the probes, and returns the projects of the service discovery.
func probe(t *testing.T, exporter string, paths ...string) []string {
	t.Helper()
	for _, path := range paths {
		resp, err := http.Get(exporter + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK || !strings.HasPrefix(path, "/-/") {
			t.Errorf("probe of %q: %s", path, resp.Status)
		}
	}
	resp, err := http.Get(exporter + "/service-discovery")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var groups []struct{ Labels map[string]string }
	if err := json.NewDecoder(resp.Body).Decode(&groups); err != nil {
		t.Fatal(err)
	}
	var projects []string
	for _, g := range groups {
		projects = append(projects, g.Labels["__param_project"])
	}
	return slices.Compact(projects)
}

// volume returns the files of a volume. Secrets are by reference, so they are made up here.
func volume(t *testing.T, m manifests, p pod, name string) map[string]string {
	t.Helper()
	for _, v := range p.Volumes {
		if v.Name != name {
			continue
		}
		if v.Secret.SecretName != "" {
			return map[string]string{"access_key": "AKEXAMPLE\n", "secret_key": "secret-of-the-example\n"}
		}
		for _, c := range m.all("ConfigMap") {
			if v.ConfigMap.Name == c.Metadata.Name {
				return c.Data
			}
		}
		if v.ConfigMap.Name != "" {
			t.Errorf("there is no ConfigMap %s", v.ConfigMap.Name)
		}
		return nil
	}
	t.Errorf("there is no volume %s", name)
	return nil
}

// wantTargets checks that each project has its target, and that one more has what is not about any
// project, and only that.
func wantTargets(t *testing.T, m manifests, projects []string) {
	t.Helper()
	port := m.one(t, "Service").Spec.Ports[0].Name
	var scraped []string
	process := 0
	for _, e := range m.one(t, "ServiceMonitor").Spec.Endpoints {
		if e.Port != port {
			t.Errorf("port %q is not the Service's, %q", e.Port, port)
		}
		if len(e.Params) == 0 {
			process++
			if want := []relabeling{withoutProjects()}; !reflect.DeepEqual(e.MetricRelabelings, want) {
				t.Errorf("the process's target would have series twice: %+v, want %+v", e.MetricRelabelings, want)
			}
			continue
		}
		project := e.Params["project"][0]
		scraped = append(scraped, project)
		set := make(map[string]string)
		for _, r := range e.Relabelings {
			// As Prometheus does it, which expands $1 and makes $$ a $.
			set[r.TargetLabel] = regexp.MustCompile("^(.*)$").ReplaceAllString("", r.Replacement)
		}
		if want := map[string]string{"instance": project, "__tmp_hash": project}; !reflect.DeepEqual(set, want) {
			t.Errorf("target labels %v, want %v", set, want)
		}
	}
	if !slices.Equal(scraped, projects) || process != 1 {
		t.Errorf("targets %q and %d of the process; the exporter reads %q", scraped, process, projects)
	}
}

// withoutProjects drops the series that the projects' targets have.
func withoutProjects() relabeling {
	var services []string
	for _, s := range collector.Sources() {
		services = append(services, s.Service)
	}
	return relabeling{
		SourceLabels: []string{"__name__", "cloud_service"},
		Regex:        "huaweicloud_tag_.+;(" + strings.Join(services, "|") + ")",
		Action:       "drop",
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
