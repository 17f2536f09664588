package tagapi

import (
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// TestLargeAccount: 50,000 resources of 40 types in 6 regions at 50 ms and 16 in
// flight are read in little more than what the calls themselves take, and a second
// scrape asks nothing.
func TestLargeAccount(t *testing.T) {
	n := 50_000
	if raceDetector {
		n /= 5 // each call is ten times as much work; make test runs both
	}
	account, pages := benchAccount(n, 1)
	synctest.Test(t, func(t *testing.T) {
		r := newAccountRig(t, simulator.Quirks{}, account.Resources...)
		s := r.read(10 * time.Second)
		found := 0
		for _, p := range s.parts {
			found += len(p.Resources)
		}
		most := 2*len(account.Resources)/200 + 240
		if s.err != nil || found != len(account.Resources) || s.calls != 2+pages || s.calls > most {
			t.Errorf("%d of %d resources, %d calls (%d are allowed), %v", found, len(account.Resources), s.calls, most, s.err)
		}
		if rounds := (pages + 15) / 16; s.took > time.Duration(2+rounds+2)*latency {
			t.Errorf("it took %s, and one round of calls after the other %s", s.took, time.Duration(2+rounds)*latency)
		}
		if again := r.read(10 * time.Second); again.calls > 2 || again.err != nil {
			t.Errorf("%d calls, %v", again.calls, again.err)
		}
		r.wantNoRefusals()
	})
}

// TestThrottledAccount: where Config takes fewer requests than are wanted, reading takes
// longer, but few are refused and nothing is missing.
func TestThrottledAccount(t *testing.T) {
	account, pages := benchAccount(10_000, 1)
	synctest.Test(t, func(t *testing.T) {
		r := newAccountRig(t, simulator.Quirks{}, account.Resources...)
		r.config.Limits.MaxRetries = 10 // the pauses are random: with 3, a list may use them up
		r.Inject(simulator.Fault{Operation: opListResources, PerWindow: 50, Window: time.Second, Answer: simulator.Instead(simulator.ErrorE1(429, "RMS.00010063", "busy"))})
		s := r.read(time.Minute)
		r.wantTruth(s)
		// It is 50 to 95, as the random pauses fall; at the full rate it is 180 and more.
		if refused := s.calls - 2 - pages; refused > pages/2 || s.took > 15*time.Second {
			t.Errorf("%d requests were refused beside %d, and it took %s", refused, pages, s.took)
		}
	})
}
