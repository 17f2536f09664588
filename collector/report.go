package collector

import (
	"context"
	"math"
	"sync"
	"time"

	"huaweicloud_tag_exporter/internal/policy"
)

// Report is what one read saw of one service of one project, for people.
type Report struct {
	Project, Region, Service, ResourceType string

	Begun  time.Time // zero: not read yet
	Took   time.Duration
	Err    error // nil: nothing is missing
	Calls  int   // attempts
	Failed int   // of those

	Whole      bool // the listing is; else nothing below is known
	Named      bool // the API names resources; else only Keys and the counts of the verdict are known
	Resources  int
	Untagged   int
	Unreadable int
	Keys       int
	Verdict    policy.Verdict
}

// Violations counts violations, also those that the verdict does not list.
func (r Report) Violations() int {
	n := 0
	for _, c := range r.Verdict.Counts {
		n += c.Resources
	}
	return n
}

func (t *target) report() Report {
	return Report{Project: t.project.Name, Region: t.project.Region, Service: t.source.Service, ResourceType: t.source.ResourceType, Named: t.source.Named}
}

func (r result) report() Report {
	report := r.target.report()
	report.Begun, report.Took, report.Err = r.begun, r.took, r.err
	for _, part := range r.ratios {
		report.Calls += part.all
		report.Failed += part.failed
	}
	if report.Whole = r.whole; r.whole {
		report.Resources, report.Untagged = len(r.inventory.Resources), r.inventory.Untagged()
		report.Unreadable, report.Keys = r.inventory.Unreadable, len(r.keys)
		report.Verdict = r.verdict
	}
	return report
}

// lastReport is what the last scrape of a target saw.
type lastReport struct {
	mu     sync.Mutex
	report *Report // nil: there was none
}

// remember keeps a result, unless a later read is known already.
func (l *lastReport) remember(r result) {
	report := r.report()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.report == nil || !r.begun.Before(l.report.Begun) {
		l.report = &report
	}
}

// Last returns what the last scrape of each project and service saw, in the
// order of the configuration.
func (c *Collector) Last() []Report {
	reports := make([]Report, 0, len(c.targets))
	for _, t := range c.targets {
		report := t.report()
		t.last.mu.Lock()
		if t.last.report != nil {
			report = *t.last.report
		}
		t.last.mu.Unlock()
		reports = append(reports, report)
	}
	return reports
}

// Audit reads everything once and lists every violation. It calls ended, from
// several goroutines at once, as each project and service ends.
func (c *Collector) Audit(ctx context.Context, ended func()) []Report {
	results := c.read(ctx, Selection{}, math.MaxInt, ended)
	reports := make([]Report, len(results))
	for i, r := range results {
		reports[i] = r.report()
	}
	return reports
}
