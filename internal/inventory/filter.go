package inventory

import (
	"hash/maphash"
	"regexp"
	"slices"
)

// Filter decides which keys are tags at all. It remembers each key it has
// judged while one read lasts, since a fleet has many tags but few keys; so it
// is not safe for concurrent use.
type Filter struct {
	exclude *regexp.Regexp
	judged  map[string]judgement // by key
	values  map[string]string    // one copy of each, up to maxShared
	seed    maphash.Seed
	lists   map[uint64][]Tag // one copy of each list of tags, by its hash, up to maxSharedLists

	enterprises map[EnterpriseProject]*EnterpriseProject // one of each
}

type judgement struct {
	key   string // the copy that all tags share
	isTag bool
}

// maxShared and maxSharedLists bound the values, and the lists, of which one copy is
// shared: a fleet in which every tag differs must not be remembered twice.
const (
	maxShared      = 10_000
	maxSharedLists = 50_000
)

// NewFilter returns a filter that drops the keys that match exclude. A nil
// expression drops none.
func NewFilter(exclude *regexp.Regexp) *Filter {
	return &Filter{
		exclude: exclude, judged: make(map[string]judgement), values: make(map[string]string),
		seed: maphash.MakeSeed(), lists: make(map[uint64][]Tag),
		enterprises: make(map[EnterpriseProject]*EnterpriseProject),
	}
}

// IsTag reports whether a key counts as a tag: it is not empty and not
// excluded.
func (f *Filter) IsTag(key string) bool { return f.judge(key).isTag }

func (f *Filter) judge(key string) judgement {
	j, known := f.judged[key]
	if !known {
		j = judgement{key, key != "" && (f.exclude == nil || !f.exclude.MatchString(key))}
		f.judged[key] = j
	}
	return j
}

// share returns the value, as the string that equal values share.
func (f *Filter) share(value string) string {
	shared, known := f.values[value]
	if known {
		return shared
	}
	if len(f.values) < maxShared {
		f.values[value] = value
	}
	return value
}

// Clean returns the tags that count, in their order: an empty or excluded key
// is dropped, and a key that is given twice keeps its first value. It reuses
// the slice. Equal strings of different tags share their memory, and so do equal lists
// of different resources, which for a large fleet is most of it: what is returned must
// not be changed.
func (f *Filter) Clean(tags []Tag) []Tag {
	var seen map[string]bool // many tags only: looking through a few is faster
	if len(tags) > 32 {
		seen = make(map[string]bool, len(tags))
	}
	kept := tags[:0]
	for _, t := range tags {
		j := f.judge(t.Key)
		if !j.isTag || seen[t.Key] {
			continue
		}
		if seen != nil {
			seen[t.Key] = true
		} else if slices.ContainsFunc(kept, func(k Tag) bool { return k.Key == t.Key }) {
			continue
		}
		kept = append(kept, Tag{j.key, f.share(t.Value)})
	}
	return f.shareList(kept)
}

// shareList returns the list, as the slice that equal lists share.
func (f *Filter) shareList(tags []Tag) []Tag {
	if len(tags) == 0 {
		return nil
	}
	var hash uint64
	for _, t := range tags {
		hash = hash*31 + maphash.String(f.seed, t.Key)
		hash = hash*31 + maphash.String(f.seed, t.Value)
	}
	shared, known := f.lists[hash]
	switch {
	case known && slices.Equal(shared, tags):
		return shared
	case !known && len(f.lists) < maxSharedLists:
		f.lists[hash] = tags
	}
	return tags
}

// enterprise returns the one of its kind that resources share, nil if there is no ID.
func (f *Filter) enterprise(p EnterpriseProject) *EnterpriseProject {
	if p.ID == "" {
		return nil
	}
	shared := f.enterprises[p]
	if shared == nil {
		first := p // of p itself, each call would have one on the heap
		shared = &first
		f.enterprises[p] = shared
	}
	return shared
}
