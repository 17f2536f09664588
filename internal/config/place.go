package config

import (
	"cmp"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// place is where a value stands in the document, or would stand.
type place struct {
	parent *place
	tag    reflect.StructTag // of the field; of an item in a list, that of the list
	key    string
	path   string     // projects[0].region; "": the whole
	line   int        // of the key; of an item in a list, its own; if it is not given, of the mapping
	node   *yaml.Node // never an alias; nil: not given, and no default
	bad    bool       // a problem was noted, here or below
}

func (p *place) given() bool { return p.node != nil }

// isOther reports whether the text stands there that may stand in place of a mapping.
func (p *place) isOther() bool {
	or := p.tag.Get("or")
	return or != "" && p.given() && p.node.Kind == yaml.ScalarNode && p.node.Value == or
}

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

// shown returns as much of a key as looks like one. Where a blank is missing,
// the key holds a value that may be a secret: {password:hunter2}.
func shown(key string) string {
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

// quote quotes what the user wrote, the beginning of it if it is long.
func quote(text string) string {
	if runes := []rune(text); len(runes) > 80 {
		text = string(runes[:80]) + "…"
	}
	return fmt.Sprintf("%q", text)
}

// hint helps with an unknown key: two slips of the finger are seen through.
func hint(key string, known []string) string {
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
