package simulator

import (
	"fmt"
	"net/http"
)

// listPoolTags lists the tags of all pools. Its offset is documented as "start page".
func (c *Cloud) listPoolTags(q *call) (Answer, error) {
	offset := q.offset
	if q.data.project.NoPools && c.quirks.NoPoolsError {
		return ErrorE1(http.StatusBadRequest, "ModelArts.50015001", "pool not found"), nil
	}
	if c.quirks.PoolOffset == PageOffset {
		offset *= q.limit // at most 2^62
	}
	items := poolItems(q.data.project.PoolTags, c.quirks)
	pastEnd := offset > len(items) || offset == len(items) && offset > 0 && c.quirks.PoolPastEnd == AtEndError
	if pastEnd && c.quirks.PoolPastEnd != PastEndEmpty {
		return ErrorE1(http.StatusBadRequest, "ModelArts.6400",
			fmt.Sprintf("fromIndex(%d) > toIndex(%d)", offset, len(items))), nil
	}
	from, to := page(len(items), offset, q.limit)
	return ok(fillTags(func(b []byte) []byte { return appendPoolItems(b, items[from:to], c.quirks) })), nil
}

// poolItems lists the tags as the quirks say: the paging counts these items.
func poolItems(tags []PoolTag, q Quirks) []PoolTag {
	if q.SplitPoolKeys {
		tags = splitKeys(tags)
	}
	if q.PoolTagShape == PoolKeyValues {
		return tags
	}
	var pairs []PoolTag
	for _, t := range tags {
		if len(t.Values) == 0 {
			pairs = append(pairs, t)
		}
		for _, v := range t.Values {
			pairs = append(pairs, PoolTag{Key: t.Key, Values: []string{v}})
		}
	}
	return pairs
}

func splitKeys(tags []PoolTag) []PoolTag {
	var first, rest []PoolTag
	for _, t := range tags {
		half := (len(t.Values) + 1) / 2
		first = append(first, PoolTag{Key: t.Key, Values: t.Values[:half]})
		if half < len(t.Values) {
			rest = append(rest, PoolTag{Key: t.Key, Values: t.Values[half:]})
		}
	}
	return append(first, rest...)
}

func appendPoolItems(b []byte, items []PoolTag, q Quirks) []byte {
	if q.PoolTagShape == PoolKeyValues {
		return appendKeyValues(b, items, q)
	}
	pair := func(b []byte, i int) []byte {
		b = appendTextMember(append(b, '{'), "key", items[i].Key)
		if len(items[i].Values) > 0 {
			b = appendTextMember(b, "value", items[i].Values[0])
		}
		return closeObject(b)
	}
	if q.PoolTagShape == PoolObject && len(items) == 1 {
		return pair(b, 0)
	}
	return appendArray(b, len(items), q.EmptyArrays, pair)
}
