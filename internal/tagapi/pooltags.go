package tagapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

const (
	opListPoolTags = "ListPoolTags"
	poolTagsLimit  = 200
	poolTagsPages  = 1000
	// codePastEnd is what ModelArts answers when a list is asked for what lies
	// behind its end.
	codePastEnd = "ModelArts.6400"
)

// poolTags is the response body. Older editions of the documentation have one
// value per item, and a single object instead of the array.
type poolTags struct {
	Tags huaweicloud.ListOrOne[poolTag] `json:"tags"`
}

type poolTag struct {
	Key    huaweicloud.Member                 `json:"key"`
	Values huaweicloud.List[huaweicloud.Text] `json:"values"`
	Value  *huaweicloud.Text                  `json:"value"`
	Others huaweicloud.Others                 `json:",embed"`
}

// Check refuses what is no key with its values as documented. A key may have no
// values, but not beside another member that may be the values under another name.
func (t *poolTag) Check() error {
	switch {
	case !t.Key.Given:
		return errors.New("a tag has no key")
	case t.Values == nil && t.Value == nil && len(t.Others) > 0:
		return errors.New("a tag has no values, but members that are not documented")
	}
	return nil
}

func (p *poolTags) Absent() bool    { return p.Tags.List == nil }
func (*poolTags) Members() []string { return []string{"tags"} }

// readPoolTags reads the tags of resource pools. The API gives each key with the
// values it has in any pool, and names no pool.
// https://support.huaweicloud.com/intl/en-us/api-modelarts/ListPoolTags.html
func readPoolTags(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading) error {
	begun := time.Now()
	tags, err := listPoolTags(ctx, s)
	if err != nil {
		return err
	}
	for _, t := range tags {
		into.AddValues(string(t.Key.Text), t.values()...)
	}
	into.Whole(begun)
	return nil
}

func listPoolTags(ctx context.Context, s *huaweicloud.Session) ([]poolTag, error) {
	pages := poolTagsPager{fetch: func(offset int) ([]poolTag, error) {
		answer, err := huaweicloud.Call[poolTags](ctx, s, huaweicloud.Request{
			Operation: opListPoolTags, Method: http.MethodGet,
			Path:     "/v1/" + s.ProjectID() + "/pools/tags",
			Query:    fmt.Sprintf("limit=%d&offset=%d", poolTagsLimit, offset),
			Expected: func(e *huaweicloud.Error) bool { return offset > 0 && e.Code == codePastEnd },
		})
		if offset > 0 && huaweicloud.IsCode(err, codePastEnd) {
			return nil, nil // behind the last page
		}
		return answer.Tags.List, err
	}}
	tags, err := pages.readAll()
	if err != nil {
		return nil, fmt.Errorf("list pool tags: %w", err)
	}
	return tags, nil
}

// poolTagsPager reads all pages of a list whose offset the documentation calls
// a page, while its sister APIs count records. Which one it is, is unknown; so
// the pager finds out. One full page in, it asks for offset 1: where offsets
// count records, that is the first page again without its first item and with
// one more at its end; where they count pages, it is the second page, which has
// little in common with the first.
type poolTagsPager struct {
	fetch func(offset int) ([]poolTag, error)
}

func (p poolTagsPager) readAll() ([]poolTag, error) {
	first, err := p.fetch(0)
	if err != nil || len(first) < poolTagsLimit {
		return first, err
	}
	second, err := p.fetch(1)
	if err != nil {
		return nil, err
	}
	switch {
	case len(second) == 0:
		return first, nil // pages, and the only one was exactly full
	case samePage(second, first):
		return nil, errors.New("offset 1 gives the first page again: cannot read past it")
	case overlaps(first, second):
		return p.readRecords(first, second)
	default:
		return p.readPages(first, second)
	}
}

// readRecords reads on by records. Each page repeats the last item of the one
// before, so that no gap can open between the two when keys fall out of use
// meanwhile.
func (p poolTagsPager) readRecords(first, second []poolTag) ([]poolTag, error) {
	all, last, offset := slices.Concat(first, second), second, poolTagsLimit
	for range poolTagsPages {
		if len(last) < poolTagsLimit {
			return all, nil
		}
		next, err := p.fetch(offset)
		switch {
		case err != nil:
			return nil, err
		case samePage(next, last):
			return nil, errPageAgain(offset)
		case len(next) == 0 || !overlaps(last, next[:1]):
			return nil, errors.New("the list changed while it was read, or its offsets count neither pages nor records")
		}
		all = append(all, next...)
		last, offset = next, offset+poolTagsLimit-1
	}
	return nil, errTooManyPages
}

// readPages reads on by pages. These cannot overlap: where a key falls out of use
// meanwhile, the one that would have begun the next page is on none. So all pages
// but the last are read once more, to see that nothing has moved.
func (p poolTagsPager) readPages(pages ...[]poolTag) ([]poolTag, error) {
	for range maxPasses {
		all, err := p.readOn(pages)
		if err != nil {
			return nil, err
		}
		calm, err := p.stillThere(all[:len(all)-1])
		if err != nil {
			return nil, err
		}
		if calm {
			return slices.Concat(all...), nil
		}
		pages = nil // from the beginning
	}
	return nil, errMoved
}

// readOn reads the pages behind the given ones, until one is short.
func (p poolTagsPager) readOn(pages [][]poolTag) ([][]poolTag, error) {
	for len(pages) < poolTagsPages {
		n := len(pages)
		if n > 0 && len(pages[n-1]) < poolTagsLimit {
			return pages, nil
		}
		next, err := p.fetch(n)
		switch {
		case err != nil:
			return nil, err
		case n > 0 && samePage(next, pages[n-1]):
			return nil, errPageAgain(n)
		}
		pages = append(pages, next)
	}
	return nil, errTooManyPages
}

// stillThere reports whether the first pages have the keys that they had.
func (p poolTagsPager) stillThere(pages [][]poolTag) (bool, error) {
	for offset, page := range pages {
		again, err := p.fetch(offset)
		if err != nil || !slices.Equal(keysOf(again), keysOf(page)) {
			return false, err
		}
	}
	return true, nil
}

func errPageAgain(offset int) error {
	return fmt.Errorf("offset %d gives the page before it again: cannot read past it", offset)
}

var errTooManyPages = fmt.Errorf("more than %d pages", poolTagsPages)

// keysOf returns the keys of a page in an order of our own.
func keysOf(page []poolTag) []string {
	keys := make([]string, len(page))
	for i, t := range page {
		keys[i] = string(t.Key.Text)
	}
	slices.Sort(keys)
	return keys
}

// id tells items apart. A key may come again with other values.
func (t poolTag) id() string {
	return string(t.Key.Text) + "\x00" + strings.Join(t.values(), "\x00")
}

// values returns the values of both editions.
func (t poolTag) values() []string {
	values := make([]string, 0, len(t.Values)+1)
	for _, v := range t.Values {
		values = append(values, string(v))
	}
	if t.Value != nil {
		values = append(values, string(*t.Value))
	}
	return values
}

// tags returns the key with each of its values; with an empty one if it has none.
func (t poolTag) tags() []inventory.Tag {
	values := t.values()
	if len(values) == 0 {
		values = []string{""}
	}
	tags := make([]inventory.Tag, len(values))
	for i, value := range values {
		tags[i] = inventory.Tag{Key: string(t.Key.Text), Value: value}
	}
	return tags
}

// samePage reports whether two pages list the same items in the same order.
func samePage(a, b []poolTag) bool {
	return slices.EqualFunc(a, b, func(x, y poolTag) bool { return x.id() == y.id() })
}

// overlaps reports whether most items of a page are on an earlier one too.
func overlaps(first, second []poolTag) bool {
	ids := make(map[string]bool, len(first))
	for _, t := range first {
		ids[t.id()] = true
	}
	common := 0
	for _, t := range second {
		if ids[t.id()] {
			common++
		}
	}
	return 2*common > len(second)
}
