package config

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

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

// fill fills a field with what stands at a place.
func (d *decoder) fill(p *place, to reflect.Value) {
	field := to.Addr().Interface()
	p.order = len(d.places)
	d.places[field] = p
	if _, needed := p.tag.Lookup("need"); needed && !p.given() && d.visits <= maxVisits {
		d.errorf(p, "missing")
	}
	if !p.given() || d.spent(p, 1) || d.scalar(p, field) {
		return
	}
	kind := kindOf(p.node)
	switch {
	case to.Kind() == reflect.Pointer:
		to.Set(reflect.New(to.Type().Elem()))
		d.fill(p, to.Elem())
	case to.Kind() == reflect.Slice && kind == list:
		d.list(p, to)
	case to.Kind() == reflect.Slice && kind == nothing:
		d.errorf(p, "has no value")
	case to.Kind() == reflect.Slice:
		d.errorf(p, "must be a list, not %s", kind)
	case kind != mapping && kind != nothing:
		d.errorf(p, "must be a mapping, not %s", kind)
	case to.Kind() == reflect.Map:
		d.mapping(p, to)
	default:
		d.section(p, to)
	}
}

func (d *decoder) list(p *place, to reflect.Value) {
	n := len(p.node.Content)
	if _, needed := p.tag.Lookup("need"); needed && n == 0 {
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

// section fills a struct. Null is a section in which nothing is given.
func (d *decoder) section(p *place, to reflect.Value) {
	var fields []reflect.StructField
	var keys []string
	for _, f := range reflect.VisibleFields(to.Type()) {
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if of := f.Tag.Get("of"); key != "" && key != "-" && (of == "" || of == p.key) {
			fields, keys = append(fields, f), append(keys, key)
		}
	}
	entries := d.known(d.entries(p), keys)
	for i, f := range fields {
		at := p.below(keys[i], p.line, nil)
		if n := slices.IndexFunc(entries, func(e *place) bool { return e.key == keys[i] }); n >= 0 {
			at = entries[n]
		}
		at.tag = f.Tag
		d.fill(at, to.FieldByIndex(f.Index))
	}
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

// scalar fills a field that is neither list nor mapping. It returns false for others.
func (d *decoder) scalar(p *place, to any) bool {
	switch to := to.(type) {
	case *string:
		if text := d.text(p); !p.bad {
			*to = text
			d.check(p, to)
		}
	case *huaweicloud.Secret:
		*to = d.secret(p)
	case *accessKey:
		d.fill(p, reflect.ValueOf(&to.Secret).Elem())
	case *bool:
		d.decode(p, to, "true or false", "!!bool")
	case *int:
		d.integer(p, to)
	case *float64:
		d.decode(p, to, "a number", "!!int", "!!float")
		switch f := *to; {
		case math.IsNaN(f) || math.IsInf(f, 0):
			d.errorf(p, "must be finite: %s", quote(p.node.Value))
		case f < 0:
			d.errorf(p, "must be at least 0: %s", quote(p.node.Value))
		}
	case *time.Duration:
		*to = d.duration(p)
	default:
		return false
	}
	return true
}

// decode decodes a value that has one of the YAML tags, and is called so.
func (d *decoder) decode(p *place, to any, called string, tags ...string) {
	if slices.Contains(tags, p.node.ShortTag()) && p.node.Decode(to) == nil {
		return
	}
	switch kind := kindOf(p.node); kind {
	case text:
		d.errorf(p, "must be %s, not text: %s", called, quote(p.node.Value))
	case number, boolean:
		d.errorf(p, "must be %s: %s", called, quote(p.node.Value))
	default:
		d.errorf(p, "must be %s, not %s", called, kind)
	}
}

func (d *decoder) integer(p *place, to *int) {
	least, _ := strconv.Atoi(cmp.Or(p.tag.Get("least"), "0"))
	most, _ := strconv.Atoi(cmp.Or(p.tag.Get("most"), strconv.Itoa(math.MaxInt32)))
	d.decode(p, to, "a whole number", "!!int")
	switch {
	case p.bad:
	case *to < least:
		d.errorf(p, "must be at least %d: %d", least, *to)
	case *to > most:
		d.errorf(p, "must be at most %d: %d", most, *to)
	}
}

func (d *decoder) duration(p *place) time.Duration {
	text := d.text(p)
	t, err := time.ParseDuration(text)
	_, positive := p.tag.Lookup("least")
	switch {
	case p.bad:
	case err != nil && p.node.ShortTag() == "!!int":
		d.errorf(p, "not a duration: %s has no unit, such as %q", quote(text), text+"s")
	case err != nil:
		d.errorf(p, "not a duration: %s", quote(text))
	case positive && t <= 0:
		d.errorf(p, "must be more than 0: %s", quote(text))
	case t < 0:
		d.errorf(p, "must not be negative: %s", quote(text))
	}
	return t
}

// text decodes any plain value as it is written: a tag value 100 or a project ID
// of digits only needs no quotes. One that refers to an environment variable is an
// error: it would be taken as it is, and what is wrong with it show up much later.
func (d *decoder) text(p *place) string {
	text := d.verbatim(p)
	if !p.bad && reference.MatchString(text) {
		d.errorf(p, "${…} is expanded only in secrets, as the whole value")
	}
	return text
}

// reference matches what has ${NAME}, ${NAME:-default} or the like in it. With a digit
// it may be a part of an expression: a${2}.
var reference = regexp.MustCompile(`\$\{[^0-9]`)

// verbatim decodes any plain value, whatever it refers to.
func (d *decoder) verbatim(p *place) string {
	switch kind := kindOf(p.node); kind {
	case nothing:
		d.errorf(p, "has no value")
	case mapping, list, other:
		d.errorf(p, "must be text, not %s", kind)
	}
	return p.node.Value
}

var identifier = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// check checks a text for what it is. A path is made relative to the configuration
// file's folder; an ID goes into request paths and host names.
func (d *decoder) check(p *place, to *string) {
	var err error
	switch is := p.tag.Get("is"); {
	case is != "" && *to == "":
		d.errorf(p, "must not be empty")
	case is == "id" && !identifier.MatchString(*to):
		d.errorf(p, "must be 1 to 64 letters, digits, - and _: %s", quote(*to))
		*to = ""
	case is == "endpoint":
		*to, err = parseEndpoint(*to)
	case is == "file":
		if !filepath.IsAbs(*to) {
			*to = filepath.Join(d.dir, *to)
		}
		d.files[*to], err = d.read(*to)
	}
	if err != nil {
		d.errorf(p, "%w", err)
	}
}

func parseEndpoint(text string) (string, error) {
	u, err := huaweicloud.ParseEndpoint(text)
	if err != nil {
		return "", err
	}
	return u.String(), nil
}
