package huaweicloud

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

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

// Count is a JSON number that may also come as a string, as null or not at all.
type Count struct {
	N     int
	Known bool
}

// UnmarshalJSONFrom accepts 5, "5", "" and null.
func (c *Count) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	var t Text
	if err := t.UnmarshalJSONFrom(d); err != nil {
		return err
	}
	if t == "" {
		*c = Count{}
		return nil
	}
	n, err := strconv.Atoi(string(t))
	if err != nil || n < 0 {
		return errors.New("want a count")
	}
	*c = Count{n, true}
	return nil
}

// List is a JSON array that may also come as null, as "", as a single object
// or not at all.
type List[T any] []T

// UnmarshalJSONFrom accepts an array, null, "" and a single element.
func (l *List[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*l = nil
	kind := d.PeekKind()
	if kind == '[' {
		return json.UnmarshalDecode(d, (*[]T)(l))
	}
	value, err := d.ReadValue()
	if err != nil || kind == 'n' || string(value) == `""` {
		return err
	}
	var one T
	if err := json.Unmarshal(value, &one, d.Options()); err != nil {
		return err
	}
	*l = List[T]{one}
	return nil
}

// Answer is a response body.
type Answer interface {
	// Absent reports that the member that the answer is all about was null or
	// left out, which is allowed but looks like many things that are not.
	Absent() bool
	// Members names the documented members.
	Members() []string
}

// checker is an Answer that may be JSON and still be unusable.
type checker interface {
	// Check returns what is wrong with it.
	Check() error
}

// Decode reads the body of a success. It fails on everything that would
// otherwise pass for an empty answer: no JSON object, an object that has
// members but none of the documented ones, and an error that came with a
// success status. It also fails if the answer has a method Check and that does.
func Decode(body []byte, out Answer) error {
	body = bytes.Trim(body, " \t\r\n") // JSON knows no other white space
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
