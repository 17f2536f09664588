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

// node is a part of a query, as Prometheus parses it.
type node struct {
	Type                  string
	Name                  string // of the metric that a selector names
	Matchers              []struct{ Name, Type, Value string }
	Grouping              []string
	Matching              struct{ Labels, Include []string }
	Func                  struct{ Name string }
	Val                   string
	Args                  []*node
	Expr, LHS, RHS, Param *node
}

// parts returns the node and all that it is made of.
func (n *node) parts() []*node {
	if n == nil {
		return nil
	}
	all := []*node{n}
	for _, child := range append([]*node{n.Expr, n.LHS, n.RHS, n.Param}, n.Args...) {
		all = append(all, child.parts()...)
	}
	return all
}

var legendLabel = regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`)

// Check fails for a query that names a metric or label that the exporter does
// not have. Prometheus itself parses it.
func (known Catalogue) Check(p Prometheus, query, legend string) error {
	var tree *node
	if err := p.Get("parse_query", url.Values{"query": {query}}, &tree); err != nil {
		return err
	}
	has := make(map[string]bool) // labels of anything in the query
	var uses []string            // labels that it groups, matches or shows by
	for _, n := range tree.parts() {
		uses = slices.Concat(uses, n.Grouping, n.Matching.Labels, n.Matching.Include)
		if name := n.Func.Name; (name == "label_replace" || name == "label_join") && len(n.Args) > 1 {
			has[n.Args[1].Val] = true // which it makes
		}
		if n.Matchers != nil {
			if err := known.selector(n, has); err != nil {
				return err
			}
		}
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

func (known Catalogue) selector(n *node, has map[string]bool) error {
	metrics := known.named(n)
	if len(metrics) == 0 {
		return fmt.Errorf("there is no metric %q", n.Name)
	}
	for _, metric := range metrics {
		for _, label := range known[metric] {
			has[label] = true
		}
		for _, m := range n.Matchers {
			if m.Name != "__name__" && !slices.Contains(known[metric], m.Name) {
				return fmt.Errorf("%s has no label %q", metric, m.Name)
			}
		}
	}
	return nil
}

// named returns the metrics that a selector is about: that of its name, or those
// that match its expression for names.
func (known Catalogue) named(n *node) []string {
	if known[n.Name] != nil {
		return []string{n.Name}
	}
	for _, m := range n.Matchers {
		if m.Name != "__name__" || m.Type != "=~" {
			continue
		}
		wanted, err := regexp.Compile("^(?:" + m.Value + ")$")
		if err != nil {
			return nil
		}
		return slices.DeleteFunc(slices.Collect(maps.Keys(known)), func(name string) bool { return !wanted.MatchString(name) })
	}
	return nil
}
