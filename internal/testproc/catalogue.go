package testproc

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"

	"huaweicloud_tag_exporter/collector"
)

// Catalogue says which labels a metric has.
type Catalogue map[string][]string

// NewCatalogue takes the metrics of the collector from its own documentation,
// since some are absent while all is well, and the others from what a Prometheus
// has scraped or recorded: the series that the selectors match.
func NewCatalogue(p Prometheus, selectors ...string) (Catalogue, error) {
	known := make(Catalogue)
	var series []map[string]string
	if err := p.Get("series", url.Values{"match[]": selectors}, &series); err != nil {
		return nil, err
	}
	for _, s := range series {
		// Labels that may be empty, and so absent: build_info's version in a test's build, and account in
		// what is recorded where there is none. One series may have what another lacks.
		name := s["__name__"]
		known[name] = slices.AppendSeq(append(known[name], "version", "account"), maps.Keys(s))
	}
	for _, m := range collector.Metrics() {
		labels := append(slices.Clone(m.Labels), "job", "instance")
		known[m.Name] = labels
		if m.Type == "histogram" {
			known[m.Name+"_bucket"] = append(slices.Clone(labels), "le")
		}
	}
	return known, nil
}

var legendLabel = regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`)

// Check fails for a query that names a metric or label that the exporter does
// not have. Prometheus itself parses it.
func (known Catalogue) Check(p Prometheus, query, legend string) error {
	var tree any
	if err := p.Get("parse_query", url.Values{"query": {query}}, &tree); err != nil {
		return err
	}
	has := make(map[string]bool) // labels of anything in the query
	var uses []string            // labels that it groups, matches or shows by
	err := walk(tree, func(node map[string]any) error {
		if _, ok := node["matchers"]; ok {
			return known.selector(node, has)
		}
		switch node["type"] {
		case "aggregation":
			uses = append(uses, texts(node["grouping"])...)
		case "binaryExpr":
			if m, ok := node["matching"].(map[string]any); ok {
				uses = append(append(uses, texts(m["labels"])...), texts(m["include"])...)
			}
		case "call":
			if made := madeLabel(node); made != "" {
				has[made] = true
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, m := range legendLabel.FindAllStringSubmatch(legend, -1) {
		uses = append(uses, m[1])
	}
	for _, label := range uses {
		if !has[label] {
			return fmt.Errorf("no metric here has the label %s", label)
		}
	}
	return nil
}

func (known Catalogue) selector(node map[string]any, has map[string]bool) error {
	name, _ := node["name"].(string)
	matchers, _ := node["matchers"].([]any)
	metrics := known.named(name, matchers)
	if len(metrics) == 0 {
		return fmt.Errorf("there is no metric %q", name)
	}
	for _, metric := range metrics {
		for _, label := range known[metric] {
			has[label] = true
		}
		for _, m := range matchers {
			matcher, _ := m.(map[string]any)
			if label, _ := matcher["name"].(string); label != "__name__" && !slices.Contains(known[metric], label) {
				return fmt.Errorf("%s has no label %q", metric, label)
			}
		}
	}
	return nil
}

// named returns the metrics that a selector is about: that of its name, or those
// that match its expression for names.
func (known Catalogue) named(name string, matchers []any) []string {
	if known[name] != nil {
		return []string{name}
	}
	for _, m := range matchers {
		matcher, _ := m.(map[string]any)
		if matcher["name"] != "__name__" || matcher["type"] != "=~" {
			continue
		}
		expression, _ := matcher["value"].(string)
		wanted, err := regexp.Compile("^(?:" + expression + ")$")
		if err != nil {
			return nil
		}
		return slices.DeleteFunc(slices.Collect(maps.Keys(known)), func(n string) bool { return !wanted.MatchString(n) })
	}
	return nil
}

// madeLabel returns the label that label_replace or label_join makes.
func madeLabel(call map[string]any) string {
	function, _ := call["func"].(map[string]any)
	args, _ := call["args"].([]any)
	if name := function["name"]; (name == "label_replace" || name == "label_join") && len(args) > 1 {
		arg, _ := args[1].(map[string]any)
		made, _ := arg["val"].(string)
		return made
	}
	return ""
}

// walk calls f with each object of a JSON tree.
func walk(node any, f func(map[string]any) error) error {
	switch node := node.(type) {
	case map[string]any:
		if err := f(node); err != nil {
			return err
		}
		for _, child := range node {
			if err := walk(child, f); err != nil {
				return err
			}
		}
	case []any:
		for _, child := range node {
			if err := walk(child, f); err != nil {
				return err
			}
		}
	}
	return nil
}

func texts(list any) []string {
	var all []string
	items, _ := list.([]any)
	for _, item := range items {
		if text, ok := item.(string); ok {
			all = append(all, text)
		}
	}
	return all
}
