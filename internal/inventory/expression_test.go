package inventory

import "testing"

func TestCompileWhole(t *testing.T) {
	for _, test := range []struct {
		expression, text string
		want             bool
	}{
		{"", "", true},
		{"", "a", false},
		{"a", "a", true},
		{"a", "ab", false},
		{"a", "ba", false},
		{"a|b", "b", true},
		{"a|b", "ab", false},
		{"a|ab", "ab", true},
		{".*", "a\nb", true},
		{"a.b", "a\nb", true},
		{"(?-s)a.b", "a\nb", false}, // who wants to tell them apart can
		{"a", "a\n", false},
		{"(?m)a", "a\nb", false},
		{`\Qa.c`, "a.c", true},
		{`\Qa.c`, "abc", false},
		{`\Qa.c`, "a.cd", false},
		{`\Qa.c`, "ba.c", false},
		{`a\Q.|`, "a.|", true},
	} {
		whole, err := CompileWhole(test.expression)
		if err != nil {
			t.Errorf("%q: %v", test.expression, err)
			continue
		}
		if got := whole.MatchString(test.text); got != test.want {
			t.Errorf("%q matches %q: %v, want %v", test.expression, test.text, got, test.want)
		}
	}
	for _, expression := range []string{"a)(b", "a)|(b", "(", "[z-a]", `\`, "(?<"} {
		if whole, err := CompileWhole(expression); err == nil {
			t.Errorf("%q compiles as %s", expression, whole)
		}
	}
}

func TestMatchesAny(t *testing.T) {
	for _, test := range []struct {
		patterns []string
		name     string
		want     bool
	}{
		{nil, "cn-north-4", false},
		{[]string{"cn-north-4"}, "cn-north-4", true},
		{[]string{"cn-north-4"}, "cn-north-40", false},
		{[]string{"cn-*"}, "cn-north-4", true},
		{[]string{"cn-*"}, "CN-north-4", false},
		{[]string{"*"}, "", true},
		{[]string{"eu-*", "cn-north-4"}, "cn-north-4", true},
		{[]string{"c*4"}, "cn-north-4", false},
	} {
		if got := MatchesAny(test.patterns, test.name); got != test.want {
			t.Errorf("%q, %q: %t", test.patterns, test.name, got)
		}
	}
}
