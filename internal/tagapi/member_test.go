package tagapi

import (
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// spot is an answer of which one member is wanted, wherever that stands.
type spot struct {
	path string
	huaweicloud.Member
}

func (p *spot) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	var wanted members
	wanted.add(p.path, p.Member.UnmarshalJSONFrom)
	wanted.add("a.other", skip)
	return wanted.readFrom(d, skip)
}

// TestMembers: what stands at a path is found, and its absence is no mistake, but another
// thing in place of an object around it is.
func TestMembers(t *testing.T) {
	const absent, wrong = "absent", "wrong"
	for _, test := range []struct{ path, body, want string }{
		{"a", `{"a":"x","b":1}`, "x"},
		{"a.b", `{"c":{"b":1},"a":{"c":[1],"b":"x"}}`, "x"},
		{"a.b", `{"a":null}`, absent},
		{"a.b", `null`, absent},
		{"a.b", `{"a":{}}`, absent},
		{"a.b", `{"a":7}`, wrong},
		{"a.b", `{"a":[{"b":"x"}]}`, wrong},
		{"a", `{"A":"x"}`, "x"},
		{"a", `{"\u0061":"x"}`, "x"},
		{"a", `{"ab":"x"}`, absent},
		{`"a.b"`, `{"a.b":"x"}`, "x"},
		{`a."b.c/d"`, `{"a":{"b.c/d":"x","b":{"c/d":"y"}}}`, "x"},
		{`a."b.c".d`, `{"a":{"b.c":{"d":"x"}}}`, "x"},
		{"a.b", `{"a":{"b":"x"},"a":{"b":"y"}}`, "y"},
		{"a", `{"a":{}}`, wrong},
		{"a", `{"a"`, wrong},
	} {
		p := &spot{path: test.path}
		err := json.Unmarshal([]byte(test.body), p, jsontext.AllowDuplicateNames(true))
		got := string(p.Text)
		switch {
		case err != nil:
			got = wrong
		case !p.Given:
			got = absent
		}
		if got != test.want {
			t.Errorf("%s in %s: got %s (%v), want %s", test.path, test.body, got, err, test.want)
		}
	}
}
