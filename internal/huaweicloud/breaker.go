package huaweicloud

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	firstPause = 30 * time.Second
	longPause  = 10 * time.Minute

	// More than five failures in a row lock an access key for everyone who uses it.
	// So no more than mostRefusals may be met within refusalWindow, even where a
	// changed secret or a reload ends a pause early.
	mostRefusals  = 5
	refusalWindow = 10 * time.Minute

	// proofLasts is how long after the last accepted answer a secret needs no proof.
	// Without an end, a key that is revoked between two scrapes would be refused as
	// often as there are requests in flight; so each scrape begins with one request.
	proofLasts = 5 * time.Second
	// proofPatience is how long such a proof may hold up the others: the request may be
	// one that hangs. After that another one proves it too, mostProofs at once.
	proofPatience = time.Second
	mostProofs    = 3
)

// errPaused says that a request was not sent since its credential was refused.
var errPaused = errors.New("paused: the credential was refused")

// outcome is what an answer says about the credential.
type outcome int

const (
	unknown  outcome = iota // nothing: no answer, or one that a proxy or a gateway gives before it looks
	accepted                // the service itself answered
	doubtful                // 401, for a token that was never accepted, but may have expired
	expired                 // 401, for a token that was accepted before
	refused                 // 401
)

// breaker keeps a refused identity, an access key or a user, from being refused
// again and again. All credentials with that identity share it.
//
// Closed: requests whose secret was accepted lately pass. Open: none passes before
// until. In between, after a pause and for each secret that is new or has not been
// used for a while, one request at a time proves it, and the others wait: if it is
// accepted they pass; if it is refused the breaker opens, each time for twice as long.
type breaker struct {
	mu       sync.Mutex
	era      int           // refusals and resets begin a new one: what was accepted before must prove itself again
	proving  int           // requests in flight that prove a secret
	since    time.Time     // when the last of them was let go
	changed  chan struct{} // closed and replaced whenever a waiting request may look again
	pause    time.Duration // the last one; 0 when a secret has been accepted since
	until    time.Time     // its end
	refusals []time.Time   // the last mostRefusals

	used time.Time // when it was asked for last; guarded by the lock of breakers
}

// standing is what the breaker knows of one secret, as one credential has read it.
type standing struct {
	breaker *breaker
	// Guarded by the breaker's lock:
	accepted   int       // the era in which it was accepted last, 0: never
	acceptedAt time.Time // when it was accepted last
	void       bool      // the credential has another secret now
}

func newBreaker() *breaker { return &breaker{era: 1, changed: make(chan struct{})} }

// await waits until a request may be sent, without taking the place of the one that
// proves the secret: that would hold up everybody else while it waits for its
// rate. It returns errPaused or ErrNoTime. A void standing has nothing to wait for.
func (s *standing) await(ctx context.Context) error {
	b := s.breaker
	for {
		b.mu.Lock()
		void, paused, wait, changed := s.void, b.isOpen(), b.holds(s), b.changed
		b.mu.Unlock()
		switch {
		case void:
			return nil
		case paused:
			return errPaused
		case wait == 0:
			return nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-changed:
			timer.Stop()
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ErrNoTime
		}
	}
}

// enter lets a request be sent, or returns nil if await must be asked again, with
// the secret that the credential has then. The caller must call leave with what the
// answer says.
func (s *standing) enter() (leave func(outcome)) {
	b := s.breaker
	b.mu.Lock()
	defer b.mu.Unlock()
	proves := !b.passes(s)
	if s.void || b.isOpen() || b.holds(s) > 0 {
		return nil
	}
	if proves {
		b.proving++
		b.since = time.Now()
	}
	era, isNew := b.era, s.accepted != b.era
	return func(v outcome) {
		if v == doubtful && !isNew {
			v = expired
		}
		b.leave(s, v, era, proves)
	}
}

func (b *breaker) passes(s *standing) bool {
	return s.accepted == b.era && time.Since(s.acceptedAt) < proofLasts
}

// holds returns how long a request must wait for those that prove its secret: not at
// all, or until it is woken where the secret was never accepted.
func (b *breaker) holds(s *standing) time.Duration {
	switch {
	case b.proving == 0, b.passes(s):
		return 0
	case s.accepted != b.era, b.proving >= mostProofs:
		return refusalWindow
	}
	return max(0, proofPatience-time.Since(b.since))
}

func (b *breaker) isOpen() bool {
	now := time.Now()
	return now.Before(b.until) || len(b.refusals) == mostRefusals && now.Sub(b.refusals[0]) < refusalWindow
}

func (b *breaker) leave(s *standing, v outcome, era int, proved bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if proved {
		b.proving--
		b.wake() // they look when this has returned
	}
	if v == refused || v == doubtful {
		b.refusals = append(b.refusals, time.Now())
		b.refusals = b.refusals[max(0, len(b.refusals)-mostRefusals):]
	}
	if era != b.era {
		return // it learnt about an older secret, or later than others
	}
	switch v {
	case accepted:
		s.accepted, s.acceptedAt, b.pause = era, time.Now(), 0
		if b.proving > 0 {
			b.wake() // those who wait for a proof have it
		}
	case doubtful, expired:
		b.era++
	case refused:
		b.wake()
		b.era++
		b.pause = min(max(2*b.pause, firstPause), longPause)
		b.until = time.Now().Add(b.pause)
	case unknown:
	}
}

// reset ends the pause, as a changed secret or a reload demands. What requests in
// flight will learn counts no more, except as refusals.
func (b *breaker) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.era++
	b.pause, b.until = 0, time.Time{}
	b.wake()
}

// revoke makes a standing void: its secret is not to be sent any more.
func (s *standing) revoke() {
	s.breaker.mu.Lock()
	defer s.breaker.mu.Unlock()
	s.void = true
	s.breaker.wake()
}

func (b *breaker) wake() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// breakers holds those of all identities, for as long as the process runs: over
// reloads, too.
type breakers struct {
	mu         sync.Mutex
	byIdentity map[string]*breaker
}

func newBreakers() *breakers { return &breakers{byIdentity: make(map[string]*breaker)} }

// of returns the breaker of an identity. Those that nobody has asked for in a day
// are forgotten, since temporary keys come and go.
func (all *breakers) of(identity string) *breaker {
	all.mu.Lock()
	defer all.mu.Unlock()
	now := time.Now()
	b := all.byIdentity[identity]
	if b == nil {
		maps.DeleteFunc(all.byIdentity, func(_ string, b *breaker) bool { return now.Sub(b.used) > 24*time.Hour })
		b = newBreaker()
		all.byIdentity[identity] = b
	}
	b.used = now
	return b
}

// reset ends the pauses of all.
func (all *breakers) reset() {
	all.mu.Lock()
	defer all.mu.Unlock()
	for _, b := range all.byIdentity {
		b.reset()
	}
}

// rightsCodes begin the codes of a 401 that is about what the credential may do, not
// about who it is. Every other 401 is taken for a refusal: that errs on the side of
// an access key that nobody locks.
var rightsCodes = [...]string{"Organizations."}

// refuses reports whether the failure is about who the credential is.
func (e *Error) refuses() bool {
	if e.Status != http.StatusUnauthorized {
		return false
	}
	for _, prefix := range rightsCodes {
		if strings.HasPrefix(e.Code, prefix) {
			return false
		}
	}
	return true
}

// ofService reports whether the service itself answered, so that it has read who
// asks. A proxy's page has no error code. The gateway answers some requests before it
// looks at the credential, such as those that it throttles; its 403 says that it
// has looked.
func (e *Error) ofService() bool {
	if e.refuses() || strings.HasPrefix(e.Code, "http_") || slices.Contains(OwnCodes[:], e.Code) {
		return false
	}
	gateway := strings.HasPrefix(e.Code, "APIG.") || strings.HasPrefix(e.Code, "APIGW.")
	return !gateway || e.Status == http.StatusForbidden
}
