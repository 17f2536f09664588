// Package inventory holds what the tag APIs said: resources, their tags, and
// how complete the reading is. It is pure: no clock, no network, no Prometheus.
package inventory

import (
	"slices"
	"strings"
	"time"
)

// Tag is one key with one value. The value may be empty: Huawei Cloud allows
// empty and null values, and both are the empty string here.
type Tag struct {
	Key, Value string
}

// The longest keys and values, in characters. Editions of the API pages differ; these
// are the widest:
// https://support.huaweicloud.com/intl/en-us/usermanual-tms/tms_01_0014.html
const (
	MaxKeyLength   = 128
	MaxValueLength = 255
)

// Resource is a tagged or untagged thing that a tag API names.
type Resource struct {
	ID, Name   string
	Tags       []Tag              // cleaned by a Filter: no empty key, no key twice
	Enterprise *EnterpriseProject // that it belongs to; nil: the listing does not say
}

// EnterpriseProject is a group of resources, across the projects and regions of an
// account, by which a company shares costs and duties. All resources of one share it.
type EnterpriseProject struct {
	ID   string
	Name string // "": the listing gives the ID alone
}

// Selection is the answer to one server-side query by tag.
type Selection struct {
	Tag
	Resources int
}

// Inventory is what was read of one part.
type Inventory struct {
	Part
	// Reach says what the API names. If it is Pairs, Resources is empty and means
	// nothing, and Values holds the tags.
	Reach Reach
	// AnyProject says that resources of this type could not be read in this region, and
	// that it is not known which projects have some: Part names none. Nothing but Err is
	// known then, and each part of this service in this region may be incomplete.
	AnyProject bool
	Whole      bool                // the listing is; else nothing below is known
	Err        error               // why something is missing, of this part alone; nil: it has not failed
	Resources  []Resource          // in no particular order, each ID once
	Values     map[string][]string // every key in use with its distinct values
	Unreadable int                 // listed, but without tags that are young enough
	Selections []Selection         // the queries that were answered
	Oldest     time.Time           // when the oldest of these tags were read
}

// Untagged counts the resources that carry no tag. It means something only where
// Reach is All.
func (i Inventory) Untagged() int {
	n := 0
	for _, r := range i.Resources {
		if len(r.Tags) == 0 {
			n++
		}
	}
	return n
}

// Key is a tag key in use and its distinct values, sorted.
type Key struct {
	Name   string
	Values []Value
}

// Value is a distinct value of a key and the number of resources that carry
// it, which is 0 where the API names no resources.
type Value struct {
	Value     string
	Resources int
}

// Keys counts the tags by key and value. Keys and values are sorted.
func (i Inventory) Keys() []Key {
	counts := make(map[string]map[string]int)
	for key, values := range i.Values {
		byValue := make(map[string]int, len(values))
		for _, v := range values {
			byValue[v] = 0
		}
		counts[key] = byValue
	}
	for _, r := range i.Resources {
		for _, t := range r.Tags {
			byValue := counts[t.Key]
			if byValue == nil {
				byValue = make(map[string]int)
				counts[t.Key] = byValue
			}
			byValue[t.Value]++
		}
	}
	keys := make([]Key, 0, len(counts))
	for name, byValue := range counts {
		values := make([]Value, 0, len(byValue))
		for v, n := range byValue {
			values = append(values, Value{v, n})
		}
		slices.SortFunc(values, func(a, b Value) int { return strings.Compare(a.Value, b.Value) })
		keys = append(keys, Key{name, values})
	}
	slices.SortFunc(keys, func(a, b Key) int { return strings.Compare(a.Name, b.Name) })
	return keys
}

// Other is the value into which Fold puts what exceeds a limit, and the key into
// which the exposition puts what FoldKeys folded.
const Other = "__other__"

// Fold returns at most limit of the key's values, those that most resources
// carry, and puts the rest together into the value Other, so that the sum over
// all values stays exact. It also returns how many values were folded: 0 means
// that the values are returned as they are.
//
// A real value that is spelt like Other is folded first, since it could not be
// told apart.
func (k Key) Fold(limit int) (values []Value, folded int) {
	if len(k.Values) <= limit {
		return k.Values, 0
	}
	ranked := slices.Clone(k.Values)
	slices.SortStableFunc(ranked, func(a, b Value) int {
		if (a.Value == Other) != (b.Value == Other) {
			if a.Value == Other {
				return 1
			}
			return -1
		}
		return b.Resources - a.Resources
	})
	other := Value{Value: Other}
	for _, v := range ranked[limit:] {
		other.Resources += v.Resources
	}
	return append(ranked[:limit:limit], other), len(ranked) - limit
}

// Resources counts the resources that carry the key. It is 0 where the API names
// no resources.
func (k Key) Resources() int {
	sum := 0 // a resource has a key once
	for _, v := range k.Values {
		sum += v.Resources
	}
	return sum
}

// FoldKeys splits the keys into at most limit that are kept, those that most
// resources carry, and the rest. Both keep their order. Of keys on equally many
// resources the first are kept, so that sorted keys give the same answer each
// time.
//
// A real key that is spelt like Other is folded first, as Fold does with values.
func FoldKeys(keys []Key, limit int) (kept, folded []Key) {
	if len(keys) <= limit {
		return keys, nil
	}
	rank := make([]int, len(keys))
	resources := make([]int, len(keys))
	for i, k := range keys {
		rank[i], resources[i] = i, k.Resources()
		if k.Name == Other {
			resources[i] = -1
		}
	}
	slices.SortStableFunc(rank, func(a, b int) int { return resources[b] - resources[a] })
	keep := make([]bool, len(keys))
	for _, i := range rank[:limit] {
		keep[i] = true
	}
	for i, k := range keys {
		if keep[i] {
			kept = append(kept, k)
		} else {
			folded = append(folded, k)
		}
	}
	return kept, folded
}
