package kubernetes

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// odd are texts that YAML takes for something else without quotes, in one version or another. Helm
// would write them as what it took them for: 0012 as 10.
var odd = []string{
	"yes", "no", "on", "Off", "y", "true", "0012", "1.10", "12_000", "0x1F", "0o17", "0b1", "1e3", "100", ".inf",
	"054901234567012345678901234567e12", "2026-01-01", "12:30:45", "=",
}

// textValues has a text wherever the exporter reads one. It need not make sense.
const textValues = `
config:
  credentials: {default: {token: @, iam_endpoint: @}}
  defaults: {request_timeout: @}
  projects:
    - name: @
      region: @
      project_id: @
      credentials: @
      endpoints: {dds: @}
      services: {dds: {max_tag_age: @}, fabric: {selectors: [{key: @, values: [@]}]}}
  accounts:
    - name: @
      domain_id: @
      credentials: @
      config: {resource_types: [@], renew_after: @}
      discover: {projects: @, regions: [@]}
  policy:
    documents: [@]
    rules: [{name: @, key: @, values: [@], projects: [@], accounts: [@], resource_types: [@]}, {pattern: @}]
  tags: {include_keys: @}
  ca_file: @
`

// TestTexts checks that a text in the values reaches the exporter as it was written, or is refused in
// each place; and that with quotes it always does.
func TestTexts(t *testing.T) {
	places := strings.Count(textValues, "@")
	for _, text := range odd {
		t.Run(text, func(t *testing.T) {
			output, err := strict(t, "helm", chart, valuesFile(t, strings.ReplaceAll(textValues, "@", text)))
			refused := strings.Count(string(output), ": got ") + strings.Count(string(output), "unsupported value")
			switch {
			case err == nil:
				wantWritten(t, text, places)
			case refused < places && text != ".inf": // of which JSON, and so Helm, knows nothing
				t.Errorf("refused in %d of %d places:\n%s", refused, places, output)
			}
			wantWritten(t, "'"+text+"'", places)
		})
	}
}

// wantWritten checks that a text comes out of the chart as the exporter reads it: by what it is
// written like, whatever YAML takes it for.
func wantWritten(t *testing.T, text string, places int) {
	t.Helper()
	m := render(t, "helm", chart, valuesFile(t, strings.ReplaceAll(textValues, "@", text)))
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(m.all("ConfigMap")[0].Data["huaweicloud_tag_exporter.yml"]), &root); err != nil {
		t.Fatal(err)
	}
	found := 0
	var count func(*yaml.Node)
	count = func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode && n.Value == strings.Trim(text, "'") {
			found++
		}
		for _, child := range n.Content {
			count(child)
		}
	}
	count(&root)
	if found != places {
		t.Errorf("%s comes out in %d of %d places", text, found, places)
	}
}
