package huaweicloud

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	firstPause = 30 * time.Second
	longPause  = 10 * time.Minute
	// newcomers is how many requests may be in flight with a credential that
	// has not been accepted yet. More than five failures in a row lock an
	// access key for everyone who uses it.
	newcomers = 4
)

// errPaused says that a request was not sent since its credential was refused.
var errPaused = errors.New("paused: the credential was refused")

// verdict is what an answer says about the credential.
type verdict int

const (
	unknown  verdict = iota // nothing: no answer, or an error of another kind
	accepted                // a success
	refused                 // 401
)

// breaker keeps a refused credential from being refused again and again. All
// services that use the credential share it.
//
// It is closed, or open until a time. Once that is over, one request at a time
// probes; the first that is accepted closes it, a refused one opens it for
// twice as long.
type breaker struct {
	mu         sync.Mutex
	accepted   bool          // once since the last reset
	changed    chan struct{} // closed and replaced whenever a waiting request may look again
	inFlight   int           // while not accepted
	generation int           // counts resets: what an older request learnt is void
	pause      time.Duration // 0: closed
	until      time.Time
	probing    bool
}

func newBreaker() *breaker {
	return &breaker{changed: make(chan struct{})}
}

// enter waits until a request may be sent, or returns errPaused or the
// context's error. The caller must call leave with the answer's verdict.
func (b *breaker) enter(ctx context.Context) (leave func(verdict), err error) {
	for {
		leave, wait, err := b.tryEnter()
		if leave != nil || err != nil {
			return leave, err
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (b *breaker) tryEnter() (leave func(verdict), wait <-chan struct{}, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	generation := b.generation
	switch {
	case b.pause > 0:
		if b.probing || time.Now().Before(b.until) {
			return nil, nil, errPaused
		}
		b.probing = true
		return func(v verdict) { b.leave(generation, v, true) }, nil, nil
	case b.accepted:
		return func(v verdict) { b.leave(generation, v, false) }, nil, nil
	case b.inFlight >= newcomers:
		return nil, b.changed, nil
	}
	b.inFlight++
	return func(v verdict) { b.leave(generation, v, false) }, nil, nil
}

func (b *breaker) leave(generation int, v verdict, probe bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if generation != b.generation {
		return
	}
	if !b.accepted {
		defer b.wake() // else nobody waits
	}
	if probe {
		b.probing = false
	} else if !b.accepted {
		b.inFlight--
	}
	switch {
	case v == accepted && (probe || b.pause == 0):
		b.accepted, b.pause = true, 0
	case v == refused && (probe || b.pause == 0):
		b.pause = min(max(2*b.pause, firstPause), longPause)
		b.until = time.Now().Add(b.pause)
	}
}

// reset forgets everything, as a changed secret demands.
func (b *breaker) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.generation++
	b.accepted, b.inFlight, b.pause, b.probing = false, 0, 0, false
	b.wake()
}

func (b *breaker) wake() {
	close(b.changed)
	b.changed = make(chan struct{})
}
