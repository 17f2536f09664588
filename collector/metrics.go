package collector

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"huaweicloud_tag_exporter/internal/inventory"
)

const namespace = "huaweicloud_tag_"

// Labels that come first on every series about tags, in this order. A series is
// without those of account, project and region that would be empty.
var tagLabels = []string{"account", "project", "region", "cloud_service", "resource_type"}

// Labels of series about the reading itself.
var readLabels = []string{"account", "project", "region", "cloud_service"}

// MetricDoc describes a metric, so that documentation can be held to the code.
type MetricDoc struct {
	Name   string
	Type   string // as the exposition has it
	Labels []string
	Help   string // ends with the sentence that says when it is absent, if ever
}

func doc(kind, name, help string, labels []string, more ...string) MetricDoc {
	return MetricDoc{namespace + name, kind, append(labels[:len(labels):len(labels)], more...), help}
}

// description is a Desc whose parts can be read.
type description struct {
	MetricDoc
	*prometheus.Desc
	// places are those of the labels when they are sorted by name, as registries want
	// them, for each set of absent ones.
	places [1 << maybeAbsent][]int
}

// maybeAbsent is how many of the first labels a series may lack: account, project and
// region.
const maybeAbsent = 3

func desc(name, help string, labels []string, more ...string) description {
	d := doc("gauge", name, help, labels, more...)
	made := description{MetricDoc: d, Desc: prometheus.NewDesc(d.Name, d.Help, d.Labels, nil)}
	for absent := range made.places {
		var there []string
		for i, name := range d.Labels {
			if i >= maybeAbsent || absent&(1<<i) == 0 {
				there = append(there, name)
			}
		}
		slices.Sort(there)
		for _, name := range d.Labels {
			made.places[absent] = append(made.places[absent], slices.Index(there, name))
		}
	}
	return made
}

// descriptions are those of all gauges.
var descriptions = []description{
	resourcesDesc, untaggedDesc, unreadableDesc, taggedDesc, infoDesc, keysDesc, keyValuesDesc, foldedDesc,
	selectedDesc, oldestDesc, sourceDesc, violationsDesc, noncompliantDesc, violationInfoDesc, violationsDroppedDesc,
	ratioDesc, successDesc, durationDesc,
}

// Metrics describes everything that a collector exports.
func Metrics() []MetricDoc {
	var docs []MetricDoc
	for _, d := range descriptions {
		docs = append(docs, d.MetricDoc)
	}
	return append(docs, requestsDoc, errorsDoc, latencyDoc)
}

// What is absent is unknown: no series says 0 in place of "not read".
var (
	resourcesDesc = desc("resources",
		"Resources whose tags were read. Absent where the API names no resources, and while the listing is not whole.", tagLabels)
	untaggedDesc = desc("untagged_resources",
		"Resources without a tag, of those whose tags were read. Absent like resources.", tagLabels)
	unreadableDesc = desc("unreadable_resources",
		"Resources that were listed but have no tags read within max_tag_age. Absent like resources.", tagLabels)
	taggedDesc = desc("tagged_resources",
		"Resources that carry this tag. Absent for tags that no resource carries, and like resources.", tagLabels, "key", "value")
	infoDesc = desc("info",
		"1 for each tag key and value in use, where the API names no resources. Absent while the listing is not whole.", tagLabels, "key", "value")
	keysDesc = desc("keys",
		"Distinct tag keys in use. Absent while the listing is not whole.", tagLabels)
	keyValuesDesc = desc("key_values",
		"Distinct values in use of this tag key. Absent for keys not in use, and while the listing is not whole.", tagLabels, "key")
	foldedDesc = desc("folded_values",
		"Values of this tag key that max_values_per_key folded into __other__; for key __other__ all values of the keys that max_keys folded. Absent where none were.", tagLabels, "key")
	selectedDesc = desc("selected_resources",
		"Resources that the service holds for this key and value, by a query of its own. Absent for a query that failed.", tagLabels, "key", "value")
	oldestDesc = desc("oldest_read_timestamp_seconds",
		"When the oldest of the tags behind this scrape were read. Absent while the listing is not whole.", tagLabels)
	sourceDesc = desc("source_info",
		"1; where the tags come from: tag_api, instance_list or config. Absent while the listing is not whole.", tagLabels, "source")

	violationsDesc = desc("policy_violations",
		"Resources that break this rule of the tagging policy; key/value pairs where the API names no resources. Absent without a policy, and while the listing is not whole.", tagLabels, "rule", "key", "reason")
	noncompliantDesc = desc("policy_noncompliant_resources",
		"Resources that break at least one rule of the tagging policy. Absent like policy_violations, and where the API names no resources.", tagLabels)
	violationInfoDesc = desc("policy_violation_info",
		"1 for each violation of the tagging policy, at most max_violation_series of them. Absent like policy_noncompliant_resources.",
		tagLabels, "resource_id", "resource_name", "rule", "key", "value", "reason")
	violationsDroppedDesc = desc("policy_violation_info_dropped",
		"Violations that policy_violation_info leaves out. Absent like policy_noncompliant_resources.", tagLabels)

	ratioDesc = desc("api_error_ratio",
		"Failed of all attempts that this scrape made. Absent where it made none; key and value are set where the request selects by tag.",
		readLabels, "operation", "key", "value")
	successDesc = desc("collector_success",
		"1 if the listing is whole, every resource's tags were read at most max_tag_age ago and every selector was answered, else 0.", readLabels)
	durationDesc = desc("collector_duration_seconds",
		"Time that reading the tags took, or has taken when the scrape's time was up.", readLabels)
)

// scrape is what one scrape learnt. It is a prometheus.Collector of constant
// metrics.
type scrape struct {
	collector *Collector
	results   []result
	withIAM   bool // it belongs to no service that a scrape could be narrowed to
}

// Describe implements prometheus.Collector. It describes nothing: which series
// there are is known only by then.
func (*scrape) Describe(chan<- *prometheus.Desc) {}

// state is what is known of a service by all the reads that had to do with it.
type state struct {
	emit   emitter
	failed bool
}

// Collect implements prometheus.Collector.
func (s *scrape) Collect(ch chan<- prometheus.Metric) {
	all := newEmitter(ch)
	states := make(map[seriesKey]*state)
	note := func(p inventory.Part, err error) emitter {
		of := keyOf(p)
		known := states[of]
		if known == nil {
			known = &state{emit: all.of(of)}
			states[of] = known
		}
		known.failed = known.failed || err != nil
		return known.emit
	}
	for _, r := range s.results {
		note(r.target.part(), r.failure()).gauge(durationDesc, r.took.Seconds())
		for _, p := range r.parts {
			emit := note(p.Part, p.Err)
			if p.Whole {
				emit = emit.with("resource_type", p.ResourceType)
				emit.gauge(sourceDesc, 1, r.target.origin)
				s.inventory(emit, p.Inventory, p.keys)
				s.verdict(emit, p)
			}
		}
	}
	for _, known := range states {
		success := 1.0
		if known.failed {
			success = 0
		}
		known.emit.gauge(successDesc, success)
	}
	s.ratios(all)
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
	emit.gauge(oldestDesc, float64(inv.Oldest.UnixMilli())/1000)
	emit.gauge(keysDesc, float64(len(keys)))
	var included []inventory.Key
	for _, key := range keys {
		if s.collector.tags.Include.MatchString(key.Name) {
			included = append(included, key)
		}
	}
	kept, folded := inventory.FoldKeys(included, s.collector.tags.MaxKeys)
	for _, key := range kept {
		values, n := key.Fold(s.collector.tags.MaxValuesPerKey)
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
	if s.collector.policy == nil {
		return
	}
	verdict := p.verdict
	for _, c := range verdict.Counts {
		emit.gauge(violationsDesc, float64(c.Resources), c.Rule, c.Key, string(c.Reason))
	}
	if p.Reach == inventory.Pairs {
		return
	}
	emit.gauge(noncompliantDesc, float64(verdict.Noncompliant))
	for _, v := range verdict.Violations {
		emit.gauge(violationInfoDesc, 1, v.ResourceID, v.ResourceName, v.Rule, v.Key, v.Value, string(v.Reason))
	}
	emit.gauge(violationsDroppedDesc, float64(verdict.Dropped))
}

// ratios sends the error ratios. Several services of a project may have asked
// its IAM, so that these are added up first.
func (s *scrape) ratios(emit emitter) {
	type labels struct {
		seriesKey
		ratioKey
	}
	sums := make(map[labels]ratio)
	for _, r := range s.results {
		for _, part := range r.ratios {
			if !s.withIAM && part.service != r.target.source.Service {
				continue
			}
			key := labels{keyOf(r.target.part()), part.ratioKey}
			key.seriesKey.service = part.service // IAM, maybe
			sum := sums[key]
			sum.failed += part.failed
			sum.all += part.all
			sums[key] = sum
		}
	}
	for l, sum := range sums {
		emit.of(l.seriesKey).gauge(ratioDesc, float64(sum.failed)/float64(sum.all), l.operation, l.key, l.value)
	}
}
