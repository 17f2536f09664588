package tagapi

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// lie is what a service says of a listing of ten numbers that is not so.
type lie struct {
	total func(n int) huaweicloud.Count
	// items changes the items of a page; call counts from 1.
	items   func(call, from int, items []int) []int
	limit   int    // of the service; 0: what it is asked for
	refused int    // a page behind this item is not there; 0: each is
	past    bool   // what lies behind the end is refused
	pages   string // the kinds of pages for which the listing can be read whole all the same
}

func says(n int) func(int) huaweicloud.Count {
	return func(int) huaweicloud.Count { return huaweicloud.Count{N: n, Known: true} }
}

func saysAll(n int) huaweicloud.Count { return huaweicloud.Count{N: n, Known: true} }

func saysNothing(int) huaweicloud.Count { return huaweicloud.Count{} }

// TestListingLies: whatever a service says of a listing, it is read whole or not at all.
func TestListingLies(t *testing.T) {
	const limit, n = 3, 10
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	for name, test := range map[string]lie{
		"the truth":                                {total: saysAll, pages: "offset numbered marker"},
		"the truth, nothing behind it":             {total: saysAll, past: true, pages: "offset numbered marker"},
		"a total of one page":                      {total: says(limit), pages: "offset numbered marker"},
		"a total of two pages":                     {total: says(2 * limit), pages: "offset numbered marker"},
		"a total of one, nothing behind it":        {total: says(limit), past: true, pages: "offset numbered marker"},
		"a total of none":                          {total: says(0), pages: "offset numbered marker"},
		"a total of one more":                      {total: says(n + 1)},
		"no total":                                 {total: saysNothing, pages: "offset numbered marker"},
		"no total, nothing behind it":              {total: saysNothing, past: true, pages: "offset numbered marker"},
		"less on a page":                           {total: saysAll, limit: 2, pages: "offset marker"},
		"less on a page, no total":                 {total: saysNothing, limit: 2, pages: "offset marker"},
		"one twice in place of the next":           {total: saysAll, items: func(_, _ int, items []int) []int { return replaced(items, 5, 4) }},
		"one twice on the last page":               {total: saysAll, items: func(_, _ int, items []int) []int { return replaced(items, 9, 8) }},
		"one of the first page again, at last":     {total: saysAll, items: func(_, _ int, items []int) []int { return replaced(items, 9, 0) }},
		"the first page again and again":           {total: saysAll, items: func(_, _ int, _ []int) []int { return []int{0, 1, 2} }},
		"the first answer is empty":                {total: saysAll, items: func(call, _ int, items []int) []int { return items[:min(len(items), (call-1)*limit)] }, pages: "offset numbered marker"},
		"the second answer is empty":               {total: saysAll, items: func(call, _ int, items []int) []int { return emptyIf(call == 2, items) }, pages: "offset numbered marker"},
		"the second page is always empty":          {total: saysAll, items: func(_, from int, items []int) []int { return emptyIf(from > 0 && from <= limit, items) }},
		"refused behind the first page":            {total: saysAll, refused: 1},
		"refused behind the second page":           {total: saysAll, refused: limit + 1},
		"no total, refused behind the first page":  {total: saysNothing, refused: 1},
		"no total, refused behind the second page": {total: saysNothing, refused: limit + 1},
		"the second page is short": {total: saysAll, items: func(_, from int, items []int) []int {
			return slices.DeleteFunc(items, func(i int) bool { return i == from+1 && from > 0 && from <= limit })
		}},
	} {
		for _, kind := range []string{"offset", "numbered", "marker"} {
			t.Run(name+" "+kind, func(t *testing.T) {
				calls := 0
				serve := func(from int) (page[int], error) {
					calls++
					if test.refused > 0 && from > test.refused {
						return page[int]{}, errPast
					}
					if test.past && from > 0 && from >= n {
						return page[int]{}, errPast
					}
					size := limit
					if test.limit > 0 {
						size = test.limit
					}
					items := slices.Clone(all[min(from, n):min(from+size, n)])
					if test.items != nil {
						items = test.items(calls, from, items)
					}
					return page[int]{items, test.total(n)}, nil
				}
				l := newListing(limit, 1, serve)
				l.plain, l.numbered, l.gone = false, kind == "numbered", func(err error) bool { return errors.Is(err, errPast) }
				if kind == "marker" {
					l.follow = func(_ context.Context, marker string) (page[int], string, error) {
						from := 0
						if marker != "" {
							last, _ := strconv.Atoi(marker)
							from = last + 1
						}
						p, err := serve(from)
						size := limit
						if test.limit > 0 {
							size = test.limit
						}
						if from+size >= n {
							return p, "", err
						}
						return p, strconv.Itoa(from + size - 1), err
					}
				}
				present, err := l.read(t.Context(), func(int) {})
				want := slices.Contains(strings.Fields(test.pages), kind)
				if err == nil && len(present) < n {
					t.Errorf("%d of %d items pass for all of them, after %d calls", len(present), n, calls)
				} else if want && err != nil {
					t.Errorf("is not read: %v", err)
				}
			})
		}
	}
}

var errPast = errors.New("behind the end")

// replaced gives an item in place of another one.
func replaced(items []int, old, by int) []int {
	if i := slices.Index(items, old); i >= 0 {
		items[i] = by
	}
	return items
}

func emptyIf(empty bool, items []int) []int {
	if empty {
		return nil
	}
	return items
}

// TestListingExactPage: that a full page is the last one takes one more call, which may be
// refused, and no further pass.
func TestListingExactPage(t *testing.T) {
	for _, refused := range []bool{false, true} {
		calls := 0
		l := newListing(3, 1, func(offset int) (page[int], error) {
			if calls++; offset > 0 && refused {
				return page[int]{}, errPast
			}
			return page[int]{items: []int{0, 1, 2}[min(offset, 3):], total: saysAll(3)}, nil
		})
		l.numbered, l.gone = true, func(err error) bool { return errors.Is(err, errPast) }
		if present, err := l.read(t.Context(), func(int) {}); len(present) != 3 || err != nil || calls != 2 {
			t.Errorf("%d items, %v, %d calls", len(present), err, calls)
		}
	}
}

// TestNumberedOldTotal: that the total differs between two pages says that something moved,
// which the last read cannot tell where it is of something new.
func TestNumberedOldTotal(t *testing.T) {
	all, calls := []int{0, 1, 2, 10, 3, 4, 5}, 0 // 10 is new
	l := newListing(3, 1, func(offset int) (page[int], error) {
		if calls++; calls == 2 {
			all = all[1:]
		}
		return page[int]{items: all[min(offset, len(all)):min(offset+3, len(all))], total: saysAll(len(all))}, nil
	})
	l.numbered, l.last = true, ids{"0": 1, "1": 1, "2": 1, "3": 1, "4": 1, "5": 1}
	if present, err := l.read(t.Context(), func(int) {}); err != nil || !present.has("10") {
		t.Errorf("%v, %v", present, err)
	}
}
