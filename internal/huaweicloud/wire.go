package huaweicloud

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// lenient are the options for the bodies of answers. What the JSON RFC leaves open, or
// what some encoders get wrong, must not make a whole page unreadable.
var lenient = json.JoinOptions(
	json.MatchCaseInsensitiveNames(true),
	jsontext.AllowDuplicateNames(true),
	jsontext.AllowInvalidUTF8(true),
)

// Text is a JSON string for which a number, a boolean or null is accepted too, because
// documentation, examples and services do not agree on the type.
type Text string

// UnmarshalJSONFrom accepts every JSON scalar.
func (t *Text) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	kind := d.PeekKind()
	if kind == '"' {
		return json.UnmarshalDecode(d, (*string)(t))
	}
	if kind == '{' || kind == '[' {
		return errors.New("want a string, got an object or an array") // what exactly may be secret
	}
	scalar, err := d.ReadToken()
	if err != nil {
		return err
	}
	*t = ""
	if scalar.Kind() != 'n' {
		*t = Text(scalar.String())
	}
	return nil
}

// Member is a Text that knows whether the JSON had it at all. An item without a member
// that every item must have is something else than documented. Read as an empty text, it
// would become a tag, or a resource, that does not exist.
type Member struct {
	Text  Text
	Given bool // also if it was null
}

// UnmarshalJSONFrom accepts what Text does.
func (m *Member) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	m.Given = true
	return m.Text.UnmarshalJSONFrom(d)
}

// Others holds the members of an item for which the Go type has no field. It is
// declared as a field with `json:",embed"`.
type Others map[string]jsontext.Value

// Nested reports whether one of them is an array or an object.
func (o Others) Nested() bool {
	for _, value := range o {
		if kind := value.Kind(); kind == '[' || kind == '{' {
			return true
		}
	}
	return false
}

// Ignored is a documented member that is not read. A field for it keeps it out of Others.
type Ignored struct{}

// UnmarshalJSONFrom accepts everything.
func (*Ignored) UnmarshalJSONFrom(d *jsontext.Decoder) error { return d.SkipValue() }

// Count is a whole number that only helps to read a list. If it is something else, it is
// unknown, and the list is read all the same.
type Count struct {
	N     int
	Known bool
}

// UnmarshalJSONFrom accepts everything, and knows 5, 5.0, 5e0 and "5".
func (c *Count) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*c = Count{}
	if kind := d.PeekKind(); kind == '{' || kind == '[' {
		return d.SkipValue()
	}
	var t Text
	if err := t.UnmarshalJSONFrom(d); err != nil {
		return err
	}
	const largest = 1 << 31 // below that, a float64 is exact; no list is as long
	n, err := strconv.ParseFloat(strings.TrimSpace(string(t)), 64)
	if err == nil && n >= 0 && n < largest && n == math.Trunc(n) {
		*c = Count{int(n), true}
	}
	return nil
}

// List is a JSON array that may also be null, "" or missing. Anything else is an error:
// read as an empty list, it would make a whole fleet look untagged.
type List[T any] []T

// UnmarshalJSONFrom accepts an array, null and "". Each item that has a method
// Check must pass it.
func (l *List[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*l = nil
	if d.PeekKind() != '[' {
		return noList(d)
	}
	if err := json.UnmarshalDecode(d, (*[]T)(l)); err != nil {
		return err
	}
	if _, ok := any((*T)(nil)).(checker); !ok {
		return nil
	}
	for i := range *l {
		if err := any(&(*l)[i]).(checker).Check(); err != nil {
			return err
		}
	}
	return nil
}

// noList accepts null and "", which may stand in the place of an empty list.
func noList(d *jsontext.Decoder) error {
	value, err := d.ReadValue()
	if err != nil || value.Kind() == 'n' || string(value) == `""` {
		return err
	}
	return errors.New("want an array") // what it is instead may be secret
}

// ListOrOne is a List. If it has one item, that may come without the array around it.
type ListOrOne[T any] struct{ List[T] }

// UnmarshalJSONFrom accepts what List does, and a single object.
func (l *ListOrOne[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() != '{' {
		return l.List.UnmarshalJSONFrom(d)
	}
	object, err := d.ReadValue()
	if err != nil {
		return err
	}
	return json.Unmarshal(slices.Concat([]byte("["), object, []byte("]")), &l.List, d.Options())
}

// Answer is a response body.
type Answer interface {
	// Absent reports whether the member that the caller wants was null or missing. That
	// may be an empty list, or no answer of the service at all: see Decode.
	Absent() bool
	// Members returns the names of the documented members.
	Members() []string
}

// checker is an Answer, or an item of a List, that can be unusable although it is JSON of
// the right types.
type checker interface {
	// Check returns what is wrong with it.
	Check() error
}

// array is an Answer that is a JSON array, whose items may be a List. It has no members,
// and is never absent.
type array interface{ Array() }

// Decode reads the body of a 2xx answer. It fails on everything that would otherwise look
// like an empty list: a body that is no JSON object, an object that has members but none
// of the documented ones, and an error body. It also fails if the answer, or an item in
// it, has a method Check that fails.
func Decode(body []byte, out Answer) error {
	body = bytes.Trim(withoutMark(body), " \t\r\n") // JSON knows no other white space
	if len(body) == 0 {
		return errEmpty
	}
	_, isArray := out.(array)
	switch {
	case isArray && body[0] != '[':
		if code, message, _ := readErrorBody(body); code != "" {
			return &answerError{code, message}
		}
		return errors.New("want a JSON array")
	case !isArray && body[0] != '{':
		return errors.New("want a JSON object")
	}
	if err := json.Unmarshal(body, out, lenient); err != nil {
		return withoutPlace(err)
	}
	if out.Absent() {
		if err := explain(body, out.Members()); err != nil {
			return err
		}
	}
	if c, ok := out.(checker); ok {
		return c.Check()
	}
	return nil
}

// explain returns what an answer is that lacks what the caller wants; nil if it may be an
// empty list.
func explain(body []byte, documented []string) error {
	var members map[string]jsontext.Value
	if err := json.Unmarshal(body, &members, lenient); err != nil {
		return withoutPlace(err)
	}
	if code, message, _ := readErrorBody(body); code != "" {
		return &answerError{code, message}
	}
	for _, name := range documented {
		if _, ok := members[name]; ok {
			return nil
		}
	}
	if len(members) > 0 {
		return fmt.Errorf("none of the documented members %q", documented)
	}
	return nil
}

// withoutMark removes the byte order mark that some servers put before JSON.
func withoutMark(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\ufeff")) }

// withoutPlace removes the place in the JSON from an error. It has names of members, which
// come from the answer and may be an echo of a secret, spelt in a way that scrub does not
// look for.
func withoutPlace(err error) error {
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		syntactic.JSONPointer = ""
	}
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		semantic.JSONPointer, semantic.JSONValue = "", nil
		if semantic.Err != nil {
			return semantic.Err // without the names of Go types that the error around it adds
		}
	}
	return err
}

var errEmpty = errors.New("empty answer")

// answerError is an error body that came with a 2xx status.
type answerError struct{ code, message string }

func (e *answerError) Error() string {
	return "an error instead of an answer: " + e.code + ": " + e.message
}

// isCut reports whether a body is empty or its JSON ends too early, as when a connection
// breaks.
func isCut(err error) bool {
	return errors.Is(err, errEmpty) || errors.Is(err, io.ErrUnexpectedEOF)
}
