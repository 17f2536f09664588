package collector

import (
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/policy"
	"huaweicloud_tag_exporter/internal/simulator"
)

// TestLastIsTheLatestRead: a scrape that takes longer to judge an earlier read does
// not replace what a later one saw.
func TestLastIsTheLatestRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(1)}, "{dds: {}}")
		evaluate := w.collector.evaluate
		w.collector.evaluate = func(p *policy.Policy, s policy.Scope, i inventory.Inventory, n int) policy.Verdict {
			if len(i.Resources) == 1 {
				time.Sleep(5 * time.Second)
			}
			return evaluate(p, s, i, n)
		}
		early := w.begin(t.Context(), "")
		time.Sleep(time.Second)
		w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.Instances = fleet(2) })
		w.scrape("")
		(<-early).lines(t).want(t, "resources", `resources{cloud_service="dds"} 1`)
		if got := w.collector.Last()[0].Resources; got != 2 {
			t.Errorf("%d resources, want those of the later read", got)
		}
	})
}

// TestReportAddsUp: what failed of all operations of a read.
func TestReportAddsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(3)}, "{dds: {}}")
		w.cloud.Inject(simulator.Fault{Operation: simulator.OpListInstances, Times: 1, Answer: simulator.Instead(simulator.Empty(500))})
		w.cloud.Inject(simulator.Fault{Operation: simulator.OpListInstanceTags, Times: 2, Answer: simulator.Instead(simulator.Empty(500))})
		w.scrape("")
		if r := w.collector.Last()[0]; r.Calls != 7 || r.Failed != 3 {
			t.Errorf("%d calls, %d of them failed, want 7 and 3", r.Calls, r.Failed)
		}
	})
}
