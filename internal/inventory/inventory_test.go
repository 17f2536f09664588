package inventory

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestClean(t *testing.T) {
	many := func(n int) (tags []Tag) {
		for i := range n {
			tags = append(tags, Tag{"k" + strconv.Itoa(i), "v"})
		}
		return tags
	}
	tests := []struct {
		name     string
		exclude  string // "": nil
		in, want []Tag
	}{
		{"none", "", nil, nil},
		{"order is kept", "", []Tag{{"b", "1"}, {"a", "2"}}, []Tag{{"b", "1"}, {"a", "2"}}},
		{"the empty key is no tag", "", []Tag{{"", "x"}, {"a", ""}}, []Tag{{"a", ""}}},
		{"the first of equal keys counts", "", []Tag{{"a", "1"}, {"a", "2"}, {"a", "1"}}, []Tag{{"a", "1"}}},
		{"case tells keys apart", "", []Tag{{"Env", "1"}, {"env", "2"}}, []Tag{{"Env", "1"}, {"env", "2"}}},
		{"excluded", "^(?:_sys_.*)$", []Tag{{"_sys_a", "1"}, {"a_sys_", "2"}, {"_sys_a", "3"}}, []Tag{{"a_sys_", "2"}}},
		{"nothing is left", ".*", []Tag{{"a", "1"}}, nil},
		{"many, with doubles", "", append(many(40), many(40)...), many(40)},
		{"many, excluded", "^(?:k[0-9])$", many(40), many(40)[10:]},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var exclude *regexp.Regexp
			if test.exclude != "" {
				exclude = regexp.MustCompile(test.exclude)
			}
			if got := NewFilter(exclude).Clean(slices.Clone(test.in)); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestCleanWork holds the work for one resource to its size. It bounds the
// allocations; comparing each key with each other one, five thousand million
// comparisons, would need none at all.
func TestCleanWork(t *testing.T) {
	const n = 100_000
	tags := make([]Tag, n)
	for i := range tags {
		tags[i] = Tag{"key-" + strconv.Itoa(i), "v"}
	}
	filter := NewFilter(regexp.MustCompile(`^(?:_sys_.*)$`))
	var kept []Tag
	if allocs := testing.AllocsPerRun(1, func() { kept = filter.Clean(tags) }); allocs > n/10 || allocs == 0 {
		t.Errorf("%.0f allocations for %d tags", allocs, n)
	}
	if len(kept) != n {
		t.Errorf("%d tags are left of %d", len(kept), n)
	}
	if keys := (Inventory{Reach: All, Resources: []Resource{{ID: "1", Tags: kept}}}).Keys(); len(keys) != n {
		t.Errorf("%d keys of %d", len(keys), n)
	}
}

// randomInventory has few keys and values, so that they meet often.
func randomInventory(r *rand.Rand) Inventory {
	inv := Inventory{Reach: All}
	filter := NewFilter(nil)
	for i := range r.IntN(60) {
		var tags []Tag
		for range r.IntN(6) {
			value := strconv.Itoa(int(r.ExpFloat64() * 3))
			if r.IntN(10) == 0 {
				value = Other
			}
			tags = append(tags, Tag{string(rune('a' + r.IntN(4))), value})
		}
		inv.Resources = append(inv.Resources, Resource{ID: strconv.Itoa(i), Tags: filter.Clean(tags)})
	}
	return inv
}

// TestKeysProperty compares the counts with those of one look at everything for
// each of them.
func TestKeysProperty(t *testing.T) {
	for seed := range uint64(300) {
		inv := randomInventory(rand.New(rand.NewPCG(seed, 0)))
		untagged, tags := 0, 0
		for _, r := range inv.Resources {
			tags += len(r.Tags)
			if len(r.Tags) == 0 {
				untagged++
			}
		}
		if got := inv.Untagged(); got != untagged {
			t.Errorf("seed %d: %d untagged, want %d", seed, got, untagged)
		}
		keys := inv.Keys()
		for _, k := range keys {
			for _, v := range k.Values {
				n := 0
				for _, r := range inv.Resources {
					if slices.Contains(r.Tags, Tag{k.Name, v.Value}) {
						n++
					}
				}
				if n == 0 || v.Resources != n {
					t.Errorf("seed %d: %s=%s is on %d resources, want %d", seed, k.Name, v.Value, v.Resources, n)
				}
				tags -= n
			}
			if !slices.IsSortedFunc(k.Values, func(a, b Value) int { return strings.Compare(a.Value, b.Value) }) {
				t.Errorf("seed %d: values of %s are not sorted: %v", seed, k.Name, k.Values)
			}
		}
		if tags != 0 {
			t.Errorf("seed %d: %d tags were not counted", seed, tags)
		}
		if !slices.IsSortedFunc(keys, func(a, b Key) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("seed %d: keys are not sorted", seed)
		}
	}
}

func TestKeysWithoutResources(t *testing.T) {
	inv := Inventory{Values: map[string][]string{"b": {"2", "1", ""}, "a": nil}}
	want := []Key{{"a", []Value{}}, {"b", []Value{{"", 0}, {"1", 0}, {"2", 0}}}}
	if got := inv.Keys(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestFold(t *testing.T) {
	tests := []struct {
		name   string
		values []Value
		limit  int
		want   []Value
		folded int
	}{
		{"fewer", []Value{{"a", 1}}, 2, []Value{{"a", 1}}, 0},
		{"as many", []Value{{"a", 1}, {"b", 2}}, 2, []Value{{"a", 1}, {"b", 2}}, 0},
		{"the rarest fold", []Value{{"a", 1}, {"b", 5}, {"c", 2}}, 2, []Value{{"b", 5}, {"c", 2}, {Other, 1}}, 1},
		{"the first of equals stay", []Value{{"a", 1}, {"b", 1}, {"c", 1}}, 2, []Value{{"a", 1}, {"b", 1}, {Other, 1}}, 1},
		{"without resources", []Value{{"a", 0}, {"b", 0}, {"c", 0}}, 1, []Value{{"a", 0}, {Other, 0}}, 2},
		{"a real one, nothing folds", []Value{{Other, 9}, {"a", 1}}, 2, []Value{{Other, 9}, {"a", 1}}, 0},
		{"a real one folds first", []Value{{Other, 9}, {"a", 1}, {"b", 2}}, 2, []Value{{"b", 2}, {"a", 1}, {Other, 9}}, 1},
		{"a real one among the rest", []Value{{Other, 9}, {"a", 1}, {"b", 2}}, 1, []Value{{"b", 2}, {Other, 10}}, 2},
		{"all", []Value{{"a", 1}, {"b", 2}}, 0, []Value{{Other, 3}}, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before := slices.Clone(test.values)
			got, folded := Key{"k", test.values}.Fold(test.limit)
			if !slices.Equal(got, test.want) || folded != test.folded {
				t.Errorf("got %v, %d folded, want %v, %d", got, folded, test.want, test.folded)
			}
			if !slices.Equal(test.values, before) {
				t.Errorf("the key's own values became %v", test.values)
			}
		})
	}
}

// TestFoldProperty: whatever the limit, the sum is exact, no value comes twice,
// no folded value is on more resources than one that stays, and the order in
// which the resources came does not matter.
func TestFoldProperty(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		inv := randomInventory(r)
		shuffled := inv
		shuffled.Resources = slices.Clone(inv.Resources)
		r.Shuffle(len(shuffled.Resources), func(i, j int) {
			shuffled.Resources[i], shuffled.Resources[j] = shuffled.Resources[j], shuffled.Resources[i]
		})
		others := shuffled.Keys()
		for i, key := range inv.Keys() {
			for limit := range len(key.Values) + 2 {
				values, folded := key.Fold(limit)
				again, _ := others[i].Fold(limit)
				if !slices.Equal(values, again) {
					t.Errorf("seed %d, limit %d: %v in one order, %v in another", seed, limit, values, again)
				}
				checkFold(t, key, limit, values, folded)
			}
		}
	}
}

func checkFold(t *testing.T, key Key, limit int, values []Value, folded int) {
	t.Helper()
	if folded != max(0, len(key.Values)-limit) {
		t.Errorf("limit %d of %v: %d folded", limit, key.Values, folded)
	}
	sum, most := 0, 0
	for _, v := range key.Values {
		sum += v.Resources
	}
	seen := make(map[string]bool)
	least := sum
	for _, v := range values {
		sum -= v.Resources
		if seen[v.Value] {
			t.Errorf("limit %d of %v: %s comes twice", limit, key.Values, v.Value)
		}
		seen[v.Value] = true
		if v.Value != Other {
			least = min(least, v.Resources)
		}
	}
	for _, v := range key.Values {
		if !seen[v.Value] {
			most = max(most, v.Resources)
		}
	}
	if sum != 0 || most > least && limit > 0 {
		t.Errorf("limit %d of %v: %v is off by %d, and a folded one has %d", limit, key.Values, values, sum, most)
	}
}
