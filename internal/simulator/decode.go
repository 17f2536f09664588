package simulator

import (
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

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
