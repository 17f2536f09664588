package inventory

import (
	"regexp"
	"slices"
	"strings"
)

// CompileWhole compiles an RE2 expression that must match the whole of a key or a
// value, whichever lines it has: a dot matches a newline, as in Prometheus, since a
// tag with a line break is still one tag. Each expression of the configuration is
// compiled here, so that none means something else than another.
func CompileWhole(expression string) (*regexp.Regexp, error) {
	// Alone first: "a)(b" is wrong, though it would compile inside a group.
	if _, err := regexp.Compile(expression); err != nil {
		return nil, err
	}
	whole, err := regexp.Compile(`^(?s:` + expression + `)$`)
	if err != nil { // a quotation that is left open, \Q…, swallowed our end
		whole, err = regexp.Compile(`^(?s:` + expression + `\E)$`)
	}
	return whole, err
}

// MatchesAny reports whether one of the patterns fits a name. A trailing * matches any
// suffix. Letter case counts.
func MatchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		start, open := strings.CutSuffix(pattern, "*")
		return start == name || open && strings.HasPrefix(name, start)
	})
}
