package huaweicloud

import (
	"context"
	"net/http"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// later is an answer that says when to come again.
func later(status int, retryAfter string) *simulator.Answer {
	a := simulator.ErrorE3(status, "APIG.1", "later")
	a.Header = http.Header{"Retry-After": {retryAfter}}
	return &a
}

// TestLongRetryAfterWithoutDeadline: an audit has no deadline, but does not wait
// for an hour either.
func TestLongRetryAfterWithoutDeadline(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for _, status := range []int{429, 503} {
			for retryAfter, retries := range map[string]int{"60": 3, "80": 0, "3600": 0} {
				r := newRig(t, simulator.Options{})
				r.Inject(simulator.Fault{Answer: later(status, retryAfter)})
				wantCode(t, callOf(context.Background(), r.session(DDS)), status, "APIG.1")
				want(t, "sent", r.sent(), 1+retries)
			}
		}
	})
}

func TestRetryAfter(t *testing.T) {
	for _, status := range []int{429, 503} {
		for _, header := range []string{"2", testTime.Add(2 * time.Second).Format(http.TimeFormat)} { // by the client's clock
			inBubble(t, func(t *testing.T) {
				r := newRig(t, simulator.Options{})
				r.Inject(simulator.Fault{Times: 1, Answer: later(status, header)})
				began := time.Now()
				want(t, "error", r.call(), nil)
				if took := time.Since(began); took < 2*time.Second || took > 2*time.Second+firstBackoff {
					t.Errorf("%d, %s: waited %s", status, header, took)
				}
			})
		}
	}
}

// TestBackoff: without a Retry-After, the pauses before retries grow.
func TestBackoff(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{Log: 200})
		r.limits.MaxRetries = 100
		r.Inject(simulator.Fault{Answer: simulator.Instead(simulator.Empty(500))})
		began := time.Now()
		wantCode(t, r.call(), 500, "http_500")
		last, longest := time.Duration(0), time.Duration(0)
		for i, at := range r.sentAfter(began, "")[1:] {
			pause := at - last
			last, longest = at, max(longest, pause)
			if limit := min(firstBackoff<<min(i, 20), longBackoff); pause > limit {
				t.Errorf("pause %d took %s, want at most %s", i, pause, limit)
			}
		}
		if longest < longBackoff/2 {
			t.Errorf("of 100 pauses, the longest was %s", longest)
		}
	})
}

// TestNoWaitPastTheDeadline: what cannot be tried in time is given up at once.
func TestNoWaitPastTheDeadline(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for name, test := range map[string]struct {
			retryAfter string
			latency    time.Duration
		}{
			"past the deadline":        {"60", 0},
			"so that no time is left":  {"9", 2 * time.Second},
			"longer than a clock runs": {"99999999999999999999999", 0},
			"for ever":                 {"Fri, 31 Dec 9999 23:59:59 GMT", 0},
		} {
			for _, status := range []int{429, 503} {
				r := newRig(t, simulator.Options{})
				r.Inject(simulator.Fault{Answer: later(status, test.retryAfter)})
				s := r.session(DDS)
				if test.latency > 0 {
					s.pacer.answered(test.latency)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				began := time.Now()
				wantCode(t, callOf(ctx, s), status, "APIG.1")
				want(t, name, time.Since(began), 0)
				want(t, name, r.Calls(""), 1)
				cancel()
			}
		}
	})
}

func TestParseRetryAfter(t *testing.T) {
	for value, wanted := range map[string]time.Duration{
		"": 0, "0": 0, "-5": 0, "soon": 0, "3": 3 * time.Second, "86401": 24 * time.Hour,
		"99999999999999999999999":       24 * time.Hour,
		"Thu, 15 Jan 2026 08:15:07 GMT": 7 * time.Second,
		"Thu, 15 Jan 2026 08:14:07 GMT": 0,
		"Fri, 31 Dec 9999 23:59:59 GMT": 24 * time.Hour,
	} {
		want(t, value, parseRetryAfter(value, testTime), wanted)
	}
}
