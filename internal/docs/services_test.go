package docs

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/catalog"
)

// TestServices: where a page lists services, or resource types, it lists those that are read
// where none are named, in the order of the catalogue. docs/services.md has the others.
func TestServices(t *testing.T) {
	lists := 0
	var types []string
	for _, s := range catalog.Services() {
		if s.Default {
			for _, name := range catalog.DefaultTypesOf(s.Name) {
				types = append(types, s.Name+":"+name)
			}
		}
	}
	for _, known := range [][]string{catalog.Defaults(), types} {
		quoted := make([]string, len(known))
		for i, name := range known {
			quoted[i] = regexp.QuoteMeta(name)
		}
		one := "`?(?:" + strings.Join(quoted, "|") + ")\\b`?"
		list := regexp.MustCompile(one + `(?:(?:, |,? and |,? or |\||/)\s?` + one + `)+`)
		name := regexp.MustCompile(`[a-z:]+`)
		for _, page := range pages(t) {
			text := strings.Join(strings.Fields(page.source), " ")
			for _, found := range list.FindAllString(text, -1) {
				lists++
				names := slices.DeleteFunc(name.FindAllString(found, -1), func(s string) bool { return s == "and" || s == "or" })
				if !slices.Equal(names, known) {
					t.Errorf("%s lists %s, the catalogue has %q", page.name, found, known)
				}
			}
		}
	}
	if lists < 5 {
		t.Errorf("%d lists were found: the expression does not match them", lists)
	}
}
