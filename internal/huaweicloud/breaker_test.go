package huaweicloud

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func (b *breaker) mustEnter(t *testing.T) (leave func(verdict)) {
	t.Helper()
	leave, err := b.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return leave
}

func (b *breaker) wantPaused(t *testing.T, when string) {
	t.Helper()
	if _, err := b.enter(t.Context()); !errors.Is(err, errPaused) {
		t.Errorf("%s: error %v, want paused", when, err)
	}
}

// TestPausesDouble: 30 s, 1 min, … 10 min, with one probe at each end.
func TestPausesDouble(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := newBreaker()
		b.mustEnter(t)(refused)
		for _, pause := range []time.Duration{
			30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, longPause, longPause, longPause,
		} {
			b.wantPaused(t, "at once")
			time.Sleep(pause - 1)
			b.wantPaused(t, "just before the end")
			time.Sleep(time.Nanosecond)
			leave := b.mustEnter(t)
			b.wantPaused(t, "while another probes")
			leave(refused)
		}
		time.Sleep(longPause)
		b.mustEnter(t)(accepted)
		b.mustEnter(t)(refused)
		time.Sleep(firstPause - 1)
		b.wantPaused(t, "after a success the first pause")
		time.Sleep(time.Nanosecond)
		b.mustEnter(t)(accepted)
	})
}

func TestProbeWithoutVerdict(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := newBreaker()
		b.mustEnter(t)(refused)
		time.Sleep(firstPause)
		for range 3 {
			leave := b.mustEnter(t)
			b.wantPaused(t, "while another probes")
			leave(unknown)
		}
		b.mustEnter(t)(accepted)
		for range 100 {
			defer b.mustEnter(t)(unknown) // no limit any more
		}
	})
}

// TestNewcomers: four at a time until the first is accepted; then everybody.
func TestNewcomers(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := newBreaker()
		entered := make(chan func(verdict), 100)
		for range 100 {
			go func() { entered <- b.mustEnter(t) }()
		}
		for range 5 {
			synctest.Wait()
			want(t, "in flight", len(entered), newcomers)
			(<-entered)(unknown)
		}
		synctest.Wait()
		(<-entered)(accepted)
		synctest.Wait()
		want(t, "after the first success", len(entered), 100-6)
		close(entered)
		for leave := range entered {
			leave(accepted)
		}
	})
}

func TestWaitersAreRefused(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := newBreaker()
		var leave []func(verdict)
		for range newcomers {
			leave = append(leave, b.mustEnter(t))
		}
		done := make(chan error, 10)
		for range cap(done) {
			go func() {
				_, err := b.enter(t.Context())
				done <- err
			}()
		}
		synctest.Wait()
		leave[0](refused)
		for range cap(done) {
			want(t, "waiting", <-done, errPaused)
		}
		leave[1](accepted) // began before the pause, and ends it not
		leave[2](refused)  // nor doubles it
		b.wantPaused(t, "after late answers")
		time.Sleep(firstPause)
		b.mustEnter(t)(accepted)
		leave[3](unknown)
	})
}

func TestCancelledWhileWaiting(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := newBreaker()
		for range newcomers {
			b.mustEnter(t)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		_, err := b.enter(ctx)
		want(t, "error", err, context.DeadlineExceeded)
		want(t, "waited", time.Since(began), time.Second)
	})
}

// TestReset: a changed secret closes the breaker, and nothing that was learnt
// about the old one counts.
func TestReset(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := newBreaker()
		var old []func(verdict)
		for range newcomers {
			old = append(old, b.mustEnter(t))
		}
		waiting := make(chan func(verdict))
		go func() { waiting <- b.mustEnter(t) }()
		synctest.Wait()
		b.reset()
		leave := <-waiting
		for _, v := range []verdict{accepted, unknown, refused} {
			old[v](v)
		}
		for range newcomers - 1 {
			defer b.mustEnter(t)(unknown)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := b.enter(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a fifth newcomer: error %v", err)
		}
		leave(refused)
		b.wantPaused(t, "refused")
		b.reset()
		b.mustEnter(t)(refused)
		time.Sleep(firstPause)
		probe := b.mustEnter(t)
		b.reset()
		probe(refused)
		b.mustEnter(t)(accepted)
	})
}
