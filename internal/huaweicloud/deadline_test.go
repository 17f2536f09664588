package huaweicloud

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// TestHungAttemptLeavesTimeForAnother: an attempt gets half of the time left.
func TestHungAttemptLeavesTimeForAnother(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{"hang": {Break: simulator.Hang}, "stall": {Break: simulator.Stall}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, simulator.Options{})
				fault.Times = 1
				r.Inject(fault)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				want(t, "error", callOf(ctx, r.session(DDS)), nil)
				want(t, "observed", r.sent(), 2)
				want(t, "half of the time", r.count(func(a Attempt) bool {
					return a.ErrorCode == CodeTimeout && a.Duration == 2500*time.Millisecond
				}), 1)
			})
		})
	}
}

func TestRequestTimeout(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		r.limits.RequestTimeout, r.limits.MaxRetries = 500*time.Millisecond, 1
		r.Inject(simulator.Fault{Break: simulator.Hang})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		wantCode(t, callOf(ctx, r.session(DDS)), 0, CodeTimeout)
		want(t, "observed", r.count(func(a Attempt) bool {
			return a.ErrorCode == CodeTimeout && a.Duration == 500*time.Millisecond
		}), 2)
		want(t, "all", r.sent(), 2)
	})
}

// TestEverythingHangs: the call ends by its deadline, whatever it waits for.
func TestEverythingHangs(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(r *rig){
		"service": func(r *rig) { r.Inject(simulator.Fault{Break: simulator.Hang}) },
		"token": func(r *rig) {
			r.project.Credential = r.password("pass-word-1")
			r.Inject(simulator.Fault{Operation: simulator.OpCreateToken, Break: simulator.Hang})
		},
		"retry": func(r *rig) {
			r.limits.MaxRetries = 1000
			r.Inject(simulator.Fault{Answer: simulator.Instead(simulator.Empty(500))})
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, simulator.Options{})
				set(r)
				s := r.session(DDS)
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				defer cancel()
				began := time.Now()
				if err := callOf(ctx, s); err == nil {
					t.Error("no error")
				}
				if took := time.Since(began); took > 300*time.Millisecond {
					t.Errorf("took %s", took)
				}
				want(t, "observed", r.sent(), r.Calls(""))
			})
		})
	}
}

// TestNothingBeginsWithoutTime: once an answer is known to take longer than what
// an attempt may, nothing is sent, but for the first attempt of each session.
func TestNothingBeginsWithoutTime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for name, credential := range map[string]func(r *rig) CredentialConfig{
			"access key": func(*rig) CredentialConfig { return keys(testAK, testSK) },
			"password":   func(r *rig) CredentialConfig { return r.password("pass-word-1") },
		} {
			r := newRig(t, simulator.Options{})
			r.project.Credential = credential(r)
			s := r.session(DDS)
			s.pacer.answered(time.Minute)
			if s.iam != nil {
				s.iam.pacer.answered(time.Minute)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			want(t, name+" first", callOf(ctx, s), nil)
			want(t, name+" second", callOf(ctx, s), ErrNoTime)
			want(t, name+" calls", r.Calls(simulator.OpListInstanceTags), 1)
			want(t, name+" without a deadline", callOf(t.Context(), s), nil)
			want(t, name+" new session", callOf(ctx, r.session(DDS)), nil)
			want(t, name+" observed", r.sent(), r.Calls("")) // ErrNoTime is no attempt
		}
	})
}

// TestEndOfTheContext: it ends what is in flight, and what waits in any queue.
func TestEndOfTheContext(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		r.limits.MaxConcurrency = 1
		r.Inject(simulator.Fault{Break: simulator.Hang})
		s := r.session(DDS)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 5)
		for range cap(done) {
			go func() { done <- callOf(ctx, s) }()
		}
		synctest.Wait()
		want(t, "in flight", r.InFlight(""), 1)
		began := time.Now()
		cancel()
		noTime := 0
		for range cap(done) {
			if errors.Is(<-done, ErrNoTime) {
				noTime++
			}
		}
		want(t, "took", time.Since(began), 0)
		want(t, "never begun", noTime, cap(done)-1)
		want(t, "observed", r.sent(), 1)
		synctest.Wait()
		want(t, "in flight after the end", r.InFlight(""), 0)
		want(t, "after the end", callOf(ctx, s), ErrNoTime)
		want(t, "calls", r.Calls(""), 1)
	})
}

// TestCancelledRetry: the pause before a retry ends with the context.
func TestCancelledRetry(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for _, status := range []int{429, 503} {
			r := newRig(t, simulator.Options{})
			r.Inject(simulator.Fault{Answer: later(status, "60")})
			s := r.session(DDS)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- callOf(ctx, s) }()
			synctest.Wait()
			want(t, "sent", r.sent(), 1)
			began := time.Now()
			cancel()
			wantCode(t, <-done, status, "APIG.1")
			want(t, "waited", time.Since(began), 0)
		}
	})
}

// TestOneInFlight: the least that can be allowed.
func TestOneInFlight(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		r.limits.MaxConcurrency = 1
		s := r.session(DDS)
		want(t, "before", callOf(t.Context(), s), nil)
		r.Inject(simulator.Fault{Latency: time.Second})
		began := time.Now()
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() { want(t, "error", callOf(t.Context(), s), nil) })
		}
		all.Wait()
		want(t, "took", time.Since(began), 5*time.Second)
		want(t, "of a second each", r.count(func(a Attempt) bool { return a.Duration == time.Second }), 5)
		want(t, "at once", r.MaxInFlight(""), 1)
	})
}

// TestDecodingHoldsNobodyUp: with one request in flight at most, the next goes while
// a large page is still being decoded.
func TestDecodingHoldsNobodyUp(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		r.limits.MaxConcurrency = 1
		s := r.session(DDS)
		want(t, "before", callOf(t.Context(), s), nil)
		decoded := make(chan struct{})
		slow := tagsRequest
		slow.decode = func(http.Header, []byte) error { <-decoded; return nil }
		done := make(chan error, 1)
		go func() { done <- s.do(t.Context(), slow) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		want(t, "the next", callOf(ctx, s), nil)
		close(decoded)
		want(t, "the first", <-done, nil)
	})
}
