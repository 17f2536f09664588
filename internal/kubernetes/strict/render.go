package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

const namespace = "monitoring"

// helm renders a chart as `helm template release` does, once `helm lint --strict` has nothing to
// say; or the notes alone.
func helm(path string, valuesFiles []string, notes bool) ([][]byte, error) {
	values := make(map[string]any)
	for _, file := range valuesFiles {
		v, err := chartutil.ReadValuesFile(file)
		if err != nil {
			return nil, err
		}
		values = chartutil.CoalesceTables(v, values)
	}
	var problems []error
	for _, m := range lint.All(path, values, namespace, true).Messages {
		if m.Severity >= support.WarningSev {
			problems = append(problems, m)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	chart, err := loader.Load(path)
	if err != nil {
		return nil, err
	}
	// As `helm template` does it; the capabilities here are those of a helm without ldflags.
	if v := chartutil.DefaultCapabilities.KubeVersion.String(); !chartutil.IsCompatibleRange(chart.Metadata.KubeVersion, v) {
		return nil, fmt.Errorf("kubeVersion %s refuses %s", chart.Metadata.KubeVersion, v)
	}
	release := chartutil.ReleaseOptions{Name: "release", Namespace: namespace, Revision: 1, IsInstall: true}
	all, err := chartutil.ToRenderValues(chart, values, release, chartutil.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	rendered, err := engine.Render(chart, all)
	if err != nil {
		return nil, err
	}
	var manifests [][]byte
	for _, name := range slices.Sorted(maps.Keys(rendered)) {
		if strings.HasSuffix(name, "NOTES.txt") == notes {
			manifests = append(manifests, documents([]byte(rendered[name]))...)
		}
	}
	return manifests, nil
}

// kustomize builds a directory with the options of `kustomize build`.
func kustomize(path string) ([][]byte, error) {
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), path)
	if err != nil {
		return nil, err
	}
	content, err := built.AsYaml()
	return documents(content), err
}

// documents splits YAML at its separators.
func documents(content []byte) [][]byte {
	var all [][]byte
	for _, d := range bytes.Split(append([]byte("\n"), content...), []byte("\n---\n")) {
		if len(bytes.TrimSpace(d)) > 0 {
			all = append(all, d)
		}
	}
	return all
}
