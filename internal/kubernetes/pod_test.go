package kubernetes

import (
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/testproc"
)

// runPod runs the exporter as the pod would: its flags and working directory, its files at their
// places below a directory, and its probes. It returns the targets that the exporter names to Prometheus.
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
	var targets []string
	t.Run("pod", func(t *testing.T) {
		t.Chdir(filepath.Join(dir, container.WorkingDir))
		running := testproc.Start(t, exporter, append(container.Args, "--web.listen-address=127.0.0.1:0")...)
		probe(t, container.LivenessProbe, running.Address, "/-/healthy")
		probe(t, container.ReadinessProbe, running.Address, "/-/ready")
		targets = discover(t, m, running.Address)
	})
	return targets
}

// volume returns the files of a volume. Those of Secrets that are not the chart's are made up.
func volume(t *testing.T, m manifests, p pod, name string) map[string]string {
	t.Helper()
	for _, v := range p.Volumes {
		if v.Name != name {
			continue
		}
		for _, s := range m.all("Secret") {
			if v.Secret.SecretName == s.Metadata.Name {
				return s.StringData
			}
		}
		for _, c := range m.all("ConfigMap") {
			if v.ConfigMap.Name == c.Metadata.Name {
				return c.Data
			}
		}
		switch {
		case name == "tls":
			cert, key := testproc.Certificate(t)
			return map[string]string{"tls.crt": string(cert), "tls.key": string(key)}
		case v.Secret.SecretName != "":
			return map[string]string{"access_key": "AKEXAMPLE\n", "secret_key": "secret-of-the-example\n"}
		case v.ConfigMap.Name != "":
			t.Errorf("there is no ConfigMap %s", v.ConfigMap.Name)
		}
		return nil
	}
	t.Errorf("there is no volume %s", name)
	return nil
}

// unverified is a client that takes any certificate, as the kubelet does.
func unverified(t *testing.T) *http.Client {
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// probe does what the kubelet does. Where it asks for a page, that is the one meant for it.
func probe(t *testing.T, p kubeletProbe, address, path string) {
	t.Helper()
	if p.HTTPGet == nil {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
		return
	}
	if p.HTTPGet.Path != path {
		t.Errorf("probe of %q, want %q", p.HTTPGet.Path, path)
	}
	scheme := "http"
	if p.HTTPGet.Scheme != "" {
		scheme = strings.ToLower(p.HTTPGet.Scheme)
	}
	resp, err := unverified(t).Get(scheme + "://" + address + p.HTTPGet.Path)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("probe of %s: %s", path, resp.Status)
	}
}

// user and password are the ones whose hash testdata/password.yaml has.
const user, password = "prometheus", "password-of-the-example"

// discover returns the projects of the exporter's service discovery and, for those that belong to one,
// the accounts. It asks as the ServiceMonitor tells Prometheus to ask, if there is one.
func discover(t *testing.T, m manifests, address string) []string {
	t.Helper()
	var first endpoint
	if monitors := m.all("ServiceMonitor"); len(monitors) > 0 {
		first = monitors[0].Spec.Endpoints[0]
	}
	scheme := "http"
	if first.Scheme != "" {
		scheme = first.Scheme
	}
	req, err := http.NewRequest(http.MethodGet, scheme+"://"+address+"/service-discovery", nil)
	if err != nil {
		t.Fatal(err)
	}
	if first.BasicAuth != nil {
		req.SetBasicAuth(user, password)
	}
	resp, err := unverified(t).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var groups []struct{ Labels map[string]string }
	if err := json.NewDecoder(resp.Body).Decode(&groups); err != nil {
		t.Fatal(resp.Status, err)
	}
	var targets []string
	for _, g := range groups {
		switch account := g.Labels["__param_account"]; {
		case g.Labels["__param_collect"] == "none": // the process
		case account != "":
			targets = append(targets, "account/"+account)
		default:
			targets = append(targets, g.Labels["__param_project"])
		}
	}
	return slices.Compact(targets)
}
