package collector

import (
	"context"
	"testing"

	"huaweicloud_tag_exporter/internal/simulator"
)

// TestAuditListsAll: max_violation_series bounds series. An audit has none, and
// leaves nothing out.
func TestAuditListsAll(t *testing.T) {
	w := newWorld(t, simulator.Options{}, simulator.Project{
		Instances: instances(3),
	}, "{dds: {}}")
	w.configure(w.config("{dds: {}}", "policy: {max_violation_series: 1, rules: [{key: owner, required: true}]}"))
	ended := 0 // there is one service
	reports := w.collector.Audit(context.Background(), func() { ended++ })
	if len(reports) != 1 || ended != 1 {
		t.Fatalf("%d reports, %d ended", len(reports), ended)
	}
	if v := reports[0].Verdict; len(v.Violations) != 3 || v.Dropped != 0 || reports[0].Violations() != 3 {
		t.Errorf("%d of 3 violations are listed, %d dropped: %v", len(v.Violations), v.Dropped, reports[0].Err)
	}
}
