package tagapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// mostRereads is how often a list is read again that does not add up to the summary: what
// has changed between the two does not do so three times.
const mostRereads = 2

var errNoSummary = errors.New("it does not add up, and Config counts nothing any more")

// duePlace is a place that is to be listed.
type duePlace struct {
	place
	names  []string  // provider.type, as the summary writes it
	count  int       // resources that the listing must add up to
	again  bool      // it did not add up when it was read first
	readAt time.Time // of the listing that is known; zero: none is
	found  *collected
	done   bool // the listing is whole, or it has failed
}

// renew lists the places that are due, as far as the time allows.
func (r *configRead) renew(ctx context.Context) {
	round := r.duePlaces()
	for rereads := 0; ; rereads++ {
		r.readPlaces(ctx, round)
		round = slices.DeleteFunc(round, func(p *duePlace) bool { return p.done })
		if len(round) == 0 || rereads == mostRereads {
			break
		}
		counts, err := r.askSummary(ctx)
		if err == nil && len(counts) == 0 {
			err = errNoSummary
		}
		if err != nil {
			for _, p := range round {
				r.failed(p, p.errOf(err))
			}
			return
		}
		// Each is read again, even if the new count happens to fit what was read before:
		// pages of two moments may add up to a third one's.
		r.mu.Lock()
		for _, p := range round {
			p.count, p.again = counts[p.place].n, true
			r.know(p.place).count = p.count // the next read may have to go on with it
		}
		r.mu.Unlock()
	}
	for _, p := range round {
		r.incomplete(p)
	}
}

// duePlaces returns the places to list: those first that never were, then the oldest;
// and among equals the largest, so that no long one is begun last.
func (r *configRead) duePlaces() []*duePlace {
	r.mu.Lock()
	defer r.mu.Unlock()
	var due []*duePlace
	for p, known := range r.places {
		switch {
		case !r.wants(p.kind):
			known.listing, known.settled, known.err = nil, time.Time{}, nil
		case r.due(known.settled):
			one := &duePlace{place: p, names: known.names, count: known.count}
			if known.listing != nil {
				one.readAt = known.listing.readAt
			}
			due = append(due, one)
		}
	}
	slices.SortFunc(due, func(a, b *duePlace) int {
		return cmp.Or(a.readAt.Compare(b.readAt), b.count-a.count, cmp.Compare(a.kind, b.kind), cmp.Compare(a.region, b.region))
	})
	return due
}

// readPlaces lists places, as many at once as requests may be in flight.
func (r *configRead) readPlaces(ctx context.Context, round []*duePlace) {
	wider := &widerLists{lists: make(map[place]*widerList)}
	var group errgroup.Group
	group.SetLimit(r.session.Concurrency())
	for _, p := range round {
		group.Go(func() error {
			err := Safely(func() (err error) {
				p.found, err = r.listPlace(ctx, p, wider)
				return err
			})
			if err != nil {
				r.failed(p, p.errOf(err))
			} else {
				r.settle(p)
			}
			return nil
		})
	}
	_ = group.Wait() // none fails: that is noted of its place
}

// settle takes over what was listed of a place, if that adds up.
func (r *configRead) settle(p *duePlace) {
	if !p.found.addsUp(p.count) {
		return
	}
	p.done = true
	r.mu.Lock()
	defer r.mu.Unlock()
	known := r.know(p.place)
	if known.settled.After(p.found.begun) {
		return // by a read that began later
	}
	known.count, known.settled, known.err = p.count, p.found.begun, nil
	known.listing = p.found.listing(known.listing, p.found.begun)
	if known.count == 0 && known.listing.isEmpty() {
		delete(r.places, p.place)
	}
}

// incomplete gives a place up until the next renewal: its list does not add up.
func (r *configRead) incomplete(p *duePlace) {
	r.failed(p, p.errOf(fmt.Errorf("it has %d resources, and the summary counts %d", p.found.live, p.count)))
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.know(p.place); known.settled.Before(r.begun) {
		known.settled = r.begun
	}
}

// failed notes why a place was not listed. What is known of it stays.
func (r *configRead) failed(p *duePlace, err error) {
	p.done = true
	r.mu.Lock()
	defer r.mu.Unlock()
	r.know(p.place).err = err
}
