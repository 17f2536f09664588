package policy

import (
	"slices"
	"strings"
	"testing"
)

func TestMergeDocuments(t *testing.T) {
	// tags wraps what a document says under the policy key "cc".
	cc := func(settings string) string { return `{"tags":{"cc":{` + settings + `}}}` }
	const ab = `"tag_value":{"@@assign":["a","b"]}`
	const ops = `"@@operators_allowed_for_child_policies":`
	for _, test := range []struct {
		name      string
		documents []string
		want      string // name=key:values of each rule
	}{
		{"none", nil, ""},
		{"nothing", []string{`{"tags":{}}`}, ""},
		{"two keys", []string{`{"tags":{"B":{},"a":{"tag_key":{"@@assign":"A"}}}}`}, "B=b: a=A:"},
		{"different documents", []string{`{"tags":{"b":{}}}`, `{"tags":{"a":{}}}`}, "b=b: a=a:"},
		{"byte order mark", []string{"\ufeff" + cc(ab)}, "cc=cc:a,b"},

		// The platform's answer to what is in force: nothing is left to operate on.
		{"effective", []string{`{"tags":{
			"costcenter":{"tag_key":"CostCenter","tag_value":["cc-1","cc-9*"],"enforced_for":["ecs:*"]},
			"owner":{"tag_key":"Owner","tag_value":[]},
			"env":{"tag_value":["prod"]}
		}}`}, "costcenter=CostCenter:cc-1,cc-9* owner=Owner: env=env:prod"},
		{"effective over authored", []string{cc(`"tag_key":{"@@assign":"Cc"},` + ab), cc(`"tag_key":"CC","tag_value":["c"]`)}, "cc=CC:c"},
		{"authored over effective", []string{cc(`"tag_key":"CC","tag_value":["a"]`), cc(`"tag_value":{"@@append":["b"]}`)}, "cc=CC:a,b"},
		{"effective where nothing is allowed", []string{cc(`"tag_value":{` + ops + `["@@none"],"@@assign":["a"]}`), cc(`"tag_value":["b"]`)}, "cc=cc:a"},

		{"assign over assign", []string{cc(ab), cc(`"tag_value":{"@@assign":["c"]}`)}, "cc=cc:c"},
		{"assign of a tag key over another", []string{cc(`"tag_key":{"@@assign":"CC"}`), cc(`"tag_key":{"@@assign":"Cc"}`)}, "cc=Cc:"},
		{"what is not said is inherited", []string{cc(`"tag_key":{"@@assign":"CC"},` + ab), cc(`"enforced_for":{"@@append":["dds:*"]}`)}, "cc=CC:a,b"},
		{"case of the policy key", []string{cc(ab), `{"tags":{"CC":{"tag_value":{"@@append":["c"]}}}}`}, "cc=cc:a,b,c"},
		{"assign nothing is any", []string{cc(ab), cc(`"tag_value":{"@@assign":[]}`)}, "cc=cc:"},

		{"append", []string{cc(ab), cc(`"tag_value":{"@@append":["c","a"]}`)}, "cc=cc:a,b,c"},
		{"append to nothing", []string{cc(`"tag_value":{"@@append":["c"]}`)}, "cc=cc:c"},
		{"append twice", []string{cc(ab), cc(`"tag_value":{"@@append":["c"]}`), cc(`"tag_value":{"@@append":["d"]}`)}, "cc=cc:a,b,c,d"},
		{"remove", []string{cc(ab), cc(`"tag_value":{"@@remove":["a","x"]}`)}, "cc=cc:b"},
		{"remove all is any", []string{cc(ab), cc(`"tag_value":{"@@remove":["a","b"]}`)}, "cc=cc:"},
		{"remove is literal", []string{cc(`"tag_value":{"@@assign":["a*","ab"]}`), cc(`"tag_value":{"@@remove":["a*"]}`)}, "cc=cc:ab"},
		{"remove and append", []string{cc(ab), cc(`"tag_value":{"@@append":["c"],"@@remove":["c","a"]}`)}, "cc=cc:b,c"},
		{"assign, append and remove at once", []string{cc(ab), cc(`"tag_value":{"@@remove":["a","c"],"@@append":["d"],"@@assign":["c"]}`)}, "cc=cc:c,d"},
		{"remove before assign above", []string{cc(`"tag_value":{"@@remove":["a"]}`), cc(ab)}, "cc=cc:a,b"},

		{"control does not limit its own document", []string{cc(`"tag_value":{` + ops + `["@@none"],"@@assign":["a"]}`)}, "cc=cc:a"},
		{"all is allowed", []string{cc(`"tag_value":{` + ops + `["@@all"],"@@assign":["a"]}`), cc(`"tag_value":{"@@assign":["b"]}`)}, "cc=cc:b"},
		{"none is allowed", []string{
			cc(`"tag_key":{` + ops + `["@@none"],"@@assign":"CC"},"tag_value":{` + ops + `["@@none"],"@@assign":["a"]}`),
			cc(`"tag_key":{"@@assign":"Cc"},"tag_value":{"@@assign":["b"],"@@append":["c"],"@@remove":["a"]}`),
		}, "cc=CC:a"},
		{"only append is allowed", []string{
			cc(`"tag_value":{` + ops + `["@@append"],"@@assign":["a"]}`),
			cc(`"tag_value":{"@@assign":["b"],"@@append":["c"],"@@remove":["a"]}`),
		}, "cc=cc:a,c"},
		{"only remove is allowed", []string{
			cc(`"tag_value":{` + ops + `["@@remove"],"@@assign":["a","b"]}`),
			cc(`"tag_value":{"@@assign":["b"],"@@append":["c"],"@@remove":["a"]}`),
		}, "cc=cc:b"},
		{"only assign is allowed", []string{
			cc(`"tag_value":{` + ops + `["@@assign"],"@@assign":["a","b"]}`),
			cc(`"tag_value":{"@@append":["c"],"@@remove":["a"]}`),
			cc(`"tag_value":{"@@assign":["d"]}`),
		}, "cc=cc:d"},
		{"not given back", []string{
			cc(`"tag_value":{` + ops + `["@@append"],"@@assign":["a"]}`),
			cc(`"tag_value":{` + ops + `["@@all"]}`),
			cc(`"tag_value":{"@@assign":["b"]}`),
		}, "cc=cc:a"},
		{"limits add up", []string{
			cc(`"tag_value":{` + ops + `["@@append","@@remove"],"@@assign":["a"]}`),
			cc(`"tag_value":{` + ops + `["@@assign","@@remove"]}`),
			cc(`"tag_value":{"@@append":["b"],"@@remove":["a","z"]}`),
		}, "cc=cc:"},
		{"control of a policy key", []string{
			cc(ops + `["@@append"],` + ab),
			cc(`"tag_key":{"@@assign":"CC"},"tag_value":{"@@remove":["a"],"@@append":["c"]}`),
		}, "cc=cc:a,b,c"},
		{"control of everything", []string{
			`{"tags":{` + ops + `["@@none"],"cc":{` + ab + `}}}`,
			`{"tags":{"cc":{"tag_value":{"@@assign":["c"]}},"new":{}}}`,
		}, "cc=cc:a,b"},
		{"control of everything adds up with that of a setting", []string{
			`{"tags":{` + ops + `["@@append","@@remove"],"cc":{"tag_value":{"@@assign":["a"],` + ops + `["@@assign","@@append"]}}}}`,
			cc(`"tag_value":{"@@remove":["a"],"@@append":["c"]}`),
			cc(`"tag_value":{"@@assign":["d"]}`),
		}, "cc=cc:a,c"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := rulesOf(mustNew(t, nil, test.documents...)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// rulesOf returns name=key:values of each rule.
func rulesOf(p *Policy) string {
	if p == nil {
		return ""
	}
	var rules []string
	for _, r := range p.rules {
		var values []string
		if r.values != nil {
			for v := range r.values.exact {
				values = append(values, v)
			}
			for _, w := range r.values.wildcards {
				values = append(values, w.prefix+"*"+w.suffix)
			}
		}
		slices.Sort(values)
		rules = append(rules, r.name+"="+r.key+":"+strings.Join(values, ","))
	}
	return strings.Join(rules, " ")
}
