package collector

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/tagapi"
)

// discover asks IAM for the projects of the accounts of which that is due.
func (c *Collector) discover(ctx context.Context) {
	var asked sync.WaitGroup
	for _, t := range c.all() {
		if t.discovers() && t.asks.due() {
			asked.Go(func() { t.read(ctx).conclude() })
		}
	}
	asked.Wait()
}

// adopt reads from now on the projects that IAM has named and the configuration chooses:
// new ones get targets, those that are gone lose theirs. Their counters go on for a
// while.
func (c *Collector) adopt(a *account, answer []tagapi.Project) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := a.found
	err := c.find(a, answer, kept{targets: before, series: c.series}, before)
	c.retire(before, a.found, time.Now())
	return err
}

// find sets the projects of an account and their targets. Those that there are already
// stay as they are.
func (c *Collector) find(a *account, answer []tagapi.Project, from kept, already []*target) error {
	a.projects, a.found = c.choose(a, answer), nil
	var problems []error
	for _, project := range a.projects {
		targets := slices.DeleteFunc(slices.Clone(already), func(t *target) bool {
			return t.is.Project != project.Name || t.is.ProjectID != project.ID || t.is.Region != project.Region
		})
		if len(targets) == 0 {
			var err error
			if targets, err = c.projectTargets(project, from); err != nil { // an endpoint of the SDK's settings that is none
				problems = append(problems, err)
			}
			for _, t := range targets {
				t.discovered = true
			}
		}
		a.found = append(a.found, targets...)
	}
	return errors.Join(problems...)
}

// choose returns the projects to be read of those that IAM has named, each with a name of
// its own: where another project of the account has that name, the ID. A project that is
// configured is read as that says.
func (c *Collector) choose(a *account, answer []tagapi.Project) (chosen []config.Project) {
	taken := make(map[string]bool)
	for _, p := range c.Config.Projects {
		if p.Account == a.config.Name {
			taken[p.Name] = true
		}
	}
	answer = slices.SortedFunc(slices.Values(answer), func(x, y tagapi.Project) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
	})
	for _, p := range answer {
		if !a.config.Discover.Chooses(p.Name, p.Region) ||
			slices.ContainsFunc(c.Config.Projects, func(known config.Project) bool { return known.ID == p.ID }) {
			continue
		}
		name := p.Name
		if taken[name] {
			name = p.ID
		}
		taken[name] = true
		chosen = append(chosen, a.config.Discover.Project(a.config.AccountConfig, p.ID, name, p.Region))
	}
	return chosen
}

// goneFor is how long the counters of a project are shown that is gone: what was counted
// last must be scraped once more, even by a slow scraper.
const goneFor = time.Hour

// retire notes since when series are of no target any more. The caller holds c.mu.
func (c *Collector) retire(before, after []*target, now time.Time) {
	for _, t := range before {
		for _, counters := range t.counters {
			c.gone[counters.key] = now
		}
	}
	for _, t := range after {
		for _, counters := range t.counters {
			delete(c.gone, counters.key)
		}
	}
	c.prune(now)
}

// prune drops the series that have been of no target for long. The caller holds c.mu.
func (c *Collector) prune(now time.Time) {
	for key, since := range c.gone {
		if now.Sub(since) >= goneFor {
			delete(c.gone, key)
			delete(c.series, key)
		}
	}
}
