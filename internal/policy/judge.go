package policy

import (
	"cmp"
	"slices"

	"huaweicloud_tag_exporter/internal/inventory"
)

// The reasons by their places in allReasons.
const (
	forbidden = iota
	keyCase
	missing
	value
)

// allReasons are in the order in which they are told.
var allReasons = [...]Reason{forbidden: Forbidden, keyCase: KeyCase, missing: Missing, value: Value}

// reasons says of each reason whether it is there.
type reasons [len(allReasons)]bool

// judged is a rule in one evaluation.
type judged struct {
	*rule
	may    reasons              // be there at all
	found  reasons              // in the resource that was looked at last
	counts [len(allReasons)]int // resources, or pairs, by reason
}

// hit says that a tag's key concerns a rule.
type hit struct {
	rule  int
	exact bool // else equal but for case
}

// concern is what a key means to the policy.
type concern struct {
	hits []hit
	turn int // to name who is responsible; never: it does not
}

// judge holds one evaluation. It is not safe for concurrent use.
type judge struct {
	rules []judged
	byKey map[string]concern // of each key met so far

	responsible []string          // keys that name who is; none: it is not asked
	enterprise  int               // turn of the enterprise project among them; never: it has none
	enterprises map[string]string // names of enterprise projects, by ID
	parties     map[string]*Party // by name; nil: they are not asked for
}

// newJudge takes the rules that apply to the scope. An absent key counts only where all
// resources are named.
func (p *Policy) newJudge(scope Scope, reach inventory.Reach) *judge {
	j := &judge{
		rules:       make([]judged, 0, len(p.rules)),
		byKey:       make(map[string]concern),
		responsible: p.responsible,
		enterprise:  never,
		enterprises: scope.EnterpriseProjects,
	}
	if len(p.responsible) > 0 {
		j.parties = make(map[string]*Party)
	}
	if turn := slices.Index(p.responsible, EnterpriseProject); turn >= 0 {
		j.enterprise = turn
	}
	for _, r := range p.rules {
		if r.appliesTo(scope) {
			j.rules = append(j.rules, judged{rule: r, may: reasons{
				forbidden: r.forbidden,
				keyCase:   !r.forbidden,
				missing:   r.required && reach == inventory.All,
				value:     r.checksValues(),
			}})
		}
	}
	return j
}

// concern returns what a key means. The keys are few, so it remembers them.
func (j *judge) concern(key string) concern {
	c, known := j.byKey[key]
	if known {
		return c
	}
	folded := fold(key)
	for i, r := range j.rules {
		if r.folded == folded {
			c.hits = append(c.hits, hit{rule: i, exact: r.key == key})
		}
	}
	c.turn = j.turnOf(key)
	j.byKey[key] = c
	return c
}

// look finds for which reasons a resource breaks each rule, and returns who is
// responsible for it.
func (j *judge) look(resource *inventory.Resource) (party string) {
	for i := range j.rules {
		j.rules[i].found = reasons{missing: j.rules[i].may[missing]}
	}
	named, turn := "", never
	for _, t := range resource.Tags {
		c := j.concern(t.Key)
		if c.turn < turn && t.Value != "" {
			named, turn = t.Value, c.turn
		}
		for _, h := range c.hits {
			r := &j.rules[h.rule]
			if !h.exact {
				r.found[keyCase] = r.may[keyCase]
				continue
			}
			r.found[missing], r.found[forbidden], r.found[value] = false, r.may[forbidden], !r.accepts(t.Value)
		}
	}
	return j.nameParty(named, turn, resource.Enterprise)
}

// countResources adds up what the resources break, and returns those that
// break anything. It allocates nothing for one that breaks nothing.
func (j *judge) countResources(resources []inventory.Resource) (broken []*inventory.Resource) {
	for i := range resources {
		party := j.look(&resources[i])
		bad := false
		for n := range j.rules {
			r := &j.rules[n]
			if r.found == (reasons{}) { // as nearly always
				continue
			}
			bad = true
			for reason, found := range r.found {
				if found {
					r.counts[reason]++
				}
			}
		}
		if bad {
			broken = append(broken, &resources[i])
		}
		if j.parties != nil {
			j.countParty(party, &resources[i], bad)
		}
	}
	return broken
}

// countPairs adds up what the key/value pairs break.
func (j *judge) countPairs(values map[string][]string) {
	for key, list := range values {
		for _, h := range j.concern(key).hits {
			r := &j.rules[h.rule]
			if !h.exact {
				r.counts[keyCase] += max(1, len(list))
				continue
			}
			r.counts[forbidden] += max(1, len(list))
			for _, v := range list {
				if !r.accepts(v) {
					r.counts[value]++
				}
			}
		}
	}
}

// sum returns the counts, 0 too, of every reason that each rule can have.
func (j *judge) sum() []Count {
	counts := slices.Grow([]Count(nil), 3*len(j.rules)) // as many reasons as a rule can have
	for _, r := range j.rules {
		for reason, may := range r.may {
			if may {
				counts = append(counts, Count{Rule: r.name, Key: r.key, Reason: allReasons[reason], Resources: r.counts[reason]})
			}
		}
	}
	return counts
}

// explain appends what one resource breaks, in the order of the counts.
func (j *judge) explain(to []Violation, res *inventory.Resource) []Violation {
	party := j.look(res)
	for i, r := range j.rules {
		for reason, found := range r.found {
			if found {
				to = append(to, Violation{
					ResourceID: res.ID, ResourceName: res.Name, Rule: r.name, Key: r.key,
					Value: j.wrong(i, reason, res.Tags), Reason: allReasons[reason], Responsible: party,
				})
			}
		}
	}
	return to
}

// wrong returns what is wrong with the tags: the key that equals the rule's but for case,
// of several the first in byte order, so that it does not depend on the order of the tags;
// else the value of the rule's key, if it is there. An inventory has each key once.
func (j *judge) wrong(rule, reason int, tags []inventory.Tag) (first string) {
	for _, t := range tags {
		for _, h := range j.concern(t.Key).hits {
			switch {
			case h.rule != rule:
			case reason != keyCase && h.exact:
				return t.Value
			case reason == keyCase && !h.exact && (first == "" || t.Key < first):
				first = t.Key
			}
		}
	}
	return first
}

func compareResources(a, b *inventory.Resource) int {
	return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Name, b.Name))
}
