package collector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// newListing returns a listing of numbers, a page of which is fetched by one
// call at a time.
func newListing(limit, ahead int, fetch func(offset int) (page[int], error)) *listing[int] {
	var mu sync.Mutex
	return &listing[int]{limit: limit, ahead: ahead, id: strconv.Itoa, fetch: func(_ context.Context, offset int, _ bool) (page[int], error) {
		mu.Lock()
		defer mu.Unlock()
		return fetch(offset)
	}}
}

// A listing that does not end is an error.
func TestListingEndless(t *testing.T) {
	for name, items := range map[string]func(offset int) []int{
		"fresh pages":   func(offset int) []int { return []int{offset, offset + 1} },
		"the same page": func(int) []int { return []int{1, 2} },
		"one item":      func(int) []int { return []int{1, 1} },
	} {
		t.Run(name, func(t *testing.T) {
			fetch := func(offset int) (page[int], error) { return page[int]{items: items(offset)}, nil }
			if _, err := newListing(2, 4, fetch).read(t.Context(), func(int) {}); err == nil {
				t.Error("no error")
			}
		})
	}
}

// Whatever goes or comes before whichever call, and in whatever order the pages
// are fetched, what is listed is what was there before or after.
func TestListingMoves(t *testing.T) {
	const limit, n = 3, 10
	changes := make(map[string]func([]int) []int)
	for from := range n {
		for to := from; to <= n; to++ {
			changes[fmt.Sprintf("%d-%d deleted", from, to)] = func(all []int) []int { return slices.Delete(all, from, to) }
		}
		changes[fmt.Sprintf("one at %d inserted", from)] = func(all []int) []int { return slices.Insert(all, from, n) }
	}
	for _, ahead := range []int{1, 2, 8} {
		for _, total := range []bool{true, false} {
			for before := range 6 {
				for name, change := range changes {
					old := make([]int, n)
					for i := range old {
						old[i] = i
					}
					all := old
					calls := 0
					l := newListing(limit, ahead, func(offset int) (page[int], error) {
						if calls++; calls == before+1 {
							all = change(slices.Clone(old))
						}
						end := min(offset+limit, len(all))
						p := page[int]{items: all[min(offset, end):end]}
						if total {
							p.total = huaweicloud.Count{N: len(all), Known: true}
						}
						return p, nil
					})
					given := make(map[int]int)
					present, err := l.read(t.Context(), func(i int) { given[i]++ })
					if err != nil {
						t.Fatal(err)
					}
					var list []int
					for i, times := range given {
						if times > 1 {
							t.Errorf("%d was given %d times", i, times)
						}
						if present.has(strconv.Itoa(i)) {
							list = append(list, i)
						}
					}
					slices.Sort(list)
					slices.Sort(all)
					if !slices.Equal(list, old) && !slices.Equal(list, all) {
						t.Errorf("%s before call %d, %d ahead, total %t: %d, want %d or %d", name, before+1, ahead, total, list, old, all)
					}
				}
			}
		}
	}
}

func TestListingFails(t *testing.T) {
	failure := errors.New("no")
	var given []int
	_, err := newListing(2, 4, func(offset int) (page[int], error) {
		if offset > 0 {
			return page[int]{}, failure
		}
		return page[int]{items: []int{1, 2}}, nil
	}).read(t.Context(), func(i int) { given = append(given, i) })
	if !errors.Is(err, failure) || !slices.Equal(given, []int{1, 2}) {
		t.Errorf("gave %v and %v", given, err)
	}
}
