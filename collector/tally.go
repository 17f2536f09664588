package collector

import (
	"maps"
	"sync"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// tally observes the attempts of one read: it counts them for the read's error
// ratios and hands them on to the series that last.
type tally struct {
	counters map[string]*apiSeries // by service

	mu     sync.Mutex
	counts map[ratioKey]ratio
}

// ratioKey names what has an error ratio of its own.
type ratioKey struct{ service, operation, key, value string }

// ratio counts the attempts of one read.
type ratio struct{ failed, all int }

func newTally(counters map[string]*apiSeries) *tally {
	return &tally{counters: counters, counts: make(map[ratioKey]ratio)}
}

// Observe implements huaweicloud.Observer.
func (t *tally) Observe(a huaweicloud.Attempt) {
	t.counters[a.Service].observe(a)
	key := ratioKey{a.Service, a.Operation, a.Key, a.Value}
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.counts[key]
	r.all++
	if a.ErrorCode != "" {
		r.failed++
	}
	t.counts[key] = r
}

func (t *tally) snapshot() map[ratioKey]ratio {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.counts)
}
