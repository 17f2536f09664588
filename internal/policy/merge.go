package policy

import (
	"slices"
	"strings"
)

// inherited is what the documents so far say about one policy key.
type inherited struct {
	name     string    // the policy key, as the first document writes it
	position string    // there
	allowed  operators // for later documents, in all of it
	tagKey   inheritedSetting
	tagValue inheritedSetting
}

// inheritedSetting is what they say about one setting of it. What later documents may do
// only ever shrinks: what a document withholds, a later one cannot give back.
type inheritedSetting struct {
	values  []string // empty: not given; of a tag key, the one
	allowed operators
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
				name: s.key, position: s.position, allowed: opAll,
				tagKey: inheritedSetting{allowed: opAll}, tagValue: inheritedSetting{allowed: opAll},
			})
		}
		in := all[i]
		in.tagKey.apply(s.tagKey, allowed&in.allowed)
		in.tagValue.apply(s.tagValue, allowed&in.allowed)
		in.allowed &= s.allowed
	}
	return all
}

// apply applies the operators that are allowed. One that is not has no effect. @@remove
// takes only from what is inherited, so it takes nothing that the same document assigns
// or appends.
func (in *inheritedSetting) apply(s setting, allowed operators) {
	allowed &= in.allowed
	if s.remove != nil && allowed&opRemove != 0 {
		in.values = slices.DeleteFunc(slices.Clone(in.values), func(v string) bool { return slices.Contains(s.remove, v) })
	}
	if s.assign != nil && allowed&opAssign != 0 {
		in.values = s.assign
	}
	if s.append != nil && allowed&opAppend != 0 {
		in.values = slices.Concat(in.values, s.append)
	}
	in.allowed &= s.allowed
}

// rule returns what is in force. A policy key without a tag key means lower
// case, one without values, or whose values were all removed, any value.
func (in *inherited) rule() *rule {
	r := &rule{name: in.name, key: strings.ToLower(in.name), position: in.position}
	if len(in.tagKey.values) > 0 {
		r.key = in.tagKey.values[0]
	}
	r.folded = fold(r.key)
	if len(in.tagValue.values) > 0 {
		r.values = newValueSet(in.tagValue.values)
	}
	return r
}
