package collector

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

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
	names         names  // those that were known when it began; else those that came meanwhile

	running sync.WaitGroup
	mu      sync.Mutex
	begun   map[*target]*result
}

// read reads and judges the selected targets. It calls ended, from several
// goroutines at once, as each of them ends.
func (c *Collector) read(ctx context.Context, s Selection, maxViolations int, ended func()) (results []result, v *view) {
	r := &reads{collector: c, selection: s, maxViolations: maxViolations, ended: ended, names: c.names(), begun: make(map[*target]*result)}
	r.begin(ctx)
	r.running.Wait()
	// What parts of accounts are called, and which of them are shown, follows from what
	// IAM has said by now.
	v = c.view()
	var parts []*part // that nobody has judged yet
	for _, t := range v.targets {
		if got := r.begun[t]; got != nil && !got.judged {
			if !t.ofProject() {
				v.name(got)
			}
			parts = append(parts, got.toJudge()...)
		}
	}
	// What is renewed during a scrape is shown by the next: some of it is judged already.
	for account, called := range c.names() {
		if r.names.awaits(account) {
			r.names[account] = called
		}
	}
	r.judge(parts, v.rules)
	for _, t := range v.targets {
		got := r.begun[t]
		if got == nil { // not selected
			continue
		}
		if !got.judged {
			got.conclude()
		}
		results = append(results, *got)
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
		got := new(result)
		r.begun[t] = got
		r.running.Go(func() {
			*got = t.read(ctx)
			if t.ofProject() && !r.collector.hasPolicy(t.is.Account) && !r.names.awaits(t.is.Account) { // all is known that it takes to judge it
				r.judge(got.toJudge(), nil)
				got.conclude()
				got.judged = true
			}
			r.ended()
			if t.discovers() {
				r.begin(ctx)
			}
		})
	}
}

// reads reports whether a scrape reads a target. What is asked about an account is asked
// also where its series are not wanted, if that is due: what is wanted may depend on it. A
// scrape of projects needs IAM only to learn of them for the first time.
func (c *Collector) reads(s Selection, t *target) bool {
	switch {
	case s.wants(keyOf(t.is)):
		return true
	case t.asks == nil || !t.asks.due():
		return false
	case !t.discovers():
		return slices.ContainsFunc(c.all(), func(other *target) bool {
			return other.is.Account == t.is.Account && s.wants(keyOf(other.is))
		})
	case len(s.Projects) > 0 && (t.asks.answered() || c.areConfigured(s)):
		return false
	}
	return s.hasAccount(t.is.Account)
}

// toJudge returns the parts of a result that are to be judged.
func (r *result) toJudge() (parts []*part) {
	for i := range r.parts {
		if p := &r.parts[i]; p.Whole && !p.hidden {
			parts = append(parts, p)
		}
	}
	return parts
}

// judge counts the tags of parts and holds them to the policy, as many parts at once as
// there are processors. What is in force is given for each account that has something.
func (r *reads) judge(parts []*part, inForce map[string]rules) {
	var next atomic.Int64
	var judges sync.WaitGroup
	work := func() {
		for i := next.Add(1) - 1; i < int64(len(parts)); i = next.Add(1) - 1 {
			by, has := inForce[parts[i].Account]
			if !has {
				by.Policy = r.collector.Config.Policy
			}
			r.judgePart(parts[i], by)
		}
	}
	for range min(runtime.GOMAXPROCS(0), len(parts)) - 1 {
		judges.Go(work)
	}
	work()
	judges.Wait()
}

// judgePart judges one part. If that cannot be done, there is nothing to show of it.
func (r *reads) judgePart(p *part, by rules) {
	scope := policy.Scope{
		Account: p.Account, Project: p.Project, Service: p.Service, ResourceType: p.ResourceType,
		EnterpriseProjects: r.names[p.Account],
	}
	err := tagapi.Safely(func() error {
		p.keys, p.awaited = p.Keys(), by.awaited
		p.verdict = r.collector.evaluate(by.Policy, scope, p.Inventory, r.maxViolations)
		return nil
	})
	if err != nil {
		*p = part{Inventory: inventory.Inventory{Part: p.Part, Reach: p.Reach, Err: fmt.Errorf("judge tags: %w", err)}}
	}
}
