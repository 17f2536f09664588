package tagapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// chain is the list of all resources of the account, in the order of its markers, as far
// as it has been read. It stands in for the listings of places where Config gives no
// summary. A large account has more pages than one scrape has time for, so the next read
// goes on at the marker; nothing of a chain is shown before it has ended.
type chain struct {
	begun  time.Time
	marker string          // of the next page
	met    map[string]bool // markers of the pages before
	places map[place]*collected
}

func newChain(begun time.Time) *chain {
	return &chain{begun: begun, met: make(map[string]bool), places: make(map[place]*collected)}
}

// followChain reads on in the chain, as far as the time allows.
func (r *configRead) followChain(ctx context.Context) error {
	c := r.takeChain()
	if c == nil {
		return nil
	}
	err := r.follow(ctx, c)
	if status(err) == http.StatusBadRequest && c.begun.Before(r.begun) {
		c = newChain(r.begun) // Config does not know the marker any more
		err = r.follow(ctx, c)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil:
		r.closeChain(c)
		return nil
	case !errors.Is(err, errCircle) && r.chain == nil: // else a read that began later has another one
		r.chain = c
	}
	young := !r.chainedAt.IsZero() && r.begun.Sub(r.chainedAt) <= r.settings.MaxTagAge
	if errors.Is(err, huaweicloud.ErrNoTime) && young {
		return nil // the chain before this one will do until the next read
	}
	return fmt.Errorf("list the resources of the account, %d pages so far: %w", len(c.met), err)
}

// takeChain returns the chain to go on with, a new one where that is due, or nil. What
// would be too old by its end is begun anew.
func (r *configRead) takeChain() *chain {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.chain
	r.chain = nil // no other read may go on with it meanwhile
	if c != nil && r.begun.Sub(c.begun) <= r.settings.MaxTagAge {
		return c
	}
	if c == nil && !r.due(r.chainedAt) {
		return nil
	}
	return newChain(r.begun)
}

func (r *configRead) follow(ctx context.Context, c *chain) error {
	return r.pages(ctx, url.Values{}, c.marker, c.met, func(page *resourcePage) {
		collect(r.into, c.places, page, place{})
		c.marker = string(page.Info.Next)
	})
}

// closeChain replaces all that is known by what a chain has, which has ended. The caller
// holds the lock.
func (r *configRead) closeChain(c *chain) {
	if r.chainedAt.After(c.begun) {
		return // by a read that began later
	}
	r.chainedAt = c.begun
	for p := range r.places {
		if c.places[p] == nil {
			delete(r.places, p)
		}
	}
	for p, found := range c.places {
		known := r.know(p)
		known.listing, known.settled, known.err = found.listing(known.listing, c.begun), c.begun, nil
	}
}
