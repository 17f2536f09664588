package collector

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/policy"
	"huaweicloud_tag_exporter/internal/tagapi"
)

// reads are those of one scrape.
type reads struct {
	collector     *Collector
	selection     Selection
	maxViolations int
	ended         func() // called as each read ends, from several goroutines at once

	running sync.WaitGroup
	mu      sync.Mutex
	begun   map[*target]*pending
}

// pending is a read and what became of it.
type pending struct {
	flight *flight
	result result
}

// read reads and judges the selected targets. It calls ended, from several
// goroutines at once, as each of them ends.
func (c *Collector) read(ctx context.Context, s Selection, maxViolations int, ended func()) (results []result, v *view) {
	r := &reads{collector: c, selection: s, maxViolations: maxViolations, ended: ended, begun: make(map[*target]*pending)}
	r.begin(ctx)
	r.running.Wait()
	// What parts of accounts are called, and which of them are shown, follows from what
	// IAM has said by now.
	v = c.view()
	for _, t := range v.targets {
		p := r.begun[t]
		if p == nil { // not selected
			continue
		}
		if t.account != nil {
			v.name(&p.result)
			c.judge(&p.result, maxViolations)
			t.conclude(p.flight, p.result)
		}
		results = append(results, p.result)
	}
	return results, v
}

// begin begins the reads that are not begun yet. While IAM is asked for the projects, those
// that are known are read; the others begin as soon as it has answered.
func (r *reads) begin(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range r.collector.all() {
		if r.begun[t] != nil || !r.collector.reads(r.selection, t) {
			continue
		}
		p := new(pending)
		r.begun[t] = p
		r.running.Go(func() {
			p.flight, p.result = t.read(ctx)
			if t.account == nil { // all is known that it takes to judge it
				r.collector.judge(&p.result, r.maxViolations)
				t.conclude(p.flight, p.result)
			}
			r.ended()
			if t.discovers() {
				r.begin(ctx)
			}
		})
	}
}

// reads reports whether a scrape reads a target. IAM is asked also where its series are
// not wanted, if that is due: what is wanted may depend on it. A scrape of projects needs
// it only to learn of them for the first time.
func (c *Collector) reads(s Selection, t *target) bool {
	switch {
	case s.wants(keyOf(t.is)):
		return true
	case !t.discovers() || !s.hasAccount(t.is.Account):
		return false
	case len(s.Projects) > 0:
		return !t.account.discovery.answered() && !c.areConfigured(s.Projects)
	}
	return t.account.discovery.due(time.Now())
}

// judge counts the tags of each part of a result and holds them to the policy, as many
// parts at once as there are processors.
func (c *Collector) judge(r *result, maxViolations int) {
	var next atomic.Int64
	var judges sync.WaitGroup
	work := func() {
		for i := next.Add(1) - 1; i < int64(len(r.parts)); i = next.Add(1) - 1 {
			if p := &r.parts[i]; p.Whole && !p.hidden {
				c.judgePart(p, maxViolations)
			}
		}
	}
	for range min(runtime.GOMAXPROCS(0), len(r.parts)) - 1 {
		judges.Go(work)
	}
	work()
	judges.Wait()
}

// judgePart judges one part. If that cannot be done, there is nothing to show of it.
func (c *Collector) judgePart(p *part, maxViolations int) {
	scope := policy.Scope{Account: p.Account, Project: p.Project, Service: p.Service, ResourceType: p.ResourceType}
	err := tagapi.Safely(func() error {
		p.keys = p.Keys()
		p.verdict = c.evaluate(scope, p.Inventory, maxViolations)
		return nil
	})
	if err != nil {
		*p = part{Inventory: inventory.Inventory{Part: p.Part, Reach: p.Reach, Err: fmt.Errorf("judge tags: %w", err)}}
	}
}
