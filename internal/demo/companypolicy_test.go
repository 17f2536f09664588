package demo

import (
	"slices"
	"testing"

	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/policy"
)

// TestThePolicyInForceChanges: with it, and with nothing else, what breaks it does.
func TestThePolicyInForceChanges(t *testing.T) {
	first := stepOf(testTime)
	last := policyAt(first - 1)
	changes := 0
	for step := first; step <= first+day; step++ {
		now := policyAt(step)
		if changed := now.Content != last.Content; changed != (stepOf(now.Updated) == step) {
			t.Errorf("step %d: the document has changed: %v, at %s", step, changed, now.Updated)
		} else if changed {
			changes++
		}
		last = now
	}
	if again := policyAt(first + day); changes != 24 || again.Content != policyAt(first).Content {
		t.Errorf("%d changes in a day, want 24; then it is %s", changes, again.Content)
	}
	broken := func(at window) int {
		account, _ := companyAt(at.from)
		p, names, err := (*policy.Policy)(nil).With(policy.Document{Name: "in force", Content: []byte(account.EffectivePolicy.Content)})
		if err != nil || !slices.Equal(names, []string{"部门", "应用"}) {
			t.Fatalf("%q, %v", names, err)
		}
		inv := inventory.Inventory{Reach: inventory.All}
		for _, r := range account.Resources {
			inv.Resources = append(inv.Resources, resource(r.ID, r.Tags))
		}
		return p.Evaluate(policy.Scope{Account: minghuiName}, inv, 0).Noncompliant
	}
	before, during := broken(window{from: renamed().from - 1}), broken(renamed())
	if before != 0 || during < 5 || during > 40 {
		t.Errorf("%d break the policy before it changes, %d after that", before, during)
	}
}
