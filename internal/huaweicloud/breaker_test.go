package huaweicloud

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// accepting returns a breaker and a secret that was accepted.
func accepting(t *testing.T) (*breaker, *standing) {
	b := newBreaker()
	s := &standing{breaker: b}
	s.mustEnter(t)(accepted)
	return b, s
}

func (s *standing) mustEnter(t *testing.T) (leave func(outcome)) {
	t.Helper()
	if err := s.await(t.Context()); err != nil {
		t.Fatal(err)
	}
	if leave = s.enter(); leave == nil {
		t.Fatal("may not enter")
	}
	return leave
}

func (s *standing) wantPaused(t *testing.T, when string) {
	t.Helper()
	if err := s.await(t.Context()); !errors.Is(err, errPaused) {
		t.Errorf("%s: error %v, want paused", when, err)
	}
	if s.enter() != nil {
		t.Errorf("%s: entered", when)
	}
}

// wantWaiting fails the test unless a request would have to wait.
func (s *standing) wantWaiting(t *testing.T, when string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.await(ctx); !errors.Is(err, ErrNoTime) {
		t.Errorf("%s: error %v", when, err)
	}
	if s.enter() != nil {
		t.Errorf("%s: entered", when)
	}
}

// TestPausesDouble: 30 s, 1 min, … 10 min, with one probe at each end.
func TestPausesDouble(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		_, s := accepting(t)
		s.mustEnter(t)(refused)
		for _, pause := range []time.Duration{
			30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 10 * time.Minute, 10 * time.Minute, 10 * time.Minute,
		} {
			s.wantPaused(t, "at once")
			time.Sleep(pause - 1)
			s.wantPaused(t, "just before the end")
			time.Sleep(time.Nanosecond)
			leave := s.mustEnter(t)
			s.wantWaiting(t, "while another probes")
			leave(refused)
		}
		time.Sleep(longPause)
		s.mustEnter(t)(accepted)
		s.mustEnter(t)(refused)
		time.Sleep(firstPause - 1)
		s.wantPaused(t, "after a success the first pause")
		time.Sleep(time.Nanosecond)
		s.mustEnter(t)(accepted)
	})
}

func TestProbeWithoutVerdict(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		_, s := accepting(t)
		s.mustEnter(t)(refused)
		time.Sleep(firstPause)
		for range 3 {
			leave := s.mustEnter(t)
			s.wantWaiting(t, "while another probes")
			leave(unknown)
		}
		s.mustEnter(t)(accepted)
		for range 100 {
			defer s.mustEnter(t)(unknown) // no limit any more
		}
	})
}

// TestOneAtATime: until a secret has been accepted, who waits follows one by one,
// then everybody.
func TestOneAtATime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := &standing{breaker: newBreaker()}
		entered := make(chan func(outcome), 100)
		for range 100 {
			go func() {
				for {
					if err := s.await(t.Context()); err != nil {
						t.Error(err)
					}
					if leave := s.enter(); leave != nil {
						entered <- leave
						return
					}
				}
			}()
		}
		for range 5 {
			synctest.Wait()
			want(t, "in flight", len(entered), 1)
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

// TestEachSecretIsProved: one that was accepted passes while another is proved; a
// refusal of either stops both.
func TestEachSecretIsProved(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b, good := accepting(t)
		bad, other := &standing{breaker: b}, &standing{breaker: b}
		leave := bad.mustEnter(t)
		other.wantWaiting(t, "another secret")
		good.mustEnter(t)(accepted)
		other.wantWaiting(t, "another secret, still")
		late := good.mustEnter(t)
		leave(refused)
		for _, s := range []*standing{good, bad, other} {
			s.wantPaused(t, "after a refusal")
		}
		late(accepted) // was sent before the pause, so it does not end it
		good.wantPaused(t, "after a late answer")
		time.Sleep(firstPause)
		good.mustEnter(t)(accepted)
		late = good.mustEnter(t)
		good.mustEnter(t)(refused)
		late(refused) // was sent before the pause, so it does not double it
		time.Sleep(firstPause)
		good.mustEnter(t)(accepted)
	})
}

func TestWaitersAreRefused(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := &standing{breaker: newBreaker()}
		leave := s.mustEnter(t)
		done := make(chan error, 10)
		for range cap(done) {
			go func() { done <- s.await(t.Context()) }()
		}
		synctest.Wait()
		leave(refused)
		for range cap(done) {
			want(t, "waiting", <-done, errPaused)
		}
	})
}

// TestDoubtfulToken: a 401 for a token that may have expired begins no pause, but the
// next token is proved by one request. Of many that were in flight only the proving
// one counts as a refusal.
func TestDoubtfulToken(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		_, s := accepting(t)
		var inFlight []func(outcome)
		for range 20 {
			inFlight = append(inFlight, s.mustEnter(t))
		}
		inFlight[0](doubtful)
		leave := s.mustEnter(t)
		s.wantWaiting(t, "while the new token is proved")
		for _, late := range inFlight[1:] {
			late(doubtful)
		}
		s.wantWaiting(t, "while the new token is still proved")
		leave(accepted)
		s.mustEnter(t)(accepted)
		s.mustEnter(t)(doubtful)
		for range mostRefusals {
			s.mustEnter(t)(doubtful)
		}
		s.wantPaused(t, "after five tokens")
		time.Sleep(refusalWindow)
		s.mustEnter(t)(accepted)
	})
}

// TestReset: a changed secret and a reload end the pause, and nothing that was
// learnt about the old secret counts; but not more than five refusals within ten
// minutes.
func TestReset(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := newBreaker()
		began := time.Now()
		for n := range mostRefusals {
			s := &standing{breaker: b}
			leave := s.mustEnter(t)
			b.reset()
			s.wantWaiting(t, "the request with the old secret may be refused yet")
			leave(refused)
			if n < mostRefusals-1 {
				s.mustEnter(t)(unknown)
			}
			time.Sleep(time.Minute)
		}
		s := &standing{breaker: b}
		for n := range 4 {
			s.wantPaused(t, "five refusals")
			b.reset()
			s.wantPaused(t, "five refusals, reset")
			time.Sleep(time.Until(began.Add(refusalWindow)) - 1)
			s.wantPaused(t, "just before the first is ten minutes old")
			time.Sleep(time.Nanosecond)
			began = began.Add(time.Minute)
			s.mustEnter(t)(refused)
			b.reset()
			want(t, fmt.Sprint("kept after ", n), len(b.refusals), mostRefusals)
		}
	})
}

func TestVoid(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := newBreaker()
		old := &standing{breaker: b}
		leave := old.mustEnter(t)
		waiting := make(chan error)
		go func() { waiting <- old.await(t.Context()) }()
		synctest.Wait()
		old.revoke()
		want(t, "waited", <-waiting, nil)
		leave(accepted)
		if old.enter() != nil {
			t.Error("a secret was sent that the credential has no more")
		}
		(&standing{breaker: b}).mustEnter(t)(refused)
		want(t, "in the pause of the next", old.await(t.Context()), nil)
	})
}

// TestBreakersAreForgotten: a day after they were asked for last.
func TestBreakersAreForgotten(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		all := newBreakers()
		kept, gone := all.of("kept"), all.of("gone")
		time.Sleep(12 * time.Hour)
		want(t, "the same", all.of("kept"), kept)
		time.Sleep(12*time.Hour + 1)
		all.of("new")
		want(t, "kept", all.of("kept"), kept)
		want(t, "in memory", len(all.byIdentity), 2)
		if all.of("gone") == gone {
			t.Error("the old one")
		}
	})
}
