package policy

import (
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/inventory"
)

// TestWith: a document in force is judged beside the rules of the file.
func TestWith(t *testing.T) {
	const plain = `{"tags":{"costcenter":{"tag_key":"CostCenter","tag_value":["cc-1","cc-9*"],"enforced_for":["ecs:*"]},"owner":{"tag_key":"Owner","tag_value":[]}}}`
	const authored = `{"tags":{"costcenter":{"tag_key":{"@@assign":"CostCenter"},"tag_value":{"@@assign":["cc-1","cc-9*"]}},"owner":{"tag_key":{"@@assign":"Owner"}}}}`
	ours := mustNew(t, []Rule{{Key: "env", Required: true}})
	for _, test := range []struct {
		name     string
		file     *Policy
		document string
		want     string // name=key:values of each rule
		names    string
	}{
		{"plain", ours, plain, "env=env: costcenter=CostCenter:cc-1,cc-9* owner=Owner:", "costcenter,owner"},
		{"with operators", ours, authored, "env=env: costcenter=CostCenter:cc-1,cc-9* owner=Owner:", "costcenter,owner"},
		{"without a file", nil, plain, "costcenter=CostCenter:cc-1,cc-9* owner=Owner:", "costcenter,owner"},
		{"nothing", ours, "", "env=env:", ""},
		{"white space", ours, " \n", "env=env:", ""},
		{"an empty object", ours, "{}", "env=env:", ""},
		{"no tags", ours, `{"tags":{}}`, "env=env:", ""},
		{"what is not known", ours, `{"version":1,"tags":{"a":{"report_for":{"x":[1]},"enforced_for":"all"}}}`, "env=env: a=a:", "a"},
		{
			"a name that is taken", ours, `{"tags":{"env":{"tag_value":["prod"]},"env (in force)":{}}}`,
			"env=env: env (in force)=env:prod env (in force) (in force)=env (in force):", "env (in force),env (in force) (in force)",
		},
		{"one that contradicts", mustNew(t, []Rule{{Name: "no-temp", Key: "temp", Forbidden: true}}), `{"tags":{"temp":{}}}`, "no-temp=temp: temp=temp:", "temp"},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := rulesOf(test.file)
			both, names, err := test.file.With(Document{Name: "in force", Content: []byte(test.document)})
			if err != nil {
				t.Fatal(err)
			}
			if got := rulesOf(both); got != test.want || strings.Join(names, ",") != test.names {
				t.Errorf("got %s, of which %q are in force\nwant %s, %q", got, names, test.want, test.names)
			}
			if after := rulesOf(test.file); after != before {
				t.Errorf("the file's policy was %s and is %s", before, after)
			}
		})
	}
}

// TestWithJudges: each document counts for itself, a resource once.
func TestWithJudges(t *testing.T) {
	both, _, err := mustNew(t, []Rule{{Key: "env", Required: true}}).With(Document{Content: []byte(`{"tags":{"env":{"tag_value":["prod"]}}}`)})
	if err != nil {
		t.Fatal(err)
	}
	v := both.Evaluate(dds("shop"), named(resource("1"), resource("2", "env", "dev"), resource("3", "env", "prod"), resource("4", "Env", "prod")), 9)
	want := []Count{
		{"env", "env", KeyCase, 1},
		{"env", "env", Missing, 2},
		{"env (in force)", "env", KeyCase, 1},
		{"env (in force)", "env", Value, 1},
	}
	if !slices.Equal(v.Counts, want) || v.Noncompliant != 3 || len(v.Violations) != 5 {
		t.Errorf("got %+v", v)
	}
	if v := both.Evaluate(dds("shop"), inventory.Inventory{Reach: inventory.Pairs, Values: map[string][]string{"env": {"dev"}}}, 9); len(v.Counts) != 3 {
		t.Errorf("of pairs, got %+v", v)
	}
}

// TestWithRefuses: what the platform would not say cannot be judged.
func TestWithRefuses(t *testing.T) {
	for document, want := range map[string]string{
		"<html>":                               "in force:1: ",
		`{"tags":{"a":{}}`:                     "in force:1: unexpected end of JSON input",
		`[]`:                                   "in force:1: document: must be an object",
		`{"tags":[]}`:                          "in force:1: tags: must be an object",
		`{"tags":null}`:                        "in force:1: tags: must be an object",
		`{"tags":{"a":{"tag_key":"b"}}}`:       `in force:1: tags.a.tag_key: "b" differs from the policy key`,
		`{"tags":{"a":{"tag_value":["*x*"]}}}`: "only one * is allowed",
		`{"tags":{"a":{"tag_value":null}}}`:    "in force:1: tags.a.tag_value: must be a list of strings",
		`{"tags":{"a":{"tag_value":{"@@exclude":[]}}}}`: `unknown operator "@@exclude"`,
		`{"tags":{"@@policy":{}}}`:                      `unknown operator "@@policy"`,
		"{\"tags\":{\"a\":{},\n\"A\":{}}}":              `in force:2: tags.A: differs from the policy key "a" only in case`,
	} {
		both, names, err := (*Policy)(nil).With(Document{Name: "in force", Content: []byte(document)})
		if err == nil || !strings.Contains(err.Error(), want) || both != nil || names != nil {
			t.Errorf("%s: %v, want %s", document, err, want)
		}
	}
}

func TestSame(t *testing.T) {
	const document = `{"tags":{"a":{"tag_key":"A","tag_value":["x","y"]},"b":{}}}`
	for other, want := range map[string]bool{
		document: true,
		`{"tags": {"b":{}, "a":{"tag_value":["x","y"],"tag_key":"A"}}}`: true,
		`{"tags":{"a":{"tag_key":"A","tag_value":["x","y"]}}}`:          false,
		`{"tags":{"a":{"tag_key":"A","tag_value":["x","z"]},"b":{}}}`:   false,
		"":                  false,
		document[1:]:        false,
		document + document: false,
	} {
		if got := Same(document, other); got != want {
			t.Errorf("%s: %v", other, got)
		}
	}
	if !Same("", "") {
		t.Error("no policy is another one")
	}
}
