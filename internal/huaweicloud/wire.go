package huaweicloud

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// Text is a JSON string that the documentation, its examples and the services
// do not agree upon: a number, a boolean, null or nothing is accepted too.
type Text string

// UnmarshalJSON accepts every JSON scalar.
func (t *Text) UnmarshalJSON(data []byte) error {
	switch {
	case bytes.Equal(data, []byte("null")):
		*t = ""
		return nil
	case data[0] == '"':
		inner := data[1 : len(data)-1] // encoding/json hands over whole, valid values only
		if utf8.Valid(inner) && bytes.IndexByte(inner, '\\') < 0 {
			*t = Text(inner) // as almost all are; a decoder for each of them costs more than the rest
			return nil
		}
		var s string
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
		*t = Text(s)
		return nil
	case data[0] == '{' || data[0] == '[':
		return errors.New("want a string, got an object or an array") // what exactly may be secret
	}
	*t = Text(data)
	return nil
}

// Count is a JSON number that may also come as a string, as null or not at all.
type Count struct {
	N     int
	Known bool
}

// UnmarshalJSON accepts 5, "5", "" and null.
func (c *Count) UnmarshalJSON(data []byte) error {
	var t Text
	if err := t.UnmarshalJSON(data); err != nil {
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

// UnmarshalJSON accepts an array, null, "" and a single element.
func (l *List[T]) UnmarshalJSON(data []byte) error {
	*l = nil
	switch {
	case bytes.Equal(data, []byte("null")), bytes.Equal(data, []byte(`""`)):
		return nil
	case data[0] == '[':
		var items []T
		if err := json.Unmarshal(data, &items); err != nil {
			return err
		}
		*l = items
		return nil
	}
	var one T
	if err := json.Unmarshal(data, &one); err != nil {
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
	if err := json.Unmarshal(body, out); err != nil {
		return err
	}
	if c, ok := out.(checker); ok {
		if err := c.Check(); err != nil {
			return err
		}
	}
	if !out.Absent() {
		return nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return err
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

var errEmpty = errors.New("empty answer")

// answerError is an error that came with a success status.
type answerError struct{ code, message string }

func (e *answerError) Error() string {
	return "an error instead of an answer: " + e.code + ": " + e.message
}

// isCut reports whether JSON ends too early, as a cut answer does.
func isCut(err error) bool {
	var syntax *json.SyntaxError
	return errors.Is(err, errEmpty) || (errors.As(err, &syntax) && syntax.Error() == "unexpected end of JSON input")
}
