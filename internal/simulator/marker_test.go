package simulator

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"testing"
)

// page is what a test reads of an answer of Config.
type configPage struct {
	Resources []struct {
		ID string
	}
	PageInfo struct {
		CurrentCount int     `json:"current_count"`
		NextMarker   *string `json:"next_marker"`
	} `json:"page_info"`
}

func (r *rig) configPage(query, marker string) (ids []string, next string) {
	r.t.Helper()
	if marker != "" {
		query += "&marker=" + url.QueryEscape(marker)
	}
	got := r.account(testResources+"?"+query, testAccount)
	wantReply(r.t, got, 200, "")
	var p configPage
	if err := json.Unmarshal([]byte(got.body), &p); err != nil {
		r.t.Fatal(err)
	}
	for _, resource := range p.Resources {
		ids = append(ids, resource.ID)
	}
	if p.PageInfo.CurrentCount != len(ids) {
		r.t.Errorf("current_count is %d of %d", p.PageInfo.CurrentCount, len(ids))
	}
	return ids, textOf(p.PageInfo.NextMarker)
}

// read reads all pages and returns how many resources each one has.
func (r *rig) read(query string) (ids []string, pages []int) {
	r.t.Helper()
	for marker := ""; ; {
		var found []string
		found, marker = r.configPage(query, marker)
		ids, pages = append(ids, found...), append(pages, len(found))
		if marker == "" {
			return ids, pages
		}
	}
}

// numbered is an account with n resources of one type, half in each of two regions.
func numbered(n int) Account {
	a := Account{ID: testAccount}
	for i := range n {
		a.Resources = append(a.Resources, AccountResource{
			ID: "r" + strconv.Itoa(i), Provider: "ecs", Type: "cloudservers", Region: []string{"cn-north-4", "cn-south-1"}[i%2],
		})
	}
	return a
}

func TestMarkers(t *testing.T) {
	for _, test := range []struct {
		pages Pages
		query string
		want  []int
	}{
		{PagesFull, "limit=4", []int{4, 4, 2}},
		{PagesFull, "limit=5", []int{5, 5}},
		{PagesFull, "limit=200", []int{10}},
		{PagesFull, "limit=3&region_id=cn-north-4&type=ecs.cloudservers", []int{3, 2}},
		{PagesFull, "limit=1&id=r7", []int{1}},
		{PagesShort, "limit=8", []int{4, 4, 2}},
		{PagesShort, "limit=1&region_id=cn-north-4", []int{1, 1, 1, 1, 1}},
		{PagesThenEmpty, "limit=4", []int{4, 4, 2, 0}},
		{PagesThenEmpty, "limit=5", []int{5, 5, 0}},
		{PagesThenEmpty, "id=none", []int{0}},
		{PagesBetween, "limit=4", []int{4, 0, 4, 0, 2}},
	} {
		for _, index := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d %s %t", test.pages, test.query, index), func(t *testing.T) {
				r := newAccountRig(t, ConfigQuirks{Pages: test.pages, MarkerIsIndex: index})
				r.SetAccount(numbered(10))
				ids, pages := r.read(test.query)
				if !slices.Equal(pages, test.want) {
					t.Errorf("pages of %v, want %v", pages, test.want)
				}
				if listed := len(ids); len(slices.Compact(slices.Sorted(slices.Values(ids)))) != listed {
					t.Errorf("listed twice: %v", ids)
				}
				r.wantRefusals(0)
			})
		}
	}
}

func TestRepeatingMarker(t *testing.T) {
	r := newAccountRig(t, ConfigQuirks{Pages: PagesRepeat})
	r.SetAccount(numbered(10))
	_, first := r.configPage("limit=4", "")
	second, again := r.configPage("limit=4", first)
	if third, _ := r.configPage("limit=4", again); first == "" || first != again || !slices.Equal(second, third) {
		t.Errorf("markers %q, %q; pages %v, %v", first, again, second, third)
	}
}

// TestMovingResources: what comes or goes before a page's end shifts others over it
// only where a marker is an index.
func TestMovingResources(t *testing.T) {
	for index, want := range map[bool]int{false: 10, true: 9} {
		r := newAccountRig(t, ConfigQuirks{MarkerIsIndex: index})
		r.SetAccount(numbered(10))
		first, marker := r.configPage("limit=4", "")
		r.UpdateAccount(testAccount, func(a *Account) {
			a.Resources = slices.DeleteFunc(a.Resources, func(resource AccountResource) bool { return resource.ID == first[1] })
		})
		rest, _ := r.configPage("limit=200", marker)
		if got := len(first) + len(rest); got != want {
			t.Errorf("marker is an index %t: %d resources, want %d", index, got, want)
		}
		r.SetAccount(Account{ID: testAccount})
		if rest, next := r.configPage("limit=4", marker); len(rest) != 0 || next != "" {
			t.Errorf("of nothing: %v, %q", rest, next)
		}
		r.wantRefusals(0)
	}
}

func TestSameResourceTwice(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("accepted")
		}
	}()
	New(Options{}).SetAccount(Account{Resources: []AccountResource{{ID: "a", Name: "b"}, {ID: "a", Region: globalRegion}}})
}
