package inventory

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestFoldKeys(t *testing.T) {
	key := func(name string, resources ...int) Key {
		k := Key{Name: name}
		for i, n := range resources {
			k.Values = append(k.Values, Value{fmt.Sprint(i), n})
		}
		return k
	}
	names := func(keys []Key) string {
		var all []string
		for _, k := range keys {
			all = append(all, k.Name)
		}
		return strings.Join(all, " ")
	}
	for _, test := range []struct {
		name         string
		keys         []Key
		limit        int
		kept, folded string
	}{
		{"none", nil, 2, "", ""},
		{"at the limit", []Key{key("a", 1), key("b", 2)}, 2, "a b", ""},
		{"above it, the rarest folds", []Key{key("a", 2), key("b", 1), key("c", 3)}, 2, "a c", "b"},
		{"a key's values count together", []Key{key("a", 2), key("b", 1, 1, 1)}, 1, "b", "a"},
		{"of equals the first stay", []Key{key("a", 1), key("b", 1), key("c", 1)}, 1, "a", "b c"},
		{"without resources the first stay", []Key{key("a"), key("b", 0), key("c", 0, 0)}, 2, "a b", "c"},
		{"a real one, nothing folds", []Key{key(Other, 9), key("a", 1)}, 2, Other + " a", ""},
		{"a real one folds first", []Key{key(Other, 9), key("a", 1), key("b", 0)}, 2, "a b", Other},
		{"all", []Key{key("a", 1), key("b", 2)}, 0, "", "a b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := slices.Clone(test.keys)
			kept, folded := FoldKeys(test.keys, test.limit)
			if names(kept) != test.kept || names(folded) != test.folded {
				t.Errorf("kept %q, folded %q, want %q, %q", names(kept), names(folded), test.kept, test.folded)
			}
			if names(test.keys) != names(before) {
				t.Errorf("the keys became %q", names(test.keys))
			}
		})
	}
}

// TestResources: a key is on as many resources as all its values together.
func TestResources(t *testing.T) {
	inv := Inventory{Reach: All, Resources: []Resource{
		{ID: "1", Tags: []Tag{{"a", "x"}, {"b", "x"}}},
		{ID: "2", Tags: []Tag{{"a", "y"}}},
		{ID: "3", Tags: []Tag{{"a", "x"}}},
	}}
	keys := inv.Keys()
	if keys[0].Resources() != 3 || keys[1].Resources() != 1 {
		t.Errorf("got %d and %d, want 3 and 1", keys[0].Resources(), keys[1].Resources())
	}
}
