package collector

import (
	"context"
	"sync"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

// held is an answer about a whole account that is no listing of tags: which projects it
// has, which tag policy is in force, what its enterprise projects are called. It is the
// reader of the target that asks, so that scrapes which overlap ask once, and a question
// that fails or hangs is told like any other read. An answer holds until there is another.
type held[T any] struct {
	renewAfter time.Duration // nobody asks again before that
	retryAfter time.Duration // likewise, after a question that failed
	ask        func(context.Context, *huaweicloud.Session, *inventory.Reading) (T, error)
	adopt      func(before, answer T) (T, error) // makes an answer that in force; nil: that is all

	mu     sync.Mutex
	answer T
	asked  time.Time // when the question was begun that was answered last; zero: none was
	tried  time.Time // when the last question was begun
}

// asker is a held, whatever it holds.
type asker interface {
	due() bool
	answered() bool
}

// Read implements tagapi.Reader. It asks if that is due.
func (h *held[T]) Read(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading) error {
	begun := time.Now()
	if h.due() {
		h.mu.Lock()
		h.tried = begun
		h.mu.Unlock()
		answer, err := h.ask(ctx, s, into)
		if err == nil {
			err = h.take(answer, begun)
		}
		if err != nil {
			return err
		}
	}
	into.Whole(begun)
	return nil
}

// take makes an answer that in force, unless that of a later question is: one that was
// given up may be answered after all.
func (h *held[T]) take(answer T, begun time.Time) (err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if begun.Before(h.asked) {
		return nil
	}
	if h.adopt != nil {
		answer, err = h.adopt(h.answer, answer)
	}
	h.answer, h.asked = answer, begun
	return err
}

func (h *held[T]) due() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Since(h.asked) >= h.renewAfter && time.Since(h.tried) >= h.retryAfter
}

// answered reports whether there is an answer in force.
func (h *held[T]) answered() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.asked.IsZero()
}

// last returns the answer in force, the zero T if there is none.
func (h *held[T]) last() T {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.answer
}

// goOn takes over what the configuration before knew.
func (h *held[T]) goOn(old *held[T]) {
	old.mu.Lock()
	defer old.mu.Unlock()
	h.answer, h.asked, h.tried = old.answer, old.asked, old.tried
}
