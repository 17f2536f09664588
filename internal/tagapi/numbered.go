package tagapi

import (
	"context"
	"errors"
	"fmt"
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
// A full page is never the end, whatever the total says: that of some services does not
// exceed the limit. So where the total is a multiple of it, the page behind the last one is
// asked for, and may be refused. Where the service gives no total, the listing ends with
// an empty page, since a short one may be as long as the service allows.
func (l *listing[T]) readNumbered(ctx context.Context, each func(T)) (again, err error) {
	pages := &prefetch[T]{step: l.limit, fetch: l.fetch, begun: make(map[int]*fetched[T])}
	defer pages.wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	first, err := pages.get(ctx, 0)
	if err != nil {
		return nil, err
	}
	found := 0
	for p, number := first, 0; number < maxPages; number++ {
		if number > 0 {
			p, err = pages.get(ctx, number*l.limit)
			switch {
			case l.isGone(err) && !first.total.Known && found == number*l.limit:
				return err, nil // a full page and no total: it may be as far as the service goes
			case l.isGone(err): // another way to say that the page before it was the last one
				p.total = first.total
			case err != nil:
				return nil, err
			}
		}
		found += len(p.items)
		ended := len(p.items) == 0 || len(p.items) < l.limit && p.total.Known && found >= p.total.N
		switch fresh := l.meet(p.items, each); {
		case fresh < len(p.items), p.total != first.total:
			return errMoved, nil
		case ended && short(found, p.total) != nil:
			return errLess, nil
		case ended && (number == 0 || number == 1 && len(p.items) == 0 && (found < l.limit || found == p.total.N)):
			return nil, nil // a single page is of one moment
		case ended:
			return l.agrees(), nil
		case found-len(p.items) < number*l.limit:
			return errLess, nil // the page before was short, and yet not the last one
		}
		pages.begin(ctx, (number+1)*l.limit, p.total, l.expected, min(l.ahead, number+1), 2*l.ahead)
	}
	return nil, fmt.Errorf("more than %d pages", maxPages)
}

// agrees returns nil if a pass has found all that the last read found, or the pass before
// it.
func (l *listing[T]) agrees() error {
	if l.pass > 1 {
		for _, pass := range l.met {
			if pass == l.pass-1 {
				return errMoved
			}
		}
		return nil
	}
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
