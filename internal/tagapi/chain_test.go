package tagapi

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// TestMarkerChain: which listings that lead from page to page are whole.
func TestMarkerChain(t *testing.T) {
	type answer struct {
		items []int
		next  string
	}
	total := huaweicloud.Count{N: 4, Known: true}
	for name, test := range map[string]struct {
		pages map[string]answer // by the marker that they are asked for with
		total huaweicloud.Count
		want  int // items; 0: it is not whole
	}{
		"no marker":                      {pages: map[string]answer{"": {[]int{1, 2}, "2"}, "2": {[]int{3}, ""}}, want: 3},
		"an empty page":                  {pages: map[string]answer{"": {[]int{1, 2}, "2"}, "2": {nil, "x"}}, want: 2},
		"an empty page, and another":     {pages: map[string]answer{"": {[]int{1, 2}, "2"}, "2": {nil, "x"}, "x": {nil, "y"}}, want: 2},
		"an empty page in the middle":    {pages: map[string]answer{"": {[]int{1, 2}, "2"}, "2": {nil, "x"}, "x": {[]int{3}, ""}}, want: 3},
		"an empty page at first":         {pages: map[string]answer{"": {nil, "x"}, "x": {[]int{3, 4}, "y"}, "y": {nil, ""}}, want: 2},
		"an empty page with its marker":  {pages: map[string]answer{"": {[]int{1, 2}, "2"}, "2": {nil, "2"}}, want: 2},
		"an empty page that leads back":  {pages: map[string]answer{"": {[]int{1, 2}, "2"}, "2": {nil, "0"}, "0": {[]int{1, 2}, "2"}}, want: 2},
		"an empty page before the total": {pages: map[string]answer{"": {[]int{1, 2}, "2"}, "2": {nil, "x"}}, total: total},
		"the marker again, short":        {pages: map[string]answer{"": {[]int{1, 2}, "2"}, "2": {[]int{3}, "2"}}, want: 3},
		"the marker again, full":         {pages: map[string]answer{"": {[]int{1, 2}, "2"}, "2": {[]int{3, 4}, "2"}}},
		"back to the beginning":          {pages: map[string]answer{"": {[]int{1, 2}, "2"}, "2": {[]int{3, 4}, "0"}, "0": {[]int{1, 2}, "2"}}},
		"a short page, and another":      {pages: map[string]answer{"": {[]int{1}, "1"}, "1": {[]int{2, 3}, "3"}, "3": {[]int{4}, ""}}, want: 4, total: total},
		"less than the total":            {pages: map[string]answer{"": {[]int{1, 2}, "2"}, "2": {[]int{3}, ""}}, total: total},
	} {
		calls := 0
		gone := errors.New("no such page")
		l := &listing[int]{limit: 2, id: strconv.Itoa, gone: func(err error) bool { return errors.Is(err, gone) }, follow: func(_ context.Context, marker string) (page[int], string, error) {
			calls++
			a, ok := test.pages[marker]
			if !ok {
				return page[int]{}, "", gone
			}
			return page[int]{a.items, test.total}, a.next, nil
		}}
		present, err := l.read(t.Context(), func(int) {})
		if len(present) != test.want || (err == nil) != (test.want > 0) || calls > 12 {
			t.Errorf("%s: %d items by %d calls, %v", name, len(present), calls, err)
		}
	}
}

// TestEndless: a listing that does not end is not begun again.
func TestEndless(t *testing.T) {
	for _, numbered := range []bool{true, false} {
		calls := 0
		l := newListing(2, 1, func(offset int) (page[int], error) {
			calls++
			return page[int]{items: []int{offset, offset + 1}}, nil
		})
		if l.numbered = numbered; !numbered {
			l.follow = func(context.Context, string) (page[int], string, error) {
				calls++
				return page[int]{items: []int{calls}}, strconv.Itoa(calls), nil
			}
		}
		if _, err := l.read(t.Context(), func(int) {}); err == nil || calls > maxPages+8 {
			t.Errorf("numbered %t: %d calls, %v", numbered, calls, err)
		}
	}
}

// TestNumberedSame: a service that always gives the first page is not believed.
func TestNumberedSame(t *testing.T) {
	l := newListing(2, 1, func(int) (page[int], error) {
		return page[int]{items: []int{1, 2}, total: huaweicloud.Count{N: 4, Known: true}}, nil
	})
	l.numbered = true
	if present, err := l.read(t.Context(), func(int) {}); err == nil {
		t.Errorf("%d items are whole", len(present))
	}
}

// TestNumberedShort: pages that end before the total that is stated do not go on for ever.
func TestNumberedShort(t *testing.T) {
	calls := 0
	l := newListing(2, 1, func(offset int) (page[int], error) {
		calls++
		p := page[int]{total: huaweicloud.Count{N: 9, Known: true}}
		if offset < 4 {
			p.items = []int{offset, offset + 1}
		}
		return p, nil
	})
	l.numbered = true
	if _, err := l.read(t.Context(), func(int) {}); !errors.Is(err, errLess) || calls > 30 {
		t.Errorf("%d calls, %v", calls, err)
	}
}
