package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// node is a JSON value that knows its line. A value that is neither an object,
// nor a list, nor a string has none of the three.
type node struct {
	line    int
	members []member // of an object, in order
	items   []node   // of a list
	text    string   // of a string

	isObject, isList, isString bool
}

type member struct {
	name  string
	line  int
	value node
}

// parseJSON reads one JSON value. The error is a *lineError.
func parseJSON(content []byte) (node, error) {
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf")) // Windows editors write it
	var whole any
	if err := json.Unmarshal(content, &whole); err != nil {
		at := len(content)
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			at = int(syntax.Offset)
		}
		return node{}, &lineError{1 + bytes.Count(content[:max(at-1, 0)], []byte("\n")), err}
	}
	r := &reader{content: content, tokens: json.NewDecoder(bytes.NewReader(content)), line: 1}
	return r.value()
}

// lineError is an error that knows its line.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return fmt.Sprintf("%d: %v", e.line, e.err) }

// reader builds nodes from valid JSON.
type reader struct {
	content []byte
	tokens  *json.Decoder
	line    int // of the last token
	read    int // the bytes whose lines are counted
}

// next returns the next token, and sets the line. No token spans lines.
func (r *reader) next() (json.Token, error) {
	token, err := r.tokens.Token()
	if err != nil {
		return nil, &lineError{r.line, err}
	}
	end := int(r.tokens.InputOffset())
	r.line += bytes.Count(r.content[r.read:end], []byte("\n"))
	r.read = end
	return token, nil
}

func (r *reader) value() (node, error) {
	token, err := r.next()
	if err != nil {
		return node{}, err
	}
	n := node{line: r.line}
	switch token := token.(type) {
	case string:
		n.text, n.isString = token, true
	case json.Delim:
		if token == '{' {
			n.isObject = true
			n.members, err = r.objectMembers()
		} else {
			n.isList = true
			n.items, err = r.listItems()
		}
	}
	return n, err
}

func (r *reader) objectMembers() (members []member, err error) {
	for r.tokens.More() {
		token, err := r.next()
		if err != nil {
			return nil, err
		}
		m := member{name: token.(string), line: r.line} // JSON has no other names
		if m.value, err = r.value(); err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	_, err = r.next() // the closing brace
	return members, err
}

func (r *reader) listItems() (items []node, err error) {
	for r.tokens.More() {
		item, err := r.value()
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	_, err = r.next() // the closing bracket
	return items, err
}
