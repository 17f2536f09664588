package collector

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"huaweicloud_tag_exporter/internal/inventory"
)

const namespace = "huaweicloud_tag_"

// Labels that come first on every series about tags, in this order.
var base = []string{"project", "region", "cloud_service", "resource_type"}

// Labels of series about the reading itself.
var own = []string{"project", "region", "cloud_service"}

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
	places []int // of the labels when they are sorted by name, as registries want them
}

func desc(name, help string, labels []string, more ...string) description {
	d := doc("gauge", name, help, labels, more...)
	sorted := slices.Sorted(slices.Values(d.Labels))
	places := make([]int, len(d.Labels))
	for i, name := range d.Labels {
		places[i] = slices.Index(sorted, name)
	}
	return description{d, prometheus.NewDesc(d.Name, d.Help, d.Labels, nil), places}
}

// descriptions are those of all gauges.
var descriptions = []description{
	resourcesDesc, untaggedDesc, unreadableDesc, taggedDesc, infoDesc, keysDesc, keyValuesDesc, foldedDesc,
	selectedDesc, oldestDesc, violationsDesc, noncompliantDesc, violationInfoDesc, violationsDroppedDesc,
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
		"Resources whose tags were read. Absent where the API names no resources, and while the listing is not whole.", base)
	untaggedDesc = desc("untagged_resources",
		"Resources without a tag, of those whose tags were read. Absent like resources.", base)
	unreadableDesc = desc("unreadable_resources",
		"Resources that were listed but have no tags read within max_tag_age. Absent like resources.", base)
	taggedDesc = desc("tagged_resources",
		"Resources that carry this tag. Absent for tags that no resource carries, and like resources.", base, "key", "value")
	infoDesc = desc("info",
		"1 for each tag key and value in use, where the API names no resources. Absent while the listing is not whole.", base, "key", "value")
	keysDesc = desc("keys",
		"Distinct tag keys in use. Absent while the listing is not whole.", base)
	keyValuesDesc = desc("key_values",
		"Distinct values in use of this tag key. Absent for keys not in use, and while the listing is not whole.", base, "key")
	foldedDesc = desc("folded_values",
		"Values of this tag key that max_values_per_key folded into __other__. Absent where none were.", base, "key")
	selectedDesc = desc("selected_resources",
		"Resources that the service holds for this key and value, by a query of its own. Absent for a query that failed.", base, "key", "value")
	oldestDesc = desc("oldest_read_timestamp_seconds",
		"When the oldest of the tags behind this scrape were read. Absent while the listing is not whole.", base)

	violationsDesc = desc("policy_violations",
		"Resources that break this rule of the tagging policy; key/value pairs where the API names no resources. Absent without a policy, and while the listing is not whole.", base, "rule", "key", "reason")
	noncompliantDesc = desc("policy_noncompliant_resources",
		"Resources that break at least one rule of the tagging policy. Absent like policy_violations, and where the API names no resources.", base)
	violationInfoDesc = desc("policy_violation_info",
		"1 for each violation of the tagging policy, at most max_violation_series of them. Absent like policy_noncompliant_resources.",
		base, "resource_id", "resource_name", "rule", "key", "value", "reason")
	violationsDroppedDesc = desc("policy_violation_info_dropped",
		"Violations that policy_violation_info leaves out. Absent like policy_noncompliant_resources.", base)

	ratioDesc = desc("api_error_ratio",
		"Failed of all attempts that this scrape made. Absent where it made none; key and value are set where the request selects by tag.",
		own, "operation", "key", "value")
	successDesc = desc("collector_success",
		"1 if the listing is whole, every resource's tags were read at most max_tag_age ago and every selector was answered, else 0.", own)
	durationDesc = desc("collector_duration_seconds",
		"Time that reading the tags took, or has taken when the scrape's time was up.", own)
)

// scrape is what one scrape learnt. It is a prometheus.Collector of constant
// metrics.
type scrape struct {
	collector *Collector
	results   []result
	narrowed  bool // to some services: IAM belongs to none of them
}

// Describe implements prometheus.Collector. It describes nothing: which series
// there are is known only by then.
func (*scrape) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (s *scrape) Collect(ch chan<- prometheus.Metric) {
	all := newEmitter(ch)
	for _, r := range s.results {
		t := r.target
		emit := all.with("project", t.project.Name).with("region", t.project.Region).with("cloud_service", t.source.Service)
		success := 0.0
		if r.err == nil {
			success = 1
		}
		emit.gauge(successDesc, success)
		emit.gauge(durationDesc, r.took.Seconds())
		if r.whole {
			emit = emit.with("resource_type", t.source.ResourceType)
			s.inventory(emit, r.inventory, r.keys)
			s.verdict(emit, r)
		}
	}
	s.ratios(all)
}

func (s *scrape) inventory(emit emitter, inv inventory.Inventory, keys []inventory.Key) {
	if inv.Named {
		emit.gauge(resourcesDesc, float64(len(inv.Resources)))
		emit.gauge(untaggedDesc, float64(inv.Untagged()))
		emit.gauge(unreadableDesc, float64(inv.Unreadable))
	}
	emit.gauge(oldestDesc, float64(inv.Oldest.UnixMilli())/1000)
	emit.gauge(keysDesc, float64(len(keys)))
	for _, key := range keys {
		if !s.collector.tags.Include.MatchString(key.Name) {
			continue
		}
		ofKey := emit.with("key", key.Name)
		ofKey.gauge(keyValuesDesc, float64(len(key.Values)))
		values, folded := key.Fold(s.collector.tags.MaxValuesPerKey)
		if folded > 0 {
			ofKey.gauge(foldedDesc, float64(folded))
		}
		for _, v := range values {
			if inv.Named {
				ofKey.gauge(taggedDesc, float64(v.Resources), v.Value)
			} else {
				ofKey.gauge(infoDesc, 1, v.Value)
			}
		}
	}
	for _, selection := range inv.Selections {
		emit.gauge(selectedDesc, float64(selection.Resources), selection.Key, selection.Value)
	}
}

func (s *scrape) verdict(emit emitter, r result) {
	if s.collector.policy == nil {
		return
	}
	verdict := r.verdict
	for _, c := range verdict.Counts {
		emit.gauge(violationsDesc, float64(c.Resources), c.Rule, c.Key, string(c.Reason))
	}
	if !r.inventory.Named {
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
		project, region string
		ratioKey
	}
	sums := make(map[labels]ratio)
	for _, r := range s.results {
		for _, part := range r.ratios {
			if s.narrowed && part.service != r.target.source.Service {
				continue
			}
			key := labels{r.target.project.Name, r.target.project.Region, part.ratioKey}
			sum := sums[key]
			sum.failed += part.failed
			sum.all += part.all
			sums[key] = sum
		}
	}
	for l, sum := range sums {
		emit.gauge(ratioDesc, float64(sum.failed)/float64(sum.all),
			l.project, l.region, l.service, l.operation, l.key, l.value)
	}
}
