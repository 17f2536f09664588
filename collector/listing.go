package collector

import (
	"errors"
	"fmt"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

const (
	maxPages  = 10_000 // of one listing: a million resources
	maxPasses = 3      // over a listing from which items vanish while it is read
)

// page is one page of a listing.
type page[T any] struct {
	items []T
	total huaweicloud.Count // of the whole listing, as the service says; capped by some
}

// readListing calls each once for every item of a listing that is read by
// record offset in pages of at most limit, and returns the IDs of the items
// that are there at the end.
//
// Behind a full page, the next begins with the item that ended it. If it does
// not begin with one that is known, items before it were deleted and others may
// have moved past us; then the listing is read once more. No total shows that
// as surely: it may be absent, capped, or made up for by insertions. An item
// that comes twice because an insertion shifted the pages is passed over.
//
// The listing ends at an empty page, or at a short one unless the service says
// that there are more. If it ends before the total that the service states, it
// is read once more too: it is not whole, whatever it is. A full page is never the end, whatever total says, since
// DataArts Fabric caps it at 1000.
func readListing[T any](limit int, id func(T) string, fetch func(offset int) (page[T], error), each func(T)) (present map[string]bool, err error) {
	seen := make(map[string]bool)
	for range maxPasses {
		present, moved, err := readPass(limit, id, fetch, func(item T) {
			if key := id(item); !seen[key] {
				seen[key] = true
				each(item)
			}
		})
		if err != nil {
			return nil, err
		}
		if !moved {
			return present, nil
		}
	}
	return nil, errors.New("the listing shrank each time it was read, or lists less than its total_count says")
}

func readPass[T any](limit int, id func(T) string, fetch func(offset int) (page[T], error), each func(T)) (present map[string]bool, moved bool, err error) {
	present = make(map[string]bool)
	offset, overlap := 0, 0
	for range maxPages {
		p, err := fetch(offset)
		if err != nil {
			return nil, false, err
		}
		if overlap > 0 && (len(p.items) == 0 || !present[id(p.items[0])]) {
			moved = true
		}
		fresh := 0
		for _, item := range p.items {
			if key := id(item); !present[key] {
				present[key] = true
				fresh++
				each(item)
			}
		}
		end := offset + len(p.items)
		switch {
		case len(p.items) == 0,
			len(p.items) < limit && (!p.total.Known || end >= p.total.N):
			less := p.total.Known && end < p.total.N
			return present, moved || less, nil
		case fresh == 0 && len(p.items) > overlap:
			return nil, false, fmt.Errorf("the page at offset %d repeats earlier ones", offset)
		}
		overlap = 0
		if len(p.items) >= limit {
			overlap = 1
		}
		offset = end - overlap
	}
	return nil, false, fmt.Errorf("more than %d pages", maxPages)
}
