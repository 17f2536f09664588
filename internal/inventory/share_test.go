package inventory

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"unsafe"
)

// TestSharedStrings: a large fleet has few keys and values, but each answer brings
// copies of its own. One of each is kept, or the fleet would not fit into memory.
func TestSharedStrings(t *testing.T) {
	filter := NewFilter(nil)
	a := filter.Clean([]Tag{{strings.Clone("env"), strings.Clone("production")}})
	b := filter.Clean([]Tag{{strings.Clone("env"), strings.Clone("production")}})
	if unsafe.StringData(a[0].Key) != unsafe.StringData(b[0].Key) {
		t.Error("two copies of a key are kept")
	}
	if unsafe.StringData(a[0].Value) != unsafe.StringData(b[0].Value) {
		t.Error("two copies of a value are kept")
	}
}

// TestSharedLists: resources of one purpose have the same tags, and one list of them is
// kept; and no list is taken for another one.
func TestSharedLists(t *testing.T) {
	filter := NewFilter(nil)
	list := func() []Tag { return []Tag{{"env", "prod"}, {"owner", "a"}} }
	first := filter.Clean(list())
	if again := filter.Clean(list()); unsafe.SliceData(first) != unsafe.SliceData(again) {
		t.Error("two copies of a list are kept")
	}
	for _, other := range [][]Tag{{{"owner", "a"}, {"env", "prod"}}, {{"env", "prod"}}, {{"env", "prodowner"}, {"", "a"}}, {{"prod", "env"}, {"a", "owner"}}} {
		if got := filter.Clean(slices.Clone(other)); unsafe.SliceData(first) == unsafe.SliceData(got) {
			t.Errorf("%v became %v", other, got)
		}
	}
	for i := range 2 * maxSharedLists {
		filter.Clean([]Tag{{"k", strconv.Itoa(i)}})
	}
	if len(filter.lists) != maxSharedLists {
		t.Errorf("%d lists are remembered, want %d", len(filter.lists), maxSharedLists)
	}
	for hash := range filter.lists { // as if two lists had one hash
		filter.lists[hash] = first
	}
	if got := filter.Clean([]Tag{{"k", "0"}}); len(got) != 1 || got[0] != (Tag{"k", "0"}) {
		t.Errorf("got %v", got)
	}
}

// TestSharingEnds: a fleet in which every tag differs is not remembered twice. What
// was shared before goes on to be.
func TestSharingEnds(t *testing.T) {
	filter := NewFilter(nil)
	first := filter.Clean([]Tag{{"k", strings.Clone("first")}})[0].Value
	for i := range 3 * maxShared {
		filter.Clean([]Tag{{"k", strconv.Itoa(i)}})
	}
	if len(filter.values) != maxShared {
		t.Errorf("%d values are remembered, want %d", len(filter.values), maxShared)
	}
	again := filter.Clean([]Tag{{"k", strings.Clone("first")}})[0].Value
	if unsafe.StringData(first) != unsafe.StringData(again) {
		t.Error("what was shared is not any more")
	}
	late := strings.Clone("late")
	if got := filter.Clean([]Tag{{"k", late}})[0].Value; got != late {
		t.Errorf("got %q, want %q", got, late)
	}
}

// TestSharedEnterpriseProjects: most resources are of one that is known by then, which
// costs nothing.
func TestSharedEnterpriseProjects(t *testing.T) {
	r := NewReading(Part{}, All, NewFilter(nil))
	first := r.Enterprise("7a7a", "research")
	var again *EnterpriseProject
	if allocs := testing.AllocsPerRun(100, func() { again = r.Enterprise("7a7a", "research") }); allocs != 0 || again != first {
		t.Errorf("%.0f allocations, the same one: %t", allocs, again == first)
	}
	if other := r.Enterprise("7a7a", ""); other == first || r.Enterprise("", "research") != nil {
		t.Error("another one, or none, is shared as this one")
	}
}
