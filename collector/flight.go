package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/policy"
	"huaweicloud_tag_exporter/internal/tagapi"
)

// flight is one read of a target, shared by the scrapes that overlap with it.
// It ends when it is done or when the last of them has left.
type flight struct {
	reading *inventory.Reading
	tally   *tally
	begun   time.Time
	cancel  context.CancelFunc
	done    chan struct{} // closed when the read has returned
	took    time.Duration // set before done is closed
	err     error         // likewise

	*waiters
}

// waiters are the scrapes that share a flight.
type waiters struct {
	mu        sync.Mutex
	deadlines []time.Time // of those that wait for it
	open      int         // scrapes whose result is not known yet
	outcome   *outcome    // of those whose result is known; nil: all of them hung up
}

// result is what a scrape learnt about a target.
type result struct {
	target *target
	parts  []part
	err    error // why the read failed, as far as it is about no part alone
	begun  time.Time
	took   time.Duration // that the read took, or has taken by then
	hungUp bool          // the scraper: nobody will see this
	ratios map[ratioKey]ratio

	recorder *bool    // of the account's Config, whether it is on; nil: not known
	notices  []string // what an operator should read once
	sharedBy *waiters // the scrapes that had the same flight
	judged   bool     // and concluded
}

// part is one part of a result. Its Err is nil if nothing of it is missing.
type part struct {
	inventory.Inventory
	keys    []inventory.Key // of the inventory
	verdict policy.Verdict  // likewise
	awaited bool            // the verdict is without a policy in force that has not been read
	hidden  bool            // it is shown from a source of its own, or may be
}

// errTimeUp is what a scrape says that left before the read had ended.
var errTimeUp = errors.New("the scrape's time was up before everything was read")

// errNotWhole is what a scrape says of a part whose read has ended without an error
// and without all of it.
var errNotWhole = errors.New("the read ended before the listing was whole")

// read returns what the target's service says. When the context ends first,
// that is what has been read by then. Whoever calls it calls conclude when the
// result is judged.
func (t *target) read(ctx context.Context) result {
	deadline, _ := ctx.Deadline()
	f := t.join(deadline)
	select {
	case <-f.done:
	case <-ctx.Done():
	}
	r := result{target: t, begun: f.begun, took: time.Since(f.begun), err: errTimeUp, hungUp: hungUp(ctx), sharedBy: f.waiters}
	select {
	case <-f.done: // maybe at the same time
		r.took, r.err = f.took, f.err
	default:
	}
	if err := tagapi.Safely(func() error { t.settle(&r, f); return nil }); err != nil {
		r.parts, r.err = []part{}, err
		if t.onePart() {
			r.parts, r.err = []part{{Inventory: inventory.Inventory{Part: t.part(), Reach: t.source.Reach, Err: err}}}, nil
		}
	}
	r.ratios, r.notices = f.tally.snapshot(), f.reading.Notices()
	t.leave(f, deadline)
	return r
}

// settle gives a result its parts, and each of them its error.
func (t *target) settle(r *result, f *flight) {
	if on, known := f.reading.Recorder(); known {
		r.recorder = &on
	}
	inventories, complete := f.reading.Parts(t.oldest(f))
	r.parts = make([]part, len(inventories))
	for i, inv := range inventories {
		inv.Err = inv.Complete(cmp.Or(r.err, errNotWhole))
		complete = complete && inv.Err == nil && (i > 0 || len(inv.Selections) == t.selectors)
		r.parts[i].Inventory = inv
	}
	if errors.Is(r.err, errTimeUp) && complete {
		r.err = nil // what is not renewed yet is young enough
	}
	switch {
	case t.onePart() && r.err != nil: // it is about this part alone
		r.parts[0].Err, r.err = r.err, nil
	case !t.onePart() && !r.hungUp:
		r.parts = t.memory.seen.complete(r.parts, r.err)
	}
}

// failure returns why anything is missing of what was to be read, nil if nothing is.
func (r result) failure() error {
	if r.err != nil {
		return r.err
	}
	failed := slices.DeleteFunc(slices.Clone(r.parts), func(p part) bool { return p.Err == nil })
	switch {
	case len(failed) == 0:
		return nil
	case r.target.onePart():
		return failed[0].Err
	}
	first := failed[0]
	return fmt.Errorf("%d of %d parts failed, the first %s: %w", len(failed), len(r.parts), first.place(), first.Err)
}

// place says for people which part it is.
func (p part) place() string {
	of := p.Project
	switch {
	case p.AnyProject:
		of = "any project"
	case of == "":
		of = "no project"
	}
	return fmt.Sprintf("%s %s of %s in %s", p.Service, p.ResourceType, of, p.Region)
}

// oldest returns when the tags that may be shown now were read at the earliest.
func (t *target) oldest(f *flight) time.Time {
	if oldest := time.Now().Add(-t.maxTagAge); oldest.Before(f.begun) {
		return oldest
	}
	return f.begun
}

// hungUp reports whether a scraper went away before its time was up.
func hungUp(ctx context.Context) bool { return errors.Is(ctx.Err(), context.Canceled) }

// join returns the flight in progress, or begins one.
func (t *target) join(deadline time.Time) *flight {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f := t.current; f != nil {
		f.mu.Lock()
		f.deadlines = append(f.deadlines, deadline)
		f.open++
		f.mu.Unlock()
		return f
	}
	ctx, cancel := context.WithCancel(context.Background())
	f := &flight{
		reading: inventory.NewReading(t.part(), t.source.Reach, inventory.NewFilter(t.exclude)),
		tally:   newTally(t.counters),
		begun:   time.Now(),
		cancel:  cancel,
		done:    make(chan struct{}),
		waiters: &waiters{deadlines: []time.Time{deadline}, open: 1},
	}
	t.current = f
	go func() {
		defer cancel()
		err := tagapi.Safely(func() error {
			session, err := t.service.Session(flightContext{ctx, f.waiters}, f.tally)
			if err != nil {
				return err
			}
			return t.reader.Read(flightContext{ctx, f.waiters}, session, f.reading)
		})
		t.finish(f, err)
	}()
	return f
}

// finish publishes how a flight ended.
func (t *target) finish(f *flight, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current == f {
		t.current = nil
	}
	f.took, f.err = time.Since(f.begun), err
	close(f.done)
}

// leave ends the flight if nobody else waits for it. Whoever comes next begins
// another.
func (t *target) leave(f *flight, deadline time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.deadlines, deadline.Equal)
	f.deadlines = slices.Delete(f.deadlines, i, i+1)
	if len(f.deadlines) > 0 {
		return
	}
	f.cancel()
	if t.current == f {
		t.current = nil
	}
}

// conclude takes a result for the pages and the log. When all scrapes that shared the
// flight have theirs, it logs the worst. Each for itself would log in turns that reading
// fails and works again, where a short scrape and a long one share every read.
func (r result) conclude() {
	t, w := r.target, r.sharedBy
	if !r.hungUp {
		t.memory.last.remember(r)
		if t.policy != nil {
			t.policy.conclude(r.err)
		}
	}
	t.journal.notice(t.logger, r.notices)
	w.mu.Lock()
	defer w.mu.Unlock()
	if !r.hungUp && (w.outcome == nil || w.outcome.err == nil) {
		w.outcome = &outcome{r.begun, r.took, r.failure()}
	}
	if w.open--; w.open == 0 && w.outcome != nil {
		t.journal.log(t.logger, *w.outcome)
	}
}

// flightContext is the context of a flight. Its deadline is that of the scrape
// that waits for it longest, and may move while it is under way. It is Done when
// the last scrape leaves, not when the deadline passes; so a timeout derived from
// it must be shorter than the time left, as those of attempts are.
//
// It does not hold the flight itself: an idle connection holds the context of its
// last request, and with that everything that was read, until the next scrape.
type flightContext struct {
	context.Context
	*waiters
}

// Deadline implements context.Context.
func (c flightContext) Deadline() (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var last time.Time
	for _, d := range c.deadlines {
		if d.After(last) {
			last = d
		}
	}
	return last, !last.IsZero()
}
