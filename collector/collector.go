// Package collector turns what the tag APIs say into metrics: it reads all of them at
// once on each scrape. It and package server are the only ones that know Prometheus.
package collector

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/policy"
)

// Collector reads the tags of everything that one configuration names. It is
// safe for concurrent use.
type Collector struct {
	Config *config.Config // which never changes

	client   *huaweicloud.Client
	logger   log.Logger
	accounts []*account
	targets  []*target  // of the projects and accounts that are configured
	policies []*inForce // at most one for an account
	evaluate func(*policy.Policy, policy.Scope, inventory.Inventory, int) policy.Verdict

	mu     sync.Mutex // guards what follows, and what accounts say it does
	series map[seriesKey]*apiSeries
	gone   map[seriesKey]time.Time // of these, since when they are of no target
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
		Config: c, client: client, logger: o.Logger, evaluate: (*policy.Policy).Evaluate,
		series: make(map[seriesKey]*apiSeries), gone: make(map[seriesKey]time.Time),
	}
	if err := n.addTargets(last); err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

func (c *Collector) addTargets(from kept) error {
	for key, since := range from.gone {
		c.series[key], c.gone[key] = from.series[key], since
	}
	for _, project := range c.Config.Projects {
		targets, err := c.projectTargets(project, from)
		if err != nil {
			return err
		}
		c.targets = append(c.targets, targets...)
	}
	for _, a := range c.Config.Accounts {
		if err := c.addAccount(a, from); err != nil {
			return err
		}
	}
	for _, p := range c.Config.Effective {
		if err := c.addPolicy(p, from); err != nil {
			return err
		}
	}
	c.retire(nil, c.allLocked(), time.Now()) // what is gone of what IAM named may be configured now
	return nil
}

// lasts is what the next collector goes on with.
func (c *Collector) lasts() kept {
	c.mu.Lock()
	defer c.mu.Unlock()
	return kept{c.allLocked(), maps.Clone(c.series), maps.Clone(c.gone)}
}

// all returns all targets: those that are configured, and those of the projects that are
// discovered.
func (c *Collector) all() []*target {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.allLocked()
}

func (c *Collector) allLocked() []*target {
	all := slices.Clone(c.targets)
	for _, a := range c.accounts {
		all = append(all, a.found...)
	}
	return all
}

// Close closes the connections that are not in use.
func (c *Collector) Close() { c.client.Close() }

// Scrape reads and judges every selected target at once, until each is done or the
// context ends. It returns collectors of what was learnt, and when the last of the
// reads had ended: judging comes after that.
func (c *Collector) Scrape(ctx context.Context, s Selection) (collectors []prometheus.Collector, readUntil time.Time) {
	readUntil = time.Now() // so it stays where nothing is selected
	if !s.none() {
		results, v := c.read(ctx, s, c.Config.MaxViolationSeries, func() {})
		for _, r := range results {
			if ended := r.begun.Add(r.took); ended.After(readUntil) {
				readUntil = ended
			}
		}
		collectors = append(collectors, &scrape{c, s, results, v})
	}
	for _, f := range c.policies {
		if s.wants(f.key) {
			collectors = append(collectors, f)
		}
	}
	for _, counters := range c.counters(s) {
		collectors = append(collectors, counters)
	}
	return collectors, readUntil
}

// counters returns the series of API calls that a scrape wants, as they stand.
func (c *Collector) counters(s Selection) (wanted []*apiSeries) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.prune(time.Now())
	for key, counters := range c.series {
		if s.none() || s.wants(key) {
			wanted = append(wanted, counters)
		}
	}
	return wanted
}
