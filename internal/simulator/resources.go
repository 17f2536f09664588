package simulator

import (
	"fmt"
	"net/http"
	"slices"
)

// listTags is GET …/{resource_id}/tags: the tags of one resource, without pages.
func (c *Cloud) listTags(q *call) (Answer, error) {
	if q.service.kind == kindDDS && !ddsInstanceID.MatchString(q.instance) {
		return Answer{}, fmt.Errorf("instance id %q is malformed", q.instance)
	}
	in, found := q.data.fleets[q.service.kind].byID[q.instance]
	switch {
	case !found && c.quirks.GoneBadRequest:
		return c.refusedBy(q, http.StatusBadRequest, q.service.errors.gone, "The instance does not exist"), nil
	case !found:
		return c.refusedBy(q, http.StatusNotFound, q.service.errors.gone, "The instance does not exist"), nil
	}
	return ok(fillTags(func(b []byte) []byte { return appendTags(b, in.Tags, c.quirks) })), nil
}

// fillTags is an answer that has nothing but tags.
func fillTags(tags func(b []byte) []byte) []byte {
	return fillIn(make([]byte, 0, 256), `{"tags":{tags}}`, func(b []byte, _ string) []byte { return tags(b) })
}

// listKeys is GET …/tags: the keys of all resources with their values, in order of
// appearance, without a total. No project has predefined tags.
func (c *Cloud) listKeys(q *call) (Answer, error) {
	var tags []PoolTag
	place := make(map[string]int)
	for _, r := range q.data.fleets[q.service.kind].list {
		for _, t := range r.Tags {
			i, known := place[t.Key]
			if !known {
				i = len(tags)
				place[t.Key] = i
				tags = append(tags, PoolTag{Key: t.Key})
			}
			if value := textOf(t.Value); !slices.Contains(tags[i].Values, value) {
				tags[i].Values = append(tags[i].Values, value)
			}
		}
	}
	if q.api.pages.start != "" {
		from, to := page(len(tags), q.offset, q.limit)
		tags = tags[from:to]
	}
	return ok(fillTags(func(b []byte) []byte { return appendKeyValues(b, tags, c.quirks) })), nil
}
