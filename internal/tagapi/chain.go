package tagapi

import (
	"context"
	"errors"
	"fmt"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

var errBack = errors.New("the listing leads back to a page that was read already")

// readChain reads a listing once, each page of which says behind which marker the next
// one begins. It returns why that has to be done again.
//
// Whatever goes or comes between two pages, the next begins where the one before ended:
// so nothing is passed over. It ends with a page that has no marker. Some services give the
// last page a marker, too: the one that it was asked for with, or one that leads to an
// empty page. That has a marker again where it is not the end, but where the service has
// left out what it may not show: so it is the end if there is nothing new behind it.
func (l *listing[T]) readChain(ctx context.Context, each func(T)) (again, err error) {
	marker, found, ended, total := "", 0, false, huaweicloud.Count{}
	for range maxPages {
		p, next, err := l.follow(ctx, marker)
		if ended && l.isGone(err) {
			return short(found, total), nil
		}
		if marker != "" && l.isGone(err) {
			return err, nil
		}
		if err != nil {
			return nil, err
		}
		fresh := l.meet(p.items, each)
		found += fresh
		switch {
		case next == "", ended && fresh == 0, next == marker && len(p.items) < l.limit:
			return short(found, p.total), nil
		case fresh == 0 && len(p.items) > 0:
			return errBack, nil
		}
		marker, ended, total = next, len(p.items) == 0, p.total
	}
	return nil, fmt.Errorf("more than %d pages", maxPages)
}
