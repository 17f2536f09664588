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

// lenient is how the bodies of answers are read: what the JSON RFC leaves open,
// or what some encoders get wrong, is no reason to lose a page.
var lenient = json.JoinOptions(
	json.MatchCaseInsensitiveNames(true),
	jsontext.AllowDuplicateNames(true),
	jsontext.AllowInvalidUTF8(true),
)

// Text is a JSON string that the documentation, its examples and the services
// do not agree upon: a number, a boolean, null or nothing is accepted too.
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

// Member is a Text of which it matters whether it was there at all. An item that
// lacks what every one has is of another kind than documented; read as an empty
// one it would be a tag, or a resource, that does not exist.
type Member struct {
	Text  Text
	Given bool // null is, too
}

// UnmarshalJSONFrom accepts what Text does.
func (m *Member) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	m.Given = true
	return m.Text.UnmarshalJSONFrom(d)
}

// Others are the members of an item that it has no field for: declared with
// `json:",embed"`.
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

// Ignored is a documented member that nobody reads, which is none of the Others.
type Ignored struct{}

// UnmarshalJSONFrom accepts everything.
func (*Ignored) UnmarshalJSONFrom(d *jsontext.Decoder) error { return d.SkipValue() }

// Count is a whole number that only helps to read a list: however it is spelt, and
// whatever stands in its place, it is no reason to lose the list.
type Count struct {
	N     int
	Known bool
}

// UnmarshalJSONFrom knows 5, 5.0, 5e0 and "5". Everything else is not known.
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

// List is a JSON array that may also come as null, as "" or not at all. Anything
// else is no list: where it is read as an empty one, a fleet looks untagged.
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

// noList accepts what may stand in the place of a list.
func noList(d *jsontext.Decoder) error {
	value, err := d.ReadValue()
	if err != nil || value.Kind() == 'n' || string(value) == `""` {
		return err
	}
	return errors.New("want an array") // what it is instead may be secret
}

// ListOrOne is a List whose only item may also come without the array.
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
	// Absent reports that the member that the answer is all about was null or
	// left out, which is allowed but looks like many things that are not.
	Absent() bool
	// Members names the documented members.
	Members() []string
}

// checker is an Answer, or an item of a List, that may be JSON and still be
// unusable.
type checker interface {
	// Check returns what is wrong with it.
	Check() error
}

// Decode reads the body of a success. It fails on everything that would
// otherwise pass for an empty answer: no JSON object, an object that has
// members but none of the documented ones, and an error that came with a
// success status. It also fails if the answer, or an item in it, has a method Check
// and that does.
func Decode(body []byte, out Answer) error {
	body = bytes.Trim(withoutMark(body), " \t\r\n") // JSON knows no other white space
	if len(body) == 0 {
		return errEmpty
	}
	if body[0] != '{' {
		return errors.New("want a JSON object")
	}
	if err := json.Unmarshal(body, out, lenient); err != nil {
		return withoutPlace(err)
	}
	if c, ok := out.(checker); ok {
		if err := c.Check(); err != nil {
			return err
		}
	}
	if !out.Absent() {
		return nil
	}
	var members map[string]jsontext.Value
	if err := json.Unmarshal(body, &members, lenient); err != nil {
		return withoutPlace(err)
	}
	if code, message, _ := readErrorBody(body); code != "" {
		return &answerError{code, message}
	}
	for _, name := range out.Members() {
		if _, ok := members[name]; ok {
			return nil
		}
	}
	if len(members) > 0 {
		return fmt.Errorf("none of the documented members %q", out.Members())
	}
	return nil
}

// withoutMark takes the byte order mark off that some servers put before JSON.
func withoutMark(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\ufeff")) }

// withoutPlace takes the names of members out of an error: they are the answer's,
// cut and spelt as a JSON pointer, so that a secret among them could not be found.
func withoutPlace(err error) error {
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		syntactic.JSONPointer = ""
	}
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		semantic.JSONPointer, semantic.JSONValue = "", nil
		if semantic.Err != nil {
			return semantic.Err // says it better than with Go's types around it
		}
	}
	return err
}

var errEmpty = errors.New("empty answer")

// answerError is an error that came with a success status.
type answerError struct{ code, message string }

func (e *answerError) Error() string {
	return "an error instead of an answer: " + e.code + ": " + e.message
}

// isCut reports whether JSON ends too early, as a cut answer does.
func isCut(err error) bool {
	return errors.Is(err, errEmpty) || errors.Is(err, io.ErrUnexpectedEOF)
}
