package simulator

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// The limits of a filter body. Where the page contradicts itself, it is its
// function text that counts (20 keys with 20 values, not 50 with 10).
const (
	maxFilterKeys    = 20
	maxFilterValues  = 20
	maxFilterMatches = 10
	maxKeyChars      = 128
	maxValueChars    = 255
)

// filter is the body of ListTagFabricWorkspaces.
type filter struct {
	untagged          bool // only those without tags; tags are ignored
	tags              []PoolTag
	names             []string // one of them
	enterpriseProject string   // "": any
}

// isEmpty tells whether nothing is filtered by.
func (f filter) isEmpty() bool {
	return !f.untagged && len(f.tags) == 0 && len(f.names) == 0 && f.enterpriseProject == ""
}

func (c *Cloud) decodeFilter(body []byte) (filter, error) {
	if len(body) == 0 && c.quirks.AbsentFilterBody {
		return filter{}, nil
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return filter{}, errors.New("body is missing")
	}
	o, err := decodeBody(body, "without_any_tag", "tags", "matches", "sys_tags")
	if err != nil {
		return filter{}, err
	}
	var f filter
	if f.untagged, err = o.boolean("without_any_tag"); err != nil {
		return filter{}, err
	}
	if f.tags, err = filterTags(o); err != nil {
		return filter{}, err
	}
	if f.names, err = filterMatches(o); err != nil {
		return filter{}, err
	}
	f.enterpriseProject, err = filterSystemTags(o)
	return f, err
}

func filterTags(o object) ([]PoolTag, error) {
	if !o.has("tags") {
		return nil, nil
	}
	tags, err := decodeKeyValues(o, "tags", maxFilterKeys)
	if err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(tags))
	for _, t := range tags {
		if n := utf8.RuneCountInString(t.Key); n < 1 || n > maxKeyChars {
			return nil, fmt.Errorf("tags: a key of %d characters", n)
		}
		if seen[t.Key] {
			return nil, fmt.Errorf("tags: key %q is given twice", t.Key)
		}
		seen[t.Key] = true
		if len(t.Values) > maxFilterValues {
			return nil, fmt.Errorf("tags: %d values, more than %d", len(t.Values), maxFilterValues)
		}
		for _, v := range t.Values {
			if n := utf8.RuneCountInString(v); n > maxValueChars {
				return nil, fmt.Errorf("tags: a value of %d characters", n)
			}
		}
	}
	return tags, nil
}

// decodeKeyValues reads an array of 1 to highest items {key, values[]}, both mandatory.
func decodeKeyValues(o object, name string, highest int) ([]PoolTag, error) {
	items, err := o.array(name)
	if err != nil {
		return nil, err
	}
	if len(items) < 1 || len(items) > highest {
		return nil, fmt.Errorf("%s: %d items, not 1-%d", name, len(items), highest)
	}
	tags := make([]PoolTag, len(items))
	for i, raw := range items {
		item, err := decodeObject(raw, "key", "values")
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if tags[i].Key, err = item.text("key"); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if tags[i].Values, err = item.texts("values"); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return tags, nil
}

func filterMatches(o object) ([]string, error) {
	if !o.has("matches") {
		return nil, nil
	}
	items, err := o.array("matches")
	if err != nil {
		return nil, err
	}
	if len(items) < 1 || len(items) > maxFilterMatches {
		return nil, fmt.Errorf("matches: %d items, not 1-%d", len(items), maxFilterMatches)
	}
	names := make([]string, len(items))
	for i, raw := range items {
		item, err := decodeObject(raw, "key", "value")
		if err != nil {
			return nil, fmt.Errorf("matches: %w", err)
		}
		key, err := item.text("key")
		if err != nil || key != "resource_name" {
			return nil, errors.New("matches: the key is not resource_name")
		}
		if names[i], err = item.text("value"); err != nil {
			return nil, fmt.Errorf("matches: %w", err)
		}
	}
	return names, nil
}

func filterSystemTags(o object) (string, error) {
	if !o.has("sys_tags") {
		return "", nil
	}
	tags, err := decodeKeyValues(o, "sys_tags", 1)
	if err != nil {
		return "", err
	}
	if tags[0].Key != "_sys_enterprise_project_id" || len(tags[0].Values) != 1 || tags[0].Values[0] == "" {
		return "", errors.New("sys_tags is not one _sys_enterprise_project_id with one value")
	}
	return tags[0].Values[0], nil
}

// matches tells whether the workspace is in the list that the filter asks for.
func (f filter) matches(w Workspace, q Quirks) bool {
	if f.enterpriseProject != "" && w.EnterpriseProjectID != f.enterpriseProject {
		return false
	}
	if len(f.names) > 0 && !slices.ContainsFunc(f.names, func(name string) bool {
		return w.Name == name || !q.ExactNames && strings.Contains(w.Name, name)
	}) {
		return false
	}
	if f.untagged {
		return len(w.Tags) == 0
	}
	if f.isEmpty() && q.Filterless == FilterlessTagged {
		return len(w.Tags) > 0
	}
	carries := func(t PoolTag) bool { return carriesTag(w.Tags, t) }
	if q.OrBetweenKeys {
		return len(f.tags) == 0 || slices.ContainsFunc(f.tags, carries)
	}
	return !slices.ContainsFunc(f.tags, func(t PoolTag) bool { return !carries(t) })
}

// carriesTag tells whether the key is there with one of the values; no values is
// any value.
func carriesTag(tags []Tag, want PoolTag) bool {
	return slices.ContainsFunc(tags, func(t Tag) bool {
		return t.Key == want.Key && (len(want.Values) == 0 || slices.Contains(want.Values, textOf(t.Value)))
	})
}
