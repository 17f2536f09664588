package collector

import (
	"context"
	"math"
	"sync"
	"time"

	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/policy"
)

// Report is what one read saw of one part, for people. A read of many parts has one
// about itself besides, without a resource type: what it called, and why it failed.
type Report struct {
	inventory.Part
	AnyProject bool // it is not known which projects of the region it is about
	Reach      inventory.Reach

	Begun  time.Time // zero: not read yet
	Took   time.Duration
	Err    error // nil: nothing is missing
	Calls  int   // attempts
	Failed int   // of those

	InForce *InForce // of a read of a tag policy: what is known of it

	Whole      bool // the listing is; else nothing below is known
	Resources  int  // 0 where the API names none, as the next two
	Untagged   int  // 0 where the API names tagged resources only
	Unreadable int
	Keys       int
	Verdict    policy.Verdict
	// RulesMissing: what is in force was never read, so more resources may be noncompliant.
	RulesMissing bool
}

// Named reports whether the API names resources. If not, only Keys and the counts of
// the verdict are known.
func (r Report) Named() bool { return r.Reach != inventory.Pairs }

// NamesUntagged reports whether the API names those resources, too, that have no tag.
func (r Report) NamesUntagged() bool { return r.Reach == inventory.All }

// Violations counts violations, also those that the verdict does not list.
func (r Report) Violations() int {
	n := 0
	for _, c := range r.Verdict.Counts {
		n += c.Resources
	}
	return n
}

// reports returns one report for each part, and one before them if the read is about
// many.
func (r result) reports() []Report {
	read := Report{Part: r.target.part(), Begun: r.begun, Took: r.took, Err: r.err}
	for _, ratio := range r.ratios {
		read.Calls += ratio.all
		read.Failed += ratio.failed
	}
	if r.target.policy != nil {
		known := r.target.policy.shown()
		read.InForce = &known
	}
	var reports []Report
	if !r.target.onePart() {
		reports = append(reports, read)
		read.Calls, read.Failed = 0, 0
	}
	for _, p := range r.parts {
		if p.hidden {
			continue
		}
		report := read
		report.Part, report.AnyProject, report.Reach, report.Err, report.Whole = p.Part, p.AnyProject, p.Reach, p.Err, p.Whole
		if p.Whole {
			report.Resources, report.Unreadable, report.Keys = len(p.Resources), p.Unreadable, len(p.keys)
			if report.NamesUntagged() {
				report.Untagged = p.Untagged()
			}
			report.Verdict, report.RulesMissing = p.verdict, p.awaited
		}
		reports = append(reports, report)
	}
	return reports
}

// lastRead is what the last scrape of a target saw.
type lastRead struct {
	mu      sync.Mutex
	reports []Report // nil: there was none
}

// remember keeps a result, unless a later read is known already.
func (l *lastRead) remember(r result) {
	reports := r.reports()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.reports == nil || !r.begun.Before(l.reports[0].Begun) {
		l.reports = reports
	}
}

// Last returns what the last scrape of each project and service saw, and of what an account
// lists, in the order of the configuration.
func (c *Collector) Last() []Report {
	var reports []Report
	for _, t := range c.all() {
		last := &t.memory.last
		last.mu.Lock()
		if last.reports == nil {
			reports = append(reports, Report{Part: t.part(), Reach: t.source.Reach})
		}
		reports = append(reports, last.reports...)
		last.mu.Unlock()
	}
	return reports
}

// Audit reads everything once and lists every violation. It calls ended, from
// several goroutines at once, as each project and service ends.
func (c *Collector) Audit(ctx context.Context, ended func()) []Report {
	results, _ := c.read(ctx, Selection{}, math.MaxInt, ended)
	var reports []Report
	for _, r := range results {
		reports = append(reports, r.reports()...)
	}
	return reports
}
