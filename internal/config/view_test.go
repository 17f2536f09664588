package config

import (
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/policy"
)

// TestExpressions: a dot means the same in each of them, and what is shown is what
// was written.
func TestExpressions(t *testing.T) {
	c := parse(t, minimal+`
tags: {include_keys: 'a.c|\Qx|', exclude_keys: 'b.*'}
policy: {rules: [{key: k, pattern: 'v.*'}]}
`)
	for key, want := range map[string]bool{"a\nc": true, "x|": true, "x": false, "a\ncd": false} {
		if got := c.Tags.Include.MatchString(key); got != want {
			t.Errorf("include_keys matches %q: %v, want %v", key, got, want)
		}
	}
	if !c.Tags.Exclude.MatchString("b\nc") || c.Tags.Exclude.MatchString("ab") {
		t.Error("exclude_keys is wrong")
	}
	verdict := c.Policy.Evaluate(policy.Scope{Project: "p1", Service: "dds", ResourceType: "instance"}, inventory.Inventory{
		Reach: inventory.All, Resources: []inventory.Resource{{ID: "1", Tags: []inventory.Tag{{Key: "k", Value: "v\nw"}}}},
	}, 1)
	if verdict.Noncompliant != 0 {
		t.Errorf("the pattern does not match a value of two lines: %+v", verdict)
	}
	again := parse(t, string(c.YAML()))
	if again.Tags.Include.String() != c.Tags.Include.String() || again.Tags.Exclude.String() != c.Tags.Exclude.String() {
		t.Errorf("shown as\n%s", c.YAML())
	}
}

// TestSelectorsAreShown: the values of a key stand below it, in the order of the file.
func TestSelectorsAreShown(t *testing.T) {
	c := parse(t, strings.Replace(minimal, "p1}", `p1, services: {fabric: {selectors: [
  {key: env, values: [prod, dev]}, {key: owner, values: [a]}, {key: env, values: [test]}]}}}`, 1))
	_, shown, _ := strings.Cut(string(c.YAML()), "selectors:\n")
	shown, _, _ = strings.Cut(shown, "tags:\n")
	const want = `
                - key: env
                  values: [prod, dev]
                - key: owner
                  values: [a]
                - key: env
                  values: [test]
`
	if "\n"+shown != want {
		t.Errorf("got %s\nwant %s", shown, want)
	}
}

// TestNoFinalNewline: editors leave it out. The last line is read all the same.
func TestNoFinalNewline(t *testing.T) {
	if c := parse(t, strings.TrimSpace(minimal)); len(c.Projects) != 1 {
		t.Errorf("%d projects", len(c.Projects))
	}
	_, err := Parse("c.yml", []byte(strings.TrimSpace(minimal)+"\ncolour: red"))
	if err == nil || !strings.HasPrefix(err.Error(), "c.yml:3: colour: unknown key") {
		t.Errorf("got %v", err)
	}
}
