// Package collector turns what the tag APIs say into metrics: it reads all of them at
// once on each scrape. It and package server are the only ones that know Prometheus.
package collector

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/policy"
	"huaweicloud_tag_exporter/internal/tagapi"
)

// Collector reads the tags of everything that one configuration names. It is
// safe for concurrent use.
type Collector struct {
	client        *huaweicloud.Client
	logger        log.Logger
	targets       []*target // of projects and accounts that are configured
	series        map[seriesKey]*apiSeries
	tags          config.Tags
	policy        *policy.Policy // nil: there is none
	evaluate      func(policy.Scope, inventory.Inventory, int) policy.Verdict
	maxViolations int
}

// Options are what a collector needs beside its configuration.
type Options struct {
	UserAgent string
	Logger    log.Logger
	Dial      huaweicloud.DialFunc // nil: the network's
}

// New returns a collector. What lasts is taken over from the one before, which may be
// nil: counters, the tags that are known of a service, unless it is another one or
// other keys are tags now, and the pace of services whose limits have not changed.
func New(c *config.Config, o Options, before *Collector) (*Collector, error) {
	var last kept
	var client *huaweicloud.Client
	if before != nil {
		client, last = before.client, before.lasts()
	}
	client, err := huaweicloud.NewClient(huaweicloud.ClientConfig{UserAgent: o.UserAgent, CAFile: c.CAFile, Dial: o.Dial}, client)
	if err != nil {
		return nil, err
	}
	n := &Collector{
		client: client, logger: o.Logger, series: make(map[seriesKey]*apiSeries),
		tags: c.Tags, policy: c.Policy, evaluate: c.Policy.Evaluate, maxViolations: c.MaxViolationSeries,
	}
	for _, project := range c.Projects {
		targets, err := n.projectTargets(project, last)
		if err != nil {
			n.Close()
			return nil, err
		}
		n.targets = append(n.targets, targets...)
	}
	return n, nil
}

// lasts is what the next collector goes on with.
func (c *Collector) lasts() kept { return kept{c.targets, c.series} }

// keepSeries returns the series of this name, the previous ones if there are some.
func (c *Collector) keepSeries(from kept, key seriesKey, operations []string) *apiSeries {
	if c.series[key] == nil {
		c.series[key] = from.series[key]
	}
	if c.series[key] == nil {
		c.series[key] = newAPISeries(key, operations)
	}
	return c.series[key]
}

// Close closes the connections that are not in use.
func (c *Collector) Close() { c.client.Close() }

// Scrape reads and judges every selected target at once, until each is done or the
// context ends. It returns collectors of what was learnt, and when the last of the
// reads had ended: judging comes after that.
func (c *Collector) Scrape(ctx context.Context, s Selection) (collectors []prometheus.Collector, readUntil time.Time) {
	if s.none() {
		for _, counters := range c.series {
			collectors = append(collectors, counters)
		}
		return collectors, time.Now()
	}
	readUntil = time.Now() // so it stays where nothing is selected
	results := c.read(ctx, s, c.maxViolations, func() {})
	for _, r := range results {
		if !r.hungUp {
			r.target.last.remember(r)
		}
		if r.ended.After(readUntil) {
			readUntil = r.ended
		}
	}
	// IAM is no service that could be selected.
	withIAM := len(s.Services) == 0
	collectors = []prometheus.Collector{&scrape{c, results, withIAM}}
	added := make(map[*apiSeries]bool)
	for _, r := range results {
		t := r.target
		collectors = append(collectors, t.series)
		if t.iam != nil && withIAM && !added[t.iam] {
			added[t.iam] = true
			collectors = append(collectors, t.iam)
		}
	}
	return collectors, readUntil
}

// read reads and judges the selected targets. It calls ended, from several
// goroutines at once, as each of them ends.
func (c *Collector) read(ctx context.Context, s Selection, maxViolations int, ended func()) []result {
	var selected []*target
	for _, t := range c.targets {
		if s.has(t) {
			selected = append(selected, t)
		}
	}
	results := make([]result, len(selected))
	var reads sync.WaitGroup
	for i, t := range selected {
		reads.Go(func() {
			f, r := t.read(ctx)
			c.judge(&r, maxViolations)
			t.conclude(f, r)
			results[i] = r
			ended()
		})
	}
	reads.Wait()
	return results
}

// judge counts the tags of each part of a result and holds them to the policy. Of a
// part for which it cannot, there is nothing to show.
func (c *Collector) judge(r *result, maxViolations int) {
	for i := range r.parts {
		p := &r.parts[i]
		if !p.Whole {
			continue
		}
		scope := policy.Scope{Project: p.Project, Service: p.Service, ResourceType: p.ResourceType}
		err := tagapi.Safely(func() error {
			p.keys = p.Keys()
			p.verdict = c.evaluate(scope, p.Inventory, maxViolations)
			return nil
		})
		if err != nil {
			*p = part{Inventory: inventory.Inventory{Part: p.Part, Reach: p.Reach, Err: fmt.Errorf("judge tags: %w", err)}}
		}
	}
}
