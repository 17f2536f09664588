package policy

import (
	"fmt"
	"slices"
)

// contradictions returns why rules cannot stand beside each other: names used
// twice, and pairs of which a resource that has the key can never satisfy
// both. Each problem is reported at the later rule.
//
// It looks at pairs only, and at values only where that is certain.
func contradictions(rules []*rule) (problems []error) {
	for i, r := range rules {
		for _, earlier := range rules[:i] {
			if earlier.name == r.name {
				problems = append(problems, fmt.Errorf("%s.name: %q is already the name of %s; names (default: the key) are unique",
					r.position, r.name, earlier.position))
			}
			if earlier.folded != r.folded || !overlap(earlier, r) {
				continue
			}
			if why := contradiction(earlier, r); why != "" {
				problems = append(problems, fmt.Errorf("%s: contradicts rule %q (%s): %s",
					r.position, earlier.name, earlier.position, why))
			}
		}
	}
	return problems
}

// contradiction says why two rules for keys that are equal, at least but for
// case, exclude each other where both apply, or returns "".
func contradiction(a, b *rule) string {
	switch {
	case a.forbidden && b.forbidden:
		return ""
	case a.forbidden || b.forbidden:
		return forbiddenContradiction(a, b)
	case a.key != b.key:
		return fmt.Sprintf("one asks for the key %q, the other for %q", a.key, b.key)
	case !valuesMeet(a, b):
		return fmt.Sprintf("no value of %q satisfies both", a.key)
	}
	return ""
}

// forbiddenContradiction says why a rule about a key and one that forbids it
// exclude each other. A forbidden key is meant exactly, so "Env" may be
// forbidden beside rules about "env". A rule about values allows the key to be
// absent, so it may be forbidden in a part of where that rule applies, but not
// everywhere: the rule would then say nothing.
func forbiddenContradiction(a, b *rule) string {
	forbids, about := a, b
	if b.forbidden {
		forbids, about = b, a
	}
	switch {
	case a.key != b.key:
		return ""
	case about.required:
		return fmt.Sprintf("one requires the key %q, the other forbids it", a.key)
	case covers(forbids.types, about.types) && covers(forbids.projects, about.projects) && covers(forbids.accounts, about.accounts):
		return fmt.Sprintf("one checks the key %q, the other forbids it everywhere", a.key)
	}
	return ""
}

// valuesMeet reports whether some value may satisfy both rules, which may be one and the
// same. It is false only where that is certain: what a wildcard and a pattern have in
// common is not looked for.
func valuesMeet(a, b *rule) bool {
	switch {
	case a.values == nil && b.values == nil:
		return true
	case a.values == nil:
		a, b = b, a
	}
	for v := range a.values.exact {
		if a.accepts(v) && b.accepts(v) {
			return true
		}
	}
	if b.values == nil {
		return len(a.values.wildcards) > 0
	}
	for v := range b.values.exact {
		if a.accepts(v) && b.accepts(v) {
			return true
		}
	}
	return slices.ContainsFunc(a.values.wildcards, func(w wildcard) bool { return slices.ContainsFunc(b.values.wildcards, w.meets) })
}

// overlap reports whether a resource exists to which both rules apply. It is false where
// that is not certain: which account a project belongs to is not known here.
func overlap(a, b *rule) bool {
	switch {
	case a.projects != nil && b.projects == nil && !covers(b.accounts, a.accounts),
		b.projects != nil && a.projects == nil && !covers(a.accounts, b.accounts):
		return false
	}
	return intersect(a.types, b.types) && intersect(a.projects, b.projects) && intersect(a.accounts, b.accounts)
}

// intersect reports whether two lists, of which nil means all, share a name.
func intersect(a, b []string) bool {
	return a == nil || b == nil || slices.ContainsFunc(a, func(name string) bool { return slices.Contains(b, name) })
}

// covers reports whether a list, of which nil means all, has all of another.
func covers(whole, part []string) bool {
	if whole == nil || part == nil {
		return whole == nil
	}
	return !slices.ContainsFunc(part, func(name string) bool { return !slices.Contains(whole, name) })
}
