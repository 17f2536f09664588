package tagapi

import (
	"context"
	"errors"
	"fmt"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// errOnce is why a listing whose pages are numbered is read again.
var errOnce = errors.New("the listing was read once only: what moved between its pages would not show")

// readNumbered reads a listing of numbered pages once. It returns why that has to be done
// again.
//
// If an item is deleted while the listing is read, all behind it move forward: the first
// one of the next page is on the page that was read already, and would be missing. The
// total shows that, unless as many items come at the same time. So a listing of several
// pages is read until a pass finds everything that the one before it found; or that the last
// read found, so that most reads need one pass only.
//
// Nothing is asked for beyond the total. Where the service gives none, the listing ends
// with an empty page, since a short one may be as long as the service allows.
func (l *listing[T]) readNumbered(ctx context.Context, each func(T)) (again, err error) {
	pages := &prefetch[T]{step: l.limit, fetch: l.fetch, begun: make(map[int]*fetched[T])}
	defer pages.wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	known := len(l.met) // to the passes before
	first, err := pages.get(ctx, 0)
	if err != nil {
		return nil, err
	}
	found := 0
	for p, number := first, 0; number < maxPages; number++ {
		if number > 0 {
			p, err = pages.get(ctx, number*l.limit)
			switch {
			case l.isGone(err) && first.total.Known:
				return err, nil
			case l.isGone(err): // another way to say that the page before it was the last one
			case err != nil:
				return nil, err
			}
		}
		found += len(p.items)
		ended := len(p.items) == 0
		if p.total.Known {
			ended = found >= p.total.N
		}
		switch fresh := l.meet(p.items, each); {
		case fresh < len(p.items), p.total != first.total:
			return errMoved, nil
		case ended && (number == 0 || number == 1 && found < l.limit):
			return nil, nil // a single page is of one moment
		case ended:
			return l.agrees(known, p.total), nil
		case len(p.items) < l.limit && p.total.Known, found-len(p.items) < number*l.limit:
			return errLess, nil
		}
		pages.begin(ctx, (number+1)*l.limit, p.total, l.expected, min(l.ahead, number+1), 2*l.ahead)
	}
	return fmt.Errorf("more than %d pages", maxPages), nil
}

// agrees returns nil if a pass has found all that the last read found, or the pass before
// it. Without a total, it must have found nothing else either. The passes before had met so
// many items.
func (l *listing[T]) agrees(known int, total huaweicloud.Count) error {
	if l.pass == 1 {
		for id := range l.last {
			if !l.met.has(id) {
				return errOnce
			}
		}
		if len(l.last) == 0 {
			return errOnce
		}
		return nil
	}
	for _, pass := range l.met {
		if pass == l.pass-1 {
			return errMoved
		}
	}
	if !total.Known && len(l.met) > known {
		return errMoved
	}
	return nil
}
