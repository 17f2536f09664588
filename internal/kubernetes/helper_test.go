// Package kubernetes holds the Helm chart and the kustomizations to Kubernetes, to Prometheus
// Operator, and to the exporter. It has no code of its own.
package kubernetes

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"huaweicloud_tag_exporter/internal/testproc"
)

const (
	root    = "../../"
	chart   = root + "deploy/helm/huaweicloud-tag-exporter"
	base    = root + "deploy/kubernetes/base"
	overlay = root + "deploy/kubernetes/overlays/prometheus-operator"
)

// object is as much of a manifest as these tests look at.
type object struct {
	Kind     string
	Metadata struct {
		Name        string
		Labels      map[string]string
		Annotations map[string]string
	}
	Data       map[string]string // of a ConfigMap
	StringData map[string]string // of a Secret
	Spec       struct {
		Selector    json.RawMessage // its form depends on the kind
		PodSelector struct{ MatchLabels map[string]string }
		Template    struct { // of a Deployment
			Metadata struct{ Labels, Annotations map[string]string }
			Spec     pod
		}
		Ports []struct { // of a Service
			Name       string
			TargetPort string
		}
		Egress, Ingress json.RawMessage
		JobLabel        string // of a ServiceMonitor
		Endpoints       []endpoint
		Groups          json.RawMessage // of a PrometheusRule
	}
}

type pod struct {
	Containers []struct {
		Args         []string
		WorkingDir   string
		Ports        []struct{ Name string }
		VolumeMounts []struct{ Name, MountPath string }

		LivenessProbe, ReadinessProbe kubeletProbe
	}
	Volumes []struct {
		Name      string
		ConfigMap struct{ Name string }
		Secret    struct{ SecretName string }
	}
}

// kubeletProbe is a probe of a container. Of the two, one is set.
type kubeletProbe struct {
	HTTPGet   *struct{ Path, Port, Scheme string }
	TCPSocket *struct{ Port string }
}

type endpoint struct {
	Port              string
	Scheme            string
	Params            map[string][]string
	Relabelings       []struct{ TargetLabel, Replacement string }
	BasicAuth         json.RawMessage
	MetricRelabelings json.RawMessage
}

// manifests are the objects of one rendering.
type manifests []object

var built sync.Once

// strict runs the program beside this package: it renders, lints, decodes strictly and checks Pod
// Security. It stands in a module of its own.
func strict(t *testing.T, args ...string) ([]byte, error) {
	t.Helper()
	program := filepath.Join(testproc.Root(t), "bin", "strict-manifests")
	built.Do(func() { testproc.Run(t, "strict", "go", "build", "-o", program, ".") })
	output, err := testproc.Command(t, program, args...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.Stderr, err
	}
	return output, err
}

func render(t *testing.T, args ...string) manifests {
	t.Helper()
	output, err := strict(t, args...)
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, output)
	}
	var all manifests
	if err := json.NewDecoder(bytes.NewReader(output)).Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

func (m manifests) all(kind string) []object {
	var found []object
	for _, o := range m {
		if o.Kind == kind {
			found = append(found, o)
		}
	}
	return found
}

func (m manifests) one(t *testing.T, kind string) object {
	t.Helper()
	found := m.all(kind)
	if len(found) != 1 {
		t.Fatalf("%d of kind %s, want 1", len(found), kind)
	}
	return found[0]
}

func decode(t *testing.T, raw []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("%v in %s", err, raw)
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
