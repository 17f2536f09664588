package config

import (
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// section is a mapping of the document.
type section struct {
	value
	d       *decoder
	entries []entry
	broken  bool // not a mapping, which has been noted
}

type entry struct {
	key string
	value
}

// section makes a section of a mapping or null, and notes the keys that are not
// among the known ones. No known keys: any key goes.
func (d *decoder) section(v value, known ...string) section {
	s := section{value: v, d: d}
	switch {
	case v.node == nil || isNull(v.node):
	case v.node.Kind != yaml.MappingNode || v.node.ShortTag() != "!!map":
		s.broken = true
		d.errorf(v, "must be a mapping, not %s", kindOf(v.node))
	default:
		s.entries = d.merged(v, nil)
	}
	for _, e := range s.entries {
		if len(known) > 0 && !d.full() && !slices.Contains(known, e.key) {
			d.errorf(e.value, "unknown key (%s)", hint(e.key, known))
		}
	}
	return s
}

// merged returns the entries of a mapping, those merged with << at the end. The
// trail holds the mappings that are being merged, against cycles.
func (d *decoder) merged(v value, trail []*yaml.Node) []entry {
	if d.spent(v) {
		return nil
	}
	var own, others []entry
	lines := make(map[string]int)
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		key := d.value(v.node.Content[i], v.path, v.node.Content[i].Line)
		if key.node.ShortTag() == "!!merge" {
			others = append(others, d.merge(key, v.node.Content[i+1], append(trail, v.node))...)
			continue
		}
		if key.node.Kind != yaml.ScalarNode || isNull(key.node) {
			d.errorf(key, "a key must be text, not %s", kindOf(key.node))
			continue
		}
		name := key.node.Value
		item := d.value(v.node.Content[i+1], join(v.path, name), key.line)
		if line, twice := lines[name]; twice {
			d.errorf(item, "given twice, first in line %d", line)
			continue
		}
		lines[name] = key.line
		own = append(own, entry{name, item})
	}
	d.visits += len(others)
	for _, e := range others { // what is written here wins, then what was merged first
		if _, known := lines[e.key]; !known {
			lines[e.key] = e.line
			own = append(own, e)
		}
	}
	return own
}

// merge returns the entries that a merge key brings in: those of a mapping, or
// of a list of mappings.
func (d *decoder) merge(key value, node *yaml.Node, trail []*yaml.Node) []entry {
	source := d.value(node, key.path, key.line)
	if source.node.Kind == yaml.SequenceNode {
		var all []entry
		for _, n := range source.node.Content {
			if n.Kind == yaml.SequenceNode || n.Kind == yaml.AliasNode && n.Alias.Kind == yaml.SequenceNode {
				d.errorf(key, "<< must name mappings, not lists of lists")
				continue
			}
			all = append(all, d.merge(key, n, trail)...)
		}
		return all
	}
	if source.node.Kind != yaml.MappingNode {
		d.errorf(key, "<< must name a mapping, not %s", kindOf(source.node))
		return nil
	}
	if slices.Contains(trail, source.node) {
		d.errorf(key, "<< merges a mapping into itself")
		return nil
	}
	return d.merged(source, trail)
}

func (s section) get(key string) (v value, given bool) {
	for _, e := range s.entries {
		if e.key == key {
			return e.value, true
		}
	}
	return value{path: join(s.path, key), line: s.line}, false
}

// section returns the section below a key, which is empty if it is not given.
// No known keys: any key goes.
func (s section) section(key string, known ...string) section {
	v, _ := s.get(key)
	return s.d.section(v, known...)
}

// isEmpty reports whether the section is not given, or null.
func (s section) isEmpty() bool { return s.node == nil || isNull(s.node) }

// require notes the keys that are not given.
func (s section) require(keys ...string) {
	for _, key := range keys {
		if v, given := s.get(key); !given && !s.broken {
			s.d.errorf(v, "missing")
		}
	}
}

func join(path, key string) string {
	if path == "" {
		return shown(key)
	}
	return path + "." + shown(key)
}

// shown returns as much of a key as looks like one. Where a blank is missing,
// the key holds a value that may be a secret: {password:hunter2}.
func shown(key string) string {
	end := strings.IndexFunc(key, func(r rune) bool { return !isNameRune(r) })
	if end < 0 && len(key) <= 100 {
		return key
	}
	if end < 0 || end > 100 {
		end = 0
	}
	return key[:end] + "…"
}

func isNameRune(r rune) bool {
	return r != unicode.ReplacementChar && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_-.", r))
}

// hint helps with an unknown key.
func hint(key string, known []string) string {
	best, least := "", 3 // more edits than 2 are another word
	for _, k := range known {
		if n := edits(key, k); n < least && n < len(k)/2 {
			best, least = k, n
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}
	return "known: " + strings.Join(known, ", ")
}

// edits is the Levenshtein distance of two words. Words of very different
// lengths are just far apart.
func edits(a, b string) int {
	if len(a) > len(b)+3 || len(b) > len(a)+3 {
		return len(a) + len(b)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// kindOf says what a node is, never its content.
func kindOf(n *yaml.Node) string {
	tag := n.ShortTag()
	switch {
	case n.Kind == yaml.MappingNode && tag == "!!map":
		return "a mapping"
	case n.Kind == yaml.SequenceNode && tag == "!!seq":
		return "a list"
	case n.Kind != yaml.ScalarNode:
		return "a value with a YAML tag"
	}
	switch tag {
	case "!!null":
		return "nothing"
	case "!!bool":
		return "true or false"
	case "!!int", "!!float":
		return "a number"
	case "!!str", "!!timestamp", "!!merge":
		return "text"
	}
	return "a value with a YAML tag"
}
