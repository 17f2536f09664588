package huaweicloud

import "sync"

// recorder is an Observer that keeps the attempts.
type recorder struct {
	mu       sync.Mutex
	attempts []Attempt
}

// Observe implements Observer.
func (r *recorder) Observe(a Attempt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.attempts = append(r.attempts, a)
}

// count returns how many attempts satisfy a condition.
func (r *recorder) count(is func(Attempt) bool) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.attempts {
		if is(a) {
			n++
		}
	}
	return n
}

func (r *recorder) sent() int { return r.count(func(a Attempt) bool { return a.Sent }) }

func (r *recorder) with(status int, code string) int {
	return r.count(func(a Attempt) bool { return a.Status == status && a.ErrorCode == code })
}

func (r *recorder) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.attempts = nil
}
