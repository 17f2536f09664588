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

	// Huawei Cloud locks an access key or a user, for everybody, after more than five
	// failures in a row. So no more than mostRefusals are risked within refusalWindow,
	// even if a changed secret or a reload ends a pause early.
	mostRefusals  = 5
	refusalWindow = 10 * time.Minute

	// proofLasts is how long a secret counts as good after the cloud accepted it. That is
	// shorter than the usual time between two scrapes, so each scrape begins with one
	// request alone. Otherwise a key that is revoked between two scrapes would be refused
	// as often as requests may be in flight, and be locked.
	proofLasts = 5 * time.Second

	// proofWait is how long the others wait for such a proof, since its request may be
	// one that hangs. Then a second request is sent beside it, and at most mostProofs.
	proofWait  = time.Second
	mostProofs = 3
)

// errPaused says that a request is not sent because its credential was refused before.
var errPaused = errors.New("paused: the credential was refused")

// outcome is what an answer says about the credential.
type outcome int

const (
	unknown  outcome = iota // nothing: no answer, or one that was given before the credential was looked at
	accepted                // the service itself answered
	doubtful                // 401 for a new token
	expired                 // 401 for a token that was accepted before
	refused                 // 401
)

// breaker stops the requests of an identity, an access key or a user, that was refused.
// All credentials with that identity share one.
//
// Closed: requests pass if their secret was accepted within proofLasts.
// Open: no request passes before until.
// Half-open, after a pause and for a secret that was not accepted within proofLasts: one
// request passes, to prove the secret, and the others wait. If it is accepted they all
// pass. If it is refused the breaker opens, for twice as long as before.
type breaker struct {
	mu       sync.Mutex
	era      int           // grows with each refusal and reset: a secret accepted before must be proved again
	proving  int           // how many requests in flight prove a secret
	since    time.Time     // when the last of these was sent
	changed  chan struct{} // closed and replaced to wake those who wait
	pause    time.Duration // the last one; 0 once a secret has been accepted after it
	until    time.Time     // the end of the pause
	refusals []time.Time   // the last ones, at most mostRefusals

	account accountID // to which the identity belongs; here, so that it is kept as long

	used time.Time // when breakers.of returned it last; guarded by the lock of breakers
}

// standing is the secrets of a credential, as last read, and what its breaker knows about
// them. Secrets that change get a new one.
type standing struct {
	breaker *breaker
	secrets proof
	// Guarded by the breaker's lock:
	accepted   int       // the breaker's era when the secret was accepted last; 0: never
	acceptedAt time.Time // when it was accepted last
	void       bool      // the credential has another secret now
}

func newBreaker() *breaker {
	return &breaker{era: 1, changed: make(chan struct{}), account: accountID{lock: make(slots, 1)}}
}

// await waits until a request may pass. It does not yet enter: a request that was to
// prove the secret would hold up all others while it waits for the rate limit. The
// error is errPaused or ErrNoTime. A void standing is not waited for, so that the
// caller can go on with the next one.
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

// enter lets one request pass. The caller must send it and then call leave with what the
// answer says. If leave is nil the request must not be sent: the caller calls await
// again, with the secret that the credential has then.
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
	era := b.era
	return func(v outcome) { b.leave(s, v, era, proves) }
}

func (b *breaker) passes(s *standing) bool {
	return s.accepted == b.era && time.Since(s.acceptedAt) < proofLasts
}

// holds returns how long a request must wait for those that prove its secret, unless it
// is woken before. A secret that was not accepted since the last refusal is proved by one
// request alone, however long that takes.
func (b *breaker) holds(s *standing) time.Duration {
	switch {
	case b.proving == 0, b.passes(s):
		return 0
	case s.accepted != b.era, b.proving >= mostProofs:
		return refusalWindow
	}
	return max(0, proofWait-time.Since(b.since))
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
		b.wake() // they need the lock, so they see all that is done below
	}
	// When a token expires, each request in flight gets a 401. That is no failure to
	// log in, so of such answers only one for a new token that was being proved counts.
	if v == refused || v == doubtful && proved {
		b.refusals = append(b.refusals, time.Now())
		b.refusals = b.refusals[max(0, len(b.refusals)-mostRefusals):]
	}
	if era != b.era {
		return // the answer is about an older secret, or comes after another's refusal
	}
	switch v {
	case accepted:
		s.accepted, s.acceptedAt, b.pause = era, time.Now(), 0
		if b.proving > 0 {
			b.wake() // those who wait for the proof of this secret have it
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

// reset ends the pause, when a secret has changed or the configuration is reloaded. The
// answers to requests that are in flight do not count any more, except as refusals.
func (b *breaker) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.era++
	b.pause, b.until = 0, time.Time{}
	b.wake()
}

// revoke makes the standing void: its secret must not be sent any more.
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

// breakers holds the breakers of all identities. A reload hands them to the next client:
// otherwise each reload would allow as many refusals again.
type breakers struct {
	mu         sync.Mutex
	byIdentity map[string]*breaker
}

func newBreakers() *breakers { return &breakers{byIdentity: make(map[string]*breaker)} }

// of returns the breaker of an identity. Those that were not asked for within a day are
// deleted: temporary access keys are replaced all the time, and would fill the memory.
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

// rightsCodes are beginnings of the error codes of a 401 that is about what the
// credential may do, not about who it is. Every other 401 is taken for a refusal: a
// mistake there costs a pause, the opposite one could lock the access key.
var rightsCodes = [...]string{"Organizations."}

// refuses reports whether the failure says that the credential is not valid.
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

// OfService reports whether the failure comes from the service itself, which means that
// the credential was checked and accepted. A proxy's page has no error code. The cloud's
// gateway answers some requests before it checks the credential, such as those that it
// throttles, but with 403 only afterwards.
func (e *Error) OfService() bool {
	if e.refuses() || strings.HasPrefix(e.Code, "http_") || slices.Contains(OwnCodes[:], e.Code) {
		return false
	}
	gateway := strings.HasPrefix(e.Code, "APIG.") || strings.HasPrefix(e.Code, "APIGW.")
	return !gateway || e.Status == http.StatusForbidden
}
