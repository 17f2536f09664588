package tagapi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// newListing returns a listing of numbers, a page of which is fetched by one
// call at a time.
func newListing(limit, ahead int, fetch func(offset int) (page[int], error)) *listing[int] {
	var mu sync.Mutex
	return &listing[int]{limit: limit, ahead: ahead, plain: true, id: strconv.Itoa, fetch: func(_ context.Context, offset int, _ bool) (page[int], error) {
		mu.Lock()
		defer mu.Unlock()
		return fetch(offset)
	}}
}

// A listing that does not end is an error.
func TestListingEndless(t *testing.T) {
	for name, test := range map[string]struct {
		items func(offset int) []int
		calls int // at most: some are ahead of their turn
	}{
		"fresh pages":              {func(offset int) []int { return []int{offset, offset + 1} }, maxPages + 8},
		"the same page":            {func(int) []int { return []int{1, 2} }, 10},
		"the same page, longer on": {func(offset int) []int { return []int{min(offset, 5), min(offset+1, 6)} }, 30},
		"one item":                 {func(int) []int { return []int{1, 1} }, 10},
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			fetch := func(offset int) (page[int], error) {
				calls++
				return page[int]{items: test.items(offset)}, nil
			}
			if _, err := newListing(2, 4, fetch).read(t.Context(), func(int) {}); err == nil {
				t.Error("no error")
			}
			if calls > test.calls {
				t.Errorf("%d calls, want %d at most", calls, test.calls)
			}
		})
	}
}

// Whatever goes or comes before whichever call, and in whatever order the pages
// are fetched, what is listed is what was there before or after; where one goes and one
// comes, what was there throughout.
func TestListingMoves(t *testing.T) {
	const limit, n = 3, 10
	changes := make(map[string]func([]int) []int)
	for from := range n {
		for to := from; to <= n; to++ {
			changes[fmt.Sprintf("%d-%d deleted", from, to)] = func(all []int) []int { return slices.Delete(all, from, to) }
		}
		changes[fmt.Sprintf("one at %d inserted", from)] = func(all []int) []int { return slices.Insert(all, from, n) }
		changes[fmt.Sprintf("%d deleted, one inserted", from)] = func(all []int) []int { return append(slices.Delete(all, from, from+1), n) }
	}
	for _, ahead := range []int{1, 2, 8} {
		for _, numbered := range []bool{true, false} {
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
							if numbered && offset%limit != 0 {
								t.Errorf("a page begins at %d", offset)
							}
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
						l.numbered = numbered
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
						both := strings.Contains(name, ", ") && !slices.ContainsFunc(list, func(i int) bool { return i != n && !slices.Contains(old, i) }) &&
							!slices.ContainsFunc(old, func(i int) bool { return slices.Contains(all, i) && !slices.Contains(list, i) })
						if !both && !slices.Equal(list, old) && !slices.Equal(list, all) {
							t.Errorf("%s before call %d, %d ahead, numbered %t, total %t: %d, want %d or %d", name, before+1, ahead, numbered, total, list, old, all)
						}
					}
				}
			}
		}
	}
}

// A listing may move each time but the last that it is read.
func TestListingMovesTwice(t *testing.T) {
	for times, want := range []error{nil, nil, nil, errMoved} {
		all := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
		moved := 0
		_, err := newListing(3, 1, func(offset int) (page[int], error) {
			if offset == 2 && moved < times {
				moved++
				all = all[1:]
			}
			end := min(offset+3, len(all))
			return page[int]{items: all[min(offset, end):end]}, nil
		}).read(t.Context(), func(int) {})
		if !errors.Is(err, want) || moved != times {
			t.Errorf("%d times: %v", moved, err)
		}
	}
}

// That a listing moves says more than that it has less than its total says.
func TestListingMovesAndLacks(t *testing.T) {
	all := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	_, err := newListing(3, 1, func(offset int) (page[int], error) {
		if offset == 2 {
			all = all[1:]
		}
		end := min(offset+3, len(all))
		return page[int]{items: all[min(offset, end):end], total: huaweicloud.Count{N: 20, Known: true}}, nil
	}).read(t.Context(), func(int) {})
	if !errors.Is(err, errMoved) {
		t.Errorf("error %v", err)
	}
}

// A page that was fetched ahead of its turn does not outlast the listing, even if
// it does not heed that it is given up.
func TestListingWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var late atomic.Bool
		l := &listing[int]{limit: 2, ahead: 4, plain: true, id: strconv.Itoa, fetch: func(_ context.Context, offset int, _ bool) (page[int], error) {
			switch {
			case offset == 2:
				return page[int]{}, errors.New("no")
			case offset > 2:
				time.Sleep(time.Second)
				late.Store(true)
			}
			return page[int]{items: []int{offset, offset + 1}, total: huaweicloud.Count{N: 9, Known: true}}, nil
		}}
		if _, err := l.read(t.Context(), func(int) {}); err == nil || !late.Load() {
			t.Errorf("error %v, the other pages were fetched: %t", err, late.Load())
		}
	})
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
