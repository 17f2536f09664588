package policy

import (
	"slices"
	"strings"
)

// inherited is what the documents so far say about one policy key.
type inherited struct {
	name     string // the policy key, as the first document writes it
	position string // there
	tagKey   string // "": not given
	values   []string

	// What later documents may do, to all of it and to each setting. It only
	// ever shrinks: what a document withholds, a later one cannot give back.
	allowed, keyAllowed, valueAllowed operators
}

// mergeDocuments returns one rule for each policy key of the documents, in
// their order.
func mergeDocuments(documents []Document) (rules []*rule, problems []error) {
	allowed := opAll
	var all []*inherited
	for _, from := range documents {
		d, wrong := readDocument(from, false)
		if len(wrong) > 0 {
			problems = append(problems, wrong...)
			continue
		}
		all = mergeDocument(all, d, allowed)
		allowed &= d.allowed
	}
	for _, in := range all {
		rules = append(rules, in.rule())
	}
	return rules, problems
}

// mergeDocument applies a document to what it inherits. Allowed are the
// operators that its ancestors allow in everything.
func mergeDocument(all []*inherited, d document, allowed operators) []*inherited {
	for _, s := range d.statements {
		i := slices.IndexFunc(all, func(in *inherited) bool { return fold(in.name) == fold(s.key) })
		if i < 0 {
			if allowed&opAssign == 0 {
				continue // an ancestor keeps its descendants from adding keys
			}
			i = len(all)
			all = append(all, &inherited{
				name: s.key, position: s.position,
				allowed: opAll, keyAllowed: opAll, valueAllowed: opAll,
			})
		}
		in := all[i]
		may := allowed & in.allowed
		if key := s.tagKey.apply(nil, may&in.keyAllowed); len(key) > 0 {
			in.tagKey = key[0]
		}
		in.values = s.tagValue.apply(in.values, may&in.valueAllowed)
		in.allowed &= s.allowed
		in.keyAllowed &= s.tagKey.allowed
		in.valueAllowed &= s.tagValue.allowed
	}
	return all
}

// apply returns the inherited values after the operators that are allowed. One
// that is not allowed has no effect. @@remove takes only from what is
// inherited, so it takes nothing that the same document assigns or appends.
func (s setting) apply(values []string, allowed operators) []string {
	if s.remove != nil && allowed&opRemove != 0 {
		values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return slices.Contains(s.remove, v) })
	}
	if s.assign != nil && allowed&opAssign != 0 {
		values = s.assign
	}
	if s.append != nil && allowed&opAppend != 0 {
		values = slices.Concat(values, s.append)
	}
	return values
}

// rule returns what is in force. A policy key without a tag key means lower
// case, one without values, or whose values were all removed, any value.
func (in *inherited) rule() *rule {
	r := &rule{name: in.name, key: in.tagKey, position: in.position}
	if r.key == "" {
		r.key = strings.ToLower(in.name)
	}
	r.folded = fold(r.key)
	if len(in.values) > 0 {
		r.values = newValueSet(in.values)
	}
	return r
}
