package simulator

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// predefinedTags is the parameter that adds a project's predefined tags to its keys.
const predefinedTags = "use_predefine_tags"

// listTags is GET …/{resource_id}/tags: the tags of one resource, without pages.
func (c *Cloud) listTags(q *call) (Answer, error) {
	e, form := q.service.errors, q.service.idForm
	if form != nil && !form.MatchString(q.instance) {
		return Answer{}, fmt.Errorf("instance id %q is malformed", q.instance)
	}
	r, found := q.data.fleets[q.service.kind].byID[q.instance]
	switch {
	case !found && c.quirks.GoneBadRequest:
		return e.answer(c.quirks, http.StatusBadRequest, e.gone, "The instance does not exist"), nil
	case !found:
		return e.answer(c.quirks, http.StatusNotFound, e.gone, "The instance does not exist"), nil
	case c.quirks.UnreadyBadRequest && slices.Contains([]string{"creating", "createfail", "frozen"}, r.Status):
		return e.answer(c.quirks, http.StatusBadRequest, e.unready, "The instance status does not allow this operation"), nil
	}
	return ok(r.tagsBody), nil
}

// listResources is the GET of a list whose items carry their tags. Its parameters
// narrow it; an empty one does not.
func (c *Cloud) listResources(q *call) (Answer, error) {
	found := q.data.fleets[q.service.kind].list
	for _, p := range q.api.query {
		value := q.query.Get(p.name)
		if value == "" {
			continue
		}
		wanted, err := narrowedBy(p.name, value)
		if err != nil {
			return Answer{}, err
		}
		found = slices.DeleteFunc(slices.Clone(found), func(r *served) bool { return !wanted(r) })
	}
	return c.listed(q, found)
}

// narrowedBy tells which resources a parameter of a list lets through.
func narrowedBy(name, value string) (func(r *served) bool, error) {
	switch name {
	case "name":
		if value == "*" {
			return nil, errors.New("name is only a *")
		}
		part, fuzzy := strings.CutPrefix(value, "*")
		return func(r *served) bool { return r.Name == value || fuzzy && strings.Contains(r.Name, part) }, nil
	case "tags":
		tags, err := parseTags(value)
		return func(r *served) bool {
			return !slices.ContainsFunc(tags, func(t filterTag) bool { return !carriesTag(r.Tags, t) })
		}, err
	default:
		return func(r *served) bool { return r.attribute(name) == value }, nil
	}
}

// parseTags reads k1=v1,k2=v2, at most 20 pairs, each key once.
func parseTags(text string) ([]filterTag, error) {
	var tags []filterTag
	for pair := range strings.SplitSeq(text, ",") {
		key, value, found := strings.Cut(pair, "=")
		if !found || key == "" {
			return nil, fmt.Errorf("tags %q", text)
		}
		if slices.ContainsFunc(tags, func(t filterTag) bool { return *t.Key == key }) {
			return nil, fmt.Errorf("tags: key %q is given twice", key)
		}
		tags = append(tags, filterTag{Key: &key, Values: []string{value}})
	}
	if len(tags) > 20 {
		return nil, fmt.Errorf("%d tags, more than 20", len(tags))
	}
	return tags, nil
}

// filterResources is POST …/resource-instances/filter and its older spelling
// …/resource_instances/action, which has offset and limit in its body.
func (c *Cloud) filterResources(q *call) (Answer, error) {
	if len(q.body) > 0 && !q.isJSON() {
		return Answer{}, errors.New("content type is not application/json")
	}
	decode := decodeFilter
	if q.api.paging.inBody {
		decode = q.decodeAction
	}
	f, err := decode(q.body)
	if err != nil {
		return Answer{}, fmt.Errorf("body: %w", err)
	}
	if f.narrow != "" && c.quirks.StrictFilter {
		return c.malformed(q, f.narrow), nil
	}
	if f.isEmpty() && c.quirks.Filterless == FilterlessRefused {
		return c.malformed(q, "no filter"), nil
	}
	found := q.data.fleets[q.service.kind].list
	if !f.isEmpty() || c.quirks.Filterless == FilterlessTagged {
		found = slices.DeleteFunc(slices.Clone(found), func(r *served) bool { return !f.matches(r, c.quirks) })
	}
	return c.listed(q, found)
}

// listed answers with the page that was asked for.
func (c *Cloud) listed(q *call, found []*served) (Answer, error) {
	if q.offset > len(found) && c.quirks.PastEndRefused {
		return c.malformed(q, "offset is past the end"), nil
	}
	from, to := page(len(found), q.offset, q.limit)
	b := appendItems([]byte{'{'}, q.api.member, to-from, c.quirks.EmptyArrays, func(b []byte, i int) []byte {
		return append(b, found[from+i].listItem...)
	})
	if q.api.maxTotal > 0 {
		b = appendTotal(b, min(len(found), q.api.maxTotal), c.quirks.TotalCount)
	}
	return ok(closeObject(b)), nil
}

// listKeys is GET …/tags: the keys of all resources with their values, in order of
// appearance, without a total.
func (c *Cloud) listKeys(q *call) (Answer, error) {
	var tags []PoolTag
	place := make(map[string]int)
	add := func(key string, values ...string) {
		i, known := place[key]
		if !known {
			i = len(tags)
			place[key] = i
			tags = append(tags, PoolTag{Key: key})
		}
		for _, v := range values {
			if !slices.Contains(tags[i].Values, v) {
				tags[i].Values = append(tags[i].Values, v)
			}
		}
	}
	for _, r := range q.data.fleets[q.service.kind].list {
		for _, t := range r.Tags {
			add(t.Key, textOf(t.Value))
		}
	}
	if q.query.Get(predefinedTags) == "true" {
		for _, t := range q.data.project.PredefinedTags {
			add(t.Key, t.Values...)
		}
	}
	if q.api.paging.maxLimit > 0 {
		from, to := page(len(tags), q.offset, q.limit)
		tags = tags[from:to]
	}
	return ok(closeObject(appendKeyValues([]byte{'{'}, q.api.member, tags, c.quirks))), nil
}
