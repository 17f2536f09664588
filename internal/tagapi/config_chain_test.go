package tagapi

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/simulator"
)

// newChainRig has an account without a summary, whose list has 30 pages of 50 ms.
func newChainRig(t *testing.T, quirks ...simulator.ConfigQuirks) *accountRig {
	t.Helper()
	quirks = append(quirks, simulator.ConfigQuirks{})
	var all []simulator.AccountResource
	for i := range 60 {
		all = append(all, of(100, "ecs.cloudServers", fmt.Sprintf("cn-north-%02d", i), "p")...)
	}
	r := newAccountRig(t, simulator.Quirks{ConfigQuirks: quirks[0]}, all...)
	r.UpdateAccount(testAccount, func(a *simulator.Account) { a.Denied = []string{opSummary} })
	return r
}

func (r *accountRig) wantNothing(s seen, calls int) {
	r.t.Helper()
	if !errors.Is(s.err, huaweicloud.ErrNoTime) || len(s.parts) > 0 || s.calls != calls || len(s.failed) > 0 {
		r.t.Errorf("%v; %d parts, %d calls, want %d; %q failed", s.err, len(s.parts), s.calls, calls, s.failed)
	}
}

// TestChain: where there is no summary, the whole list is read page by page, over as many
// reads as it takes, and shown when it has ended. The one before it is shown meanwhile.
func TestChain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newChainRig(t)
		first := r.read(time.Second)
		r.wantNothing(first, 17)
		if len(first.notices) != 1 {
			t.Errorf("notices: %q", first.notices)
		}
		time.Sleep(time.Minute)
		begun := time.Now().Add(-time.Minute - first.took)
		s := r.read(time.Second)
		r.wantTruth(s)
		if s.calls != 30-15 || !s.parts[0].Oldest.Equal(begun) {
			t.Errorf("%d calls; read at %s, want %s", s.calls, s.parts[0].Oldest, begun)
		}
		time.Sleep(time.Minute)
		if s = r.read(time.Second); s.calls != 0 {
			t.Errorf("%d calls where nothing is due", s.calls)
		}
		r.wantTruth(s)
		before := r.truth()
		r.change(func(all []simulator.AccountResource) []simulator.AccountResource { return all[:5900] })
		for _, step := range []struct {
			wait  time.Duration
			calls int
			want  string
		}{
			{4 * time.Minute, 17, before}, // due; and a list that is cut is no failure while the one before is young
			{time.Second, 15, r.truth()},
			{time.Minute, 0, r.truth()},
		} {
			time.Sleep(step.wait)
			s := r.read(time.Second)
			if got := sortLines(s.lines()); got != step.want || s.calls != step.calls || s.err != nil {
				t.Errorf("%v, %d calls, want %d; got:\n%s\nwant:\n%s", s.err, s.calls, step.calls, got, step.want)
			}
		}
		time.Sleep(61 * time.Minute)
		s = r.read(time.Second)
		if !errors.Is(s.err, huaweicloud.ErrNoTime) || len(s.parts) != 59 || s.parts[0].Whole {
			t.Errorf("%v, %s", s.err, s.lines())
		}
		r.wantNoRefusals()
	})
}

// TestChainBreaks: what can become of a list that is read over several reads.
func TestChainBreaks(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(r *accountRig) (undo func())
		calls  []int // of the reads that come after the first two
	}{
		{"a page fails", func(r *accountRig) func() {
			return r.Inject(simulator.Fault{Operation: opListResources, After: 5, Answer: simulator.Instead(simulator.ErrorE1(403, "RMS.00010006", "no"))})
		}, []int{10}},
		{"the marker is not known any more", func(r *accountRig) func() {
			return r.Inject(simulator.Fault{Operation: opListResources, Times: 1, Answer: simulator.Instead(simulator.ErrorE1(400, "RMS.00010034", "marker"))})
		}, []int{14}}, // the second read has begun anew, and read 16 pages
		{"it is too old", func(*accountRig) func() { time.Sleep(time.Hour); return func() {} }, []int{15}}, // likewise, and asked for recorder and summary
		{"the summary is there again", func(r *accountRig) func() {
			r.UpdateAccount(testAccount, func(a *simulator.Account) { a.Denied = nil })
			time.Sleep(5 * time.Minute)
			return func() {}
		}, []int{17, 17, 11}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newChainRig(t)
				r.config.Limits.MaxConcurrency = 1
				r.wantNothing(r.read(time.Second), 17)
				undo := test.change(r)
				if s := r.read(time.Second); s.err == nil && !strings.Contains(s.lines(), " ! ") {
					t.Error("the second read has everything")
				}
				undo()
				var s seen
				for i, calls := range test.calls {
					if s = r.read(time.Second); s.calls != calls {
						t.Errorf("read %d: %d calls, want %d", i, s.calls, calls)
					}
				}
				if got := sortLines(s.lines()); got != r.truth() || s.err != nil {
					t.Errorf("%v, got:\n%s", s.err, got)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) { // nothing may be older than the read
		r := newChainRig(t)
		r.settings = Settings{}
		for range 3 {
			r.wantNothing(r.read(time.Second), 17)
		}
		r.wantTruth(r.read(0))
	})
}

// TestChainIsLate: a list that was cut is not gone on with where a summary has led to newer
// listings meanwhile.
func TestChainIsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newChainRig(t)
		r.wantNothing(r.read(time.Second), 17)
		r.UpdateAccount(testAccount, func(a *simulator.Account) {
			a.Denied, a.Resources = nil, a.Resources[100:]
		})
		time.Sleep(5 * time.Minute)
		r.wantTruth(r.read(0))
		r.UpdateAccount(testAccount, func(a *simulator.Account) { a.Denied = []string{opSummary} })
		time.Sleep(5 * time.Minute)
		r.wantTruth(r.read(0))
	})
}

// TestChainRefused: a list that is refused from its first page on is not asked for twice.
func TestChainRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newChainRig(t)
		r.Inject(simulator.Fault{Operation: opListResources, Answer: simulator.Instead(simulator.ErrorE1(400, "RMS.00010004", "no"))})
		s := r.read(time.Second)
		if s.err == nil || s.calls != 3 || len(s.failed) != 1 || len(s.parts) > 0 {
			t.Errorf("%v after %d calls, want 3; %q failed", s.err, s.calls, s.failed)
		}
	})
}

// TestChainsOverlap: a list that ends after one that was begun later is too old, and so is
// what it has.
func TestChainsOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newChainRig(t)
		r.reader = Config().New(r.settings, nil)
		r.Inject(simulator.Fault{Operation: opListResources, After: 10, Times: 1, Latency: 4 * time.Second})
		late := make(chan seen)
		go func() { late <- r.read(0) }()
		time.Sleep(time.Second)
		r.change(func(all []simulator.AccountResource) []simulator.AccountResource { return all[100:] })
		r.wantTruth(r.read(0))
		r.wantTruth(<-late)
		r.wantTruth(r.read(0))
	})
}

// TestChainShifts: where a page repeats what the one before had, since something came in
// front of it, a resource counts once.
func TestChainShifts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newChainRig(t, simulator.ConfigQuirks{MarkerIsIndex: true})
		r.wantNothing(r.read(time.Second), 17)
		r.change(func(all []simulator.AccountResource) []simulator.AccountResource {
			return append(all, of(50, "dds.instances", "cn-north-00", "p")...)
		})
		met := make(map[string]bool)
		for _, p := range r.read(time.Second).parts {
			for _, resource := range p.Resources {
				if met[resource.ID] {
					t.Errorf("%s counts twice", resource.ID)
				}
				met[resource.ID] = true
			}
		}
		if len(met) < 6000 || len(met) == 6050 {
			t.Errorf("%d resources: nothing came in front of what was read", len(met))
		}
	})
}

// TestChainFailsYoung: a list that fails, unlike one that is cut, is a failure also while the
// one before it is young enough to be shown.
func TestChainFailsYoung(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newChainRig(t)
		r.wantTruth(r.read(0))
		r.Inject(simulator.Fault{Operation: opListResources, Answer: simulator.Instead(simulator.ErrorE1(403, "RMS.00010006", "no"))})
		time.Sleep(6 * time.Minute)
		if s := r.read(0); s.err == nil || sortLines(s.lines()) != r.truth() {
			t.Errorf("%v, %s", s.err, s.lines())
		}
	})
}
