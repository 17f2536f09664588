package tagapi

import (
	"slices"
	"sync"
	"time"

	"huaweicloud_tag_exporter/internal/inventory"
)

// instance is one whose tags are to be read.
type instance struct {
	inventory.Resource           // with the tags that are known of it
	readAt             time.Time // when they were read; zero: never
	wasGone            bool      // an earlier read was told that it is gone, and it is listed
}

// queue hands out instances: never-read ones first, as soon as they are put;
// then, once the queue is closed and it is known that none is left, those that
// were read before, longest ago first. It is fed by the listing while readers
// already take from it.
type queue struct {
	mu     sync.Mutex
	filled sync.Cond
	fresh  []instance
	known  []instance // sorted when the queue is closed
	closed bool
}

func newQueue() *queue {
	q := new(queue)
	q.filled.L = &q.mu
	return q
}

func (q *queue) put(i instance) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !i.readAt.IsZero() {
		q.known = append(q.known, i)
		return
	}
	q.fresh = append(q.fresh, i)
	q.filled.Signal()
}

// close says that nothing more will be put.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	slices.SortFunc(q.known, func(a, b instance) int { return a.readAt.Compare(b.readAt) })
	q.closed = true
	q.filled.Broadcast()
}

// abandon closes the queue and drops what is in it.
func (q *queue) abandon() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.fresh, q.known, q.closed = nil, nil, true
	q.filled.Broadcast()
}

// take waits for an instance. It returns false when the queue is closed and
// empty.
func (q *queue) take() (i instance, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.fresh) == 0 && !q.closed {
		q.filled.Wait()
	}
	switch {
	case len(q.fresh) > 0:
		i, q.fresh = q.fresh[0], q.fresh[1:]
	case len(q.known) > 0:
		i, q.known = q.known[0], q.known[1:]
	default:
		return instance{}, false
	}
	return i, true
}
