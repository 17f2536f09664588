package tagapi

import (
	"context"
	"errors"
	"fmt"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// everything is what the list of all resources of the account is asked for: any type in any
// region. That list stands in for those of places where Config gives no summary. Nothing of it
// is shown before it has ended, which may take several reads.
var everything place

// followChain reads on in the list of everything, as far as the time allows.
func (r *configRead) followChain(ctx context.Context) error {
	r.mu.Lock()
	due := r.cut[everything] != nil || r.due(r.chainedAt)
	r.mu.Unlock()
	if !due {
		return nil
	}
	all, err := r.list(ctx, nil, everything, nil)
	if all.circle {
		err = errCircle
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		r.closeChain(all)
		return nil
	}
	young := !r.chainedAt.IsZero() && r.begun.Sub(r.chainedAt) <= r.settings.MaxTagAge
	if errors.Is(err, huaweicloud.ErrNoTime) && young {
		return nil // the one before will do until the next read
	}
	return fmt.Errorf("list the resources of the account, %d pages so far: %w", len(all.met), err)
}

// closeChain replaces all that is known by what a list of everything has, which has ended. The
// caller holds the lock.
func (r *configRead) closeChain(all *filtered) {
	if r.chainedAt.After(all.begun) {
		return // by a read that began later
	}
	r.chainedAt = all.begun
	for p := range r.places {
		if all.places[p] == nil {
			delete(r.places, p)
		}
	}
	for p, found := range all.places {
		known := r.know(p)
		known.listing, known.settled, known.err = found.listing(known.listing, all.begun), all.begun, nil
	}
}
