package simulator

import (
	"errors"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The answers are written by hand: it is fast, and unlike encoding/json it sends
// invalid UTF-8 as it is, so that readers can be tried with it.

// appendMember starts a member of an object: a comma where one is due, then the
// name. Names need no escapes.
func appendMember(b []byte, name string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	b = append(b, '"')
	b = append(b, name...)
	return append(b, '"', ':')
}

func appendTextMember(b []byte, name, value string) []byte {
	return appendText(appendMember(b, name), value)
}

func closeObject(b []byte) []byte { return append(b, '}') }

// text is a string that fmt writes as JSON.
type text string

func (t text) String() string { return string(appendText(nil, string(t))) }

const hexDigits = "0123456789abcdef"

func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		switch ch := s[i]; {
		case ch == '"' || ch == '\\':
			b = append(b, '\\', ch)
		case ch < 0x20:
			b = append(b, '\\', 'u', '0', '0', hexDigits[ch>>4], hexDigits[ch&15])
		default:
			b = append(b, ch)
		}
	}
	return append(b, '"')
}

// appendItems appends a member that is an array of n items.
func appendItems(b []byte, name string, n int, form Form, item func(b []byte, i int) []byte) []byte {
	if n == 0 && form == Absent {
		return b
	}
	return appendArray(appendMember(b, name), n, form, item)
}

// appendArray appends n items, or nothing if that is how no items are given.
func appendArray(b []byte, n int, form Form, item func(b []byte, i int) []byte) []byte {
	switch {
	case n == 0 && form == Absent:
		return b
	case n == 0 && form == Null:
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = item(b, i)
	}
	return append(b, ']')
}

func appendTags(b []byte, tags []Tag, q Quirks) []byte {
	return appendArray(b, len(tags), q.EmptyArrays, func(b []byte, i int) []byte {
		b = appendTextMember(append(b, '{'), "key", tags[i].Key)
		switch value := tags[i].Value; {
		case value != nil:
			b = appendTextMember(b, "value", *value)
		case !q.AbsentNullValue:
			b = append(appendMember(b, "value"), "null"...)
		}
		return closeObject(b)
	})
}

// appendTagMembers writes an object with a member for each tag. Keys may need escapes.
func appendTagMembers(b []byte, tags []Tag) []byte {
	b = append(b, '{')
	for i, t := range tags {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(b, t.Key), ':')
		if t.Value == nil {
			b = append(b, "null"...)
		} else {
			b = appendText(b, *t.Value)
		}
	}
	return closeObject(b)
}

func appendKeyValues(b []byte, tags []PoolTag, q Quirks) []byte {
	return appendArray(b, len(tags), q.EmptyArrays, func(b []byte, i int) []byte {
		b = appendTextMember(append(b, '{'), "key", tags[i].Key)
		values := tags[i].Values
		b = appendItems(b, "values", len(values), q.EmptyArrays, func(b []byte, j int) []byte {
			return appendText(b, values[j])
		})
		return closeObject(b)
	})
}

// appendTotal appends a number of items, or nothing if that is how it is given.
func appendTotal(b []byte, n int, form Form) []byte {
	switch form {
	case Absent:
		return b
	case AsText:
		return appendText(b, strconv.Itoa(n))
	default:
		return strconv.AppendInt(b, int64(n), 10)
	}
}

func appendUnlessEmpty(b []byte, s string) []byte {
	if s == "" {
		return b
	}
	return appendText(b, s)
}

func textOf(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}

// decode reads the body of a request more strictly than most servers do: names
// are compared exactly, and unknown or repeated members, nulls, invalid UTF-8 and
// anything behind the value are errors. An absent member leaves its field alone,
// so a member that must be there is a pointer or a slice.
func decode(body []byte, into any) error {
	return json.Unmarshal(body, into, json.RejectUnknownMembers(true), json.WithUnmarshalers(noNulls))
}

// noNulls is asked before each value, and leaves all but nulls to the package,
// which would take a null for a zero value.
var noNulls = json.UnmarshalFromFunc(func(d *jsontext.Decoder, _ any) error {
	if d.PeekKind() == 'n' {
		return errors.New("null")
	}
	return errors.ErrUnsupported
})
