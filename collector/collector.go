// Package collector turns what the tag APIs say into metrics: it reads all of them at
// once on each scrape. It and package server are the only ones that know Prometheus.
package collector

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	targets       []*target
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

// New returns a collector. What lasts is taken over from previous, which may be
// nil: counters, the tags that are known of a service, unless it is another one or
// other keys are tags now, and the pace of services whose limits have not changed.
func New(c *config.Config, o Options, previous *Collector) (*Collector, error) {
	if previous == nil {
		previous = new(Collector)
	}
	client, err := huaweicloud.NewClient(huaweicloud.ClientConfig{UserAgent: o.UserAgent, CAFile: c.CAFile, Dial: o.Dial}, previous.client)
	if err != nil {
		return nil, err
	}
	n := &Collector{
		client: client, series: make(map[seriesKey]*apiSeries),
		tags: c.Tags, policy: c.Policy, evaluate: c.Policy.Evaluate, maxViolations: c.MaxViolationSeries,
	}
	for _, project := range c.Projects {
		for _, service := range project.Services {
			t, err := n.newTarget(project, service, previous)
			if err != nil {
				n.Close()
				return nil, fmt.Errorf("project %s, service %s: %w", project.Name, service.Name, err)
			}
			t.logger = log.With(o.Logger, "project", project.Name, "service", service.Name)
			n.targets = append(n.targets, t)
		}
	}
	return n, nil
}

func (c *Collector) newTarget(project config.Project, service config.Service, previous *Collector) (*target, error) {
	sources := tagapi.Sources()
	i := slices.IndexFunc(sources, func(s tagapi.Source) bool { return s.Service == service.Name })
	if i < 0 {
		return nil, errors.New("no such service")
	}
	session, err := c.client.Service(project.ProjectConfig, service.ServiceConfig)
	if err != nil {
		return nil, err
	}
	t := &target{project: project, config: service, source: sources[i], exclude: c.tags.Exclude, service: session}
	key := keyOf(t.part())
	t.series = c.keepSeries(previous, key, t.source.Operations)
	if project.Credential.Kind == huaweicloud.Password {
		key.service = huaweicloud.IAM
		t.iam = c.keepSeries(previous, key, []string{huaweicloud.OpToken})
	}
	t.journal, t.last, t.seen = newJournal(), new(lastRead), new(seenParts)
	var reader tagapi.Reader
	for _, old := range previous.targets {
		if old.project.Account != project.Account || old.project.Name != project.Name || old.source.Service != service.Name {
			continue
		}
		t.journal, t.last, t.seen = old.journal, old.last, old.seen
		if old.project.ID == project.ID && old.config.Endpoint == service.Endpoint && old.exclude.String() == t.exclude.String() {
			reader = old.reader
		}
	}
	t.reader = t.source.New(settings(service), reader)
	return t, nil
}

// settings are those of a service's source.
func settings(s config.Service) tagapi.Settings {
	return tagapi.Settings{
		TagsInList: s.TagsFrom == config.InstanceList, RenewAfter: s.RenewAfter, MaxTagAge: s.MaxTagAge, Selectors: s.Selectors,
	}
}

// keepSeries returns the series of this name, the previous collector's if it
// had them.
func (c *Collector) keepSeries(previous *Collector, key seriesKey, operations []string) *apiSeries {
	if c.series[key] == nil {
		c.series[key] = previous.series[key]
	}
	if c.series[key] == nil {
		c.series[key] = newAPISeries(key, operations)
	}
	return c.series[key]
}

// Close closes the connections that are not in use.
func (c *Collector) Close() { c.client.Close() }

// None is the name in place of a service with which a scrape reads nothing.
const None = "none"

// Selection narrows a scrape to some projects and services. Empty lists mean
// all of them.
type Selection struct {
	Projects, Services []string
}

func (s Selection) has(t *target) bool {
	return (len(s.Projects) == 0 || slices.Contains(s.Projects, t.project.Name)) &&
		(len(s.Services) == 0 || slices.Contains(s.Services, t.source.Service))
}

// narrowed reports whether the selection leaves out anything that is read.
func (s Selection) narrowed() bool { return len(s.Projects)+len(s.Services) > 0 }

func (s Selection) none() bool { return slices.Contains(s.Services, None) }

// Check returns an error if the selection has a name that is unknown, or others
// beside None. A known service that the known projects do not have selects nothing.
func (c *Collector) Check(s Selection) error {
	for _, name := range s.Projects {
		if !slices.ContainsFunc(c.targets, func(t *target) bool { return t.project.Name == name }) {
			return fmt.Errorf("unknown project %q", name)
		}
	}
	for _, name := range s.Services {
		if name != None && !slices.ContainsFunc(tagapi.Sources(), func(source tagapi.Source) bool { return source.Service == name }) {
			return fmt.Errorf("unknown service %q", name)
		}
	}
	if s.none() && (len(s.Projects) > 0 || slices.ContainsFunc(s.Services, func(name string) bool { return name != None })) {
		return errors.New("collect=none reads nothing, so no project or other service goes with it")
	}
	return nil
}

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

// Target is what a scrape can be narrowed to: the values of its parameters project
// and collect.
type Target struct{ Project, Service string }

// Targets returns all targets, in the order of the configuration.
func (c *Collector) Targets() []Target {
	targets := make([]Target, len(c.targets))
	for i, t := range c.targets {
		targets[i] = Target{t.project.Name, t.source.Service}
	}
	return targets
}
