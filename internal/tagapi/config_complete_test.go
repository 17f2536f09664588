package tagapi

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// says has the summary count something else of one place.
func (r *accountRig) says(place string, count func(n int) int) {
	r.UpdateAccount(testAccount, func(a *simulator.Account) {
		a.Counted = func(kind, region string, n int) int {
			if kind+" in "+region == place {
				return count(n)
			}
			return n
		}
	})
}

func (r *accountRig) change(f func([]simulator.AccountResource) []simulator.AccountResource) {
	r.UpdateAccount(testAccount, func(a *simulator.Account) { a.Resources = f(a.Resources) })
}

const (
	wrongPlace = "ecs.cloudServers in cn-south-1"
	wrongPart  = "ecs:cloudservers cn-south-1/p2"
	wrongAll   = "ecs:cloudservers cn-south-1/*"
)

// TestSummaryIsWrong: what the list has and what the summary counts differ, of one place.
// It alone is not shown; what was known of it is, until that is too old.
func TestSummaryIsWrong(t *testing.T) {
	for _, test := range []struct {
		name    string
		count   func(n int) int
		counted bool // else each of its parts is named, but not the place as such
		why     string
	}{
		{"one more", func(n int) int { return n + 1 }, true, "it has 7 resources, and the summary counts 8"},
		{"one less", func(n int) int { return n - 1 }, true, "it has 7 resources, and the summary counts 6"},
		{"none", func(int) int { return 0 }, false, "it has 7 resources, and the summary counts 0"},
		{"left out", func(int) int { return -1 }, false, "it has 7 resources, and the summary counts 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				why := " ! list ecs.cloudservers in cn-south-1: " + test.why
				r := newAccountRig(t, simulator.Quirks{}, company()...)
				others := r.truth(wrongPart)
				if test.counted { // at once
					r.says(wrongPlace, test.count)
					r.read(0).want(t, others+"\n"+wrongAll+why)
					if again := r.read(0); again.calls > 0 {
						t.Errorf("%d calls before the next renewal", again.calls)
					}
					r.says(wrongPlace, func(n int) int { return n })
					time.Sleep(6 * time.Minute)
				}
				r.wantTruth(r.read(0))
				r.says(wrongPlace, test.count)
				time.Sleep(6 * time.Minute)
				s := r.read(0)
				r.wantTruth(s)
				if lists := s.calls - 15; lists < 3*1+2 || len(s.failed) > 0 { // read again twice, the summary too
					t.Errorf("%d calls; %q failed", s.calls, s.failed)
				}
				time.Sleep(time.Hour)
				s = r.read(0)
				want := others + "\n" + wrongPart + why
				if test.counted {
					want += "\n" + wrongAll + why
				}
				s.want(t, want)
				r.says(wrongPlace, func(n int) int { return n })
				time.Sleep(6 * time.Minute)
				r.wantTruth(r.read(0))
			})
		})
	}
}

// TestSummaryIsEmpty: that an account has nothing is believed if the list says so, too.
func TestSummaryIsEmpty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newAccountRig(t, simulator.Quirks{}, company()...)
		nothing := func(a *simulator.Account) { a.Counted = func(string, string, int) int { return -1 } }
		everything := func(a *simulator.Account) { a.Counted = nil }
		for _, step := range []struct {
			change func(*simulator.Account)
			calls  int
		}{
			{nothing, 2 + 5}, // recorder, summary and the list
			{everything, 17},
			{nothing, 2 + 5},
			{func(a *simulator.Account) { a.Resources = nil }, 2 + 1},
			{everything, 2 + 1},
			{func(a *simulator.Account) { a.Resources = company() }, 17},
			{func(a *simulator.Account) { a.Resources = nil }, 2 + 1},
		} {
			r.UpdateAccount(testAccount, step.change)
			s := r.read(0)
			r.wantTruth(s)
			if s.calls != step.calls || len(s.notices) != 0 && step.calls == 17 {
				t.Errorf("%d calls, want %d; notices %q", s.calls, step.calls, s.notices)
			}
			time.Sleep(6 * time.Minute)
		}
	})
}

// TestMeanwhile: where something comes or goes while it is read, all of its place is shown
// as it was before, or as it is after; and the next time, as it is.
func TestMeanwhile(t *testing.T) {
	added := of(1, "ecs.cloudServers", "cn-north-4", "p1")[0]
	added.ID = "added"
	isServer := func(r simulator.AccountResource) bool {
		return r.Type == "cloudServers" && r.Region == "cn-north-4"
	}
	for name, change := range map[string]func([]simulator.AccountResource) []simulator.AccountResource{
		"added": func(all []simulator.AccountResource) []simulator.AccountResource { return append(all, added) },
		"gone": func(all []simulator.AccountResource) []simulator.AccountResource {
			i := slices.IndexFunc(all, isServer)
			return slices.Delete(all, i, i+100)
		},
		"all of a place gone": func(all []simulator.AccountResource) []simulator.AccountResource {
			return slices.DeleteFunc(all, isServer)
		},
		"deleted": func(all []simulator.AccountResource) []simulator.AccountResource {
			all[slices.IndexFunc(all, isServer)].State = "Deleted"
			return all
		},
	} {
		for _, quirks := range []simulator.ConfigQuirks{{}, {MarkerIsIndex: true}, {SummaryCountsDeleted: true}} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := newAccountRig(t, simulator.Quirks{ConfigQuirks: quirks}, company()...)
					r.OnCall(opListResources, func(n int) {
						if n == 13 { // each place has been asked for its first page
							r.change(change)
						}
					})
					before := r.truth()
					s := r.read(0)
					if got := sortLines(s.lines()); got != before && got != r.truth() || s.err != nil {
						t.Errorf("%v, got:\n%s\nwant:\n%s\nor\n%s", s.err, got, before, r.truth())
					}
					time.Sleep(6 * time.Minute)
					r.wantTruth(r.read(0))
				})
			})
		}
	}
}

// TestNoSecondSummary: a place that does not add up fails where the summary is not to be
// had again, and is read at once the next time.
func TestNoSecondSummary(t *testing.T) {
	for name, test := range map[string]struct {
		answer simulator.Answer
		why    string
	}{
		"empty":       {simulator.Text(200, `[]`), errNoSummary.Error()},
		"refused":     {simulator.ErrorE1(403, "RMS.00010006", "m"), errNoSummary.Error()},
		"unavailable": {simulator.ErrorE1(500, "RMS.INTERNAL.ERROR", "m"), "ask how many resources Config has: CollectAllResourcesSummary: HTTP 500: RMS.INTERNAL.ERROR: m"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newAccountRig(t, simulator.Quirks{}, company()...)
				r.says(wrongPlace, func(n int) int { return n + 1 })
				others := r.truth(wrongPart)
				remove := r.Inject(simulator.Fault{Operation: opSummary, After: 1, Answer: simulator.Instead(test.answer)})
				r.read(0).want(t, others+"\n"+wrongAll+" ! list ecs.cloudservers in cn-south-1: "+test.why)
				remove()
				r.says(wrongPlace, func(n int) int { return n })
				s := r.read(0)
				r.wantTruth(s)
				if s.calls != 3 { // the count that was wrong, and the list twice
					t.Errorf("%d calls", s.calls)
				}
			})
		})
	}
}

// TestMarkersRepeat: a list that goes round in circles ends. It is whole if it adds up,
// which one of two pages does.
func TestMarkersRepeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newAccountRig(t, simulator.Quirks{ConfigQuirks: simulator.ConfigQuirks{Pages: simulator.PagesRepeat}}, company()...)
		s := r.read(0)
		s.want(t, r.truth("ecs:cloudservers cn-north-4")+`
			ecs:cloudservers cn-north-4/* ! list ecs.cloudservers in cn-north-4: it has 400 resources, and the summary counts 450`)
		if s.err != nil || s.calls > 40 {
			t.Errorf("%d calls, %v", s.calls, s.err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		r := newAccountRig(t, simulator.Quirks{ConfigQuirks: simulator.ConfigQuirks{Pages: simulator.PagesRepeat, NoSummary: true}}, company()...)
		s := r.read(0)
		if s.err == nil || !strings.Contains(s.err.Error(), errCircle.Error()) || len(s.parts) > 0 || s.calls > 6 {
			t.Errorf("%d calls, %v, %s", s.calls, s.err, s.lines())
		}
	})
}

// TestLateSummary: a summary that comes after that of a later read is too old.
func TestLateSummary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newAccountRig(t, simulator.Quirks{}, company()...)
		r.reader = Config().New(r.settings, nil)
		r.UpdateAccount(testAccount, func(a *simulator.Account) { a.Counted = func(string, string, int) int { return -1 } })
		r.Inject(simulator.Fault{Operation: opSummary, Times: 1, Latency: 4 * time.Second})
		late := make(chan seen)
		go func() { late <- r.read(0) }()
		time.Sleep(time.Second)
		r.UpdateAccount(testAccount, func(a *simulator.Account) { a.Counted = nil })
		r.wantTruth(r.read(0))
		lists := r.Calls(opListResources)
		r.wantTruth(<-late)
		r.wantTruth(r.read(0))
		if n := r.Calls(opListResources) - lists; n > 0 {
			t.Errorf("%d lists where nothing is due", n)
		}
	})
}

// TestGoneInCircles: that a place is empty is not believed of a list that does not end.
func TestGoneInCircles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newAccountRig(t, simulator.Quirks{}, company()...)
		r.wantTruth(r.read(0))
		r.says(wrongPlace, func(int) int { return -1 })
		r.Inject(simulator.Fault{
			Operation: opListResources, Match: isWrongPlace,
			Answer: simulator.Instead(simulator.Text(200, `{"resources":[],"page_info":{"current_count":0,"next_marker":"again"}}`)),
		})
		time.Sleep(6 * time.Minute)
		if s := r.read(0); sortLines(s.lines()) != r.truth() || s.err != nil {
			t.Errorf("%v, got:\n%s", s.err, s.lines())
		}
	})
}
