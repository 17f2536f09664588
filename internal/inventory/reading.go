package inventory

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// Reading gathers what a read learns of a part, so that a scrape whose time is up
// can show what has been read so far. It shows nothing until the listing is whole:
// half a listing would look like a smaller fleet. A read of many parts begins with
// a Reading that is not about a part itself, and asks it for one for each part.
//
// It is safe for concurrent use. A source writes, the collector takes
// snapshots.
type Reading struct {
	filter *Filter

	root  *Reading          // of all parts; itself, if this is it
	parts map[Part]*Reading // of the root: those beside its own
	order []*Reading        // likewise
	// Of the root, too:
	derive   func(notBefore time.Time) []Inventory // nil: none
	recorder *bool                                 // of the account is on; nil: unknown

	mu       *sync.Mutex // of the root
	whole    bool
	inv      Inventory
	values   map[string]map[string]bool
	index    map[string]int // resource ID -> place in inv.Resources, or unread, or gone
	unread   int            // how many of them
	readAt   []time.Time    // beside inv.Resources
	listedAt time.Time
	notices  []string
}

const (
	unread = -1 // listed, without tags that may be shown
	gone   = -2 // stays so: what is still being read of it comes too late
)

// NewReading returns an empty reading of one part; or of many, if the part has no
// resource type, which are those that Part is called with.
func NewReading(p Part, reach Reach, filter *Filter) *Reading {
	r := newReading(p, reach, filter)
	r.root, r.mu = r, new(sync.Mutex)
	return r
}

func newReading(p Part, reach Reach, filter *Filter) *Reading {
	return &Reading{
		filter: filter,
		inv:    Inventory{Part: p, Reach: reach},
		values: make(map[string]map[string]bool),
		index:  make(map[string]int),
	}
}

// AddValues adds a key that the API names without resources, and its values. A
// key may be added several times.
func (r *Reading) AddValues(key string, values ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.filter.IsTag(key) {
		return
	}
	if r.values[key] == nil {
		r.values[key] = make(map[string]bool)
	}
	for _, v := range values {
		r.values[key][v] = true
	}
}

// IsTag reports whether a key is one of a tag here.
func (r *Reading) IsTag(key string) bool { return r.filter.IsTag(key) }

// List notes that a resource exists. Until it is read it counts as unreadable.
func (r *Reading) List(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.index[id]; !known {
		r.index[id] = unread
		r.unread++
	}
}

// Read sets a resource and its tags as they were at a time. A resource that is
// read again replaces what was read before, but for an enterprise project that it does
// not name. Its tags are cleaned in place, and
// returned as they are shown; from then on nobody may change them.
func (r *Reading) Read(res Resource, at time.Time) []Tag {
	r.mu.Lock()
	defer r.mu.Unlock()
	res.Tags = r.filter.Clean(res.Tags)
	r.set(res, at)
	return res.Tags
}

// Clean returns the tags that count, for a source that keeps what it reads itself. It
// reuses the slice, and tags share their memory, as Filter.Clean says.
func (r *Reading) Clean(tags []Tag) []Tag {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.filter.Clean(tags)
}

// Enterprise returns the enterprise project of this ID and name, which all resources of it
// share: a large fleet has few. It is nil if the listing gave no ID.
func (r *Reading) Enterprise(id, name string) *EnterpriseProject {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.filter.enterprise(EnterpriseProject{id, name})
}

// Keep sets a resource with tags that Read returned earlier.
func (r *Reading) Keep(res Resource, readAt time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.set(res, readAt)
}

func (r *Reading) set(res Resource, at time.Time) {
	place, known := r.index[res.ID]
	switch {
	case known && place == gone:
		return
	case known && place >= 0:
		if res.Enterprise == nil { // not every list has it
			res.Enterprise = r.inv.Resources[place].Enterprise
		}
		r.inv.Resources[place], r.readAt[place] = res, at
		return
	case known:
		r.unread--
	}
	r.index[res.ID] = len(r.inv.Resources)
	r.inv.Resources = append(r.inv.Resources, res)
	r.readAt = append(r.readAt, at)
}

// Expire drops the tags that are shown of a resource: it counts as unreadable
// from now on.
func (r *Reading) Expire(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if place, known := r.index[id]; known && place >= 0 {
		r.drop(place)
		r.index[id] = unread
		r.unread++
	}
}

// Remove forgets a resource that turned out to be gone. What is read of it
// later is not shown.
func (r *Reading) Remove(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.remove(id)
}

// Retain removes all resources that are not present.
func (r *Reading) Retain(present func(id string) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, place := range r.index {
		if place != gone && !present(id) {
			r.remove(id)
		}
	}
}

func (r *Reading) remove(id string) {
	switch place, known := r.index[id]; {
	case known && place >= 0:
		r.drop(place)
	case known && place == unread:
		r.unread--
	}
	r.index[id] = gone
}

// drop takes one of the resources out; the last one takes its place.
func (r *Reading) drop(place int) {
	last := len(r.inv.Resources) - 1
	if place != last {
		r.inv.Resources[place], r.readAt[place] = r.inv.Resources[last], r.readAt[last]
		r.index[r.inv.Resources[place].ID] = place
	}
	r.inv.Resources[last] = Resource{}
	r.inv.Resources, r.readAt = r.inv.Resources[:last], r.readAt[:last]
}

// Select adds the answer to one query by tag.
func (r *Reading) Select(tag Tag, resources int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inv.Selections = append(r.inv.Selections, Selection{tag, resources})
}

// Notice adds a sentence that the operator should read once: something that is
// no failure, but that nobody would expect.
func (r *Reading) Notice(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.root.notices = append(r.root.notices, text)
}

// Notices returns the notices so far.
func (r *Reading) Notices() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.root.notices)
}

// SetRecorder notes whether the recorder of the account is on, without which Config
// does not learn what changes.
func (r *Reading) SetRecorder(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.root.recorder = &on
}

// Recorder returns what SetRecorder noted; known is false if that could not be asked, or
// if the source has no recorder.
func (r *Reading) Recorder() (on, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.root.recorder == nil {
		return false, false
	}
	return *r.root.recorder, true
}

// Whole says that the listing, begun at a time, is complete: from now on
// snapshots show it. Of a reading of many parts, it says that all parts are known.
func (r *Reading) Whole(begun time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.whole, r.listedAt = true, begun
}

// Snapshot returns what has been read so far of this part, and false while the
// listing is not whole. Tags that were read before a time count as not read; and so
// does a part whose listing was. The snapshot
// shares tag slices with the reading, which never changes them once they are
// read.
func (r *Reading) Snapshot(notBefore time.Time) (Inventory, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.whole || r.listedAt.Before(notBefore) {
		inv := Inventory{Part: r.inv.Part, Reach: r.inv.Reach, Err: r.inv.Err}
		if r.whole && inv.Err == nil {
			inv.Err = ErrTooOld
		}
		return inv, false
	}
	inv := r.inv
	inv.Whole = true
	inv.Oldest = r.listedAt
	inv.Resources = make([]Resource, 0, len(r.inv.Resources))
	for i, at := range r.readAt {
		if at.Before(notBefore) {
			continue
		}
		inv.Resources = append(inv.Resources, r.inv.Resources[i])
		if at.Before(inv.Oldest) {
			inv.Oldest = at
		}
	}
	inv.Unreadable = r.unread + len(r.inv.Resources) - len(inv.Resources)
	inv.Selections = slices.Clone(r.inv.Selections)
	if inv.Reach == Pairs {
		inv.Values = make(map[string][]string, len(r.values))
		for key, values := range r.values {
			inv.Values[key] = slices.Collect(maps.Keys(values))
		}
	}
	return inv, true
}
