package collector

import (
	"errors"
	"slices"
	"strconv"
	"testing"
)

// A listing that does not end is an error.
func TestListingEndless(t *testing.T) {
	for name, items := range map[string]func(offset int) []int{
		"fresh pages":   func(offset int) []int { return []int{offset, offset + 1} },
		"the same page": func(int) []int { return []int{1, 2} },
		"one item":      func(int) []int { return []int{1, 1} },
	} {
		t.Run(name, func(t *testing.T) {
			fetch := func(offset int) (page[int], error) { return page[int]{items: items(offset)}, nil }
			if _, err := readListing(2, strconv.Itoa, fetch, func(int) {}); err == nil {
				t.Error("no error")
			}
		})
	}
}

// Whatever is deleted before whichever page, nothing that stays gets lost and
// nothing that went is there.
func TestListingShrinks(t *testing.T) {
	const limit, n = 3, 10
	for before := range 5 {
		for from := range n {
			for to := from; to <= n; to++ {
				all := make([]int, n)
				for i := range all {
					all[i] = i
				}
				calls := 0
				fetch := func(offset int) (page[int], error) {
					if calls++; calls == before+1 {
						all = slices.Delete(all, from, to)
					}
					end := min(offset+limit, len(all))
					return page[int]{items: all[min(offset, end):end]}, nil
				}
				given := make(map[int]int)
				present, err := readListing(limit, strconv.Itoa, fetch, func(i int) { given[i]++ })
				if err != nil {
					t.Fatal(err)
				}
				if len(present) != len(all) {
					t.Errorf("%d-%d deleted before call %d: %d are present, want %d", from, to, before+1, len(present), len(all))
				}
				for _, i := range all {
					if given[i] != 1 || !present[strconv.Itoa(i)] {
						t.Errorf("%d-%d deleted before call %d: %d was given %d times, present %t", from, to, before+1, i, given[i], present[strconv.Itoa(i)])
					}
				}
			}
		}
	}
}

func TestListingFails(t *testing.T) {
	failure := errors.New("no")
	var given []int
	_, err := readListing(2, strconv.Itoa, func(offset int) (page[int], error) {
		if offset > 0 {
			return page[int]{}, failure
		}
		return page[int]{items: []int{1, 2}}, nil
	}, func(i int) { given = append(given, i) })
	if !errors.Is(err, failure) || !slices.Equal(given, []int{1, 2}) {
		t.Errorf("gave %v and %v", given, err)
	}
}
