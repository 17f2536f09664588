package simulator

import (
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

// filterBody is the body of a filter call.
type filterBody struct {
	WithoutAnyTag bool          `json:"without_any_tag"`
	Tags          []filterTag   `json:"tags"`
	Matches       []filterMatch `json:"matches"`
	SystemTags    []filterTag   `json:"sys_tags"`
}

// filterTag without values asks for any value of the key.
type filterTag struct {
	Key    *string  `json:"key"`
	Values []string `json:"values"`
}

// filterMatch without a value asks for any name.
type filterMatch struct {
	Key   *string `json:"key"`
	Value *string `json:"value"`
}

// filter is what a filter call asks for.
type filter struct {
	filterBody
	// narrow is why Quirks.StrictFilter refuses the filter, "" if it does not.
	narrow string
}

// isEmpty tells whether nothing is filtered by.
func (f *filter) isEmpty() bool {
	return !f.WithoutAnyTag && len(f.Tags) == 0 && len(f.Matches) == 0 && f.enterpriseProject() == ""
}

// enterpriseProject is "" where any is asked for.
func (f *filter) enterpriseProject() string {
	if len(f.SystemTags) == 0 {
		return ""
	}
	return f.SystemTags[0].Values[0]
}

func decodeFilter(body []byte) (*filter, error) {
	f := new(filter)
	if len(body) == 0 {
		f.narrow = "body is missing"
		return f, nil
	}
	if err := decode(body, &f.filterBody); err != nil {
		return nil, err
	}
	return f, f.check()
}

// check holds the filter to its limits. A list that is absent is nil.
func (f *filter) check() error {
	if f.Tags != nil {
		if err := f.checkTags(); err != nil {
			return fmt.Errorf("tags: %w", err)
		}
	}
	if f.Matches != nil {
		if err := f.checkMatches(); err != nil {
			return fmt.Errorf("matches: %w", err)
		}
	}
	if f.SystemTags != nil {
		if err := f.checkSystemTags(); err != nil {
			return fmt.Errorf("sys_tags: %w", err)
		}
	}
	return nil
}

func (f *filter) checkTags() error {
	if len(f.Tags) < 1 || len(f.Tags) > maxFilterKeys {
		return fmt.Errorf("%d items, not 1-%d", len(f.Tags), maxFilterKeys)
	}
	seen := make(map[string]bool, len(f.Tags))
	for _, t := range f.Tags {
		switch {
		case t.Key == nil:
			return errors.New("a tag without a key")
		case seen[*t.Key]:
			return fmt.Errorf("key %q is given twice", *t.Key)
		case utf8.RuneCountInString(*t.Key) > maxKeyChars:
			return fmt.Errorf("a key of more than %d characters", maxKeyChars)
		case len(t.Values) > maxFilterValues:
			return fmt.Errorf("%d values, more than %d", len(t.Values), maxFilterValues)
		case slices.ContainsFunc(t.Values, isLong):
			return fmt.Errorf("a value of more than %d characters", maxValueChars)
		case t.Values == nil:
			f.narrow = "tags: a tag without values"
		case *t.Key == "":
			f.narrow = "tags: an empty key"
		case len(t.Values) > maxStrictValues:
			f.narrow = fmt.Sprintf("tags: %d values, more than %d", len(t.Values), maxStrictValues)
		}
		seen[*t.Key] = true
	}
	return nil
}

func isLong(value string) bool { return utf8.RuneCountInString(value) > maxValueChars }

func (f *filter) checkMatches() error {
	if len(f.Matches) < 1 || len(f.Matches) > maxFilterMatches {
		return fmt.Errorf("%d items, not 1-%d", len(f.Matches), maxFilterMatches)
	}
	for _, m := range f.Matches {
		switch {
		case textOf(m.Key) != "resource_name":
			return errors.New("the key is not resource_name")
		case m.Value == nil:
			f.narrow = "matches: a match without value"
		case isLong(*m.Value):
			return fmt.Errorf("a value of more than %d characters", maxValueChars)
		}
	}
	return nil
}

// checkSystemTags takes one key with one value. The empty one asks for any
// enterprise project.
func (f *filter) checkSystemTags() error {
	if len(f.SystemTags) != 1 {
		return fmt.Errorf("%d items, not 1", len(f.SystemTags))
	}
	switch t := f.SystemTags[0]; {
	case textOf(t.Key) != "_sys_enterprise_project_id":
		return errors.New("the key is not _sys_enterprise_project_id")
	case len(t.Values) != 1 || isLong(t.Values[0]):
		return fmt.Errorf("not one value of up to %d characters", maxValueChars)
	case t.Values[0] == "":
		f.narrow = "sys_tags: an empty value"
	}
	return nil
}

// matches tells whether the workspace is in the list that the filter asks for.
func (f *filter) matches(w Workspace, q Quirks) bool {
	if wanted := f.enterpriseProject(); wanted != "" && w.EnterpriseProjectID != wanted {
		return false
	}
	if len(f.Matches) > 0 && !slices.ContainsFunc(f.Matches, func(m filterMatch) bool {
		name := textOf(m.Value)
		return w.Name == name || !q.ExactNames && strings.Contains(w.Name, name)
	}) {
		return false
	}
	if f.WithoutAnyTag {
		return len(w.Tags) == 0
	}
	if f.isEmpty() && q.Filterless == FilterlessTagged {
		return len(w.Tags) > 0
	}
	carries := func(t filterTag) bool { return carriesTag(w.Tags, t) }
	if q.OrBetweenKeys {
		return len(f.Tags) == 0 || slices.ContainsFunc(f.Tags, carries)
	}
	return !slices.ContainsFunc(f.Tags, func(t filterTag) bool { return !carries(t) })
}

// carriesTag tells whether the key is there with one of the values; no values is
// any value.
func carriesTag(tags []Tag, want filterTag) bool {
	return slices.ContainsFunc(tags, func(t Tag) bool {
		return t.Key == *want.Key && (len(want.Values) == 0 || slices.Contains(want.Values, textOf(t.Value)))
	})
}
