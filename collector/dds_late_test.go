package collector

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/simulator"
)

// readAside reads the target as a flight does, beside any other read of it.
func (t *target) readAside(test *testing.T) error {
	session, err := t.service.Session(test.Context(), newTally(t.counters))
	if err != nil {
		return err
	}
	return t.reader.Read(test.Context(), session, inventory.NewReading(t.part(), t.source.Reach, inventory.NewFilter(t.exclude)))
}

// A read that was given up may be answered late. It takes nothing back of what a
// later one has learnt.
func TestLateAnswers(t *testing.T) {
	for name, late := range map[string]simulator.Answer{
		"old tags": simulator.Text(http.StatusOK, `{"tags":[{"key":"env","value":"old"}]}`),
		"gone":     simulator.ErrorE1(http.StatusNotFound, "DBS.280343", "not found"),
	} {
		bubble(t, name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{}, simulator.Project{Instances: []simulator.Instance{
				{ID: simulator.InstanceID(1), Tags: []simulator.Tag{simulator.T("env", "new")}}, {ID: simulator.InstanceID(2)},
			}}, "{dds: {renew_after: 1m}}")
			dds := w.collector.targets[0]
			w.cloud.Inject(simulator.Fault{Instance: simulator.InstanceID(1), Answer: &late, Latency: 1500 * time.Millisecond, Times: 1})
			done := make(chan error)
			go func() { done <- dds.readAside(t) }()
			time.Sleep(time.Second)
			if err := dds.readAside(t); err != nil {
				t.Error(err)
			}
			if err := <-done; err != nil {
				t.Error(err)
			}
			w.cloud.ResetStats()
			w.wantTruth(w.scrape(""), "dds")
			if calls := w.cloud.Calls(simulator.OpListInstanceTags); calls > 0 {
				t.Errorf("%d calls of ListInstanceTags, as if nothing had been learnt", calls)
			}
		})
	}
}

// A later answer replaces what an earlier one has said, at the same moment, too.
func TestSameMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: instances(2)}, "{dds: {}}")
		w.scrape("")
		w.cloud.UpdateProject(testProject, func(p *simulator.Project) {
			p.Instances[0].Tags = []simulator.Tag{simulator.T("env", "prod")}
		})
		w.wantTruth(w.scrape(""), "dds")
		w.cloud.Inject(simulator.Fault{Operation: simulator.OpListInstanceTags, Answer: simulator.Instead(simulator.Empty(403))})
		w.wantTruth(w.scrape(""), "dds") // as it was read last
	})
}
