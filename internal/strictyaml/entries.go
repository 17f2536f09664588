package strictyaml

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// entries returns the entries of a mapping, none of null: its own, then those that <<
// brings in and it has not itself, what was merged first before what was merged later.
// Within holds the mappings that are being merged, against cycles.
func (d *Decoder) entries(p *Place, within ...*yaml.Node) (own []*Place) {
	if d.spent(p, 1+len(p.node.Content)/2) {
		return nil
	}
	var merged []*Place
	lines := make(map[string]int)
	for pair := range slices.Chunk(p.node.Content, 2) {
		key := p.with(pair[0].Line, pair[0])
		at := key.Below(key.node.Value, pair[1])
		switch kind := kindOf(key.node); {
		case key.node.ShortTag() == "!!merge":
			merged = append(merged, d.merge(p.with(key.Line, at.node), append(within, p.node))...)
		case key.node.Kind != yaml.ScalarNode || kind == nothing:
			d.Errorf(key, "a key must be text, not %s", kind)
		case lines[at.Key] > 0:
			d.Errorf(at, "given twice, first in line %d", lines[at.Key])
		default:
			lines[at.Key] = at.Line
			own = append(own, at)
		}
	}
	for _, e := range merged {
		if lines[e.Key] == 0 {
			lines[e.Key] = e.Line
			own = append(own, e)
		}
	}
	return own
}

// merge returns the entries of what << names: a mapping, or a list of mappings.
func (d *Decoder) merge(from *Place, within []*yaml.Node) (entries []*Place) {
	sources := []*yaml.Node{from.node}
	if kindOf(from.node) == list {
		sources = from.node.Content
	}
	for _, node := range sources {
		source := from.with(from.Line, node)
		switch kind := kindOf(source.node); {
		case kind == mapping && slices.Contains(within, source.node):
			d.Errorf(source, "<< merges a mapping into itself")
		case kind == mapping:
			entries = append(entries, d.entries(source, within...)...)
		case d.spent(source, 1):
			return nil
		case kind == list:
			d.Errorf(source, "<< must name mappings, not lists of lists")
		default:
			d.Errorf(source, "<< must name a mapping, not %s", kind)
		}
	}
	return entries
}
