package collector

import (
	"github.com/prometheus/client_golang/prometheus"

	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/policy"
)

// scrape is what one scrape learnt. It is a prometheus.Collector of constant
// metrics.
type scrape struct {
	collector *Collector
	selection Selection
	results   []result
	view      *view
}

// Describe implements prometheus.Collector. It describes nothing: which series
// there are is known only by then.
func (*scrape) Describe(chan<- *prometheus.Desc) {}

// state is what is known of a service by all the reads that had to do with it.
type state struct {
	emit      emitter
	projectID string
	failed    bool
}

// states are those of services, by the series about them.
type states map[seriesKey]*state

// note adds what is known of a part, and returns the emitter of the series about reading
// its service.
func (s states) note(all emitter, p inventory.Part, err error) emitter {
	of := keyOf(p)
	known := s[of]
	if known == nil {
		known = &state{emit: all.of(of), projectID: p.ProjectID}
		s[of] = known
	}
	known.failed = known.failed || err != nil
	return known.emit
}

// Collect implements prometheus.Collector.
func (s *scrape) Collect(ch chan<- prometheus.Metric) {
	all := newEmitter(ch)
	known := make(states)
	for _, r := range s.results {
		if !s.selection.wants(keyOf(r.target.is)) || r.target.asks != nil && !r.target.discovers() {
			continue // IAM was asked because that was due; policies have series of their own, names are in others
		}
		known.note(all, r.target.part(), r.failure()).gauge(durationDesc, r.took.Seconds())
		s.account(all, r)
		for _, p := range r.parts {
			if p.hidden || p.AnyProject {
				continue
			}
			emit := known.note(all, p.Part, p.Err)
			if p.Whole {
				emit = emit.with("resource_type", p.ResourceType)
				emit.gauge(sourceDesc, 1, r.target.origin)
				s.inventory(emit, p.Inventory, p.keys)
				s.verdict(emit, p)
			}
		}
	}
	for _, r := range s.results {
		for _, p := range r.parts {
			if p.AnyProject && !p.hidden {
				s.view.fail(known, p.Inventory)
			}
		}
	}
	for _, of := range known {
		of.emit.gauge(successDesc, number(!of.failed))
	}
	s.ratios(all)
}

// account sends what is known of an account itself.
func (s *scrape) account(all emitter, r result) {
	if r.recorder != nil {
		all.gauge(recorderDesc, number(*r.recorder), r.target.is.Account)
	}
	if r.target.discovers() && s.view.accounts[r.target.is.Account].answered {
		all.gauge(discoveredDesc, float64(len(s.view.accounts[r.target.is.Account].projects)), r.target.is.Account)
	}
}

func (s *scrape) inventory(emit emitter, inv inventory.Inventory, keys []inventory.Key) {
	named := inv.Reach != inventory.Pairs
	if named {
		emit.gauge(resourcesDesc, float64(len(inv.Resources)))
		if inv.Reach == inventory.All {
			emit.gauge(untaggedDesc, float64(inv.Untagged()))
		}
		emit.gauge(unreadableDesc, float64(inv.Unreadable))
	}
	emit.gauge(oldestDesc, seconds(inv.Oldest))
	emit.gauge(keysDesc, float64(len(keys)))
	var included []inventory.Key
	for _, key := range keys {
		if s.collector.Config.Tags.Include.MatchString(key.Name) {
			included = append(included, key)
		}
	}
	kept, folded := inventory.FoldKeys(included, s.collector.Config.Tags.MaxKeys)
	for _, key := range kept {
		values, n := key.Fold(s.collector.Config.Tags.MaxValuesPerKey)
		ofKey(emit.with("key", key.Name), named, len(key.Values), n, values)
	}
	if len(folded) > 0 {
		n := 0
		together := []inventory.Value{{Value: inventory.Other}}
		for _, key := range folded {
			n += len(key.Values)
			together[0].Resources += key.Resources()
		}
		if n == 0 { // keys without values, which ModelArts has
			together = nil
		}
		ofKey(emit.with("key", inventory.Other), named, n, n, together)
	}
	for _, selection := range inv.Selections {
		emit.gauge(selectedDesc, float64(selection.Resources), selection.Key, selection.Value)
	}
}

// ofKey sends what is known of one key: how many values it has, how many of them
// were folded, and the series of those that were not.
func ofKey(emit emitter, named bool, all, folded int, values []inventory.Value) {
	emit.gauge(keyValuesDesc, float64(all))
	if folded > 0 {
		emit.gauge(foldedDesc, float64(folded))
	}
	for _, v := range values {
		if named {
			emit.gauge(taggedDesc, float64(v.Resources), v.Value)
		} else {
			emit.gauge(infoDesc, 1, v.Value)
		}
	}
}

func (s *scrape) verdict(emit emitter, p part) {
	if s.collector.Config.Policy == nil {
		return
	}
	verdict := p.verdict
	for _, c := range verdict.Counts {
		emit.gauge(violationsDesc, float64(c.Resources), c.Rule, c.Key, string(c.Reason))
	}
	if p.Reach == inventory.Pairs {
		return
	}
	if !p.awaited { // else it would be too low
		emit.gauge(noncompliantDesc, float64(verdict.Noncompliant))
	}
	info, labels := violationInfoDesc, 7
	if !s.collector.Config.Policy.NamesResponsible() {
		info, labels = unassignedInfoDesc, 6
	}
	for _, v := range verdict.Violations {
		values := [...]string{v.ResourceID, v.ResourceName, v.Rule, v.Key, v.Value, string(v.Reason), v.Responsible}
		emit.gauge(info, 1, values[:labels]...)
	}
	emit.gauge(violationsDroppedDesc, float64(verdict.Dropped))
	for _, party := range policy.FoldParties(verdict.Parties, s.collector.Config.Tags.MaxValuesPerKey) {
		emit.gauge(responsibleDesc, float64(party.Resources), party.Name)
		if !p.awaited {
			emit.gauge(responsibleNoncompliantDesc, float64(party.Noncompliant), party.Name)
		}
	}
}

// ratios sends the error ratios. Several services may have asked one IAM, so that these
// are added up first.
func (s *scrape) ratios(emit emitter) {
	type labels struct {
		seriesKey
		ratioKey
	}
	sums := make(map[labels]ratio)
	for _, r := range s.results {
		for of, part := range r.ratios {
			key := labels{keyOf(r.target.is), of}
			key.seriesKey.service = of.service // IAM, maybe
			if !s.selection.wants(key.seriesKey) {
				continue
			}
			sum := sums[key]
			sums[key] = ratio{sum.failed + part.failed, sum.all + part.all}
		}
	}
	for l, sum := range sums {
		emit.of(l.seriesKey).gauge(ratioDesc, float64(sum.failed)/float64(sum.all), l.operation, l.key, l.value)
	}
}
