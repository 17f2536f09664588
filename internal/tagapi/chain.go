package tagapi

import (
	"context"
	"errors"
	"fmt"
)

var errBack = errors.New("the listing leads back to a page that was read already")

// readChain reads a listing once, each page of which says behind which marker the next
// one begins. It returns why that has to be done again.
//
// Whatever goes or comes between two pages, the next begins where the one before ended:
// so nothing is passed over. It ends with a page that has no item, or no marker. Some
// services give the last page a marker, too, the one that it was asked for with.
func (l *listing[T]) readChain(ctx context.Context, each func(T)) (again, err error) {
	marker, found := "", 0
	for range maxPages {
		p, next, err := l.follow(ctx, marker)
		if marker != "" && l.isGone(err) {
			return err, nil
		}
		if err != nil {
			return nil, err
		}
		fresh := l.meet(p.items, each)
		found += fresh
		switch {
		case len(p.items) == 0, next == "", next == marker && len(p.items) < l.limit:
			return short(found, p.total), nil
		case fresh == 0:
			return errBack, nil
		}
		marker = next
	}
	return fmt.Errorf("more than %d pages", maxPages), nil
}
