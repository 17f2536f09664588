package kubernetes

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/testproc"
)

// valuesFile writes a file of values.
func valuesFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "values.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestRefused shows that what is wrong does not get through: by the schema, by strict decoding, by
// Pod Security.
func TestRefused(t *testing.T) {
	for _, tt := range []struct{ name, values, want string }{
		{"a value that is none", "replicas: 2", "additional properties 'replicas' not allowed"},
		{"a key that the configuration has not", "config: {polcy: {}}", "additional properties 'polcy' not allowed"},
		{"no projects", "config: {projects: []}", "minItems"},
		{"a project without region", "config: {projects: [{project_id: a}]}", "missing property 'region'"},
		{"a project ID of digits, without quotes", "config: {projects: [{region: a, project_id: 123}]}", "want string"},
		{"a port that is none", "service: {port: 70000}", "maximum"},
		{"a duration without unit", "serviceMonitor: {interval: '60'}", "does not match pattern"},
		{"a digest that is none", "image: {digest: latest}", "does not match pattern"},
		{"a policy that goes to pull", "image: {pullPolicy: Sometimes}", "value must be one of"},
		{"an argument that is no flag", "extraArgs: [debug]", "does not match pattern"},
		{"a file in the configuration's place", "files: {huaweicloud_tag_exporter.yml: ''}", "'not' failed"},
		{"a field that Kubernetes has not", "resources: {limit: {memory: 1Gi}}", `unknown field "spec.template.spec.containers[0].resources.limit"`},
		{"a pod that runs as root", "podSecurityContext: {runAsNonRoot: false}", "runAsNonRoot"},
		{"a writable volume of the node", "extraVolumes: [{name: a, hostPath: {path: /}}]", "hostPath"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			output, err := strict(t, "helm", chart, valuesFile(t, tt.values))
			if err == nil || !strings.Contains(string(output), tt.want) {
				t.Errorf("%v\n%s\nwant %q", err, output, tt.want)
			}
		})
	}
}

// TestWithoutLinks renders the chart of a checkout that has the links as files with their targets.
func TestWithoutLinks(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(chart)); err != nil {
		t.Fatal(err)
	}
	for _, link := range []string{"files/rules.yml", "files/dashboards"} {
		target, err := os.Readlink(filepath.Join(chart, link))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, link), []byte(target), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if output, err := strict(t, "helm", dir); err != nil {
		t.Errorf("%v\n%s\nthe exporter alone needs none of them", err, output)
	}
	for _, tt := range []struct{ values, want string }{
		{"prometheusRule: {enabled: true}", "files/rules.yml has no rules"},
		{"dashboards: {enabled: true}", "files/dashboards has no dashboards"},
	} {
		output, err := strict(t, "helm", dir, valuesFile(t, tt.values))
		if err == nil || !strings.Contains(string(output), tt.want) {
			t.Errorf("%v\n%s\nwant %q", err, output, tt.want)
		}
	}
}

// TestNotes checks that whoever installs the examples is told what to set.
func TestNotes(t *testing.T) {
	const project, image = "set config.projects", "image.repository"
	for _, tt := range []struct {
		name, values string
		want         []string
	}{
		{"the defaults", "{}", []string{project, image}},
		{"an image", "image: {repository: swr.example.com/a}", []string{project}},
		{"a project", "config: {projects: [{region: a, project_id: b}]}", []string{image}},
		{"both", "{image: {repository: swr.example.com/a}, config: {projects: [{region: a, project_id: b}]}}", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			notes, err := strict(t, "notes", chart, valuesFile(t, tt.values))
			if err != nil {
				t.Fatalf("%v\n%s", err, notes)
			}
			var got []string
			for _, hint := range []string{project, image} {
				if strings.Contains(string(notes), hint) {
					got = append(got, hint)
				}
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("hints %q, want %q, in\n%s", got, tt.want, notes)
			}
		})
	}
}

// TestFlags holds the pods' flags to the program's help, and the flags that the values name.
func TestFlags(t *testing.T) {
	help, err := testproc.Command(t, testproc.Exporter(t), "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{read(t, chart+"/values.yaml")}
	for _, r := range renderings {
		texts = append(texts, render(t, r.args...).one(t, "Deployment").Spec.Template.Spec.Containers[0].Args...)
	}
	for _, text := range texts {
		for _, flag := range regexp.MustCompile(`--([a-z][a-z.-]+)`).FindAllStringSubmatch(text, -1) {
			if !regexp.MustCompile(`--(\[no-\])?` + regexp.QuoteMeta(flag[1]) + `\b`).Match(help) {
				t.Errorf("the exporter has no flag --%s", flag[1])
			}
		}
	}
}

// TestOnePod holds the chart and the base together: the same pods, reached and reaching out in the
// same ways.
func TestOnePod(t *testing.T) {
	inChart := everything(t, "helm", chart, valuesFile(t, "{fullnameOverride: huaweicloud-tag-exporter, existingSecret: huaweicloud-tag-exporter}"))
	inBase := everything(t, "kustomize", base)
	optional(inBase)
	for _, path := range []string{
		"Deployment.spec.replicas", "Deployment.spec.strategy", "Deployment.spec.template.spec",
		"Service.spec.ports", "NetworkPolicy.spec.ingress", "NetworkPolicy.spec.egress",
		"ServiceAccount.automountServiceAccountToken",
	} {
		if c, b := at(inChart, path), at(inBase, path); c == nil || !reflect.DeepEqual(c, b) {
			t.Errorf("%s in the chart:\n%v\nin the base:\n%v", path, c, b)
		}
	}
	inChart = everything(t, "helm", chart, "testdata/watched.yaml")
	inOverlay := everything(t, "kustomize", overlay)
	for _, path := range []string{"ServiceMonitor.spec.endpoints", "ServiceMonitor.spec.jobLabel", "ServiceMonitor.spec.scrapeNativeHistograms", "ServiceMonitor.spec.scrapeClassicHistograms"} {
		if c, o := at(inChart, path), at(inOverlay, path); c == nil || !reflect.DeepEqual(c, o) {
			t.Errorf("%s in the chart:\n%v\nin the overlay:\n%v", path, c, o)
		}
	}
}

// everything returns the manifests by kind, whole.
func everything(t *testing.T, args ...string) map[string]any {
	t.Helper()
	output, err := strict(t, args...)
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, output)
	}
	var all []map[string]any
	decode(t, output, &all)
	kinds := make(map[string]any)
	for _, o := range all {
		kinds[o["kind"].(string)] = o
	}
	return kinds
}

// optional takes away how the base differs on purpose: its Secret may be missing, since a chart
// can leave the volume out and a base cannot; and its ConfigMap's name ends in a checksum.
func optional(manifests map[string]any) {
	for _, v := range at(manifests, "Deployment.spec.template.spec.volumes").([]any) {
		if secret, ok := v.(map[string]any)["secret"].(map[string]any); ok {
			delete(secret, "optional")
		}
		if config, ok := v.(map[string]any)["configMap"].(map[string]any); ok {
			name := config["name"].(string)
			config["name"] = name[:strings.LastIndex(name, "-")]
		}
	}
}

func at(manifests any, path string) any {
	for key := range strings.SplitSeq(path, ".") {
		m, ok := manifests.(map[string]any)
		if !ok {
			return nil
		}
		manifests = m[key]
	}
	return manifests
}

// TestChangedConfiguration checks that a new configuration, or a file that it names, starts a new
// pod, and that nothing else in the chart does.
func TestChangedConfiguration(t *testing.T) {
	checksum := func(values string) string {
		pod := render(t, "helm", chart, valuesFile(t, values)).one(t, "Deployment").Spec.Template
		return pod.Metadata.Annotations["checksum/config"]
	}
	before := checksum("{}")
	for _, tt := range []struct {
		values string
		same   bool
	}{
		{"config: {defaults: {max_retries: 1}}", false},
		{"files: {tag-policy.json: '{}'}", false},
		{"service: {port: 80}", true},
	} {
		if after := checksum(tt.values); (after == before) != tt.same {
			t.Errorf("%s: checksum %s, before %s", tt.values, after, before)
		}
	}
}

// TestMetadataService checks that only pods that take their keys from the metadata service may ask
// it: it hands out the node's keys.
func TestMetadataService(t *testing.T) {
	for _, tt := range []struct {
		values string
		want   bool
	}{
		{"{}", true},
		{"config: {credentials: {default: {token_file: a}}}", false},
		{"config: {credentials: {default: {token_file: a}, agency: {}}}", false},
		{"config: {credentials: {keys: {token_file: a}}, projects: [{region: a, project_id: b, credentials: keys}]}", false},
		{"config: {credentials: {keys: {token_file: a}}, projects: [{region: a, project_id: b, credentials: keys}, {region: a, project_id: c}]}", true},
		{"config: {credentials: {default: null, agency: {}}, projects: [{region: a, project_id: b, credentials: agency}]}", true},
	} {
		egress := string(render(t, "helm", chart, valuesFile(t, tt.values)).one(t, "NetworkPolicy").Spec.Egress)
		if got := strings.Contains(egress, "169.254.169.254/32"); got != tt.want {
			t.Errorf("%s: allowed %v, want %v", tt.values, got, tt.want)
		}
	}
}
