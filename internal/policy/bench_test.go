package policy

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"huaweicloud_tag_exporter/internal/inventory"
)

// benchmarkFleet returns resources with 10 tags each, of which every
// drift-th (0: none) breaks rules, and 50 rules: 5 on each of 10 keys.
func benchmarkFleet(b testing.TB, resources, drift int) (*Policy, inventory.Inventory) {
	var rules []Rule
	for i := range 10 {
		key := fmt.Sprintf("Key-%d", i)
		rules = append(rules,
			Rule{Name: key + " required", Key: key, Required: true},
			Rule{Name: key + " values", Key: key, Values: []string{"a", "b", "value-*"}},
			Rule{Name: key + " pattern", Key: key, Pattern: `value-[0-9]+`},
			Rule{Name: key + " in dds", Key: key, Values: []string{"*"}, Services: []string{"dds"}},
			Rule{Name: key + " forbidden", Key: key + "-old", Forbidden: true},
		)
	}
	inv := inventory.Inventory{Reach: inventory.All}
	for i := range resources {
		r := inventory.Resource{ID: fmt.Sprintf("%08x", uint32(i)*2654435761), Name: "n"}
		for k := range 10 {
			r.Tags = append(r.Tags, inventory.Tag{Key: fmt.Sprintf("Key-%d", k), Value: fmt.Sprintf("value-%d", i%100)})
		}
		if drift > 0 && i%drift == 0 {
			r.Tags[0].Key, r.Tags[1].Value = "key-0", "none"
		}
		inv.Resources = append(inv.Resources, r)
	}
	return mustNew(b, rules), inv
}

// TestNoAllocationPerCompliantResource: a fleet ten times as large costs no
// allocation more. Patterns are left to the benchmark, since package regexp
// keeps its machines in a sync.Pool, which forgets some under -race.
func TestNoAllocationPerCompliantResource(t *testing.T) {
	p, inv := benchmarkFleet(t, 1000, 0)
	p.rules = slices.DeleteFunc(p.rules, func(r *rule) bool { return r.pattern != nil })
	whole := inv.Resources
	allocations := func(n int) float64 {
		inv.Resources = whole[:n]
		return testing.AllocsPerRun(5, func() { p.Evaluate(dds("shop"), inv, 1000) })
	}
	if few, many := allocations(100), allocations(1000); many > few {
		t.Errorf("%v allocations for 100 resources, %v for 1000", few, many)
	}
}

func BenchmarkEvaluate(b *testing.B) {
	for _, fleet := range []struct {
		name        string
		drift       int
		responsible []string
	}{
		{"compliant", 0, nil},
		{"1_in_10_drifts", 10, nil},
		{"1_in_10_drifts/responsible", 10, []string{"owner", "Key-7", EnterpriseProject}},
	} {
		b.Run(fleet.name, func(b *testing.B) {
			const resources = 100_000
			p, inv := benchmarkFleet(b, resources, fleet.drift)
			p = p.WithResponsible(fleet.responsible)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			for b.Loop() {
				p.Evaluate(dds("shop"), inv, 1000)
			}
			runtime.ReadMemStats(&after)
			judged := float64(resources) * float64(b.N)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/judged, "ns/resource")
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/judged, "B/resource")
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/judged, "allocs/resource")
		})
	}
}
