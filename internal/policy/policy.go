// Package policy judges tags by rules of our own and by Huawei Cloud
// Organizations tag policies. It is pure: no clock, no network, no files, no
// Prometheus.
//
// How Organizations tag policies are written and merged:
// https://support.huaweicloud.com/intl/en-us/usermanual-organizations/org_03_0068.html
// and …/org_03_0069.html, …/org_03_0074.html.
package policy

import (
	"errors"
	"fmt"
	"slices"

	"huaweicloud_tag_exporter/internal/inventory"
)

// Rule is one rule of ours. Its tags are for package config, whose file has it so.
type Rule struct {
	Name      string `yaml:"name" is:"name"`            // how series and errors call it; "": the key; unique
	Key       string `yaml:"key" need:"true" is:"name"` // 1 to 128 characters, compared exactly
	Required  bool   `yaml:"required,omitempty"`        // a resource without the key breaks the rule
	Forbidden bool   `yaml:"forbidden,omitempty"`       // a resource with exactly this key breaks it; stands alone

	Values  []string `yaml:"values,omitempty,flow"` // nil: any; else exact values, a trailing * matches any suffix
	Pattern string   `yaml:"pattern,omitempty"`     // "": any; else RE2 that the whole value must match

	Services      []string `yaml:"services,omitempty,flow"`       // nil: every service
	ResourceTypes []string `yaml:"resource_types,omitempty,flow"` // nil: every type; "dds:instance" and the like
	Projects      []string `yaml:"projects,omitempty,flow"`       // nil: every project
	Accounts      []string `yaml:"accounts,omitempty,flow"`       // nil: every account, and what is of none

	// Position says where the rule stands, "file:line: policy.rules[2]". Every
	// error about the rule begins with it.
	Position string `yaml:"-"`
}

// Document is an Organizations tag policy, verbatim JSON: as it was written, with
// operators, or as the platform returns what is in force, without.
//
// A resource without the key is compliant. Tags are judged on resources of
// every type: enforced_for only says where the platform refuses an operation
// that would break the policy, while it reports tags that break it everywhere.
type Document struct {
	Name    string // of the file; errors begin with "<Name>:<line>: "
	Content []byte
}

// Policy is a set of rules that fit together. It never changes, so it is safe
// for concurrent use. A nil Policy has no rules.
type Policy struct {
	rules       []*rule
	responsible []string // keys, in the order of their turns
}

// Known is what rules may name.
type Known struct {
	Projects []string
	Accounts []string
	Types    []string // of resources, "dds:instance" and the like; what stands before the colon are the services

	AnyProject bool // others may be found: any name is one
	AnyType    bool // likewise: any service, and any type, as series name them
}

// New returns the policy that the documents and rules make together.
//
// The documents are merged as if each were attached one level below the one
// before it, from the root down to the account: @@assign replaces what was
// inherited, @@append adds to it, @@remove takes from it, and
// @@operators_allowed_for_child_policies limits all later documents, whose
// operators that it does not allow have no effect. Policy keys that differ
// only in case are the same.
//
// The error joins every problem found: a document that is not valid, a rule
// that cannot be, a name used twice, rules that contradict each other. Its method
// Unwrap() []error returns them.
func New(rules []Rule, documents []Document, known Known) (*Policy, error) {
	merged, problems := mergeDocuments(documents)
	p := &Policy{rules: merged}
	for i, r := range rules {
		if r.Position == "" {
			r.Position = fmt.Sprintf("rules[%d]", i)
		}
		compiled, wrong := compile(r, known)
		if len(wrong) == 0 {
			p.rules = append(p.rules, compiled)
		}
		problems = append(problems, wrong...)
	}
	problems = append(problems, contradictions(p.rules)...)
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return p, nil
}

// Scope says whose inventory is judged.
type Scope struct {
	Project      string
	Service      string
	ResourceType string
	Account      string // "": none

	EnterpriseProjects map[string]string // their names by their IDs, as far as they are known
}

// Reason says how a rule is broken.
type Reason string

// The reasons that a rule can have: Forbidden alone for a forbidden key; else
// KeyCase, Missing where the key is required, Value where values or a pattern
// are given.
const (
	Missing   Reason = "missing"   // the exact key is absent, where all resources are named
	Value     Reason = "value"     // the exact key has a value that is not allowed
	Forbidden Reason = "forbidden" // the exact key is there
	KeyCase   Reason = "key_case"  // there is a key that is equal but for case
)

// Violation is one resource that breaks one rule for one reason.
type Violation struct {
	ResourceID, ResourceName string

	Rule string // the rule's name
	Key  string // the rule's key, whatever the resource's key looks like

	// Value is what is wrong: the tag's value; for KeyCase the key as the
	// resource has it (of several the first in byte order); for Missing "".
	Value  string
	Reason Reason

	Responsible string // who has to mend it; "": nobody is named
}

// Count is the number of resources that break a rule for a reason. A resource
// with several keys that are wrong in case counts once.
//
// Where the API names no resources it is the number of key/value pairs.
type Count struct {
	Rule, Key string
	Reason    Reason
	Resources int
}

// Verdict is what a policy says about an inventory.
type Verdict struct {
	Counts       []Count // every rule and reason that can happen in the scope, 0 too
	Noncompliant int     // resources that break at least one rule
	Violations   []Violation
	Dropped      int // violations beyond the limit

	// Parties has all resources, by who is responsible for them; nil if the policy does not
	// say who is, or if the API names no resources.
	Parties []Party
}

// Evaluate judges the resources of an inventory by the rules that apply to the
// scope. It returns at most limit violations, those of the first resources in
// the order of their IDs, so that the same fleet always shows the same ones;
// Dropped counts the rest.
//
// Where the API names no resources, the pairs in inv.Values are judged: Counts
// counts pairs, nothing is missing, and there are no violations. A key without
// values counts as one pair for Forbidden and KeyCase, since it is in use, and
// as none for Value, since it has no value that could be wrong.
//
// Where it names tagged resources only, nothing is missing either: the count would
// leave out those that have no tag at all.
func (p *Policy) Evaluate(scope Scope, inv inventory.Inventory, limit int) Verdict {
	if p == nil {
		return Verdict{}
	}
	j := p.newJudge(scope, inv.Reach)
	if inv.Reach == inventory.Pairs {
		j.countPairs(inv.Values)
		return Verdict{Counts: j.sum()}
	}
	broken := j.countResources(inv.Resources)
	v := Verdict{Counts: j.sum(), Noncompliant: len(broken), Parties: j.sumParties()}
	slices.SortFunc(broken, compareResources)
	all := 0
	for _, c := range v.Counts {
		all += c.Resources
	}
	limit = min(max(limit, 0), all)
	if limit > 0 {
		v.Violations = make([]Violation, 0, limit+len(j.rules)) // the last resource may break them all
	}
	for _, r := range broken {
		if len(v.Violations) >= limit {
			break
		}
		v.Violations = j.explain(v.Violations, r)
	}
	v.Violations = v.Violations[:limit]
	v.Dropped = all - limit
	return v
}
