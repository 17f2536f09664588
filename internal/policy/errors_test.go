package policy

import (
	"strings"
	"testing"
)

// at gives a rule the position of an element of the list of rules.
func at(rules ...Rule) []Rule {
	for i := range rules {
		rules[i].Position = "c.yml:" + string(rune('1'+i)) + ": policy.rules[" + string(rune('0'+i)) + "]"
	}
	return rules
}

func TestRuleErrors(t *testing.T) {
	long := strings.Repeat("x", 256)
	for _, test := range []struct {
		name string
		rule Rule
		want string // without the position
	}{
		{"no key", Rule{Required: true}, `.key: missing`},
		{"long key", Rule{Key: strings.Repeat("键", 129), Required: true}, `.key: "` + strings.Repeat("键", 129) + `" is longer than the 128 characters that a tag key may have`},
		{"system key", Rule{Key: "_sys_enterprise_project_id", Required: true}, `.key: "_sys_enterprise_project_id": keys that begin with _sys_ are system tags, which are never judged`},
		{"space", Rule{Key: "env ", Required: true}, `.key: "env " begins or ends with a space, which no tag key does`},
		{"key character", Rule{Key: "e*", Required: true}, `.key: "e*" has '*', which no tag key may have`},
		{"key control character", Rule{Key: "a\nb", Required: true}, `.key: "a\nb" has '\n', which no tag key may have`},

		{"nothing", Rule{Key: "env"}, `: nothing to check: give required, forbidden, values or pattern`},
		{"forbidden and required", Rule{Key: "env", Forbidden: true, Required: true}, `: forbidden stands alone: no required, values or pattern beside it`},
		{"forbidden and values", Rule{Key: "env", Forbidden: true, Values: []string{"a"}}, `: forbidden stands alone: no required, values or pattern beside it`},
		{"forbidden and pattern", Rule{Key: "env", Forbidden: true, Pattern: "a"}, `: forbidden stands alone: no required, values or pattern beside it`},

		{"no values", Rule{Key: "env", Values: []string{}}, `.values: the list is empty; leave it out to allow any`},
		{"long value", Rule{Key: "env", Values: []string{"a", long}}, `.values[1]: "` + long + `" is longer than the 255 characters that a tag value may have`},
		{"value character", Rule{Key: "env", Values: []string{"a,b"}}, `.values[0]: "a,b" has ',', which no tag value may have`},
		{"value not UTF-8", Rule{Key: "env", Values: []string{"a\xff"}}, `.values[0]: "a\xff" has '�', which no tag value may have`},
		{"wildcard inside", Rule{Key: "env", Values: []string{"a*b"}}, `.values[0]: "a*b": only one * is allowed, at the end`},
		{"two wildcards", Rule{Key: "env", Values: []string{"ab**"}}, `.values[0]: "ab**": only one * is allowed, at the end`},
		{"pattern", Rule{Key: "env", Pattern: "a(b"}, ".pattern: error parsing regexp: missing closing ): `a(b`"},
		{"pattern that compiles only in a group", Rule{Key: "env", Pattern: "a)(b"}, ".pattern: error parsing regexp: unexpected ): `a)(b`"},
		{"values against pattern", Rule{Key: "env", Values: []string{"a", "b"}, Pattern: "[0-9]"}, `.values: none of them matches the pattern "[0-9]"`},

		{"service", Rule{Key: "a", Required: true, Services: []string{"dds", "rds"}}, `.services[1]: unknown service "rds"; known: modelarts, dds, fabric`},
		{"no service", Rule{Key: "a", Required: true, Services: []string{}}, `.services: the list is empty; leave it out to allow any`},
		{"type", Rule{Key: "a", Required: true, ResourceTypes: []string{"instance"}}, `.resource_types[0]: unknown resource type "instance"; known: modelarts:pool, dds:instance, fabric:workspace`},
		{"no type", Rule{Key: "a", Required: true, ResourceTypes: []string{}}, `.resource_types: the list is empty; leave it out to allow any`},
		{"type of another service", Rule{Key: "a", Required: true, Services: []string{"dds"}, ResourceTypes: []string{"fabric:workspace"}}, `.resource_types: none of them belongs to the rule's services (dds)`},
		{"type of none of two services", Rule{Key: "a", Required: true, Services: []string{"dds", "modelarts"}, ResourceTypes: []string{"fabric:workspace"}}, `.resource_types: none of them belongs to the rule's services (dds, modelarts)`},
		{"project", Rule{Key: "a", Required: true, Projects: []string{"shop", "Lab"}}, `.projects[1]: unknown project "Lab"; known: shop, lab`},
		{"account", Rule{Key: "a", Required: true, Accounts: []string{"corp", "Corp", ""}}, `.accounts[1]: unknown account "Corp"; known: corp, shop-account, lab-account` + "\n" +
			`c.yml:1: policy.rules[0].accounts[2]: unknown account ""; known: corp, shop-account, lab-account`},
		{"no account", Rule{Key: "a", Required: true, Accounts: []string{}}, `.accounts: the list is empty; leave it out to allow any`},
		{"no project", Rule{Key: "a", Required: true, Projects: []string{}}, `.projects: the list is empty; leave it out to allow any`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := New(at(test.rule), nil, known)
			wantError(t, err, "c.yml:1: policy.rules[0]"+test.want)
		})
	}
}

func TestRuleWithoutPosition(t *testing.T) {
	_, err := New([]Rule{{Key: "a", Required: true}, {}}, nil, known)
	wantError(t, err, "rules[1].key: missing\nrules[1]: nothing to check: give required, forbidden, values or pattern")
}

func TestContradictions(t *testing.T) {
	costCenter := `{"tags":{"cc":{"tag_key":{"@@assign":"CC"},"tag_value":{"@@assign":["1*"]}}}}`
	dds, fabric := []string{"dds"}, []string{"fabric"}
	for _, test := range []struct {
		name     string
		document string
		a, b     Rule
		want     string // "" is none
	}{
		{"same name", "", Rule{Name: "x", Key: "a", Required: true}, Rule{Name: "x", Key: "b", Required: true}, `.name: "x" is already the name of c.yml:1: policy.rules[0]; names (default: the key) are unique`},
		{"same default name", "", Rule{Key: "a", Required: true}, Rule{Key: "a", Pattern: "x"}, `.name: "a" is already the name of c.yml:1: policy.rules[0]; names (default: the key) are unique`},
		{"name of a document", costCenter, Rule{Key: "a", Required: true}, Rule{Name: "cc", Key: "b", Required: true}, `.name: "cc" is already the name of p.json:1: tags.cc; names (default: the key) are unique`},
		{"names differ in case", "", Rule{Name: "x", Key: "a", Required: true}, Rule{Name: "X", Key: "b", Required: true}, ""},

		{"forbidden and required", "", Rule{Name: "x", Key: "a", Forbidden: true}, Rule{Key: "a", Required: true}, `: contradicts rule "x" (c.yml:1: policy.rules[0]): one requires the key "a", the other forbids it`},
		{"required and forbidden", "", Rule{Name: "x", Key: "a", Required: true}, Rule{Key: "a", Forbidden: true}, `: contradicts rule "x" (c.yml:1: policy.rules[0]): one requires the key "a", the other forbids it`},
		{"forbidden twice", "", Rule{Name: "x", Key: "a", Forbidden: true}, Rule{Key: "a", Forbidden: true}, ""},
		{"forbidden and required elsewhere", "", Rule{Name: "x", Key: "a", Forbidden: true, Services: dds}, Rule{Key: "a", Required: true, Services: fabric}, ""},
		{"forbidden and required by type", "", Rule{Name: "x", Key: "a", Forbidden: true, Services: dds}, Rule{Key: "a", Required: true, ResourceTypes: []string{"dds:instance"}}, `: contradicts rule "x" (c.yml:1: policy.rules[0]): one requires the key "a", the other forbids it`},
		{"forbidden and required in other projects", "", Rule{Name: "x", Key: "a", Forbidden: true, Projects: []string{"shop"}}, Rule{Key: "a", Required: true, Projects: []string{"lab"}}, ""},
		{"forbidden and required in other accounts", "", Rule{Name: "x", Key: "a", Forbidden: true, Accounts: []string{"corp"}}, Rule{Key: "a", Required: true, Accounts: []string{"lab-account"}}, ""},
		{"forbidden and required in an account", "", Rule{Name: "x", Key: "a", Forbidden: true, Accounts: []string{"corp"}}, Rule{Key: "a", Required: true, Accounts: []string{"lab-account", "corp"}}, `: contradicts rule "x" (c.yml:1: policy.rules[0]): one requires the key "a", the other forbids it`},
		{"forbidden in an account", "", Rule{Name: "x", Key: "a", Forbidden: true, Accounts: []string{"corp"}}, Rule{Key: "a", Required: true}, `: contradicts rule "x" (c.yml:1: policy.rules[0]): one requires the key "a", the other forbids it`},
		{"an account and a project that may be of another", "", Rule{Name: "x", Key: "a", Forbidden: true, Accounts: []string{"corp"}}, Rule{Key: "a", Required: true, Projects: []string{"shop"}}, ""},
		{"a project that may be of another account", "", Rule{Name: "x", Key: "a", Required: true, Projects: []string{"shop"}}, Rule{Key: "a", Forbidden: true, Accounts: []string{"corp"}}, ""},
		{"an account and a project of it", "", Rule{Name: "x", Key: "a", Forbidden: true, Accounts: []string{"corp"}}, Rule{Key: "a", Required: true, Projects: []string{"shop"}, Accounts: []string{"corp"}}, `: contradicts rule "x" (c.yml:1: policy.rules[0]): one requires the key "a", the other forbids it`},
		{"a project everywhere and in an account", "", Rule{Name: "x", Key: "a", Forbidden: true, Projects: []string{"shop"}}, Rule{Key: "a", Required: true, Projects: []string{"shop"}, Accounts: []string{"corp"}}, `: contradicts rule "x" (c.yml:1: policy.rules[0]): one requires the key "a", the other forbids it`},
		{"forbidden in all of an account and values", "", Rule{Name: "x", Key: "a", Values: []string{"1"}, Accounts: []string{"corp"}}, Rule{Key: "a", Forbidden: true, Accounts: []string{"corp"}}, `: contradicts rule "x" (c.yml:1: policy.rules[0]): one checks the key "a", the other forbids it everywhere`},
		{"forbidden in one account and values", "", Rule{Name: "x", Key: "a", Values: []string{"1"}}, Rule{Key: "a", Forbidden: true, Accounts: []string{"corp"}}, ""},
		{"forbidden is exact", "", Rule{Name: "x", Key: "A", Forbidden: true}, Rule{Key: "a", Required: true}, ""},
		{"forbidden everywhere and values", "", Rule{Name: "x", Key: "a", Values: []string{"1"}, Services: dds}, Rule{Key: "a", Forbidden: true}, `: contradicts rule "x" (c.yml:1: policy.rules[0]): one checks the key "a", the other forbids it everywhere`},
		{"forbidden in a part and values", "", Rule{Name: "x", Key: "a", Values: []string{"1"}}, Rule{Key: "a", Forbidden: true, Services: dds}, ""},
		{"forbidden in all of some projects and values", "", Rule{Name: "x", Key: "a", Values: []string{"1"}, Projects: []string{"lab"}}, Rule{Key: "a", Forbidden: true, Projects: []string{"lab", "shop"}}, `: contradicts rule "x" (c.yml:1: policy.rules[0]): one checks the key "a", the other forbids it everywhere`},
		{"forbidden in one project and values", "", Rule{Name: "x", Key: "a", Values: []string{"1"}, Projects: []string{"lab", "shop"}}, Rule{Key: "a", Forbidden: true, Projects: []string{"lab"}}, ""},
		{"forbidden and in a document", costCenter, Rule{Key: "b", Required: true}, Rule{Key: "CC", Forbidden: true}, `: contradicts rule "cc" (p.json:1: tags.cc): one checks the key "CC", the other forbids it everywhere`},

		{"case", "", Rule{Key: "Env", Required: true}, Rule{Key: "env", Required: true}, `: contradicts rule "Env" (c.yml:1: policy.rules[0]): one asks for the key "Env", the other for "env"`},
		{"case elsewhere", "", Rule{Key: "Env", Required: true, Services: dds}, Rule{Key: "env", Required: true, Services: fabric}, ""},
		{"case in a document", costCenter, Rule{Key: "a", Required: true}, Rule{Name: "x", Key: "cc", Required: true}, `: contradicts rule "cc" (p.json:1: tags.cc): one asks for the key "CC", the other for "cc"`},
		{"beside a document", costCenter, Rule{Key: "a", Required: true}, Rule{Key: "CC", Required: true}, ""},

		{"values", "", Rule{Name: "x", Key: "a", Values: []string{"1", "2"}}, Rule{Key: "a", Values: []string{"3"}}, `: contradicts rule "x" (c.yml:1: policy.rules[0]): no value of "a" satisfies both`},
		{"values elsewhere", "", Rule{Name: "x", Key: "a", Values: []string{"1"}, Services: dds}, Rule{Key: "a", Values: []string{"3"}, Services: fabric}, ""},
		{"values meet", "", Rule{Name: "x", Key: "a", Values: []string{"1", "2"}}, Rule{Key: "a", Values: []string{"2", "3"}}, ""},
		{"wildcard and value", "", Rule{Name: "x", Key: "a", Values: []string{"1*"}}, Rule{Key: "a", Values: []string{"12"}}, ""},
		{"value and wildcard", "", Rule{Name: "x", Key: "a", Values: []string{"12"}}, Rule{Key: "a", Values: []string{"1*"}}, ""},
		{"wildcard and no value", "", Rule{Name: "x", Key: "a", Values: []string{"1*"}}, Rule{Key: "a", Values: []string{"21"}}, `: contradicts rule "x" (c.yml:1: policy.rules[0]): no value of "a" satisfies both`},
		{"wildcards", "", Rule{Name: "x", Key: "a", Values: []string{"1*"}}, Rule{Key: "a", Values: []string{"12*"}}, ""},
		{"wildcards apart", "", Rule{Name: "x", Key: "a", Values: []string{"1*"}}, Rule{Key: "a", Values: []string{"2*"}}, `: contradicts rule "x" (c.yml:1: policy.rules[0]): no value of "a" satisfies both`},
		{"wildcard of a document", costCenter, Rule{Key: "a", Required: true}, Rule{Key: "CC", Values: []string{"2*"}}, `: contradicts rule "cc" (p.json:1: tags.cc): no value of "CC" satisfies both`},
		{"value and pattern", "", Rule{Name: "x", Key: "a", Values: []string{"1"}}, Rule{Key: "a", Pattern: "[a-z]"}, `: contradicts rule "x" (c.yml:1: policy.rules[0]): no value of "a" satisfies both`},
		{"pattern and value", "", Rule{Name: "x", Key: "a", Pattern: "[a-z]"}, Rule{Key: "a", Values: []string{"1", "2"}}, `: contradicts rule "x" (c.yml:1: policy.rules[0]): no value of "a" satisfies both`},
		{"value and own pattern", "", Rule{Name: "x", Key: "a", Values: []string{"1", "b"}, Pattern: "[a-z]"}, Rule{Key: "a", Values: []string{"1"}}, `: contradicts rule "x" (c.yml:1: policy.rules[0]): no value of "a" satisfies both`},
		{"patterns are not compared", "", Rule{Name: "x", Key: "a", Pattern: "1"}, Rule{Key: "a", Pattern: "2"}, ""},
		{"wildcard and pattern are not compared", "", Rule{Name: "x", Key: "a", Pattern: "1"}, Rule{Key: "a", Values: []string{"2*"}}, ""},
		{"required and values", "", Rule{Name: "x", Key: "a", Required: true}, Rule{Key: "a", Values: []string{"1"}}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var documents []Document
			if test.document != "" {
				documents = []Document{{Name: "p.json", Content: []byte(test.document)}}
			}
			_, err := New(at(test.a, test.b), documents, known)
			want := test.want
			if want != "" {
				want = "c.yml:2: policy.rules[1]" + want
			}
			wantError(t, err, want)
		})
	}
}

func TestDocumentErrors(t *testing.T) {
	// under puts lines under the policy key cc, so that they begin on line 3.
	under := func(lines string) string { return "{\"tags\":\n{\"cc\":{\n" + lines + "\n}}}" }
	long := strings.Repeat("v", 256)
	for _, test := range []struct{ name, content, want string }{
		{"empty", "", "p.json:1: unexpected end of JSON input"},
		{"half", "{\"tags\":\n{", "p.json:2: unexpected end of JSON input"},
		{"no JSON", "{\n\"tags\": <!-- policy -->", "p.json:2: invalid character '<' at start of value"},
		{"no JSON, and more lines", "{\n<\n}\n\n", "p.json:2: invalid character '<' at start of value"},
		{"a number that is none", "{\"tags\":1e999}", "p.json:1: tags: must be an object with a policy key"},
		{"trailing", "{}\n{}", "p.json:2: invalid character '{' after top-level value"},
		{"line break in a string", "{\n\"a\n", "p.json:2: invalid character '\\n' in string (expecting non-control character)"},
		{"list", "[]", "p.json:1: document: must be an object with tags"},
		{"no tags", "\n{}", "p.json:2: tags: missing: a tag policy is an object with the member tags"},
		{"other member", "{\"tags\":{},\n\"tag\":{}}", `p.json:2: tag: unknown setting "tag"; known here: tags`},
		{"operator at the top", "{\"tags\":{},\n\"@@assign\":{}}", `p.json:2: @@assign: unknown operator "@@assign"; known here: none`},
		{"tags twice", "{\"tags\":{},\n\"tags\":{}}", `p.json:2: tags: is there twice`},
		{"tags no object", "{\"tags\":\n1}", `p.json:2: tags: must be an object with a policy key`},
		{"operator in tags", `{"tags":{"@@assign":{}}}`, `p.json:1: tags.@@assign: unknown operator "@@assign"; known here: @@operators_allowed_for_child_policies`},
		{"policy key no object", "{\"tags\":{\"cc\":\n\"CC\"}}", `p.json:2: tags.cc: must be an object with tag_key, tag_value or enforced_for`},
		{"policy key twice", "{\"tags\":{\"cc\":{},\n\"cc\":{}}}", `p.json:2: tags.cc: is there twice`},
		{"policy key in two cases", "{\"tags\":{\"cc\":{},\n\"CC\":{}}}", `p.json:2: tags.CC: differs from the policy key "cc" only in case`},
		{"policy key empty", `{"tags":{"":{}}}`, `p.json:1: tags."": missing`},
		{"policy key character", `{"tags":{"a.b c|":{}}}`, `p.json:1: tags."a.b c|": "a.b c|" has '|', which no tag key may have`},
		{"system key", `{"tags":{"_sys_a":{}}}`, `p.json:1: tags._sys_a: "_sys_a": keys that begin with _sys_ are system tags, which are never judged`},

		{"setting", under(`"tag_keys":{}`), `p.json:3: tags.cc.tag_keys: unknown setting "tag_keys"; known here: tag_key, tag_value, enforced_for`},
		{"operator under a policy key", under(`"@@append":[]`), `p.json:3: tags.cc.@@append: unknown operator "@@append"; known here: @@operators_allowed_for_child_policies`},
		{"setting that is a number", under(`"tag_key":1`), `p.json:3: tags.cc.tag_key: must be a string, or an object with operators, such as {"@@assign": …}`},
		{"setting that is null", under(`"tag_value":null`), `p.json:3: tags.cc.tag_value: must be a list of strings, or an object with operators, such as {"@@assign": …}`},
		{"plain tag key is a list", under(`"tag_key":["CC"]`), `p.json:3: tags.cc.tag_key: must be a string, or an object with operators, such as {"@@assign": …}`},
		{"plain tag key of another key", under(`"tag_key":"CostCenter"`), `p.json:3: tags.cc.tag_key: "CostCenter" differs from the policy key "cc" in more than case`},
		{"plain value is a string", under(`"tag_value":"a"`), `p.json:3: tags.cc.tag_value: must be a list of strings, or an object with operators, such as {"@@assign": …}`},
		{"plain value no string", under(`"tag_value":["a",` + "\n" + `100]`), `p.json:4: tags.cc.tag_value[1]: must be a string`},
		{"plain value with two wildcards", under(`"tag_value":["*a*"]`), `p.json:3: tags.cc.tag_value[0]: "*a*": only one * is allowed in a value`},
		{"plain enforcement", under(`"enforced_for":["dds"]`), `p.json:3: tags.cc.enforced_for[0]: "dds" is neither "service:type" nor "service:*"`},
		{"unknown operator", under(`"tag_value":{` + "\n" + `"@@replace":["a"]}`), `p.json:4: tags.cc.tag_value.@@replace: unknown operator "@@replace"; known here: @@assign, @@append, @@remove, @@operators_allowed_for_child_policies`},
		{"no operator", under(`"tag_key":{"assign":"CC"}`), `p.json:3: tags.cc.tag_key.assign: unknown operator "assign"; known here: @@assign, @@operators_allowed_for_child_policies`},
		{"operator twice", under(`"tag_value":{"@@assign":["a"],` + "\n" + `"@@assign":["b"]}`), `p.json:4: tags.cc.tag_value.@@assign: is there twice`},
		{"append to a tag key", under(`"tag_key":{"@@append":["CC"]}`), `p.json:3: tags.cc.tag_key.@@append: @@append is only for settings with many values`},
		{"remove from a tag key", under(`"tag_key":{"@@remove":["CC"]}`), `p.json:3: tags.cc.tag_key.@@remove: @@remove is only for settings with many values`},
		{"tag key no string", under(`"tag_key":{"@@assign":["CC"]}`), `p.json:3: tags.cc.tag_key.@@assign: must be a string`},
		{"tag key of another key", under(`"tag_key":{"@@assign":"CostCenter"}`), `p.json:3: tags.cc.tag_key.@@assign: "CostCenter" differs from the policy key "cc" in more than case`},
		{"values no list", under(`"tag_value":{"@@assign":"a"}`), `p.json:3: tags.cc.tag_value.@@assign: must be a list of strings`},
		{"value no string", under(`"tag_value":{"@@append":["a",` + "\n" + `100]}`), `p.json:4: tags.cc.tag_value.@@append[1]: must be a string`},
		{"two wildcards", under(`"tag_value":{"@@assign":["*@*.com"]}`), `p.json:3: tags.cc.tag_value.@@assign[0]: "*@*.com": only one * is allowed in a value`},
		{"long value", under(`"tag_value":{"@@remove":["` + long + `"]}`), `p.json:3: tags.cc.tag_value.@@remove[0]: "` + long + `" is longer than the 255 characters that a tag value may have`},
		{"value character", under(`"tag_value":{"@@assign":["a|b"]}`), `p.json:3: tags.cc.tag_value.@@assign[0]: "a|b" has '|', which no tag value may have`},
		{"enforced everywhere", under(`"enforced_for":{"@@assign":["dds:*","*:instance"]}`), `p.json:3: tags.cc.enforced_for.@@assign[1]: "*:instance" is neither "service:type" nor "service:*"`},
		{"enforced for a service", under(`"enforced_for":{"@@assign":["dds"]}`), `p.json:3: tags.cc.enforced_for.@@assign[0]: "dds" is neither "service:type" nor "service:*"`},
		{"enforced for nothing", under(`"enforced_for":{"@@assign":[":instance"]}`), `p.json:3: tags.cc.enforced_for.@@assign[0]: ":instance" is neither "service:type" nor "service:*"`},
		{"enforced for no type", under(`"enforced_for":{"@@assign":["dds:"]}`), `p.json:3: tags.cc.enforced_for.@@assign[0]: "dds:" is neither "service:type" nor "service:*"`},
		{"enforced for some types", under(`"enforced_for":{"@@assign":["dds:in*"]}`), `p.json:3: tags.cc.enforced_for.@@assign[0]: "dds:in*" is neither "service:type" nor "service:*"`},
		{"enforced for three", under(`"enforced_for":{"@@assign":["dds:instance:x"]}`), `p.json:3: tags.cc.enforced_for.@@assign[0]: "dds:instance:x" is neither "service:type" nor "service:*"`},
		{"unknown allowed operator", under(`"tag_value":{"@@operators_allowed_for_child_policies":["@@add"]}`), `p.json:3: tags.cc.tag_value.@@operators_allowed_for_child_policies[0]: unknown operator "@@add"; known here: @@all, @@none, @@assign, @@append, @@remove`},
		{"allowed operator without @@", under(`"@@operators_allowed_for_child_policies":["all"]`), `p.json:3: tags.cc.@@operators_allowed_for_child_policies[0]: unknown operator "all"; known here: @@all, @@none, @@assign, @@append, @@remove`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := New(nil, []Document{{Name: "p.json", Content: []byte(test.content)}}, known)
			wantError(t, err, test.want)
		})
	}
}

func TestAllErrorsAtOnce(t *testing.T) {
	_, err := New(
		at(Rule{Key: "a", Pattern: "("}, Rule{Key: "a", Required: true, Projects: []string{"x"}}),
		[]Document{{Name: "1.json", Content: []byte("{")}, {Name: "2.json", Content: []byte("{}")}},
		Known{Projects: []string{"shop"}})
	wantError(t, err, "1.json:1: unexpected end of JSON input\n"+
		"2.json:1: tags: missing: a tag policy is an object with the member tags\n"+
		"c.yml:1: policy.rules[0].pattern: error parsing regexp: missing closing ): `(`\n"+
		`c.yml:2: policy.rules[1].projects[0]: unknown project "x"; known: shop`)
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("got error\n%s\nwant\n%s", got, want)
	}
}
