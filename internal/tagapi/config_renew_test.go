package tagapi

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/simulator"
)

// listed returns the places that were asked for, each once, in this order.
func (r *accountRig) listed() []string {
	var places []string
	for _, q := range r.Requests() {
		asked, err := url.Parse(q.URL)
		if err != nil {
			r.t.Fatal(err)
		}
		place := asked.Query().Get("type") + " in " + asked.Query().Get("region_id")
		if q.Operation == opListResources && !slices.Contains(places, place) {
			places = append(places, place)
		}
	}
	r.ResetStats()
	return places
}

// regions returns an account with a place in each of n regions; the later, the larger.
func regions(n int) (all []simulator.AccountResource) {
	for i := range n {
		all = append(all, of(i+1, "ecs.cloudServers", fmt.Sprintf("cn-north-%02d", i), "p")...)
	}
	return all
}

// TestRenewal: a read goes as far as its time and its rate allow, and the next one goes
// on: with what was never read, then the oldest, and of those the largest.
func TestRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const places = 30
		r := newAccountRig(t, simulator.Quirks{}, regions(places)...)
		r.config.Limits.MaxConcurrency = 1 // so that the order can be seen
		expected := func(from, to int) (names []string) {
			for i := from; i > to; i-- {
				names = append(names, fmt.Sprintf("ecs.cloudServers in cn-north-%02d", i))
			}
			return names
		}
		check := func(within time.Duration, calls int, want []string, shown int) {
			t.Helper()
			s := r.read(within)
			got := r.listed()
			if !slices.Equal(got, want) || s.calls != calls {
				t.Errorf("%d calls, listed %q\nwant %d, %q", s.calls, got, calls, want)
			}
			failed := make(map[string]bool)
			for _, p := range s.parts {
				if !p.Whole {
					failed[p.Region] = true
					if !errors.Is(p.Err, huaweicloud.ErrNoTime) && !errors.Is(p.Err, inventory.ErrTooOld) {
						t.Error(p.Err)
					}
				}
			}
			if s.err != nil || len(failed) != places-shown || len(s.parts)-shown < len(failed) {
				t.Errorf("%v; %d parts, %d places failed, want %d that have not", s.err, len(s.parts), len(failed), shown)
			}
		}
		// In a second there is time for 17 answers of 50 ms: after that none can be expected.
		check(time.Second, 17, expected(29, 14), 15)
		time.Sleep(time.Minute)
		check(time.Second, 15, expected(14, -1), places)
		time.Sleep(time.Minute)
		check(time.Second, 0, nil, places)
		time.Sleep(3*time.Minute + 30*time.Second) // the first ones are due now, the others in a minute
		check(time.Second, 17, expected(29, 14), places)
		time.Sleep(time.Minute)
		check(time.Second, 15, expected(14, -1), places)
		time.Sleep(6 * time.Minute) // all are due
		check(500*time.Millisecond, 7, expected(29, 24), places)
		check(500*time.Millisecond, 7, expected(24, 17), places) // what is older goes first
		time.Sleep(59 * time.Minute)                             // the others are too old
		check(time.Second, 17, expected(17, 2), 12+15)
	})
}

// TestMaxTagAge: at 0s only what this read has read is shown.
func TestMaxTagAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newAccountRig(t, simulator.Quirks{}, company()...)
		r.settings = Settings{}
		for range 2 {
			s := r.read(0)
			r.wantTruth(s)
			if s.calls < 17 {
				t.Errorf("%d calls", s.calls)
			}
		}
		r.Inject(simulator.Fault{Operation: opListResources, Match: isWrongPlace, Answer: simulator.Instead(simulator.ErrorE1(403, "RMS.00010006", "no"))})
		const why = " ! list ecs.cloudservers in cn-south-1: ListAllResources: HTTP 403: RMS.00010006: no"
		r.read(0).want(t, r.truth(wrongPart)+"\n"+wrongPart+why+"\n"+wrongAll+why)
	})
}

// TestTypes: only the types are read that are chosen and not skipped.
func TestTypes(t *testing.T) {
	for _, test := range []struct {
		types, skip []string
		services    string
		calls       int
	}{
		{nil, nil, "bms dds ecs evs ims nat obs vpc", 17},
		{[]string{"*"}, nil, "bms dds ecs evs ims nat obs vpc", 17},
		{[]string{"ECS.cloudservers", "nat.*"}, nil, "ecs nat", 2 + 4 + 2},
		{[]string{"*"}, []string{"ecs.*", "VPC.SecurityGroups", "config.*", "i*"}, "bms dds evs nat obs", 2 + 6},
		{[]string{"ecs.cloudserver"}, nil, "", 2},
		{[]string{"ecs"}, nil, "", 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newAccountRig(t, simulator.Quirks{}, company()...)
			r.settings.Types, r.settings.SkipTypes = test.types, test.skip
			s := r.read(0)
			var services []string
			for _, p := range s.parts {
				services = append(services, p.Service)
			}
			slices.Sort(services)
			if got := strings.Join(slices.Compact(services), " "); got != test.services || s.err != nil || s.calls != test.calls {
				t.Errorf("%q without %q: %s (%v), want %s; %d calls, want %d", test.types, test.skip, got, s.err, test.services, s.calls, test.calls)
			}
			r.reader = Config().New(Settings{RenewAfter: time.Minute, MaxTagAge: time.Hour}, r.reader) // a reload
			r.settings = Settings{RenewAfter: time.Minute, MaxTagAge: time.Hour}
			r.wantTruth(r.read(0))
		})
	}
}

// TestReadsOverlap: a read that was given up returns while another is under way, and what
// is shown is whole all the time.
func TestReadsOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newAccountRig(t, simulator.Quirks{}, company()...)
		r.settings.RenewAfter = 0
		r.wantTruth(r.read(0))
		var reads sync.WaitGroup
		for range 8 {
			reads.Go(func() { r.wantTruth(r.read(0)) })
			time.Sleep(20 * time.Millisecond)
		}
		reads.Wait()
	})
}

// TestLateListing: a listing that ends after one that was begun later is too old.
func TestLateListing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newAccountRig(t, simulator.Quirks{}, company()...)
		r.reader = Config().New(r.settings, nil)
		r.Inject(simulator.Fault{Operation: opListResources, Match: isWrongPlace, Times: 1, Latency: 4 * time.Second})
		late := make(chan seen)
		go func() { late <- r.read(0) }()
		time.Sleep(time.Second)
		r.change(func(all []simulator.AccountResource) []simulator.AccountResource {
			return slices.DeleteFunc(all, func(one simulator.AccountResource) bool { return one.ID == "ecs-cn-south-1-3" })
		})
		r.wantTruth(r.read(0))
		r.wantTruth(<-late)
		r.wantTruth(r.read(0))
	})
}

// TestCancelled: a read that nobody waits for ends, and takes nothing with it.
func TestCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newAccountRig(t, simulator.Quirks{}, company()...)
		service, err := r.client.AccountService(r.account, r.iam, r.config)
		if err != nil {
			t.Fatal(err)
		}
		r.reader = Config().New(r.settings, nil)
		ctx, cancel := context.WithCancel(t.Context())
		session, err := service.Session(ctx, new(attempts))
		if err != nil {
			t.Fatal(err)
		}
		into := newReading()
		const second = 3*latency + latency/2 // while the second pages are read
		time.AfterFunc(second, cancel)
		begun := time.Now()
		if err := r.reader.Read(ctx, session, into); err != nil || time.Since(begun) != second {
			t.Errorf("after %s: %v", time.Since(begun), err)
		}
		s := r.read(0)
		r.wantTruth(s)
		if s.calls > 5 {
			t.Errorf("%d calls: all was read again", s.calls)
		}
	})
}

// TestLargePlace: what takes longer to list than a read may is gone on with in the next, and
// shown when it has ended; so it comes to an end at all.
func TestLargePlace(t *testing.T) {
	for _, test := range []struct {
		name   string
		quirks simulator.ConfigQuirks
		change func(r *accountRig)
		calls  []int // of each read of a second
		last   string
	}{
		{name: "by type and region", calls: []int{17, 17, 8, 0}},
		{name: "by type", quirks: simulator.ConfigQuirks{TypeRegionRefused: "RMS.00010004"}, calls: []int{17, 17, 11, 0}},
		{name: "exact types", quirks: simulator.ConfigQuirks{ExactTypes: true, SummaryLowerCase: true}, calls: []int{17, 17, 17, 11, 0}},
		{name: "the marker is not known any more", change: func(r *accountRig) {
			r.Inject(simulator.Fault{Operation: opListResources, Times: 1, Answer: simulator.Instead(simulator.ErrorE1(400, "RMS.00010034", "marker"))})
		}, calls: []int{17, 17, 17, 7, 0}},
		{name: "a page fails", change: func(r *accountRig) {
			r.Inject(simulator.Fault{Operation: opListResources, Times: 1, Answer: simulator.Instead(simulator.ErrorE1(403, "RMS.00010006", "no"))})
		}, calls: []int{17, 1, 17, 8, 0}},
		{name: "it is too old", change: func(*accountRig) { time.Sleep(time.Hour + time.Second) }, calls: []int{17, 17, 17, 8, 0}},
		{name: "something comes", change: func(r *accountRig) {
			r.change(func(all []simulator.AccountResource) []simulator.AccountResource {
				all[8000-1].ID = "z" // the last page is yet to come
				return append(all, of(1, "ecs.cloudServers", "cn-north-4", "p2")...)
			})
		}, calls: []int{17, 17, 17, 17, 17, 0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newAccountRig(t, simulator.Quirks{ConfigQuirks: test.quirks}, of(8000, "ecs.cloudServers", "cn-north-4", "p")...) // 40 pages
				r.config.Limits.MaxConcurrency = 1
				begun := time.Now()
				for i, calls := range test.calls {
					s := r.read(time.Second)
					if s.calls != calls {
						t.Errorf("read %d: %d calls, want %d", i, s.calls, calls)
					}
					if i < len(test.calls)-2 {
						if len(s.parts) != 1 || s.parts[0].Whole || s.parts[0].Err == nil {
							t.Errorf("read %d: %s", i, s.lines())
						}
					} else {
						if got := sortLines(s.lines()); got != r.truth() {
							t.Errorf("read %d: %s", i, got)
						}
						if test.change == nil && !s.parts[0].Oldest.Equal(begun) {
							t.Errorf("read at %s, want %s", s.parts[0].Oldest, begun)
						}
					}
					if i == 0 && test.change != nil {
						test.change(r)
					}
				}
			})
		})
	}
}
