package inventory

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	noon    = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	earlier = noon.Add(-time.Minute)
)

func TestReading(t *testing.T) {
	a := Resource{ID: "1", Name: "a", Tags: []Tag{{"env", "prod"}}}
	tests := []struct {
		name string
		f    func(*Reading)
		want string // resources and tags, unreadable, oldest; "": nothing is shown
	}{
		{"nothing is whole", func(r *Reading) { r.Read(a, noon) }, ""},
		{"an empty listing", func(r *Reading) { r.Whole(noon) }, "; 0 unreadable, oldest 12:00"},
		{"listed, not read", func(r *Reading) { r.List("1"); r.Whole(noon) }, "; 1 unreadable, oldest 12:00"},
		{"read", func(r *Reading) { r.List("1"); r.Whole(earlier); r.Read(a, noon) }, "a[env=prod]; 0 unreadable, oldest 11:59"},
		{"read before the listing", func(r *Reading) { r.Keep(a, earlier); r.Whole(noon) }, "a[env=prod]; 0 unreadable, oldest 11:59"},
		{"listed after it was read", func(r *Reading) { r.Read(a, noon); r.List("1"); r.Whole(noon) }, "a[env=prod]; 0 unreadable, oldest 12:00"},
		{"renewed", func(r *Reading) {
			r.List("1")
			r.Keep(Resource{ID: "1", Name: "a", Tags: []Tag{{"env", "dev"}}}, earlier)
			r.Whole(noon)
			r.Read(a, noon)
		}, "a[env=prod]; 0 unreadable, oldest 12:00"},
		{"gone, listed", func(r *Reading) { r.List("1"); r.Whole(noon); r.Remove("1") }, "; 0 unreadable, oldest 12:00"},
		{"gone, kept", func(r *Reading) {
			r.Keep(a, earlier)
			r.Read(Resource{ID: "2", Name: "b"}, noon)
			r.Whole(noon)
			r.Remove("1")
		}, "b[]; 0 unreadable, oldest 12:00"},
		{"gone, others stay in place", func(r *Reading) {
			for i := range 4 {
				r.Read(Resource{ID: strconv.Itoa(i), Name: string(rune('a' + i))}, noon)
			}
			r.Remove("1")
			r.Read(Resource{ID: "3", Name: "d", Tags: []Tag{{"env", "dev"}}}, noon)
			r.Whole(noon)
		}, "a[] c[] d[env=dev]; 0 unreadable, oldest 12:00"},
		{"gone, never heard of", func(r *Reading) { r.Whole(noon); r.Remove("1") }, "; 0 unreadable, oldest 12:00"},
		{"gone, listed again", func(r *Reading) { r.Remove("1"); r.List("1"); r.Whole(noon) }, "; 0 unreadable, oldest 12:00"},
		{"gone, read too late", func(r *Reading) { r.List("1"); r.Remove("1"); r.Read(a, noon); r.Whole(noon) }, "; 0 unreadable, oldest 12:00"},
		{"gone twice", func(r *Reading) { r.List("1"); r.List("2"); r.Remove("1"); r.Remove("1"); r.Whole(noon) }, "; 1 unreadable, oldest 12:00"},
		{"expired", func(r *Reading) { r.List("1"); r.Read(a, noon); r.Expire("1"); r.Whole(noon) }, "; 1 unreadable, oldest 12:00"},
		{"expired twice", func(r *Reading) { r.Read(a, noon); r.Expire("1"); r.Expire("1"); r.Whole(noon) }, "; 1 unreadable, oldest 12:00"},
		{"expired, only listed", func(r *Reading) { r.List("1"); r.Expire("1"); r.Whole(noon) }, "; 1 unreadable, oldest 12:00"},
		{"expired, never heard of", func(r *Reading) { r.Whole(noon); r.Expire("1") }, "; 0 unreadable, oldest 12:00"},
		{"expired, another stays", func(r *Reading) {
			r.Read(Resource{ID: "2", Name: "b"}, noon)
			r.Read(a, noon)
			r.Whole(noon)
			r.Expire("2")
		}, "a[env=prod]; 1 unreadable, oldest 12:00"},
		{"expired, read again", func(r *Reading) { r.Read(a, noon); r.Expire("1"); r.Read(a, noon); r.Whole(noon) }, "a[env=prod]; 0 unreadable, oldest 12:00"},
		{"gone, then expired", func(r *Reading) { r.Read(a, noon); r.Remove("1"); r.Expire("1"); r.Whole(noon) }, "; 0 unreadable, oldest 12:00"},
		{"only some are still there", func(r *Reading) {
			r.Read(a, noon)
			r.List("2")
			r.List("3")
			r.Read(Resource{ID: "4", Name: "d"}, noon)
			r.Whole(noon)
			present := func(id string) bool { return id == "3" || id == "4" }
			r.Retain(present)
			r.Retain(present)
			r.Read(a, noon) // too late
		}, "d[]; 1 unreadable, oldest 12:00"},
		{"system tags are none", func(r *Reading) {
			r.Read(Resource{ID: "1", Name: "a", Tags: []Tag{{"_sys_x", "1"}}}, noon)
			r.Whole(noon)
		}, "a[]; 0 unreadable, oldest 12:00"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := NewReading(Part{ResourceType: "instance"}, All, NewFilter(regexp.MustCompile(`^(?:_sys_.*)$`)))
			test.f(r)
			if got := show(r.Snapshot(time.Time{})); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// TestReadingEnterprise: a list that does not name the enterprise project of a resource does
// not take away what another one said.
func TestReadingEnterprise(t *testing.T) {
	r := NewReading(Part{ResourceType: "share"}, All, NewFilter(nil))
	for _, id := range []string{"ep-1", "ep-2", ""} {
		r.Read(Resource{ID: "1", Enterprise: r.Enterprise(id, "")}, noon)
	}
	r.Whole(noon)
	if inv, _ := r.Snapshot(noon); inv.Resources[0].Enterprise == nil || inv.Resources[0].Enterprise.ID != "ep-2" {
		t.Errorf("%+v", inv.Resources[0].Enterprise)
	}
}

func show(inv Inventory, whole bool) string {
	if !whole {
		return ""
	}
	var list []string
	for _, r := range inv.Resources {
		var tags []string
		for _, t := range r.Tags {
			tags = append(tags, t.Key+"="+t.Value)
		}
		list = append(list, fmt.Sprintf("%s%v", r.Name, tags))
	}
	slices.Sort(list)
	return fmt.Sprintf("%s; %d unreadable, oldest %s", strings.Join(list, " "), inv.Unreadable, inv.Oldest.Format("15:04"))
}

func TestReadingValues(t *testing.T) {
	r := NewReading(Part{ResourceType: "pool"}, Pairs, NewFilter(regexp.MustCompile(`^(?:_sys_.*)$`)))
	r.AddValues("env", "prod", "dev")
	r.AddValues("env", "dev", "")
	r.AddValues("bare")
	r.AddValues("", "x")
	r.AddValues("_sys_x", "x")
	r.Whole(noon)
	inv, _ := r.Snapshot(time.Time{})
	slices.Sort(inv.Values["env"])
	if got, want := fmt.Sprintf("%q", inv.Values), `map["bare":[] "env":["" "dev" "prod"]]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestSnapshotAge: what is too old is not shown, and forgotten by no one.
func TestSnapshotAge(t *testing.T) {
	r := NewReading(Part{ResourceType: "instance"}, All, NewFilter(nil))
	r.List("0")
	r.Keep(Resource{ID: "1", Name: "a"}, earlier)
	r.Read(Resource{ID: "2", Name: "b"}, noon)
	r.Whole(noon)
	for notBefore, want := range map[time.Time]string{
		earlier:                 "a[] b[]; 1 unreadable, oldest 11:59",
		earlier.Add(1):          "b[]; 2 unreadable, oldest 12:00",
		noon.Add(1):             "", // the listing itself is too old
		earlier.Add(-time.Hour): "a[] b[]; 1 unreadable, oldest 11:59",
	} {
		if got := show(r.Snapshot(notBefore)); got != want {
			t.Errorf("not before %s: got %s, want %s", notBefore, got, want)
		}
	}
}

// TestSnapshotLasts: what a scrape was shown does not change while the read
// goes on.
func TestSnapshotLasts(t *testing.T) {
	r := NewReading(Part{ResourceType: "instance"}, All, NewFilter(nil))
	r.Read(Resource{ID: "1", Name: "a"}, noon)
	r.Select(Tag{"env", "prod"}, 1)
	r.Whole(noon)
	inv, whole := r.Snapshot(time.Time{})
	before := show(inv, whole)
	r.Read(Resource{ID: "1", Name: "a", Tags: []Tag{{"env", "dev"}}}, noon)
	r.Read(Resource{ID: "2", Name: "b"}, noon)
	r.Select(Tag{"env", "dev"}, 2)
	r.Remove("1")
	if after := show(inv, whole); after != before || len(inv.Selections) != 1 {
		t.Errorf("a snapshot changed from %s to %s, %v", before, after, inv.Selections)
	}
}

// TestReadingConcurrently has many goroutines write as the readers of a fleet
// do, while scrapes take snapshots.
func TestReadingConcurrently(t *testing.T) {
	const writers, each = 8, 200
	r := NewReading(Part{ResourceType: "instance"}, All, NewFilter(regexp.MustCompile(`^(?:_sys_.*)$`)))
	for i := range writers * each {
		r.List(strconv.Itoa(i))
	}
	r.Whole(earlier)
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := range each {
				id := strconv.Itoa(w*each + i)
				switch i % 4 {
				case 0:
					r.Remove(id)
				case 1:
					r.Keep(Resource{ID: id}, noon)
				default:
					r.Read(Resource{ID: id, Tags: []Tag{{"_sys_x", "1"}, {"env", "prod"}}}, noon)
				}
				if i%50 == 0 {
					r.Notice("odd")
					r.Select(Tag{"env", id}, i)
				}
			}
		})
		group.Go(func() {
			for range each / 10 {
				inv, _ := r.Snapshot(time.Time{})
				if n := len(inv.Resources) + inv.Unreadable; n < writers*each*3/4 || n > writers*each {
					t.Errorf("%d resources at a time", n)
				}
				r.Notices()
			}
		})
	}
	group.Wait()
	inv, _ := r.Snapshot(time.Time{})
	if inv.Unreadable != 0 || len(inv.Resources) != writers*each*3/4 || inv.Untagged() != writers*each/4 ||
		len(inv.Selections) != writers*4 || len(r.Notices()) != writers*4 {
		t.Errorf("%d resources, %d untagged, %d unreadable, %d selections, %d notices",
			len(inv.Resources), inv.Untagged(), inv.Unreadable, len(inv.Selections), len(r.Notices()))
	}
}

// TestFirstFailure: what failed first says why, as what comes after may follow from it.
func TestFirstFailure(t *testing.T) {
	r := NewReading(Part{}, All, NewFilter(nil))
	one := r.Part(Part{ResourceType: "server"}, All)
	one.Fail(errors.New("no permission"))
	one.Fail(errors.New("time is up"))
	parts, _ := r.Parts(noon)
	if len(parts) != 1 || parts[0].Err == nil || parts[0].Err.Error() != "no permission" {
		t.Errorf("%+v", parts)
	}
}

// TestDerive: what a source derives is asked for each time that it is shown, and comes
// behind the parts that were read one by one.
func TestDerive(t *testing.T) {
	r := NewReading(Part{Account: "acme"}, All, NewFilter(nil))
	r.Part(Part{ResourceType: "server"}, All).Whole(noon)
	kinds := []string{"disk"}
	r.Derive(func(notBefore time.Time) (parts []Inventory) {
		for _, kind := range kinds {
			parts = append(parts, Inventory{Part: Part{ResourceType: kind}, Whole: true, Oldest: notBefore})
		}
		return parts
	})
	for want := range slices.Values([]string{"server disk", "server disk share"}) {
		var got []string
		parts, whole := r.Parts(earlier)
		for _, p := range parts {
			got = append(got, p.ResourceType)
		}
		if strings.Join(got, " ") != want || whole || !parts[1].Oldest.Equal(earlier) || parts[1].Account != "acme" {
			t.Errorf("got %s (whole: %t), want %s", got, whole, want)
		}
		kinds = append(kinds, "share")
	}
}

func TestRecorder(t *testing.T) {
	r := NewReading(Part{}, All, NewFilter(nil))
	if _, known := r.Recorder(); known {
		t.Error("nobody said so, and it is known")
	}
	for _, on := range []bool{true, false} {
		r.Part(Part{ResourceType: "server"}, All).SetRecorder(on)
		if got, known := r.Recorder(); got != on || !known {
			t.Errorf("got %t (known: %t), want %t", got, known, on)
		}
	}
}
