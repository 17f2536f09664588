package policy

import (
	"slices"
	"strings"
)

// valueSet is a list of allowed values, each with at most one * that stands
// for any characters, also none.
type valueSet struct {
	exact     map[string]bool
	wildcards []wildcard
}

// wildcard matches what begins and ends so, without overlap: "ab*ba" does not
// match "aba".
type wildcard struct{ prefix, suffix string }

func (w wildcard) matches(value string) bool {
	return len(value) >= len(w.prefix)+len(w.suffix) &&
		strings.HasPrefix(value, w.prefix) && strings.HasSuffix(value, w.suffix)
}

// meets reports whether some value matches both. If one prefix begins with the
// other, and one suffix ends with the other, then the longer prefix followed
// by the longer suffix does.
func (w wildcard) meets(o wildcard) bool {
	return (strings.HasPrefix(w.prefix, o.prefix) || strings.HasPrefix(o.prefix, w.prefix)) &&
		(strings.HasSuffix(w.suffix, o.suffix) || strings.HasSuffix(o.suffix, w.suffix))
}

func newValueSet(values []string) *valueSet {
	s := &valueSet{exact: make(map[string]bool)}
	for _, v := range values {
		if prefix, suffix, found := strings.Cut(v, "*"); found {
			s.wildcards = append(s.wildcards, wildcard{prefix, suffix})
		} else {
			s.exact[v] = true
		}
	}
	return s
}

func (s *valueSet) contains(value string) bool {
	return s.exact[value] || slices.ContainsFunc(s.wildcards, func(w wildcard) bool { return w.matches(value) })
}
