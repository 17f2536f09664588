package policy

import (
	"strings"
	"testing"
)

// TestLongest: keys and values are as long as the platform lets them be, in
// characters, not in bytes.
func TestLongest(t *testing.T) {
	for _, letter := range []string{"k", "键"} {
		key, value := strings.Repeat(letter, 128), strings.Repeat(letter, 255)
		rules := []Rule{
			{Key: key, Values: []string{value}},
			{Name: "wildcard", Key: letter, Values: []string{value + "*"}}, // which stands for nothing, too
		}
		document := `{"tags":{"` + letter + "2" + `":{"tag_value":{"@@assign":["` + value + `","*` + value + `"]}}}}`
		mustNew(t, rules, document)
		for _, rule := range []Rule{
			{Key: key + letter, Required: true},
			{Key: letter, Values: []string{value + letter}},
			{Key: letter, Values: []string{value + letter + "*"}},
		} {
			if _, err := New([]Rule{rule}, nil, known); err == nil || !strings.Contains(err.Error(), "is longer than the") {
				t.Errorf("%.10q…: %v", rule.Key, err)
			}
		}
	}
}

// TestTab: Fabric allows it in values.
func TestTab(t *testing.T) {
	p := mustNew(t, []Rule{{Key: "env", Values: []string{"a\tb"}}})
	verdict := p.Evaluate(dds("shop"), named(resource("1", "env", "a\tb"), resource("2", "env", "a b")), 10)
	if len(verdict.Violations) != 1 || verdict.Violations[0].ResourceID != "2" {
		t.Errorf("got %+v", verdict)
	}
}

// TestPath: a name in a path that could be taken for a part of the path, or is not
// to be seen, is quoted.
func TestPath(t *testing.T) {
	for name, want := range map[string]string{
		"cost-center": "tags.cost-center", "键": "tags.键", "a]": "tags.a]",
		"": `tags.""`, "a b": `tags."a b"`, "a\tb": `tags."a\tb"`, "a.b": `tags."a.b"`,
		"a[0": `tags."a[0"`, `a"`: `tags."a\""`, "a\x7f": `tags."a\x7f"`,
	} {
		if got := pathTo("tags", name); got != want {
			t.Errorf("%q: got %s, want %s", name, got, want)
		}
	}
	if got := pathTo("", "tags"); got != "tags" {
		t.Errorf("got %s", got)
	}
}

// TestReasons: they are label values, which dashboards and alerts spell out.
func TestReasons(t *testing.T) {
	for got, want := range map[Reason]string{Missing: "missing", Value: "value", Forbidden: "forbidden", KeyCase: "key_case"} {
		if string(got) != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
