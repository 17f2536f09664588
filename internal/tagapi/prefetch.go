package tagapi

import (
	"context"
	"sync"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// prefetch fetches pages of a listing before their turn, as far as it can be
// foreseen where they begin. It knows nothing of what they mean: a page that is
// asked for and was not foreseen is fetched then.
type prefetch[T any] struct {
	step    int // from one full page to the next
	fetch   func(ctx context.Context, offset int, guess bool) (page[T], error)
	begun   map[int]*fetched[T] // by offset, until asked for
	fetches sync.WaitGroup
}

type fetched[T any] struct {
	done  chan struct{}
	guess bool
	page  page[T]
	err   error
}

// begin fetches the page at an offset and pages behind it, up to ahead in all, as
// far as they begin before the expected end. That is where the total says, or if the
// listing goes on beyond it, where the last read found it. Past the expected end it
// requests guesses pages in parallel, and then no more until each of them has been
// asked for. The last page is then usually among them, which saves one round trip.
func (p *prefetch[T]) begin(ctx context.Context, from int, total huaweicloud.Count, expected, guesses, ahead int) {
	end := total.N
	if from >= end {
		end = expected
	}
	last := min(from+(ahead-1)*p.step, end-1)
	if from >= end {
		if len(p.begun) > 0 {
			return
		}
		last = from + (guesses-1)*p.step
	}
	for offset := from; offset <= last; offset += p.step {
		if p.begun[offset] == nil {
			p.start(ctx, offset, offset > from && offset >= total.N)
		}
	}
}

func (p *prefetch[T]) start(ctx context.Context, offset int, guess bool) {
	f := &fetched[T]{done: make(chan struct{}), guess: guess}
	p.begun[offset] = f
	p.fetches.Go(func() {
		defer close(f.done)
		f.err = Safely(func() (err error) {
			f.page, err = p.fetch(ctx, offset, guess)
			return err
		})
	})
}

// get returns the page at an offset. One that was only guessed to be there and is
// not is fetched in earnest, now that it must be.
func (p *prefetch[T]) get(ctx context.Context, offset int) (page[T], error) {
	f := p.begun[offset]
	if f == nil {
		return p.fetch(ctx, offset, false)
	}
	delete(p.begun, offset)
	<-f.done
	if f.guess && huaweicloud.IsAbsent(f.err) {
		return p.fetch(ctx, offset, false)
	}
	return f.page, f.err
}

// wait waits for what was fetched in vain, and was cancelled: no request may
// outlast its read.
func (p *prefetch[T]) wait() { p.fetches.Wait() }
