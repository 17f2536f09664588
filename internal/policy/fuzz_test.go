package policy

import (
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/inventory"
)

// FuzzDocument: no document makes New or Evaluate panic; every error names the
// file; and one that is accepted still is when it is its own child, and judges
// its own keys as compliant. What can be written can be in force.
func FuzzDocument(f *testing.F) {
	for _, seed := range []string{
		`{"tags":{"costcenter":{"tag_key":{"@@assign":"CostCenter"},"tag_value":{"@@assign":["100","2*"]},"enforced_for":{"@@assign":["dds:instance"]}}}}`,
		`{"tags":{"@@operators_allowed_for_child_policies":["@@none"],"a":{"tag_value":{"@@append":["*x"],"@@remove":["y"]}}}}`,
		`{"tags":{"业务线":{},"ſ":{"tag_key":{"@@assign":"S"}}}}`,
		"\ufeff{\"tags\":\n{}}",
		`{"tags":[1,{"a":null}]}`,
		`{"tags":{"a":{"tag_value":{"@@assign":[`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		d := Document{Name: "p.json", Content: []byte(content)}
		inForce, _, wrong := (*Policy)(nil).With(d)
		p, err := New(nil, []Document{d}, known)
		if err == nil && wrong != nil && len(strings.TrimSpace(content)) > 0 {
			t.Errorf("fit to be written, but not to be in force: %v", wrong)
		}
		if wrong == nil {
			inForce.Evaluate(dds("shop"), named(resource("1", "a", "b")), 10)
		}
		if err != nil {
			if p != nil {
				t.Error("a policy beside an error")
			}
			for _, line := range strings.Split(err.Error(), "\n") {
				if !strings.HasPrefix(line, "p.json:") {
					t.Errorf("error %q does not begin with the file", line)
				}
			}
			return
		}
		twice, err := New(nil, []Document{d, d}, known)
		if err != nil {
			t.Fatalf("accepted once, but not twice: %v", err)
		}
		own := resource("1")
		for _, r := range p.rules {
			value := "any"
			if r.values != nil {
				for value = range r.values.exact {
				}
				for _, w := range r.values.wildcards {
					value = w.prefix + w.suffix
				}
			}
			own.Tags = append(own.Tags, inventory.Tag{Key: r.key, Value: value})
		}
		if v := p.Evaluate(dds("shop"), named(own, resource("2")), 10); v.Noncompliant != 0 {
			t.Errorf("own keys and values are broken: %+v", v.Violations)
		}
		if a, b := len(p.rules), len(twice.rules); a != b {
			t.Errorf("%d rules, but %d when inherited", a, b)
		}
		twice.Evaluate(Scope{Service: "modelarts", ResourceType: "pool"}, unnamed(named(own)), 10)
	})
}
