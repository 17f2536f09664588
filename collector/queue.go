package collector

import (
	"container/heap"
	"sync"
	"time"
)

// instance is one whose tags are to be read.
type instance struct {
	id, name string
	readAt   time.Time // when its tags were read last; zero: never
}

// queue hands out instances, never-read ones first, then those that were read
// longest ago. It is fed by the listing while readers already take from it.
type queue struct {
	mu     sync.Mutex
	filled sync.Cond
	heap   byReadAt
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
	heap.Push(&q.heap, i)
	q.filled.Signal()
}

// close says that nothing more will be put.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.filled.Broadcast()
}

// abandon closes the queue and drops what is in it.
func (q *queue) abandon() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.heap, q.closed = nil, true
	q.filled.Broadcast()
}

// take waits for an instance. It returns false when the queue is closed and
// empty.
func (q *queue) take() (instance, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.heap) == 0 {
		if q.closed {
			return instance{}, false
		}
		q.filled.Wait()
	}
	return heap.Pop(&q.heap).(instance), true
}

type byReadAt []instance

func (h byReadAt) Len() int           { return len(h) }
func (h byReadAt) Less(i, j int) bool { return h[i].readAt.Before(h[j].readAt) }
func (h byReadAt) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *byReadAt) Push(x any)        { *h = append(*h, x.(instance)) }
func (h *byReadAt) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
