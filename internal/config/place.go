package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// place is where a value stands in the document, or would stand.
type place struct {
	parent *place
	tag    reflect.StructTag // of the field; of an item in a list, that of the list
	key    string
	path   string     // projects[0].region; "": the whole
	line   int        // of the key; of an item in a list, its own; if it is not given, of the mapping
	node   *yaml.Node // never an alias; nil: not given
	order  int
	bad    bool // a problem was noted, here or below
}

func (p *place) given() bool { return p.node != nil }

// with returns a place that belongs to this one.
func (p *place) with(line int, node *yaml.Node) *place {
	if node != nil && node.Kind == yaml.AliasNode {
		node = node.Alias // never an alias itself
	}
	return &place{parent: p, tag: p.tag, key: p.key, path: p.path, line: line, node: node}
}

// below returns the place of a key.
func (p *place) below(key string, line int, node *yaml.Node) *place {
	at := p.with(line, node)
	at.key, at.path = key, strings.TrimPrefix(p.path+"."+shown(key), ".")
	return at
}

// at returns the place of a field that was filled, by its address. A field of what
// could not be filled has none: it counts as bad, so nothing more is said about it.
func (d *decoder) at(field any) *place {
	if p, ok := field.(*place); ok {
		return p
	}
	if p := d.places[field]; p != nil {
		return p
	}
	return &place{bad: true}
}

// errorf notes a problem of a field, which is given by its address or its place.
func (d *decoder) errorf(field any, format string, args ...any) {
	p := d.at(field)
	at := fmt.Sprintf("%s:%d: ", d.name, p.line)
	if p.path != "" {
		at += p.path + ": "
	}
	d.note(p.line, fmt.Errorf("%s%w", at, fmt.Errorf(format, args...)))
	for ; p != nil; p = p.parent {
		p.bad = true
	}
}

func (d *decoder) note(line int, err error) {
	if len(d.problems) < maxProblems {
		d.problems = append(d.problems, problem{line, err})
	}
}

// spent counts visits to nodes. It reports whether there were too many, and notes that
// once.
func (d *decoder) spent(p *place, visits int) bool {
	before := d.visits
	d.visits += visits
	if before <= maxVisits && d.visits > maxVisits {
		d.note(p.line, fmt.Errorf("%s:%d: too much, or too many aliases", d.name, p.line))
	}
	return d.visits > maxVisits
}

// entries returns the entries of a mapping, none of null, those that << brings in at
// the end. The trail holds the mappings that are being merged, against cycles.
func (d *decoder) entries(p *place, trail ...*yaml.Node) []*place {
	if d.spent(p, 1+len(p.node.Content)/2) {
		return nil
	}
	var own, others []*place
	lines := make(map[string]int)
	for pair := range slices.Chunk(p.node.Content, 2) {
		at := p.with(pair[0].Line, pair[0])
		key, value := at.node, pair[1]
		switch kind := kindOf(key); {
		case key.ShortTag() == "!!merge":
			others = append(others, d.merge(p.with(at.line, value), append(trail, p.node))...)
		case key.Kind != yaml.ScalarNode || kind == nothing:
			d.errorf(at, "a key must be text, not %s", kind)
		case lines[key.Value] > 0:
			d.errorf(p.below(key.Value, at.line, value), "given twice, first in line %d", lines[key.Value])
		default:
			lines[key.Value] = at.line
			own = append(own, p.below(key.Value, at.line, value))
		}
	}
	for _, e := range others { // what is written here wins, then what was merged first
		if lines[e.key] == 0 {
			lines[e.key] = e.line
			own = append(own, e)
		}
	}
	return own
}

// merge returns the entries that a merge key brings in: those of a mapping, or
// of a list of mappings.
func (d *decoder) merge(from *place, trail []*yaml.Node) (entries []*place) {
	switch {
	case from.node.Kind == yaml.MappingNode && slices.Contains(trail, from.node):
		d.errorf(from, "<< merges a mapping into itself")
	case from.node.Kind == yaml.MappingNode:
		return d.entries(from, trail...)
	case from.node.Kind != yaml.SequenceNode:
		d.errorf(from, "<< must name a mapping, not %s", kindOf(from.node))
	default:
		for _, n := range from.node.Content {
			if one := from.with(from.line, n); one.node.Kind == yaml.SequenceNode {
				d.errorf(one, "<< must name mappings, not lists of lists")
			} else {
				entries = append(entries, d.merge(one, trail)...)
			}
		}
	}
	return entries
}

// What a node can be, in words.
const (
	mapping = "a mapping"
	list    = "a list"
	nothing = "nothing"
	boolean = "true or false"
	number  = "a number"
	text    = "text"
	other   = "a value with a YAML tag"
)

// kindOf says what a node is, never its content.
func kindOf(n *yaml.Node) string {
	switch tag := n.ShortTag(); {
	case n.Kind == yaml.MappingNode && tag == "!!map":
		return mapping
	case n.Kind == yaml.SequenceNode && tag == "!!seq":
		return list
	case n.Kind != yaml.ScalarNode:
		return other
	case tag == "!!null":
		return nothing
	case tag == "!!bool":
		return boolean
	case tag == "!!int", tag == "!!float":
		return number
	case tag == "!!str", tag == "!!timestamp", tag == "!!merge":
		return text
	}
	return other
}

// shown returns as much of a key as looks like one. Where a blank is missing,
// the key holds a value that may be a secret: {password:hunter2}.
func shown(key string) string {
	end := strings.IndexFunc(key, func(r rune) bool {
		return r == unicode.ReplacementChar || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-.", r)
	})
	switch {
	case end < 0 && len(key) <= 100:
		return key
	case end < 0 || end > 100:
		return "…"
	}
	return key[:end] + "…"
}

// quote quotes what the user wrote, the beginning of it if it is long.
func quote(text string) string {
	if runes := []rune(text); len(runes) > 80 {
		text = string(runes[:80]) + "…"
	}
	return fmt.Sprintf("%q", text)
}

// hint helps with an unknown key.
func hint(key string, known []string) string {
	best, least := "", 3 // more edits than 2 are another word
	for _, k := range known {
		if n := edits(key, k, 2); n < least && n < len(k)/2 {
			best, least = k, n
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}
	return "known: " + strings.Join(known, ", ")
}

// edits returns how many letters must be added, taken away or changed to make one word
// the other; if it is more than most, any number above it.
func edits(a, b string, most int) int {
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	switch {
	case a == "" || b == "":
		return len(a) + len(b)
	case most == 0:
		return 1
	}
	return 1 + min(edits(a[1:], b, most-1), edits(a, b[1:], most-1), edits(a[1:], b[1:], most-1))
}
