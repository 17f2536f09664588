package collector

import (
	"sync"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// tally observes the attempts of one read: it counts them for the read's error
// ratios and hands them on to the series that last.
type tally struct {
	series, iam *apiSeries

	mu     sync.Mutex
	counts map[ratioKey]*ratio
}

// ratioKey names what has an error ratio of its own.
type ratioKey struct{ service, operation, key, value string }

// ratio counts the attempts of one read.
type ratio struct {
	ratioKey
	failed, all int
}

func newTally(series, iam *apiSeries) *tally {
	return &tally{series: series, iam: iam, counts: make(map[ratioKey]*ratio)}
}

// Observe implements huaweicloud.Observer.
func (t *tally) Observe(a huaweicloud.Attempt) {
	if a.Service == huaweicloud.IAM {
		t.iam.observe(a)
	} else {
		t.series.observe(a)
	}
	key := ratioKey{a.Service, a.Operation, a.Key, a.Value}
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.counts[key]
	if r == nil {
		r = &ratio{ratioKey: key}
		t.counts[key] = r
	}
	r.all++
	if a.ErrorCode != "" {
		r.failed++
	}
}

func (t *tally) snapshot() []ratio {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]ratio, 0, len(t.counts))
	for _, r := range t.counts {
		list = append(list, *r)
	}
	return list
}
