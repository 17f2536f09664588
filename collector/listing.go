package collector

import (
	"errors"
	"fmt"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

const (
	maxPages  = 10_000 // of one listing: a million resources
	maxPasses = 3      // over a listing that shrinks while it is read
)

// page is one page of a listing.
type page[T any] struct {
	items []T
	total huaweicloud.Count // of the whole listing, as the service says; capped by some
}

// readListing calls each once for every item of a listing that is read by
// record offset in pages of at most limit.
//
// It ends at an empty page, or at a short one unless the service says that
// there are more. A full page is never the end, whatever total says, since
// DataArts Fabric caps it at 1000. An item that comes twice because an insertion
// shifted the pages is passed over. If the total falls on the way, a deletion
// may have moved an item past us; then the listing is read once more.
func readListing[T any](limit int, id func(T) string, fetch func(offset int) (page[T], error), each func(T)) error {
	seen := make(map[string]bool)
	for range maxPasses {
		shrank, err := readPass(limit, id, fetch, each, seen)
		if err != nil || !shrank {
			return err
		}
	}
	return errors.New("the listing shrank each time it was read")
}

func readPass[T any](limit int, id func(T) string, fetch func(offset int) (page[T], error), each func(T), seen map[string]bool) (shrank bool, err error) {
	offset := 0
	var total huaweicloud.Count
	inPass := make(map[string]bool)
	for range maxPages {
		p, err := fetch(offset)
		if err != nil {
			return false, err
		}
		if total.Known && p.total.Known && p.total.N < total.N {
			shrank = true
		}
		total = p.total
		fresh := 0
		for _, item := range p.items {
			key := id(item)
			if key == "" {
				return false, errors.New("an item without an ID")
			}
			if !inPass[key] {
				inPass[key] = true
				fresh++
			}
			if !seen[key] {
				seen[key] = true
				each(item)
			}
		}
		offset += len(p.items)
		switch {
		case len(p.items) == 0:
			return shrank, nil
		case len(p.items) < limit && (!total.Known || offset >= total.N):
			return shrank, nil
		case fresh == 0:
			return false, fmt.Errorf("the page at offset %d repeats earlier ones", offset-len(p.items))
		}
	}
	return false, fmt.Errorf("more than %d pages", maxPages)
}
