package kubernetes

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/testproc"
)

// TestDocumentation holds docs/deployment.md to files that the tests beside it use.
func TestDocumentation(t *testing.T) {
	text := read(t, root+"docs/deployment.md")
	for _, file := range []string{"testdata/own/kustomization.yaml", "testdata/own/huaweicloud_tag_exporter.yml"} {
		// In the documentation, the repository is not three directories up.
		content := strings.Replace(read(t, file), "../../../../deploy", "huaweicloud_tag_exporter/deploy", 1)
		if !strings.Contains(text, "```yaml\n"+content+"```") {
			t.Errorf("docs/deployment.md does not show %s:\n%s", file, content)
		}
	}
	exporter := testproc.Exporter(t)
	for _, first := range []string{"image", "web"} {
		values := regexp.MustCompile("(?s)```yaml\n(" + first + ":.*?)```").FindStringSubmatch(text)
		if values == nil {
			t.Fatalf("no values that begin with %s", first)
		}
		m := render(t, "helm", chart, valuesFile(t, values[1]))
		wantTargets(t, m, runPod(t, exporter, m))
	}
}

// TestDocumentedManifests holds the manifests of all pages to their types. Kustomizations are none.
func TestDocumentedManifests(t *testing.T) {
	pages, err := filepath.Glob(root + "docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	decoded := 0
	for _, page := range pages {
		for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(read(t, page), -1) {
			version := regexp.MustCompile(`(?m)^apiVersion: (.*)$`).FindStringSubmatch(block[1])
			if version == nil || strings.HasPrefix(version[1], "kustomize.config.k8s.io/") {
				continue
			}
			decoded++
			if output, err := strict(t, "decode", valuesFile(t, block[1])); err != nil {
				t.Errorf("%s: %v\n%s", filepath.Base(page), err, output)
			}
		}
	}
	if decoded == 0 {
		t.Error("no manifests")
	}
}

// TestOneVersion holds all that name the exporter's version together.
func TestOneVersion(t *testing.T) {
	var first string
	for _, tt := range []struct {
		file  string
		times int
	}{
		{chart + "/Chart.yaml", 2},
		{base + "/kustomization.yaml", 1},
		{root + "docs/deployment.md", 2},
	} {
		found := regexp.MustCompile(`(?m)^ *(?:version|appVersion|tag|newTag): (.+)$`).FindAllStringSubmatch(read(t, tt.file), -1)
		if len(found) != tt.times {
			t.Errorf("%s: %d versions, want %d", tt.file, len(found), tt.times)
		}
		for _, v := range found {
			if first == "" {
				first = v[1]
			}
			if v[1] != first {
				t.Errorf("%s: %s, not %s as %s has it", tt.file, v[0], first, chart)
			}
		}
	}
}
