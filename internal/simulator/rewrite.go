package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// ByteOrderMark is a Fault.Rewrite that puts U+FEFF before the body.
func ByteOrderMark(body []byte) []byte { return append([]byte("\ufeff"), body...) }

// MemberAs returns a Fault.Rewrite that gives every member of that name, at any
// depth, the value that the JSON text spells; "{value}" in it becomes the true
// value. MemberAs("total_count", "{value}.0") spells counts oddly, and
// MemberAs("tags", `{"env":"prod"}`) serves tags in a shape nobody documents.
// Bodies that are no JSON stay as they are.
func MemberAs(name, text string) func(body []byte) []byte {
	return func(body []byte) []byte {
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber() // so that counts stay whole numbers
		var answer any
		if d.Decode(&answer) != nil {
			return body
		}
		setMember(answer, name, text)
		return mustEncode(answer)
	}
}

func setMember(value any, name, text string) {
	switch v := value.(type) {
	case map[string]any:
		for member, inner := range v {
			if member == name {
				v[member] = json.RawMessage(strings.ReplaceAll(text, "{value}", string(mustEncode(inner))))
			} else {
				setMember(inner, name, text)
			}
		}
	case []any:
		for _, item := range v {
			setMember(item, name, text)
		}
	}
}

// mustEncode panics where the text of MemberAs is no JSON: the test is wrong.
func mustEncode(value any) []byte {
	b, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("simulator: rewriting an answer: %s", err))
	}
	return b
}
