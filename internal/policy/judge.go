package policy

import (
	"cmp"
	"slices"

	"huaweicloud_tag_exporter/internal/inventory"
)

// marks are what a resource showed about one rule.
type marks uint8

const (
	hasKey   marks = 1 << iota // the exact key
	badValue                   // the exact key with a value that is not allowed
	badCase                    // a key that is equal but for case
)

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

// tally counts one rule's violations, by reason.
type tally struct{ missing, value, forbidden, keyCase int }

// judge holds one evaluation. It is not safe for concurrent use.
type judge struct {
	rules   []*rule
	missing bool    // whether an absent key counts: only where all resources are named
	tallies []tally // beside rules

	byFolded map[string][]int   // a folded key's rules
	byKey    map[string]concern // of each key met so far
	marks    []marks            // beside rules, of the resource being judged

	responsible []string          // keys that name who is; none: it is not asked
	enterprise  int               // turn of the enterprise project among them; never: it has none
	enterprises map[string]string // names of enterprise projects, by ID
	parties     map[string]*Party // by name; nil: they are not asked for
	party       string            // responsible for the resource being judged
}

func newJudge(rules []*rule, missing bool, responsible []string, enterprises map[string]string) *judge {
	j := &judge{
		rules:    rules,
		missing:  missing,
		tallies:  make([]tally, len(rules)),
		byFolded: make(map[string][]int),
		byKey:    make(map[string]concern),
		marks:    make([]marks, len(rules)),

		responsible: responsible,
		enterprise:  never,
		enterprises: enterprises,
	}
	if len(responsible) > 0 {
		j.parties = make(map[string]*Party)
	}
	if turn := slices.Index(responsible, EnterpriseProject); turn >= 0 {
		j.enterprise = turn
	}
	for i, r := range rules {
		j.byFolded[r.folded] = append(j.byFolded[r.folded], i)
	}
	return j
}

// concern returns what a key means. The keys are few, so it remembers them.
func (j *judge) concern(key string) concern {
	c, known := j.byKey[key]
	if known {
		return c
	}
	for _, i := range j.byFolded[fold(key)] {
		c.hits = append(c.hits, hit{rule: i, exact: j.rules[i].key == key})
	}
	c.turn = j.turnOf(key)
	j.byKey[key] = c
	return c
}

// look marks what a resource shows about each rule, and who is responsible for it.
func (j *judge) look(resource *inventory.Resource) {
	clear(j.marks)
	named, turn := "", never
	for _, t := range resource.Tags {
		c := j.concern(t.Key)
		if c.turn < turn && t.Value != "" {
			named, turn = t.Value, c.turn
		}
		for _, h := range c.hits {
			r, m := j.rules[h.rule], &j.marks[h.rule]
			if !h.exact {
				*m |= badCase
				continue
			}
			*m |= hasKey
			if !r.accepts(t.Value) {
				*m |= badValue
			}
		}
	}
	j.party = j.nameParty(named, turn, resource.Enterprise)
}

// countResources adds up what the resources break, and returns those that
// break anything. It allocates nothing for one that breaks nothing.
func (j *judge) countResources(resources []inventory.Resource) (broken []*inventory.Resource) {
	for i := range resources {
		j.look(&resources[i])
		bad := false
		for n, r := range j.rules {
			m, sum := j.marks[n], &j.tallies[n]
			if r.forbidden {
				if m&hasKey != 0 {
					sum.forbidden++
					bad = true
				}
				continue
			}
			if m&badCase != 0 {
				sum.keyCase++
				bad = true
			}
			if j.missing && r.required && m&hasKey == 0 {
				sum.missing++
				bad = true
			}
			if m&badValue != 0 {
				sum.value++
				bad = true
			}
		}
		if bad {
			broken = append(broken, &resources[i])
		}
		if j.parties != nil {
			j.countParty(&resources[i], bad)
		}
	}
	return broken
}

// countPairs adds up what the key/value pairs break.
func (j *judge) countPairs(values map[string][]string) {
	for key, list := range values {
		for _, h := range j.concern(key).hits {
			r, sum := j.rules[h.rule], &j.tallies[h.rule]
			switch {
			case !h.exact:
				sum.keyCase += max(1, len(list))
			case r.forbidden:
				sum.forbidden += max(1, len(list))
			default:
				for _, v := range list {
					if !r.accepts(v) {
						sum.value++
					}
				}
			}
		}
	}
}

// sum returns the counts, 0 too, of every reason that each rule can have.
func (j *judge) sum() []Count {
	counts := slices.Grow([]Count(nil), 3*len(j.rules)) // as many reasons as a rule can have
	for i, r := range j.rules {
		add := func(reason Reason, n int) {
			counts = append(counts, Count{Rule: r.name, Key: r.key, Reason: reason, Resources: n})
		}
		t := j.tallies[i]
		if r.forbidden {
			add(Forbidden, t.forbidden)
			continue
		}
		add(KeyCase, t.keyCase)
		if r.required && j.missing {
			add(Missing, t.missing)
		}
		if r.checksValues() {
			add(Value, t.value)
		}
	}
	return counts
}

// explain appends what one resource breaks, in the order of the counts.
func (j *judge) explain(to []Violation, res *inventory.Resource) []Violation {
	j.look(res)
	for i, r := range j.rules {
		add := func(reason Reason, value string) {
			to = append(to, Violation{
				ResourceID: res.ID, ResourceName: res.Name,
				Rule: r.name, Key: r.key, Value: value, Reason: reason, Responsible: j.party,
			})
		}
		m := j.marks[i]
		if r.forbidden {
			if m&hasKey != 0 {
				add(Forbidden, valueOf(r, res.Tags))
			}
			continue
		}
		if m&badCase != 0 {
			add(KeyCase, j.otherCase(i, res.Tags))
		}
		if j.missing && r.required && m&hasKey == 0 {
			add(Missing, "")
		}
		if m&badValue != 0 {
			add(Value, valueOf(r, res.Tags))
		}
	}
	return to
}

// valueOf returns the value of the rule's key. An inventory has each key once.
func valueOf(r *rule, tags []inventory.Tag) string {
	for _, t := range tags {
		if t.Key == r.key {
			return t.Value
		}
	}
	return ""
}

// otherCase returns the first key, in byte order, that equals the rule's but
// for case, so that it does not depend on the order of the tags.
func (j *judge) otherCase(rule int, tags []inventory.Tag) string {
	first := ""
	for _, t := range tags {
		for _, h := range j.concern(t.Key).hits {
			if h.rule == rule && !h.exact && (first == "" || t.Key < first) {
				first = t.Key
			}
		}
	}
	return first
}

func compareResources(a, b *inventory.Resource) int {
	return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Name, b.Name))
}
