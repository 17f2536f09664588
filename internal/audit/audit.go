// Package audit prints what breaks the tagging policy, for people, reviews and
// pipelines.
package audit

import (
	"cmp"
	"slices"
	"strconv"

	"huaweicloud_tag_exporter/collector"
)

// The exit codes of an audit. What could not be read outweighs what was found,
// since there may be more of it.
const (
	Compliant  = 0
	Incomplete = 1
	Violations = 2
)

// Audit is what there is to say about one read of everything. Its lists are never nil:
// in JSON they are lists even where they are empty.
type Audit struct {
	Violations []Row     `json:"violations"`
	Mended     []Row     `json:"mended"`     // of the baseline, those that are gone
	Uncompared []Row     `json:"uncompared"` // likewise, those of which that is not known
	Projects   []Summary `json:"projects"`
	Parties    []Party   `json:"responsible"` // empty: the policy does not say who is

	// Strangers are the names that were asked for and that nobody has: a mistake, maybe.
	Strangers []string `json:"-"`

	incomplete bool // something could not be read
	compared   bool // with a baseline
}

// New makes an audit of what was read. A baseline, which may be nil, says which
// violations are known already. If some are named who are responsible, it is about what
// is theirs alone.
func New(reports []collector.Report, baseline *Baseline, responsible ...string) *Audit {
	a := &Audit{
		Violations: rows(reports), Mended: []Row{}, Uncompared: []Row{}, compared: baseline != nil,
		incomplete: slices.ContainsFunc(reports, func(r collector.Report) bool { return r.Err != nil }),
	}
	if baseline != nil {
		a.compare(baseline, reports)
	}
	for _, rows := range []*[]Row{&a.Violations, &a.Mended, &a.Uncompared} {
		*rows = slices.DeleteFunc(*rows, func(r Row) bool { return len(responsible) > 0 && !slices.Contains(responsible, r.Responsible) })
	}
	a.summarize(reports, responsible)
	return a
}

// ExitCode returns the exit code of the audit. What is known does not count.
func (a *Audit) ExitCode() int {
	switch {
	case a.incomplete:
		return Incomplete
	case slices.ContainsFunc(a.Violations, func(r Row) bool { return !r.Known }):
		return Violations
	}
	return Compliant
}

// Part names the part of what was read that has what breaks the policy.
type Part struct {
	Account      string `json:"account"` // "": the project names none
	Project      string `json:"project"` // "": a resource of no project
	Region       string `json:"region"`
	Service      string `json:"service"`
	ResourceType string `json:"resource_type"`
}

func partOf(r collector.Report) Part {
	return Part{r.Account, r.Project, r.Region, r.Service, r.ResourceType}
}

// Row is one violation. Where the API names no resources, it stands for Count
// key/value pairs and has no resource and no value.
type Row struct {
	Part
	ResourceID   string `json:"resource_id"`
	ResourceName string `json:"resource_name"`
	Rule         string `json:"rule"`
	Key          string `json:"key"`
	Value        string `json:"value"`
	Reason       string `json:"reason"`
	Count        int    `json:"count"`
	Responsible  string `json:"responsible"` // "": nobody is named
	Known        bool   `json:"known"`       // the baseline has it
}

var header = []string{
	"account", "project", "region", "service", "resource_type", "resource_id", "resource_name",
	"rule", "key", "value", "reason", "count", "responsible", "known",
}

func (r Row) cells() []string {
	return []string{
		r.Account, r.Project, r.Region, r.Service, r.ResourceType, r.ResourceID, r.ResourceName,
		r.Rule, r.Key, r.Value, r.Reason, strconv.Itoa(r.Count), r.Responsible, strconv.FormatBool(r.Known),
	}
}

// rows lists all violations, those of the resources that have most of them
// first.
func rows(reports []collector.Report) []Row {
	rows := []Row{}
	for _, report := range reports {
		part := partOf(report)
		for _, v := range report.Verdict.Violations {
			rows = append(rows, Row{
				Part: part, ResourceID: v.ResourceID, ResourceName: v.ResourceName, Rule: v.Rule, Key: v.Key,
				Value: v.Value, Reason: string(v.Reason), Count: 1, Responsible: v.Responsible,
			})
		}
		for _, c := range report.Verdict.Counts {
			if !report.Named() && c.Resources > 0 {
				rows = append(rows, Row{Part: part, Rule: c.Rule, Key: c.Key, Reason: string(c.Reason), Count: c.Resources})
			}
		}
	}
	worstFirst(rows)
	return rows
}

func worstFirst(rows []Row) {
	type resource struct {
		Part
		id string
	}
	of := func(r Row) resource { return resource{r.Part, r.ResourceID} }
	perResource := make(map[resource]int)
	for _, r := range rows {
		perResource[of(r)] += r.Count
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		if (a.ResourceID == "") != (b.ResourceID == "") { // pairs after resources
			if a.ResourceID == "" {
				return 1
			}
			return -1
		}
		return cmp.Or(perResource[of(b)]-perResource[of(a)], slices.Compare(a.cells(), b.cells()))
	})
}
