package config

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// decoder fills structs from the nodes of a YAML document, guided by the types and tags
// of their fields, and notes every problem with its line and its path. What has a
// problem stays as it was, and the walk goes on and finds the rest.
type decoder struct {
	name, dir string // of the configuration file
	read      func(path string) ([]byte, error)
	files     map[string][]byte // what was read, by path
	places    map[any]*place    // of each field, by its address
	problems  []problem
	visits    int // nodes seen, those behind an alias each time

	credentials map[string]huaweicloud.CredentialConfig // by name
	names       []string                                // of the credentials, in the order of the file
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

// fill fills a field with what stands at a place, or else with its default.
func (d *decoder) fill(p *place, to reflect.Value) {
	d.places[to.Addr().Interface()] = p
	if def := p.tag.Get("default"); def != "" && !p.given() {
		var document yaml.Node
		_ = yaml.Unmarshal([]byte(def), &document)
		p.node = document.Content[0]
	}
	if p.tag.Get("need") != "" && !p.given() && d.visits <= maxVisits {
		d.errorf(p, "missing")
	}
	if !p.given() || d.spent(p, 1) || d.scalar(p, to.Addr().Interface()) {
		return
	}
	switch {
	case to.Kind() == reflect.Pointer:
		to.Set(reflect.New(to.Type().Elem()))
		d.fill(p, to.Elem())
	case to.Kind() == reflect.Slice && d.must(p, list, list):
		d.list(p, to)
	case to.Kind() == reflect.Map && p.isOther():
	case to.Kind() == reflect.Map && d.must(p, joined(mapping, p.tag.Get("or")), mapping, nothing):
		d.mapping(p, to)
	case to.Kind() == reflect.Struct && d.must(p, mapping, mapping, nothing):
		d.section(p, to)
	}
}

// must reports whether a value is of one of the kinds, and notes if it is not.
func (d *decoder) must(p *place, be string, kinds ...string) bool {
	kind := kindOf(p.node)
	switch {
	case slices.Contains(kinds, kind):
		return true
	case kind == nothing:
		d.errorf(p, "has no value")
	default:
		d.errorf(p, "must be %s, not %s", be, kind)
	}
	return false
}

func (d *decoder) list(p *place, to reflect.Value) {
	n := len(p.node.Content)
	if p.tag.Get("need") != "" && n == 0 {
		d.errorf(p, "must not be empty")
	}
	to.Set(reflect.MakeSlice(to.Type(), n, n))
	for i, node := range p.node.Content {
		item := p.with(node.Line, node)
		item.path = fmt.Sprintf("%s[%d]", p.path, i)
		d.fill(item, to.Index(i))
	}
}

// mapping fills a map. Its values are pointers, for they need addresses.
func (d *decoder) mapping(p *place, to reflect.Value) {
	entries := d.entries(p)
	if some, ok := to.Interface().(interface{ keys() []string }); ok {
		entries = d.known(entries, some.keys())
	}
	to.Set(reflect.MakeMap(to.Type()))
	for _, e := range entries {
		value := reflect.New(to.Type().Elem()).Elem()
		d.fill(e, value)
		to.SetMapIndex(reflect.ValueOf(e.key), value)
	}
}

// section fills a struct. Null is a section in which nothing is given. A secret can be
// given by another key, that of a file.
func (d *decoder) section(p *place, to reflect.Value) {
	var fields []reflect.StructField
	var keys []string
	for _, f := range reflect.VisibleFields(to.Type()) {
		key, of := keyOf(f), f.Tag.Get("of")
		if key == "" || of != "" && !hasKey(p.key, of) {
			continue
		}
		fields, keys = append(fields, f), append(keys, key)
		if f.Type == reflect.TypeFor[huaweicloud.Secret]() {
			keys = append(keys, key+"_file")
		}
	}
	given := make(map[string]*place)
	for _, e := range d.known(d.entries(p), keys) {
		given[e.key] = e
	}
	for _, f := range fields {
		key := keyOf(f)
		plain, file := given[key], given[key+"_file"]
		if plain != nil && file != nil {
			d.errorf(file, "given beside %s: give one of them", key)
		}
		at := cmp.Or(plain, file, p.below(key, p.line, nil))
		at.tag = f.Tag
		d.fill(at, to.FieldByIndex(f.Index))
	}
}

// hasKey reports whether a service is one of those that have a key.
func hasKey(service, of string) bool {
	if of == "several" {
		return len(catalog.TypesOf(service)) > 1
	}
	return slices.Contains(strings.Fields(of), service)
}

// joined says that there may be another thing, too.
func joined(one, other string) string {
	if other == "" {
		return one
	}
	return one + " or " + other
}

// keyOf returns the key of a field, "" if it has none.
func keyOf(f reflect.StructField) string {
	key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return strings.TrimPrefix(key, "-")
}

// known returns the entries that have one of the keys, and notes the others.
func (d *decoder) known(entries []*place, keys []string) (known []*place) {
	for _, e := range entries {
		if slices.Contains(keys, e.key) {
			known = append(known, e)
		} else {
			d.errorf(e, "unknown key (%s)", hint(e.key, keys))
		}
	}
	return known
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

// entries returns the entries of a mapping, none of null: its own, then those that <<
// brings in and it has not itself, what was merged first before what was merged later.
// Within holds the mappings that are being merged, against cycles.
func (d *decoder) entries(p *place, within ...*yaml.Node) (own []*place) {
	if d.spent(p, 1+len(p.node.Content)/2) {
		return nil
	}
	var merged []*place
	lines := make(map[string]int)
	for pair := range slices.Chunk(p.node.Content, 2) {
		key := p.with(pair[0].Line, pair[0])
		at := p.below(key.node.Value, key.line, pair[1])
		switch kind := kindOf(key.node); {
		case key.node.ShortTag() == "!!merge":
			merged = append(merged, d.merge(p.with(key.line, at.node), append(within, p.node))...)
		case key.node.Kind != yaml.ScalarNode || kind == nothing:
			d.errorf(key, "a key must be text, not %s", kind)
		case lines[at.key] > 0:
			d.errorf(at, "given twice, first in line %d", lines[at.key])
		default:
			lines[at.key] = at.line
			own = append(own, at)
		}
	}
	for _, e := range merged {
		if lines[e.key] == 0 {
			lines[e.key] = e.line
			own = append(own, e)
		}
	}
	return own
}

// merge returns the entries of what << names: a mapping, or a list of mappings.
func (d *decoder) merge(from *place, within []*yaml.Node) (entries []*place) {
	sources := []*yaml.Node{from.node}
	if kindOf(from.node) == list {
		sources = from.node.Content
	}
	for _, node := range sources {
		source := from.with(from.line, node)
		switch kind := kindOf(source.node); {
		case kind == mapping && slices.Contains(within, source.node):
			d.errorf(source, "<< merges a mapping into itself")
		case kind == mapping:
			entries = append(entries, d.entries(source, within...)...)
		case d.spent(source, 1):
			return nil
		case kind == list:
			d.errorf(source, "<< must name mappings, not lists of lists")
		default:
			d.errorf(source, "<< must name a mapping, not %s", kind)
		}
	}
	return entries
}
