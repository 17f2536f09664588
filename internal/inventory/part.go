package inventory

import (
	"errors"
	"slices"
	"time"
)

// Part is what one answer can be about. One read may yield many parts.
type Part struct {
	Account      string // "": it was asked for by project
	Project      string // by its name; of an account's source, what the cloud calls it, which is only a hint
	ProjectID    string // the cloud's; "": the source names none, or the resources are of no project
	Region       string
	Service      string // label cloud_service
	ResourceType string // "": none; what is read then is told by parts of its own
}

// Reach says what an API can name, and so what may be said of a part.
type Reach int

// How far an API reaches.
const (
	Pairs  Reach = iota // keys and values, but no resources
	Tagged              // resources, but only those that have a tag
	All                 // all resources, so that those without a tag are known
)

// ErrTooOld is why a part is not complete whose tags were known, and have grown older
// than they may be.
var ErrTooOld = errors.New("tags that were known have grown older than max_tag_age meanwhile")

// Part returns the reading of one part of what is read. It shares the lock of the
// whole, so a part may be read by several goroutines at once, too. A part that was
// asked for before is the same one, with the reach that it has.
//
// Parts that an earlier read has learnt and that are young enough may be given again,
// each with the time when it was read: snapshots leave out what is too old by then.
func (r *Reading) Part(p Part, reach Reach) *Reading {
	r.mu.Lock()
	defer r.mu.Unlock()
	if part := r.root.parts[p]; part != nil {
		return part
	}
	part := newReading(p, reach, r.filter)
	part.mu, part.root = r.mu, r.root
	if r.root.parts == nil {
		r.root.parts = make(map[Part]*Reading)
	}
	r.root.parts[p] = part
	r.root.order = append(r.root.order, part)
	return part
}

// Type returns the reading of one resource type of the service that is read.
func (r *Reading) Type(name string, reach Reach) *Reading {
	p := r.root.inv.Part
	p.ResourceType = name
	return r.Part(p, reach)
}

// Fail says why something of this part is missing. Of several errors the first is
// kept. The other parts are not concerned.
func (r *Reading) Fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inv.Err == nil {
		r.inv.Err = err
	}
}

// Derive gives the reading a function that returns parts, for a source that keeps what
// it knows in a form of its own and has many parts: it is asked when they are shown, and
// nothing is copied. Parts calls it, with its notBefore, possibly while the read goes on
// and from several goroutines. What the function returns must not change afterwards.
// It follows the rules of Snapshot itself: what was read before notBefore is not whole,
// and why is its Err. The parts get the account of the reading.
func (r *Reading) Derive(parts func(notBefore time.Time) []Inventory) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.root.derive = parts
}

// Parts returns a snapshot of each part, in the order in which they were begun, and
// whether all parts are known: the listing that names them is whole. A part is among
// them that is not whole: only its names and its error are known. Those of Derive come
// last.
func (r *Reading) Parts(notBefore time.Time) (parts []Inventory, whole bool) {
	r.mu.Lock()
	whole = r.whole
	readings := slices.Clone(r.order)
	derive := r.derive
	r.mu.Unlock()
	if r.inv.ResourceType != "" {
		readings = slices.Insert(readings, 0, r)
	}
	parts = make([]Inventory, len(readings))
	for i, reading := range readings {
		parts[i], _ = reading.Snapshot(notBefore)
	}
	if derive != nil {
		first := len(parts)
		parts = append(parts, derive(notBefore)...)
		for i := range parts[first:] {
			parts[first+i].Account = r.inv.Account
		}
	}
	return parts, whole
}

// Complete returns nil if nothing of the part is missing, else why. Of a part that is
// not whole, without an error of its own, the caller knows why.
func (i Inventory) Complete(why error) error {
	switch {
	case i.Err != nil:
		return i.Err
	case !i.Whole:
		return why
	case i.Unreadable > 0:
		return ErrTooOld
	}
	return nil
}
