package collector

import (
	"cmp"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

const namespace = "huaweicloud_tag_"

// Labels that come first on every series about tags, in this order. A series is
// without those of account, project and region that would be empty.
var tagLabels = []string{"account", "project", "region", "cloud_service", "resource_type"}

// Labels of series about the reading itself.
var readLabels = []string{"account", "project", "region", "cloud_service"}

// Labels of series about an account.
var accountLabels = []string{"account"}

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
	sorted []int // the labels, by their places above, as registries want them: by name
}

// maybeAbsent is how many of the first labels a series may lack: account, project and
// region.
const maybeAbsent = 3

func desc(name, help string, labels []string, more ...string) description {
	d := doc("gauge", name, help, labels, more...)
	made := description{MetricDoc: d, Desc: prometheus.NewDesc(d.Name, d.Help, d.Labels, nil)}
	for i := range d.Labels {
		made.sorted = append(made.sorted, i)
	}
	slices.SortFunc(made.sorted, func(a, b int) int { return cmp.Compare(d.Labels[a], d.Labels[b]) })
	return made
}

// descriptions are those of all gauges.
var descriptions = []description{
	resourcesDesc, untaggedDesc, unreadableDesc, taggedDesc, infoDesc, keysDesc, keyValuesDesc, foldedDesc,
	selectedDesc, oldestDesc, sourceDesc, violationsDesc, noncompliantDesc, violationInfoDesc, violationsDroppedDesc,
	responsibleDesc, responsibleNoncompliantDesc,
	ratioDesc, successDesc, durationDesc, recorderDesc, discoveredDesc,
	policySuccessDesc, policyReadDesc, policyChangedDesc,
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
		"Resources that break at least one rule of the tagging policy. Absent like policy_violations, where the API names no resources, and until the account's policy in force has been read.", tagLabels)
	violationInfoDesc = desc("policy_violation_info",
		"1 for each violation of the tagging policy, at most max_violation_series of them. Absent like policy_violations, and where the API names no resources; label responsible without policy.responsible.",
		tagLabels, "resource_id", "resource_name", "rule", "key", "value", "reason", "responsible")
	unassignedInfoDesc = desc("policy_violation_info", violationInfoDesc.Help,
		tagLabels, "resource_id", "resource_name", "rule", "key", "value", "reason")
	violationsDroppedDesc = desc("policy_violation_info_dropped",
		"Violations that policy_violation_info leaves out. Absent like policy_violations, and where the API names no resources.", tagLabels)
	responsibleDesc = desc("responsible_resources",
		"Resources by who is responsible for them, as policy.responsible says; nobody is where that is empty. Absent without it, and like policy_violation_info.", tagLabels, "responsible")
	responsibleNoncompliantDesc = desc("responsible_noncompliant_resources",
		"Of these, the ones that break at least one rule of the tagging policy. Absent like responsible_resources, and until the account's policy in force has been read.", tagLabels, "responsible")

	ratioDesc = desc("api_error_ratio",
		"Failed of all attempts that this scrape made. Absent where it made none; key and value are set where the request selects by tag.",
		readLabels, "operation", "key", "value")
	successDesc = desc("collector_success",
		"1 if the listing is whole, every resource's tags were read at most max_tag_age ago and every selector was answered, else 0.", readLabels)
	durationDesc = desc("collector_duration_seconds",
		"Time that reading the tags took, or has taken when the scrape's time was up.", readLabels)

	recorderDesc = desc("config_recorder_on",
		"Whether the account's Config recorder is on, without which Config does not learn what changes. Absent where that could not be asked.", accountLabels)
	policySuccessDesc = desc("policy_effective_success",
		"Whether the account's tag policy in force could be read from Organizations when it was last due. Absent until that was tried.", accountLabels)
	policyReadDesc = desc("policy_effective_read_timestamp_seconds",
		"When the account's tag policy in force was last read. Absent until it was, and so are its rules in policy_violations.", accountLabels)
	policyChangedDesc = desc("policy_changed_timestamp_seconds",
		"When the account's tag policy in force last changed: other numbers of violations may be due to that. Absent like the former, and until a change was seen where Organizations does not say it.", accountLabels)

	discoveredDesc = desc("discovered_projects",
		"Projects that IAM named and discover chose, without those that are configured. Absent until IAM has answered.", accountLabels)
)
