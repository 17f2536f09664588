package tagapi

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// member is a place in a JSON object where something is that is wanted: a member of it,
// or of an object inside it. Everything else in the object is skipped as it is, so that
// the many members of a server cost next to nothing.
type member struct {
	name   string
	read   func(d *jsontext.Decoder) error // nil: what is wanted is inside
	inside members
}

type members []member

// add has what stands at a path, such as "spec.clusterTags", read by a function. Names
// with a dot are quoted.
func (m *members) add(path string, read func(d *jsontext.Decoder) error) {
	name, rest, nested := strings.Cut(path, ".")
	if quoted, ok := strings.CutPrefix(path, `"`); ok {
		name, rest, _ = strings.Cut(quoted, `"`)
		rest, nested = strings.CutPrefix(rest, ".")
	}
	at := m.find([]byte(name))
	if at == nil {
		*m = append(*m, member{name: name})
		at = &(*m)[len(*m)-1]
	}
	if nested {
		at.inside.add(rest, read)
	} else {
		at.read = read
	}
}

func (m members) find(name []byte) *member {
	for i := range m {
		if len(m[i].name) == len(name) && strings.EqualFold(m[i].name, string(name)) {
			return &m[i]
		}
	}
	return nil
}

// readFrom reads what is wanted of an object, and has the other members read by a function
// that may skip them. A null has nothing of it.
func (m members) readFrom(d *jsontext.Decoder, other func(d *jsontext.Decoder) error) error {
	if d.PeekKind() == 'n' {
		return d.SkipValue()
	}
	return readObject(d, func(name []byte) error {
		one := m.find(name)
		switch {
		case one == nil:
			return other(d)
		case one.read != nil:
			return one.read(d)
		}
		return one.inside.readFrom(d, skip)
	})
}

func skip(d *jsontext.Decoder) error { return d.SkipValue() }

// readObject calls each for every member of an object, to read its value. The name is
// only valid until then.
func readObject(d *jsontext.Decoder, each func(name []byte) error) error {
	if kind := d.PeekKind(); kind != '{' {
		if kind == 0 {
			return d.SkipValue() // says what is wrong
		}
		return errors.New("want an object")
	}
	return readItems(d, func() error {
		name, err := d.ReadValue()
		if err != nil {
			return err
		}
		if bytes.IndexByte(name, '\\') < 0 && utf8.Valid(name) {
			return each(name[1 : len(name)-1])
		}
		plain, _ := jsontext.AppendUnquote(nil, name) // an error says that it is no UTF-8: that is mended
		return each(plain)
	})
}

// readItems calls each for every item of an array, or every member of an object, to read
// it.
func readItems(d *jsontext.Decoder, each func() error) error {
	begin, err := d.ReadToken()
	if err != nil {
		return err
	}
	end := jsontext.Kind(']')
	if begin.Kind() == '{' {
		end = '}'
	}
	for d.PeekKind() != end {
		if err := each(); err != nil {
			return err
		}
	}
	_, err = d.ReadToken()
	return err
}
