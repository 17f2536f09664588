// Package strictyaml fills structs from a YAML document, and says everything that is wrong
// with it in one go, each problem with file, line and path, and never with a value that may
// be a secret. It knows no key: the types of the fields and their tags are the schema.
//
//	yaml         the key, as in package yaml
//	also         what the key may end in instead, such as _file: then the value has another meaning
//	need         it must be given; a list must not be empty
//	default      what stands there, in YAML, if it is not given
//	inherit      what stands there if it is not given is what the sections around it have
//	             under the same key, or else the section of that name of the whole
//	least, most  bounds of a number; any other is from 0 to 2147483647, a duration from 0
//	or           a text that may stand in place of a mapping
//	of           handed to the section's method Has, if it has one
//	is           what a text is, for Check
package strictyaml

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Decoder fills structs from the nodes of a document. What has a problem stays as it
// was, and the walk goes on and finds the rest. It is for one document.
type Decoder struct {
	Name    string // of the file: each problem begins with it
	MaxSize int    // of a document, in bytes

	// Check is asked about each text, which it may change: what is wrong with it for what it
	// is, by its tag.
	Check func(is string, text *string) error
	// Own fills fields of the caller's types. It returns false for others.
	Own func(p *Place, to any) bool

	root     *Place
	places   map[any]*Place // of each field, by its address
	problems []problem
	visits   int // nodes seen, those behind an alias each time
}

type problem struct {
	line int
	err  error
}

const (
	// maxProblems keeps the answer to a file of garbage readable.
	maxProblems = 100
	// maxVisits stops alias bombs: aliases of aliases of aliases. A
	// configuration of a thousand projects takes a fifth of it.
	maxVisits = 300_000
)

// Decode fills a struct, which is given by its address. It returns false if the document
// could not be read to its end, so that something may seem to be missing that is there.
func (d *Decoder) Decode(content []byte, to any) bool {
	d.places = make(map[any]*Place)
	if d.root = d.document(content); d.root == nil {
		return false
	}
	d.fill(d.root, reflect.ValueOf(to).Elem())
	return d.visits <= maxVisits
}

// FillBelow fills a field, which is given by its address, as if its section were in
// another one, had that key, and nothing were given in it.
func (d *Decoder) FillBelow(section *Place, key string, to any) {
	d.fill(section.Below(key, null), reflect.ValueOf(to).Elem())
}

// Problems returns what is wrong, by line. What was found first comes first within a line.
func (d *Decoder) Problems() []error {
	slices.SortStableFunc(d.problems, func(a, b problem) int { return a.line - b.line })
	errs := make([]error, len(d.problems))
	for i, p := range d.problems {
		errs[i] = p.err
	}
	return errs
}

// fill fills a field with what stands at a place, or else with its default.
func (d *Decoder) fill(p *Place, to reflect.Value) {
	d.places[to.Addr().Interface()] = p
	written := p.Given()
	if from := d.inherited(p); from != nil && !written {
		p.node, p.Bad = from.node, from.Bad
	}
	if def := p.tag.Get("default"); def != "" && !p.Given() {
		var document yaml.Node
		_ = yaml.Unmarshal([]byte(def), &document)
		p.node = document.Content[0]
	}
	if p.tag.Get("need") != "" && !p.Given() && d.visits <= maxVisits {
		d.Errorf(p, "missing")
	}
	if !p.Given() || p.Bad || written && d.spent(p, 1) || d.Own(p, to.Addr().Interface()) || d.scalar(p, to.Addr().Interface()) {
		return
	}
	switch {
	case to.Kind() == reflect.Pointer:
		to.Set(reflect.New(to.Type().Elem()))
		d.fill(p, to.Elem())
	case to.Kind() == reflect.Slice && d.must(p, list, list):
		d.list(p, to)
	case to.Kind() == reflect.Map && p.IsWord():
	case to.Kind() == reflect.Map && d.must(p, joined(mapping, p.tag.Get("or")), mapping, nothing):
		d.mapping(p, to)
	case to.Kind() == reflect.Struct && d.must(p, mapping, mapping, nothing):
		d.section(p, to)
	}
}

// inherited returns the place whose value a field takes over that has none of its own.
func (d *Decoder) inherited(p *Place) *Place {
	last, ok := p.tag.Lookup("inherit")
	if !ok {
		return nil
	}
	for around := p.parent; around != nil; around = around.parent {
		if from := around.given[p.Key]; from != nil {
			return from
		}
	}
	if section := d.root.given[last]; section != nil {
		return section.given[p.Key]
	}
	return nil
}

// must reports whether a value is of one of the kinds, and notes if it is not.
func (d *Decoder) must(p *Place, be string, kinds ...string) bool {
	kind := kindOf(p.node)
	switch {
	case slices.Contains(kinds, kind):
		return true
	case kind == nothing:
		d.Errorf(p, "has no value")
	default:
		d.Errorf(p, "must be %s, not %s", be, kind)
	}
	return false
}

func (d *Decoder) list(p *Place, to reflect.Value) {
	n := len(p.node.Content)
	if p.tag.Get("need") != "" && n == 0 {
		d.Errorf(p, "must not be empty")
	}
	to.Set(reflect.MakeSlice(to.Type(), n, n))
	for i, node := range p.node.Content {
		item := p.with(node.Line, node)
		item.Path = fmt.Sprintf("%s[%d]", p.Path, i)
		d.fill(item, to.Index(i))
	}
}

// mapping fills a map. Its values are pointers, for they need addresses. A map with a
// method Keys has no others.
func (d *Decoder) mapping(p *Place, to reflect.Value) {
	entries := d.entries(p)
	if some, ok := to.Interface().(interface{ Keys() []string }); ok {
		entries = d.known(entries, some.Keys())
	}
	to.Set(reflect.MakeMap(to.Type()))
	for _, e := range entries {
		value := reflect.New(to.Type().Elem()).Elem()
		d.fill(e, value)
		to.SetMapIndex(reflect.ValueOf(e.Key), value)
	}
}

// section fills a struct. Null is a section in which nothing is given.
func (d *Decoder) section(p *Place, to reflect.Value) {
	some, _ := to.Addr().Interface().(interface{ Has(key, of string) bool })
	var fields []reflect.StructField
	var keys []string
	for _, f := range reflect.VisibleFields(to.Type()) {
		key, of := KeyOf(f), f.Tag.Get("of")
		if key == "" || of != "" && !some.Has(p.Key, of) {
			continue
		}
		fields, keys = append(fields, f), append(keys, key)
		if also := f.Tag.Get("also"); also != "" {
			keys = append(keys, key+also)
		}
	}
	p.given = make(map[string]*Place)
	for _, e := range d.known(d.entries(p), keys) {
		p.given[e.Key] = e
	}
	for _, f := range fields {
		key := KeyOf(f)
		plain, other := p.given[key], (*Place)(nil)
		if also := f.Tag.Get("also"); also != "" {
			other = p.given[key+also]
		}
		if plain != nil && other != nil {
			d.Errorf(other, "given beside %s: give one of them", key)
		}
		at := cmp.Or(plain, other, p.Below(key, nil))
		at.tag = f.Tag
		d.fill(at, to.FieldByIndex(f.Index))
	}
}

// joined says that there may be another thing, too.
func joined(one, other string) string {
	if other == "" {
		return one
	}
	return one + " or " + other
}

// KeyOf returns the key of a field, "" if it has none.
func KeyOf(f reflect.StructField) string {
	key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return strings.TrimPrefix(key, "-")
}

// known returns the entries that have one of the keys, and notes the others.
func (d *Decoder) known(entries []*Place, keys []string) (known []*Place) {
	for _, e := range entries {
		if slices.Contains(keys, e.Key) {
			known = append(known, e)
		} else {
			d.Errorf(e, "unknown key (%s)", Hint(e.Key, keys))
		}
	}
	return known
}

// spent counts visits to nodes. It reports whether there were too many, and notes that
// once.
func (d *Decoder) spent(p *Place, visits int) bool {
	before := d.visits
	d.visits += visits
	if before <= maxVisits && d.visits > maxVisits {
		d.Note(p.Line, fmt.Errorf("%s:%d: too much, or too many aliases", d.Name, p.Line))
	}
	return d.visits > maxVisits
}
