package huaweicloud

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// slots is a semaphore: at most as many goroutines hold one as the channel's capacity
// says. With a capacity of one it is a lock. Unlike a sync.Mutex, acquire waits no longer
// than a context lasts; then it returns ErrNoTime.
type slots chan struct{}

func (s slots) acquire(ctx context.Context) error {
	select {
	case s <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ErrNoTime
	}
}

func (s slots) release() { <-s }

// pacerKey names the requests that share one pacer, because the cloud throttles them
// together.
type pacerKey struct {
	account, project, region, id string // of an account there are only its name and ID
	service                      string
	tokens                       bool // IAM, when it is asked for tokens
}

// pacer keeps the requests to one service of one project within their limits, pauses
// them after a 429, and estimates how long the next one takes.
type pacer struct {
	limits  Limits
	slots   slots
	limiter *rate.Limiter // of the configured rate, or of pace

	mu              sync.Mutex
	mean, deviation time.Duration // of the durations of answered attempts; moving averages
	throttling      throttling
	pace            float64 // requests a second, slower than configured because of 429s; 0: it is not
}

// throttling is what the pacer knows from answers with status 429.
type throttling struct {
	last   Error     // the last of them
	at     time.Time // when it came
	inRow  int       // how many came one after another, each to a request sent after the one before
	paused time.Time // no request is sent before
}

// pacer returns the pacer of a service, that of the previous client if its limits are the
// same. The caller holds c.mu.
func (c *Client) pacer(key pacerKey, l Limits) *pacer {
	if known := c.pacers[key]; known != nil && (known.limits == l || key.tokens) {
		return known // all services of a project share that of its tokens, with the limits of the first
	}
	if old := c.previousPacers[key]; old != nil && old.limits == l {
		c.pacers[key] = old
		return old
	}
	created := &pacer{limits: l, slots: make(slots, max(1, l.MaxConcurrency))}
	created.limiter = rate.NewLimiter(created.rate())
	if old := c.previousPacers[key]; old != nil { // its limits are others, but the cloud's pause goes on
		old.mu.Lock()
		created.throttling = old.throttling
		old.mu.Unlock()
	}
	c.pacers[key] = created
	return created
}

// wait waits for the end of a pause after a 429 and for the rate limit. It returns how
// long the attempt may take: the request timeout, and at most half of what is left
// until the deadline, so that an attempt that hangs can be tried again.
//
// If no answer can be expected within that time, wait returns an error at once: the 429
// during a pause, else ErrNoTime. The first attempt of a session is sent whatever the
// estimate says. Otherwise a high estimate would block every attempt, and without
// attempts the estimate could never come down.
func (p *pacer) wait(ctx context.Context, first bool) (timeout time.Duration, err error) {
	for {
		if pause, failed := p.pause(); pause > 0 && !p.waitPause(ctx, pause, first) {
			return 0, failed
		}
		if timeout, err = p.waitRate(ctx, first); err != nil {
			return 0, err
		}
		if pause, _ := p.pause(); pause == 0 { // one may have begun meanwhile
			return timeout, nil
		}
	}
}

const (
	firstBackoff = 200 * time.Millisecond
	longBackoff  = 5 * time.Second

	// longestRetryAfter is the longest pause that is waited for in a read without a
	// deadline. Huawei Cloud limits requests per minute or per five minutes.
	longestRetryAfter = 70 * time.Second
)

// waitPause waits for the end of a pause. It returns false, at once, if an attempt after
// that would be too late, or if the pause is too long.
func (p *pacer) waitPause(ctx context.Context, pause time.Duration, first bool) bool {
	_, bounded := ctx.Deadline()
	_, ok := p.timeout(ctx, pause, first)
	return ok && (bounded || pause <= longestRetryAfter) && sleep(ctx, pause) == nil
}

// pause returns how long no request may be sent, and the error for those who cannot wait
// so long. It is marked as one that must not be retried.
func (p *pacer) pause() (time.Duration, *Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	pause := time.Until(p.throttling.paused)
	if pause <= 0 {
		return 0, nil
	}
	failed := p.throttling.last
	failed.retry = false
	return pause, &failed
}

// throttle pauses all requests of the service after a 429, because more of them would be
// refused as well and count as calls. The pause is the answer's Retry-After plus a random
// backoff. begun is when the request was sent.
func (p *pacer) throttle(failed Error, begun time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := &p.throttling
	if !begun.Before(t.at) { // otherwise both requests were in flight together, and this 429 is no news
		if t.inRow == 1 {
			p.slowDown()
		}
		t.inRow++
		t.at = time.Now()
	}
	t.last = failed
	tries := max(0, t.inRow-1) // inRow is 0 if another request has succeeded meanwhile
	if until := time.Now().Add(failed.retryAfter + backoff(tries)); until.After(t.paused) {
		t.paused = until
	}
}

// backoff returns how long to wait before another try: a random time, so that requests
// that failed together are not repeated together, up to a limit that doubles each time.
func backoff(tries int) time.Duration { return rand.N(min(firstBackoff<<min(tries, 10), longBackoff)) }

func (p *pacer) waitRate(ctx context.Context, first bool) (timeout time.Duration, err error) {
	if limit := p.limiter.Limit(); limit != rate.Inf {
		// The limiter does not always take back a reservation that is cancelled, so none
		// is made where it is clear before that there is no time for it.
		missing := max(0, 1-p.limiter.Tokens())
		if _, ok := p.timeout(ctx, time.Duration(missing/float64(limit)*float64(time.Second)), first); !ok {
			return 0, ErrNoTime
		}
		r := p.limiter.Reserve()
		if _, ok := p.timeout(ctx, r.Delay(), first); !ok {
			r.Cancel()
			return 0, ErrNoTime
		}
		if err := sleep(ctx, r.Delay()); err != nil {
			r.Cancel()
			return 0, err
		}
	}
	timeout, ok := p.timeout(ctx, 0, first)
	if !ok || ctx.Err() != nil {
		return 0, ErrNoTime
	}
	return timeout, nil
}

// timeout returns how long an attempt that begins after a delay may take, and whether an
// answer can be expected within that time.
func (p *pacer) timeout(ctx context.Context, delay time.Duration, first bool) (time.Duration, bool) {
	deadline, bounded := ctx.Deadline()
	if !bounded {
		return p.limits.RequestTimeout, true
	}
	half := (time.Until(deadline) - delay) / 2
	if half <= 0 || (!first && half < p.expected()) {
		return 0, false
	}
	return min(half, p.limits.RequestTimeout), true
}

// jitter is how much longer than others an attempt may take without the cloud being
// slower, for instance on a busy machine.
const jitter = 50 * time.Millisecond

// expected returns the time within which almost every attempt is answered, estimated as
// TCP does it for its retransmission timeout (RFC 6298); 0 before the first answer.
func (p *pacer) expected() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mean == 0 {
		return 0
	}
	return p.mean + max(4*p.deviation, jitter)
}

// answered adds the duration of an answered attempt to the estimate.
func (p *pacer) answered(took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.throttling.inRow = 0
	p.speedUp()
	if p.mean == 0 {
		p.mean, p.deviation = took, took/2
		return
	}
	p.deviation += ((took - p.mean).Abs() - p.deviation) / 4
	p.mean += (took - p.mean) / 8
}

// sleep waits, or returns ErrNoTime when the context ends first.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ErrNoTime
	}
}
