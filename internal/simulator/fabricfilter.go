package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// The limits of a filter body. Where its texts contradict each other, it is the
// function text of the page that counts: 20 keys with 20 values, not 50 with 10.
const (
	maxFilterKeys    = 20
	maxFilterValues  = 20
	maxStrictValues  = 10
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
	// narrow is why Quirks.StrictFilter refuses the filter, "" if it does not.
	narrow string
}

// isEmpty tells whether nothing is filtered by.
func (f *filter) isEmpty() bool {
	return !f.untagged && len(f.tags) == 0 && len(f.names) == 0 && f.enterpriseProject == ""
}

func decodeFilter(body []byte) (*filter, error) {
	f := new(filter)
	if len(body) == 0 {
		f.narrow = "body is missing"
		return f, nil
	}
	o, err := decodeBody(body, "without_any_tag", "tags", "matches", "sys_tags")
	if err != nil {
		return nil, err
	}
	if f.untagged, err = o.boolean("without_any_tag"); err != nil {
		return nil, err
	}
	for _, member := range []struct {
		name string
		read func(items []json.RawMessage) error
	}{{"tags", f.readTags}, {"matches", f.readMatches}, {"sys_tags", f.readSystemTags}} {
		if !o.has(member.name) {
			continue
		}
		items, err := o.array(member.name)
		if err != nil {
			return nil, err
		}
		if err := member.read(items); err != nil {
			return nil, fmt.Errorf("%s: %w", member.name, err)
		}
	}
	return f, nil
}

func (f *filter) readTags(items []json.RawMessage) error {
	if len(items) < 1 || len(items) > maxFilterKeys {
		return fmt.Errorf("%d items, not 1-%d", len(items), maxFilterKeys)
	}
	seen := make(map[string]bool, len(items))
	for _, raw := range items {
		t, err := f.readTag(raw)
		if err != nil {
			return err
		}
		if seen[t.Key] {
			return fmt.Errorf("key %q is given twice", t.Key)
		}
		seen[t.Key] = true
		f.tags = append(f.tags, t)
	}
	return nil
}

// readTag reads {key, values[]}. Without values, any is asked for.
func (f *filter) readTag(raw json.RawMessage) (PoolTag, error) {
	var t PoolTag
	o, err := decodeObject(raw, "key", "values")
	if err != nil {
		return t, err
	}
	if t.Key, err = o.text("key"); err != nil {
		return t, err
	}
	if o.has("values") {
		if t.Values, err = o.texts("values"); err != nil {
			return t, err
		}
	} else {
		f.narrow = "tags: a tag without values"
	}
	switch {
	case utf8.RuneCountInString(t.Key) > maxKeyChars:
		return t, fmt.Errorf("a key of more than %d characters", maxKeyChars)
	case len(t.Values) > maxFilterValues:
		return t, fmt.Errorf("%d values, more than %d", len(t.Values), maxFilterValues)
	case slices.ContainsFunc(t.Values, isLong):
		return t, fmt.Errorf("a value of more than %d characters", maxValueChars)
	case t.Key == "":
		f.narrow = "tags: an empty key"
	case len(t.Values) > maxStrictValues:
		f.narrow = fmt.Sprintf("tags: %d values, more than %d", len(t.Values), maxStrictValues)
	}
	return t, nil
}

func isLong(value string) bool { return utf8.RuneCountInString(value) > maxValueChars }

// readMatches reads {key, value}. Without a value, any name is asked for.
func (f *filter) readMatches(items []json.RawMessage) error {
	if len(items) < 1 || len(items) > maxFilterMatches {
		return fmt.Errorf("%d items, not 1-%d", len(items), maxFilterMatches)
	}
	for _, raw := range items {
		o, err := decodeObject(raw, "key", "value")
		if err != nil {
			return err
		}
		if key, err := o.text("key"); err != nil || key != "resource_name" {
			return errors.New("the key is not resource_name")
		}
		name := ""
		if !o.has("value") {
			f.narrow = "matches: a match without value"
		} else if name, err = o.text("value"); err != nil {
			return err
		}
		if isLong(name) {
			return fmt.Errorf("a value of more than %d characters", maxValueChars)
		}
		f.names = append(f.names, name)
	}
	return nil
}

// readSystemTags reads one {key, values[]} with one value. The empty one asks for
// any enterprise project.
func (f *filter) readSystemTags(items []json.RawMessage) error {
	if len(items) != 1 {
		return fmt.Errorf("%d items, not 1", len(items))
	}
	o, err := decodeObject(items[0], "key", "values")
	if err != nil {
		return err
	}
	if key, err := o.text("key"); err != nil || key != "_sys_enterprise_project_id" {
		return errors.New("the key is not _sys_enterprise_project_id")
	}
	values, err := o.texts("values")
	if err != nil {
		return err
	}
	if len(values) != 1 || isLong(values[0]) {
		return fmt.Errorf("not one value of up to %d characters", maxValueChars)
	}
	f.enterpriseProject = values[0]
	if f.enterpriseProject == "" {
		f.narrow = "sys_tags: an empty value"
	}
	return nil
}

// matches tells whether the workspace is in the list that the filter asks for.
func (f *filter) matches(w Workspace, q Quirks) bool {
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
