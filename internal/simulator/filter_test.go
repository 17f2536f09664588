package simulator

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestFilter: what is refused, what is accepted, and what only a strict reading
// refuses, which no client can know.
func TestFilter(t *testing.T) {
	long := func(n int) string { return strings.Repeat("长", n) }
	keys := func(n int) string {
		var tags []string
		for i := range n {
			tags = append(tags, `{"key":"`+InstanceID(i)+`","values":[]}`)
		}
		return `{"tags":[` + strings.Join(tags, ",") + `]}`
	}
	for _, test := range []struct {
		query, body  string
		accepted     bool
		unlessStrict bool // accepted only without Quirks.StrictFilter
	}{
		{query: "?offset=1000000000&limit=100", body: `{}`, accepted: true},
		{query: "?offset=1000000001", body: `{}`},
		{query: "?limit=0", body: `{}`},
		{query: "?limit=101", body: `{}`},
		{query: "?action=filter", body: `{}`},
		{body: "", unlessStrict: true},
		{body: " "},
		{body: "{}\n", accepted: true},
		{body: "null"},
		{body: "[]"},
		{body: "{"},
		{body: `{"tags":[}`},
		{body: `{}{}`},
		{body: "{\"matches\":[{\"key\":\"resource_name\",\"value\":\"\xff\"}]}"},
		{body: `{"matches":[{"key":"resource_name","value":"\ud800"}]}`},
		{body: `{"Tags":[]}`},
		{body: `{"tags_any":[]}`},
		{body: `{"without_any_tag":true,"without_any_tag":true}`},
		{body: `{"without_any_tag":"true"}`},
		{body: `{"without_any_tag":null}`},
		{body: `{"tags":null}`},
		{body: `{"tags":[]}`},
		{body: `{"tags":{}}`},
		{body: keys(20), accepted: true},
		{body: keys(21)},
		{body: `{"tags":[{"key":"a"}]}`, unlessStrict: true},
		{body: `{"tags":[{"values":[]}]}`},
		{body: `{"tags":[{"key":"","values":[]}]}`, unlessStrict: true},
		{body: `{"tags":[{"key":"a","values":null}]}`},
		{body: `{"tags":[{"key":"a","values":[1]}]}`},
		{body: `{"tags":[{"key":"a","values":"b"}]}`},
		{body: `{"tags":[{"key":"a","value":"b"}]}`},
		{body: `{"tags":[{"key":7,"values":[]}]}`},
		{body: `{"tags":["a"]}`},
		{body: `{"tags":[{"key":"a","values":[]},{"key":"a","values":["b"]}]}`},
		{body: `{"tags":[{"key":"a","values":[` + strings.Repeat(`"b",`, 9) + `"b"]}]}`, accepted: true},
		{body: `{"tags":[{"key":"a","values":[` + strings.Repeat(`"b",`, 10) + `"b"]}]}`, unlessStrict: true},
		{body: `{"tags":[{"key":"a","values":[` + strings.Repeat(`"b",`, 19) + `"b"]}]}`, unlessStrict: true},
		{body: `{"tags":[{"key":"a","values":[` + strings.Repeat(`"b",`, 20) + `"b"]}]}`},
		{body: `{"tags":[{"key":"` + long(128) + `","values":["` + long(255) + `"]}]}`, accepted: true},
		{body: `{"tags":[{"key":"` + long(129) + `","values":[]}]}`},
		{body: `{"tags":[{"key":"a","values":["` + long(256) + `"]}]}`},
		{body: `{"matches":[]}`},
		{body: `{"matches":[{"key":"resource_id","value":"w1"}]}`},
		{body: `{"matches":[{"value":"w1"}]}`},
		{body: `{"matches":[{"key":"resource_name"}]}`, unlessStrict: true},
		{body: `{"matches":[{"key":"resource_name","value":""}]}`, accepted: true},
		{body: `{"matches":[{"key":"resource_name","value":"` + long(255) + `"}]}`, accepted: true},
		{body: `{"matches":[{"key":"resource_name","value":"` + long(256) + `"}]}`},
		{body: `{"matches":[{"key":"resource_name","value":null}]}`},
		{body: `{"matches":[{"key":"resource_name","value":7}]}`},
		{body: `{"matches":[{"key":"resource_name","values":["a"]}]}`},
		{body: `{"matches":[` + strings.Repeat(`{"key":"resource_name","value":"a"},`, 9) + `{"key":"resource_name","value":"a"}]}`, accepted: true},
		{body: `{"matches":[` + strings.Repeat(`{"key":"resource_name","value":"a"},`, 10) + `{"key":"resource_name","value":"a"}]}`},
		{body: `{"sys_tags":""}`},
		{body: `{"sys_tags":[]}`},
		{body: `{"sys_tags":[{"key":"eps","values":["0"]}]}`},
		{body: `{"sys_tags":[{"key":"_sys_enterprise_project_id"}]}`},
		{body: `{"sys_tags":[{"key":"_sys_enterprise_project_id","values":[]}]}`},
		{body: `{"sys_tags":[{"key":"_sys_enterprise_project_id","values":[""]}]}`, unlessStrict: true},
		{body: `{"sys_tags":[{"key":"_sys_enterprise_project_id","values":["` + long(255) + `"]}]}`, accepted: true},
		{body: `{"sys_tags":[{"key":"_sys_enterprise_project_id","values":["` + long(256) + `"]}]}`},
		{body: `{"sys_tags":[{"key":"_sys_enterprise_project_id","values":["0","1"]}]}`},
	} {
		t.Run(test.query+test.body, func(t *testing.T) {
			for _, strict := range []bool{false, true} {
				r := newRig(t, Options{Quirks: Quirks{StrictFilter: strict}})
				got := r.filter(test.query, test.body)
				switch {
				case test.accepted, test.unlessStrict && !strict:
					wantReply(t, got, 200, `"total_count"`)
					r.wantRefusals(0)
				case test.unlessStrict:
					wantReply(t, got, 400, `{"error_code":"common.01000001"`)
					r.wantRefusals(0)
				default:
					wantReply(t, got, 400, `{"error_code":"common.01000001"`)
					r.wantRefusals(1)
				}
			}
		})
	}
}

// TestLongFilterError: what a message repeats of a request is cut.
func TestLongFilterError(t *testing.T) {
	r := newRig(t, Options{})
	got := r.filter("?limit="+strings.Repeat("长", 600), "{}")
	var body struct {
		Code     string `json:"error_code"`
		Message  string `json:"error_msg"`
		Solution string `json:"solution_msg"`
	}
	if err := json.Unmarshal([]byte(got.body), &body); err != nil {
		t.Fatal(err)
	}
	if n := utf8.RuneCountInString(body.Message); got.status != 400 || n != 512 || body.Code != "common.01000001" || body.Solution == "" {
		t.Errorf("%d, a message of %d characters, %q", got.status, n, got.body)
	}
}

// FuzzFilter holds the strict reader to the usual one: what it accepts is JSON.
func FuzzFilter(f *testing.F) {
	for _, body := range []string{`{}`, `{"without_any_tag":true}`, `{"tags":[{"key":"a","values":["b"]}]}`, `{"sys_tags":""}`, `{"matches":[{}]}`, `[`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if _, err := decodeFilter(body); err == nil && len(body) > 0 && !json.Valid(body) {
			t.Errorf("accepted %q", body)
		}
	})
}
