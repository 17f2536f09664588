package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
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

// byFilter narrows a list by the body of a call of …/resource-instances/filter, or of its
// older spelling …/resource_instances/action, which has its page there too.
func byFilter(c *Cloud, q *call) (func(in *Instance) bool, error) {
	if len(q.body) > 0 && !q.isJSON() {
		return nil, errors.New("content type is not application/json")
	}
	f, err := c.decodeFilterOf(q)
	switch {
	case err != nil:
		return nil, fmt.Errorf("body: %w", err)
	case f.narrow != "" && c.quirks.StrictFilter:
		return nil, &refusal{answer: c.malformed(q, f.narrow)}
	case f.isEmpty() && c.quirks.Filterless == FilterlessRefused:
		return nil, quietly(c.malformed(q, "no filter"))
	case f.isEmpty() && c.quirks.Filterless == FilterlessAll:
		return nil, nil
	}
	return func(in *Instance) bool { return f.matches(in, c.quirks) }, nil
}

func (c *Cloud) decodeFilterOf(q *call) (*filter, error) {
	if q.api.pages.inBody {
		return c.decodeAction(q)
	}
	return decodeFilter(q.body)
}

// actionBody is a filter with its page in it.
type actionBody struct {
	Action string         `json:"action"`
	Offset jsontext.Value `json:"offset"`
	Limit  jsontext.Value `json:"limit"`
	filterBody
}

// decodeAction also reads the page. Of the actions there is only filter here.
func (c *Cloud) decodeAction(q *call) (*filter, error) {
	var b actionBody
	if err := decode(q.body, &b); err != nil {
		return nil, err
	}
	if b.Action != "filter" {
		return nil, errors.New("action is not filter")
	}
	err := c.readPage(q, func(name string) (text string, given bool) {
		value := map[string]jsontext.Value{"offset": b.Offset, "limit": b.Limit}[name]
		if value != nil && (value.Kind() == '"') != q.api.pages.asText {
			return "of another type", true
		}
		return strings.Trim(string(value), `"`), value != nil
	})
	if err != nil {
		return nil, err
	}
	f := &filter{filterBody: b.filterBody}
	return f, f.check()
}

// check holds the filter to its limits. A list that is absent is nil.
func (f *filter) check() error {
	return cmp.Or(f.checkTags(), f.checkMatches(), f.checkSystemTags())
}

func (f *filter) checkTags() error {
	if f.Tags != nil && len(f.Tags) == 0 || len(f.Tags) > maxFilterKeys {
		return fmt.Errorf("tags: %d items, not 1-%d", len(f.Tags), maxFilterKeys)
	}
	seen := make(map[string]bool, len(f.Tags))
	for _, t := range f.Tags {
		switch {
		case t.Key == nil:
			return errors.New("tags: no key")
		case seen[*t.Key]:
			return fmt.Errorf("tags: key %q is given twice", *t.Key)
		case utf8.RuneCountInString(*t.Key) > maxKeyChars:
			return fmt.Errorf("tags: a key of more than %d characters", maxKeyChars)
		case len(t.Values) > maxFilterValues:
			return fmt.Errorf("tags: %d values, more than %d", len(t.Values), maxFilterValues)
		case slices.ContainsFunc(t.Values, isLong):
			return fmt.Errorf("tags: a value of more than %d characters", maxValueChars)
		case t.Values == nil, *t.Key == "", len(t.Values) > maxStrictValues:
			f.narrow = fmt.Sprintf("tags: an empty key, no values or more than %d", maxStrictValues)
		}
		seen[*t.Key] = true
	}
	return nil
}

func isLong(value string) bool { return utf8.RuneCountInString(value) > maxValueChars }

func (f *filter) checkMatches() error {
	if f.Matches != nil && len(f.Matches) == 0 || len(f.Matches) > maxFilterMatches {
		return fmt.Errorf("matches: %d items, not 1-%d", len(f.Matches), maxFilterMatches)
	}
	for _, m := range f.Matches {
		switch {
		case textOf(m.Key) != "resource_name":
			return errors.New("matches: the key is not resource_name")
		case m.Value == nil:
			f.narrow = "matches: a match without value"
		case isLong(*m.Value):
			return fmt.Errorf("matches: a value of more than %d characters", maxValueChars)
		}
	}
	return nil
}

// checkSystemTags takes one key with one value. The empty one asks for any
// enterprise project.
func (f *filter) checkSystemTags() error {
	if f.SystemTags == nil {
		return nil
	}
	if len(f.SystemTags) != 1 {
		return fmt.Errorf("sys_tags: %d items, not 1", len(f.SystemTags))
	}
	switch t := f.SystemTags[0]; {
	case textOf(t.Key) != enterpriseTag:
		return errors.New("sys_tags: the key is not _sys_enterprise_project_id")
	case len(t.Values) != 1 || isLong(t.Values[0]):
		return fmt.Errorf("sys_tags: not one value of up to %d characters", maxValueChars)
	case t.Values[0] == "":
		f.narrow = "sys_tags: an empty value"
	}
	return nil
}

// matches tells whether the resource is in the list that the filter asks for.
func (f *filter) matches(r *Instance, q Quirks) bool {
	if wanted := f.enterpriseProject(); wanted != "" && r.EnterpriseProjectID != wanted {
		return false
	}
	if len(f.Matches) > 0 && !slices.ContainsFunc(f.Matches, func(m filterMatch) bool {
		name := textOf(m.Value)
		return r.Name == name || !q.ExactNames && strings.Contains(r.Name, name)
	}) {
		return false
	}
	if f.WithoutAnyTag {
		return len(r.Tags) == 0
	}
	if f.isEmpty() && q.Filterless == FilterlessTagged {
		return len(r.Tags) > 0
	}
	carries := func(t filterTag) bool { return carriesTag(r.Tags, t) }
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
