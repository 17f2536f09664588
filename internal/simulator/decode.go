package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// Requests are read more strictly than encoding/json does: names are compared
// exactly, and unknown or repeated members, nulls and wrong types are errors.

// object is a JSON object that has been checked member by member.
type object map[string]json.RawMessage

func decodeBody(body []byte, known ...string) (object, error) {
	if !utf8.Valid(body) {
		return nil, errors.New("body is not utf-8")
	}
	return decodeObject(body, known...)
}

// decodeObject reads one object, and nothing behind it.
func decodeObject(raw []byte, known ...string) (object, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("not a json object")
	}
	o := make(object)
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("not json: %w", err)
		}
		name, _ := t.(string) // the decoder takes nothing else here
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("unknown member %q", name)
		}
		if _, twice := o[name]; twice {
			return nil, fmt.Errorf("member %q is given twice", name)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, fmt.Errorf("not json: %w", err)
		}
		o[name] = bytes.TrimSpace(value)
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("not json: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the json object")
	}
	return o, nil
}

// has tells whether the member is there, null or not.
func (o object) has(name string) bool { return o[name] != nil }

func (o object) object(name string, known ...string) (object, error) {
	if !o.has(name) {
		return nil, fmt.Errorf("member %q is missing", name)
	}
	inner, err := decodeObject(o[name], known...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return inner, nil
}

func (o object) array(name string) ([]json.RawMessage, error) {
	var items []json.RawMessage
	if !o.has(name) || o[name][0] != '[' || json.Unmarshal(o[name], &items) != nil {
		return nil, fmt.Errorf("%q is not an array", name)
	}
	return items, nil
}

func (o object) text(name string) (string, error) {
	if !o.has(name) {
		return "", fmt.Errorf("member %q is missing", name)
	}
	s, err := decodeText(o[name])
	if err != nil {
		return "", fmt.Errorf("%q is not a string", name)
	}
	return s, nil
}

func (o object) texts(name string) ([]string, error) {
	items, err := o.array(name)
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(items))
	for i, raw := range items {
		if texts[i], err = decodeText(raw); err != nil {
			return nil, fmt.Errorf("an item of %q is not a string", name)
		}
	}
	return texts, nil
}

func decodeText(raw json.RawMessage) (string, error) {
	var s string
	if raw[0] != '"' {
		return "", errors.New("not a string")
	}
	return s, json.Unmarshal(raw, &s)
}

// boolean is false where the member is absent.
func (o object) boolean(name string) (bool, error) {
	switch string(o[name]) {
	case "true":
		return true, nil
	case "false", "":
		return false, nil
	default:
		return false, fmt.Errorf("%q is not a boolean", name)
	}
}
