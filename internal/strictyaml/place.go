package strictyaml

import (
	"cmp"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Place is where a value stands in the document, or would stand.
type Place struct {
	Key  string
	Path string // projects[0].region; "": the whole
	Line int    // of the key; of an item in a list, its own; if it is not given, of the mapping
	Bad  bool   // a problem was noted, here or below

	parent *Place
	tag    reflect.StructTag // of the field; of an item in a list, that of the list
	node   *yaml.Node        // never an alias; nil: not given, and no default
	given  map[string]*Place // of a section: what is given in it
}

// Given reports whether there is a value, or a default.
func (p *Place) Given() bool { return p.node != nil }

// IsNull reports whether null is given.
func (p *Place) IsNull() bool { return p.Given() && kindOf(p.node) == nothing }

// IsWord reports whether the text stands there that may stand in place of a mapping.
func (p *Place) IsWord() bool {
	or := p.tag.Get("or")
	return or != "" && p.Given() && p.node.Kind == yaml.ScalarNode && p.node.Value == or
}

// Value returns a text as it is written.
func (p *Place) Value() string { return p.node.Value }

// with returns a place that belongs to this one.
func (p *Place) with(line int, node *yaml.Node) *Place {
	if node != nil && node.Kind == yaml.AliasNode {
		node = node.Alias // never an alias itself
	}
	return &Place{parent: p, tag: p.tag, Key: p.Key, Path: p.Path, Line: line, node: node}
}

// Below returns the place of a key, whose line is the same.
func (p *Place) Below(key string, node *yaml.Node) *Place {
	at := p.with(p.Line, node)
	at.Key, at.Path = key, strings.TrimPrefix(p.Path+"."+Shown(key), ".")
	return at
}

// At returns the place of a field that was filled, by its address. A field of what
// could not be filled has none: it counts as bad, so nothing more is said about it.
func (d *Decoder) At(field any) *Place {
	if p, ok := field.(*Place); ok {
		return p
	}
	if p := d.places[field]; p != nil {
		return p
	}
	return &Place{Bad: true}
}

// Errorf notes a problem of a field, which is given by its address or its place.
func (d *Decoder) Errorf(field any, format string, args ...any) {
	p := d.At(field)
	at := fmt.Sprintf("%s:%d: ", d.Name, p.Line)
	if p.Path != "" {
		at += p.Path + ": "
	}
	d.Note(p.Line, fmt.Errorf("%s%w", at, fmt.Errorf(format, args...)))
	for ; p != nil; p = p.parent {
		p.Bad = true
	}
}

// Note notes a problem that says itself where it is. The line says where among the others.
func (d *Decoder) Note(line int, err error) {
	if len(d.problems) < maxProblems {
		d.problems = append(d.problems, problem{line, err})
	}
}

// What a node can be, in words.
const (
	mapping = "a mapping"
	list    = "a list"
	nothing = "nothing"
	boolean = "true or false"
	number  = "a number"
	text    = "text"
)

// plain are the kinds that can be taken for text.
var plain = []string{text, number, boolean}

var kinds = map[yaml.Kind]map[string]string{
	yaml.MappingNode:  {"!!map": mapping},
	yaml.SequenceNode: {"!!seq": list},
	yaml.ScalarNode: {
		"!!null": nothing, "!!bool": boolean, "!!int": number, "!!float": number,
		"!!str": text, "!!timestamp": text, "!!merge": text,
	},
}

// kindOf says what a node is, never its content.
func kindOf(n *yaml.Node) string {
	return cmp.Or(kinds[n.Kind][n.ShortTag()], "a value with a YAML tag")
}

// Shown returns as much of a key as looks like one. Where a blank is missing,
// the key holds a value that may be a secret: {password:hunter2}.
func Shown(key string) string {
	start := nameLike.FindString(key)
	if len(start) > 100 {
		start = ""
	}
	if start != key {
		start += "…"
	}
	return start
}

var nameLike = regexp.MustCompile(`^[\pL\p{Nd}_.-]*`)

// Quote quotes what the user wrote, the beginning of it if it is long.
func Quote(text string) string {
	if runes := []rune(text); len(runes) > 80 {
		text = string(runes[:80]) + "…"
	}
	return fmt.Sprintf("%q", text)
}

// Hint helps with an unknown key: two slips of the finger are seen through.
func Hint(key string, known []string) string {
	nearest := slices.MinFunc(known, func(a, b string) int { return edits(key, a, 2) - edits(key, b, 2) })
	if n := edits(key, nearest, 2); n <= 2 && n < len(nearest)/2 {
		return "did you mean " + nearest + "?"
	}
	return "known: " + strings.Join(known, ", ")
}

// edits returns how many letters must be added, taken away or changed to make one word
// the other; if it is more than most, any number above it.
func edits(a, b string, most int) int {
	switch {
	case a == "" || b == "":
		return len(a) + len(b)
	case a[0] == b[0]:
		return edits(a[1:], b[1:], most)
	case most == 0:
		return 1
	}
	return 1 + min(edits(a[1:], b, most-1), edits(a, b[1:], most-1), edits(a[1:], b[1:], most-1))
}
