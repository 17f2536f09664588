package huaweicloud

import (
	"sync"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// TestSlowsDown: a service that takes 50 requests a second is soon called no faster, so
// that few are refused and none fails; and as fast as before when it takes them all.
func TestSlowsDown(t *testing.T) {
	for name, configured := range map[string]float64{"unlimited": 0, "limited": 200} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, simulator.Options{})
				r.limits.RequestsPerSecond, r.limits.MaxRetries = configured, 10 // the pauses are random: with 3, a call may use them up
				r.Inject(simulator.Fault{Latency: 50 * time.Millisecond})
				remove := r.Inject(simulator.Fault{PerWindow: 50, Window: time.Second, Answer: simulator.Instead(simulator.Throttled(simulator.PolicyAPIPerMinute, ""))})
				s := r.session(DDS)
				const n = 500
				took := r.calls(s, n)
				if refused := r.with(429, "APIG.0308"); refused > n*3/10 { // it is 40 to 100, as the random pauses fall; at the full rate it is 240 and more
					t.Errorf("%d of %d requests were refused", refused, n+refused)
				}
				if most := 2 * n / 50 * time.Second; took > most {
					t.Errorf("it took %s, want %s at most", took, most)
				}
				remove()
				want(t, "slowed down", s.pacer.pace > 0 && s.pacer.pace < 100, true)
				r.calls(s, 3500)
				want(t, "slowed down after a while", s.pacer.pace, 0)
				calls := 320.0 // at 50 ms and 16 in flight: in a second
				if configured > 0 {
					calls = configured
				}
				if took := r.calls(s, int(calls)); took > 1100*time.Millisecond {
					t.Errorf("a second's calls took %s", took)
				}
			})
		})
	}
}

// calls makes n calls, as many at once as may be in flight, and returns how long they
// took.
func (r *rig) calls(s *Session, n int) time.Duration {
	begun := time.Now()
	todo := make(chan int, n)
	for i := range n {
		todo <- i
	}
	close(todo)
	var callers sync.WaitGroup
	for range s.Concurrency() {
		callers.Go(func() {
			for range todo {
				want(r.t, "call", callOf(r.t.Context(), s), nil)
			}
		})
	}
	callers.Wait()
	return time.Since(begun)
}

// TestSlowest: however often a service answers 429, it is called once a second.
func TestSlowest(t *testing.T) {
	p := paced(t, Limits{MaxConcurrency: 16, RequestsPerSecond: 10, RequestTimeout: time.Second})
	for _, rate := range []float64{5, 2.5, 1.25, 1, 1} {
		p.slowDown()
		want(t, "rate", float64(p.limiter.Limit()), rate)
	}
	for range 89 {
		p.speedUp()
	}
	want(t, "still slowed down", p.pace > 9.8 && p.pace < 10, true)
	p.speedUp()
	p.speedUp()
	want(t, "rate", float64(p.limiter.Limit()), 10)
	want(t, "burst", p.limiter.Burst(), 1)
}

// TestOnlyRefusal: a single 429 may have nothing to do with the rate, and does not change it.
func TestOnlyRefusal(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		p := paced(t, Limits{MaxConcurrency: 16, RequestsPerSecond: 10, RequestTimeout: time.Second})
		for _, rate := range []float64{10, 5, 5} {
			time.Sleep(time.Minute)
			p.throttle(Error{}, time.Now())
			want(t, "rate", float64(p.limiter.Limit()), rate)
		}
	})
}
