package simulator

import (
	"fmt"
	"net/http"
	"slices"
)

// predefinedTags is the parameter that adds a project's predefined tags to its keys.
const predefinedTags = "use_predefine_tags"

// listTags is GET …/{resource_id}/tags: the tags of one resource, without pages.
func (c *Cloud) listTags(q *call) (Answer, error) {
	e := q.service.errors
	if q.service.kind == kindDDS && !ddsInstanceID.MatchString(q.instance) {
		return Answer{}, fmt.Errorf("instance id %q is malformed", q.instance)
	}
	in, found := q.data.fleets[q.service.kind].byID[q.instance]
	switch {
	case !found && c.quirks.GoneBadRequest:
		return e.answer(c.quirks, http.StatusBadRequest, e.gone, "The instance does not exist"), nil
	case !found:
		return e.answer(c.quirks, http.StatusNotFound, e.gone, "The instance does not exist"), nil
	case c.quirks.UnreadyBadRequest && slices.Contains([]string{"creating", "createfail", "frozen"}, in.Status):
		return e.answer(c.quirks, http.StatusBadRequest, e.unready, "The instance status does not allow this operation"), nil
	}
	return ok(fillTags(func(b []byte) []byte { return appendTags(b, in.Tags, c.quirks) })), nil
}

// fillTags is an answer that has nothing but tags.
func fillTags(tags func(b []byte) []byte) []byte {
	return fillIn(make([]byte, 0, 256), `{"tags":{tags}}`, func(b []byte, _ string) []byte { return tags(b) })
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
	if q.api.pages.start != "" {
		from, to := page(len(tags), q.offset, q.limit)
		tags = tags[from:to]
	}
	return ok(fillTags(func(b []byte) []byte { return appendKeyValues(b, tags, c.quirks) })), nil
}
