package tagapi

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

const (
	maxPages  = 10_000 // of one listing: a million resources
	maxPasses = 3      // over a listing from which items vanish while it is read
	moreAgree = 2      // passes beyond that where two of them have to agree
)

// page is one page of a listing.
type page[T any] struct {
	items []T
	total huaweicloud.Count // of the whole listing, as the service says; capped by some
}

// listing is one that is read by record offset, in pages of at most limit items,
// some of them ahead of their turn.
//
// Behind a full page, the next begins with the item that ended it. Limit 3: offsets
// 0, 2, 4 give abc, cde, efg. If a and b are deleted after the first page, offset 2
// gives efg. It does not begin with an item that is known, so d may have been
// skipped: the listing is read once more. No total shows that as surely: it may be
// absent, capped, or made up for by insertions. If x is inserted before a instead,
// offset 2 gives bcd: what comes twice is passed over. All of this holds in whatever
// order the pages are fetched: each is a run of items of one moment, and what is
// there throughout keeps its order.
//
// The listing ends at an empty page, or at a short one unless the service says
// that there are more. If it ends before the total that the service states, it
// is read once more too: it is not whole, whatever it is. A full page is never
// the end, whatever total says, since DataArts Fabric caps it at 1000.
type listing[T any] struct {
	limit int // items on a full page, at least 2
	ahead int // requests that may be in flight
	// expected is how many items there were last, for where no total says so; 0:
	// unknown.
	expected int
	id       func(T) string
	// fetch fetches a page. A guess may lie behind the end.
	fetch func(ctx context.Context, offset int, guess bool) (page[T], error)

	// plain: the total may count an item as often as it is listed, or be younger than a page;
	// and where there is none, a short page is the last one. Else the total counts each item
	// once, so that one that is there twice stands in the place of another; and a short page
	// may be as long as the service allows, so that the next one overlaps with it, too, and
	// only one that has nothing new ends the listing.
	plain bool
	// gone tells from the error of a page but the first that the listing has become
	// shorter meanwhile: it is read once more. nil: there is no such error.
	gone func(error) bool
	// numbered pages begin at multiples of limit, so that none can begin with the item
	// that ended the one before: see readNumbered.
	numbered bool
	last     ids // of numbered pages: what the last read found
	// follow, in place of fetch, fetches the page behind a marker: see readChain. It
	// returns the marker of the next page; "" is no such page.
	follow func(ctx context.Context, marker string) (p page[T], next string, err error)

	met  ids
	pass int
}

// ids are those of the items of a listing, with the pass that met them last.
type ids map[string]int

func (m ids) has(id string) bool { return m[id] > 0 }

// read calls each once for every item, and returns those that are there at the
// end.
func (l *listing[T]) read(ctx context.Context, each func(T)) (present ids, err error) {
	l.met = make(ids)
	var again error
	passes := maxPasses
	if l.numbered {
		passes += moreAgree
	}
	for l.pass = 1; l.pass <= passes; l.pass++ {
		switch {
		case l.follow != nil:
			again, err = l.readChain(ctx, each)
		case l.numbered:
			again, err = l.readNumbered(ctx, each)
		default:
			again, err = l.readPass(ctx, each)
		}
		if err != nil {
			return nil, err
		}
		if again == nil {
			maps.DeleteFunc(l.met, func(_ string, pass int) bool { return pass < l.pass })
			return l.met, nil
		}
	}
	return nil, again
}

var (
	errMoved = errors.New("the listing changed each time it was read")
	errLess  = errors.New("the listing has less than its total_count says")
)

func (l *listing[T]) isGone(err error) bool { return err != nil && l.gone != nil && l.gone(err) }

// short returns errLess if a pass that found so many items should have found more.
func short(found int, total huaweicloud.Count) error {
	if total.Known && found < total.N {
		return errLess
	}
	return nil
}

// readPass reads the listing once. It returns why that has to be done again.
func (l *listing[T]) readPass(ctx context.Context, each func(T)) (again, err error) {
	pages := &prefetch[T]{step: l.limit - 1, fetch: l.fetch, begun: make(map[int]*fetched[T])}
	defer pages.wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	offset, overlap, found, counted := 0, 0, 0, true
	for n := range maxPages {
		p, err := pages.get(ctx, offset)
		switch {
		case !counted && l.isGone(err):
			// Another way to say that the page before it was the last one.
		case offset > 0 && l.isGone(err):
			return err, nil
		case err != nil:
			return nil, err
		}
		if overlap > 0 && (len(p.items) == 0 || l.met[l.id(p.items[0])] < l.pass) {
			again = errMoved
		}
		fresh := l.meet(p.items, each)
		found += fresh
		end := offset + len(p.items)
		counted = p.total.Known || l.plain
		switch {
		case len(p.items) == 0,
			!counted && len(p.items) <= overlap, // nothing behind the page before
			len(p.items) < l.limit && counted && (!p.total.Known || end >= p.total.N):
			if l.plain {
				found = end
			}
			if again == nil {
				again = short(found, p.total)
			}
			return again, nil
		case fresh == 0 && len(p.items) > overlap:
			return fmt.Errorf("the page at offset %d repeats earlier ones", offset), nil
		}
		overlap = 0
		if len(p.items) >= l.limit || !l.plain && len(p.items) > 1 { // else it would begin where this one did
			overlap = 1
		}
		offset = end - overlap
		if len(p.items) == l.limit {
			// Twice as many, so that one that is decoded or waits for its turn
			// leaves no gap in flight.
			pages.begin(ctx, offset, p.total, l.expected, min(l.ahead, n+1), 2*l.ahead)
		}
	}
	return nil, fmt.Errorf("more than %d pages", maxPages)
}

// meet calls each for the items that no pass has met, and returns how many this
// pass had not.
func (l *listing[T]) meet(items []T, each func(T)) (fresh int) {
	for _, item := range items {
		key := l.id(item)
		pass := l.met[key]
		if pass == l.pass {
			continue
		}
		l.met[key] = l.pass
		fresh++
		if pass == 0 {
			each(item)
		}
	}
	return fresh
}
