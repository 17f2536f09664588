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

// throttled has the next call answered with 429.
func (r *rig) throttled(retryAfter string) {
	r.Inject(simulator.Fault{Times: 1, Answer: simulator.Instead(simulator.Throttled(simulator.PolicyAPIPerMinute, retryAfter))})
}

// sentAfter returns when the requests were sent, of an operation or of all.
func (r *rig) sentAfter(began time.Time, operation string) (after []time.Duration) {
	for _, q := range r.Requests() {
		if operation == "" || q.Operation == operation {
			after = append(after, q.Time.Sub(began))
		}
	}
	return after
}

// TestThrottledService: after a 429 the whole service of that project waits, and
// nobody else.
func TestThrottledService(t *testing.T) {
	for name, test := range map[string]struct {
		retryAfter string
		set        func(r *rig)
	}{
		"seconds":                    {"20", func(*rig) {}},
		"date":                       {testTime.Add(20 * time.Second).Format(http.TimeFormat), func(*rig) {}},
		"no retry":                   {"20", func(r *rig) { r.limits.MaxRetries = 0 }},
		"one at a time":              {"20", func(r *rig) { r.limits.MaxConcurrency = 1 }},
		"waiting for the rate limit": {"20", func(r *rig) { r.limits.RequestsPerSecond = 10 }},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, simulator.Options{Log: 1000})
				r.SetProject(simulator.Project{ID: "other", Region: "cn-north-4"})
				test.set(r)
				want(t, "modelarts proves the credential", callOf(t.Context(), r.session(ModelArts)), nil)
				r.throttled(test.retryAfter)
				began := time.Now()
				s := r.session(DDS)
				var all sync.WaitGroup
				all.Go(func() { _ = callOf(t.Context(), s) })
				synctest.Wait()
				for range 10 {
					all.Go(func() { want(t, "after the pause", callOf(t.Context(), s), nil) })
				}
				synctest.Wait()
				want(t, "another service", callOf(t.Context(), r.session(ModelArts)), nil)
				r.project.Name = "another project"
				want(t, "another project", r.call(), nil)
				if took := time.Since(began); took > time.Second {
					t.Errorf("others waited %s", took)
				}
				all.Wait()
				at := r.sentAfter(began, simulator.OpListInstanceTags)
				if at[0] != 0 || at[1] > time.Second || at[2] < 20*time.Second || at[2] > 20*time.Second+firstBackoff {
					t.Errorf("sent after %v", at)
				}
				want(t, "observed", r.sent(), r.Calls(""))
			})
		})
	}
}

// TestThrottledPastTheDeadline: whose deadline comes before the pause's end is told
// at once why, and has made no attempt.
func TestThrottledPastTheDeadline(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		r.limits.MaxRetries = 0
		r.throttled("20")
		wantCode(t, r.call(), 429, "APIG.0308")
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
		defer cancel()
		for range 3 {
			wantCode(t, callOf(ctx, r.session(DDS)), 429, "APIG.0308")
		}
		want(t, "waited", time.Since(began), 0)
		want(t, "observed", r.sent(), 1)
		want(t, "calls", r.Calls(""), 1)

		leaving, leave := context.WithCancel(t.Context()) // who leaves while it waits
		done := make(chan error, 1)
		go func() { done <- callOf(leaving, r.session(DDS)) }()
		synctest.Wait()
		leave()
		wantCode(t, <-done, 429, "APIG.0308")
		want(t, "observed still", r.sent(), 1)

		r.limits.RequestsPerSecond = 7 // a reload that changes the limits is no way around
		r.next(ClientConfig{})
		wantCode(t, callOf(ctx, r.session(DDS)), 429, "APIG.0308")
		time.Sleep(20 * time.Second)
		want(t, "after the pause", r.call(), nil)
	})
}

// TestThrottledWithoutDeadline: an audit waits for a minute, not for an hour.
func TestThrottledWithoutDeadline(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		r.throttled("60")
		want(t, "a minute", r.call(), nil)
		r.throttled("80")
		wantCode(t, r.call(), 429, "APIG.0308")
		wantCode(t, r.call(), 429, "APIG.0308")
		want(t, "observed", r.sent(), 3)
		time.Sleep(11 * time.Second)
		want(t, "little more than a minute left", r.call(), nil)
	})
}

// TestThrottledBackoff: without a Retry-After the pauses grow, once for all that were
// in flight at a time.
func TestThrottledBackoff(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{Log: 10_000})
		want(t, "first", r.call(), nil)
		remove := r.Inject(simulator.Fault{Latency: time.Millisecond, Answer: simulator.Instead(simulator.Throttled(simulator.PolicyAPIPerMinute, ""))})
		r.limits.MaxRetries = 1000
		s := r.session(DDS)
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() { wantCode(t, callOf(ctx, s), 429, "APIG.0308") })
		}
		all.Wait()
		rounds, last := 0, time.Duration(-1)
		for _, at := range r.sentAfter(began, "") {
			if at > last {
				rounds++
			}
			last = at
		}
		// A 429 proves no secret, so it is one request after each pause of up to 5 s.
		if rounds < 10*60/5 || rounds > 10*60/2 {
			t.Errorf("%d rounds of requests in ten minutes", rounds)
		}
		remove()
		want(t, "recovers", callOf(t.Context(), s), nil)
		r.throttled("")
		began = time.Now()
		want(t, "begins anew", callOf(t.Context(), s), nil)
		if took := time.Since(began); took > firstBackoff {
			t.Errorf("the first pause took %s", took)
		}
	})
}

// TestDailyQuota: it is not back within any pause, and says nothing of other calls.
func TestDailyQuota(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		r.Inject(simulator.Fault{Times: 1, Answer: simulator.Instead(simulator.QuotaExhausted())})
		wantCode(t, r.call(), 429, "APIG.0308")
		began := time.Now()
		want(t, "the next", r.call(), nil)
		want(t, "waited", time.Since(began), 0)
	})
}

// TestThrottledIAM: it pauses what needs a token, and counts as no failure of the
// service.
func TestThrottledIAM(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := passwordRig(t, simulator.Options{Log: 10})
		r.limits.MaxRetries = 0
		r.throttled("20")
		began := time.Now()
		wantCode(t, r.call(), 429, "APIG.0308")
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
		defer cancel()
		if err := callOf(ctx, r.session(ModelArts)); !IsCode(err, "APIG.0308") || errors.Is(err, ErrNoTime) {
			t.Errorf("error %v", err)
		}
		want(t, "waited", time.Since(began), 0)
		want(t, "then", r.call(), nil)
		want(t, "observed", r.sent(), r.Calls(""))
		want(t, "of the services", r.count(func(a Attempt) bool { return a.Service != IAM }), 1)
	})
}

// TestThrottledBesideSuccess: of requests in flight at one time the first is
// throttled, then one succeeds, then another one is throttled.
func TestThrottledBesideSuccess(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		s := r.session(DDS)
		want(t, "proves the credential", callOf(t.Context(), s), nil)
		r.Inject(simulator.Fault{LatencyFunc: func(n int) time.Duration { return time.Duration(n) * time.Second }})
		for _, n := range []int{0, 2} {
			r.Inject(simulator.Fault{After: n, Times: 1, Answer: simulator.Instead(simulator.Throttled(simulator.PolicyAPIPerMinute, ""))})
		}
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() { want(t, "in the end", callOf(t.Context(), s), nil) })
		}
		all.Wait()
	})
}
