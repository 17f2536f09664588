package kubernetes

import (
	"cmp"
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

// hash has the form of a bcrypt hash, as the web configuration has for a password.
const hash = "$2y$10$abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0"

// TestRefused shows that what is wrong does not get through: by the schema, by strict decoding, by
// Pod Security.
func TestRefused(t *testing.T) {
	for _, tt := range []struct{ name, values, want string }{
		{"a value that is none", "replicas: 2", "additional properties 'replicas' not allowed"},
		{"a key that the configuration has not", "config: {polcy: {}}", "additional properties 'polcy' not allowed"},
		{"neither projects nor accounts", "config: {projects: []}", "minItems"},
		{"projects taken away", "config: {projects: null}", "missing property 'projects'"},
		{"an account without a name", "config: {accounts: [{config: {}}]}", "missing property 'name'"},
		{"a project without region", "config: {projects: [{project_id: a}]}", "missing property 'region'"},
		{"a project ID of digits, without quotes", "config: {projects: [{region: a, project_id: 123}]}", "want string"},
		{"a port that is none", "service: {port: 70000}", "maximum"},
		{"a duration without unit", "serviceMonitor: {interval: '60'}", "does not match pattern"},
		{"a duration of the wrong order", "serviceMonitor: {interval: 30s1m}", "does not match pattern"},
		{"a timeout longer than the interval", "serviceMonitor: {interval: 30s}", "at most the interval: 50s, and the interval is 30s"},
		{"the same in other units", "serviceMonitor: {interval: 1m, scrapeTimeout: 1m30s}", "at most the interval"},
		{"the same by a millisecond", "serviceMonitor: {interval: 1h, scrapeTimeout: 1h1ms}", "at most the interval"},
		{"no time at all", "serviceMonitor: {scrapeTimeout: 0s}", "above 0"},
		{"a name that no Service may have", "fullnameOverride: Bad_Name", "does not match pattern"},
		{"a name that begins with a digit", "fullnameOverride: 1st", "does not match pattern"},
		{"a name that is too long", "fullnameOverride: " + strings.Repeat("a", 64), "maxLength"},
		{"a name of another chart's habit", "nameOverride: tags", "additional properties 'nameOverride' not allowed"},
		{"a Secret that no name can be", "existingSecret: My_Secret", "does not match pattern"},
		{"labels that the Service selects by", "podLabels: {app.kubernetes.io/name: tags}", "/podLabels/app.kubernetes.io~1name"},
		{"a password that is no hash", "web: {config: {basic_auth_users: {prometheus: secret}}}", "does not match pattern"},
		{"a password that Prometheus does not know", "{web: {config: {basic_auth_users: {a: " + hash + "}}}, serviceMonitor: {enabled: true}}", "serviceMonitor.basicAuth"},
		{"a certificate that Prometheus cannot verify", "{web: {config: {tls_server_config: {cert_file: a}}}, serviceMonitor: {enabled: true}}", "serviceMonitor.tlsConfig"},
		{"a limit of requests, which refuses probes", "web: {config: {rate_limit: {interval: 1s}}}", "additional properties 'rate_limit' not allowed"},
		{"a digest that is none", "image: {digest: latest}", "does not match pattern"},
		{"a policy that goes to pull", "image: {pullPolicy: Sometimes}", "value must be one of"},
		{"an argument that is no flag", "extraArgs: [debug]", "does not match pattern"},
		{"a flag that moves the port", "extraArgs: ['--web.listen-address=:8080']", "port 10240"},
		{"a flag that moves the metrics", "extraArgs: [--web.telemetry-path=/m]", "/metrics"},
		{"a flag that takes the port from systemd", "extraArgs: [--web.systemd-socket]", "port 10240"},
		{"a web configuration that the probes do not know", "extraArgs: [--web.config.file=/web.yml]", "Set web.config"},
		{"a flag that ends the exporter", "extraArgs: [--config.check]", "ends at once"},
		{"the same by its variable", "env: [{name: HUAWEICLOUD_TAG_EXPORTER_WEB_LISTEN_ADDRESS, value: ':8080'}]", "extraArgs refuses"},
		{"a variable that is a number", "env: [{name: HTTPS_PROXY, value: 1}]", "want string"},
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
		{"an account in place of projects", "config: {projects: [], accounts: [{name: a}]}", []string{image}},
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
	for _, path := range []string{"ServiceMonitor.spec.endpoints", "ServiceMonitor.spec.jobLabel"} {
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

// TestProbes checks that the kubelet, which has neither a password nor a certificate, is not refused.
func TestProbes(t *testing.T) {
	for values, want := range map[string]string{
		"{}": "HTTP",
		"web: {config: {http_server_config: {http2: false}}}":                                                           "HTTP",
		"web: {config: {tls_server_config: {cert_file: a, key_file: b}}}":                                               "HTTPS",
		"web: {config: {tls_server_config: {cert_file: a, key_file: b, client_auth_type: VerifyClientCertIfGiven}}}":    "HTTPS",
		"web: {config: {tls_server_config: {cert_file: a, key_file: b, client_auth_type: RequireAndVerifyClientCert}}}": "the port",
		"web: {config: {tls_server_config: {cert_file: a, key_file: b}, basic_auth_users: {prometheus: " + hash + "}}}": "the port",
		"web: {config: {basic_auth_users: {prometheus: " + hash + "}}}":                                                 "the port",
	} {
		container := render(t, "helm", chart, valuesFile(t, values)).one(t, "Deployment").Spec.Template.Spec.Containers[0]
		for _, p := range []kubeletProbe{container.LivenessProbe, container.ReadinessProbe} {
			got := "the port"
			if p.HTTPGet != nil {
				got = cmp.Or(p.HTTPGet.Scheme, "HTTP")
			}
			if got != want {
				t.Errorf("%s: asks for %s, want %s", values, got, want)
			}
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
		{"config: {credentials: {keys: {token_file: a}}, projects: [], accounts: [{name: a, credentials: keys}]}", false},
		{"config: {credentials: {keys: {token_file: a}}, projects: [], accounts: [{name: a}]}", true},
	} {
		egress := string(render(t, "helm", chart, valuesFile(t, tt.values)).one(t, "NetworkPolicy").Spec.Egress)
		if got := strings.Contains(egress, "169.254.169.254/32"); got != tt.want {
			t.Errorf("%s: allowed %v, want %v", tt.values, got, tt.want)
		}
	}
}
