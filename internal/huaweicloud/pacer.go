package huaweicloud

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// pacerKey names what the cloud would throttle together.
type pacerKey struct{ project, region, id, service string }

// pacer keeps the requests to one service of one project within their rate and
// concurrency, and estimates how long the next one takes.
type pacer struct {
	limits  Limits
	slots   chan struct{}
	limiter *rate.Limiter

	mu              sync.Mutex
	mean, deviation time.Duration // of answered attempts, moving averages
	throttling      throttling
}

// throttling is what the service's answers with status 429 demand.
type throttling struct {
	last   Error     // the answer
	at     time.Time // when it came
	inRow  int       // how often it has come again after a pause
	paused time.Time // nothing is sent before
}

// pacer returns the pacer of a service; the caller holds c.mu.
func (c *Client) pacer(key pacerKey, l Limits) *pacer {
	if known := c.pacers[key]; known != nil && (known.limits == l || key.service == IAM) {
		return known // IAM serves all services, the first of which sets its limits
	}
	if old := c.kept[key]; old != nil && old.limits == l {
		c.pacers[key] = old
		return old
	}
	limit, burst := rate.Inf, 0
	if l.RequestsPerSecond > 0 {
		limit = rate.Limit(l.RequestsPerSecond)
		burst = max(1, int(math.Floor(l.RequestsPerSecond/10)))
	}
	created := &pacer{
		limits:  l,
		slots:   make(chan struct{}, max(1, l.MaxConcurrency)),
		limiter: rate.NewLimiter(limit, burst),
	}
	if old := c.kept[key]; old != nil { // other limits do not end a pause
		old.mu.Lock()
		created.throttling = old.throttling
		old.mu.Unlock()
	}
	c.pacers[key] = created
	return created
}

// acquire waits for a place among the requests in flight.
func (p *pacer) acquire(ctx context.Context) error {
	select {
	case p.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ErrNoTime
	}
}

func (p *pacer) release() { <-p.slots }

// wait waits until the service does not throttle any more and for the rate limit. It
// returns how long the attempt may take: the request timeout, and at most half of
// what is left until the deadline, so that one that hangs can be tried again. It
// returns an error, at once, if the attempt could not be expected to end within
// that: the 429 of the service that throttles, or ErrNoTime. The first attempt of a
// read is not held back by the estimate, else one slow hour would stop all reads
// for good.
func (p *pacer) wait(ctx context.Context, first bool) (timeout time.Duration, err error) {
	for {
		if err := p.waitThrottled(ctx, first); err != nil {
			return 0, err
		}
		if timeout, err = p.waitRate(ctx, first); err != nil {
			return 0, err
		}
		if pause, _ := p.pause(); pause == 0 { // else it began meanwhile
			return timeout, nil
		}
	}
}

// longestRetryAfter is how long a Retry-After may hold a read that no scrape waits for.
// Huawei Cloud counts requests within one or five minutes.
const longestRetryAfter = 70 * time.Second

func (p *pacer) waitThrottled(ctx context.Context, first bool) error {
	pause, failed := p.pause()
	if pause == 0 {
		return nil
	}
	_, bounded := ctx.Deadline()
	_, ok := p.timeout(ctx, pause, first)
	if !ok || (!bounded && pause > longestRetryAfter) || sleep(ctx, pause) != nil {
		return failed
	}
	return nil
}

// pause returns how long nothing may be sent, and the error of those who cannot
// wait for its end. It is one that no retry can help.
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

// throttle pauses all requests after a 429 to one that was begun at that time: as
// long as its Retry-After says, with a jitter, or else like a retry. More calls would
// prolong it.
func (p *pacer) throttle(failed Error, begun time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := &p.throttling
	if !begun.Before(t.at) { // else both were in flight at one time
		t.inRow++
		t.at = time.Now()
	}
	t.last = failed
	tries := max(0, t.inRow-1) // 0 where a request was answered beside this one
	if until := time.Now().Add(failed.retryAfter + backoff(tries)); until.After(t.paused) {
		t.paused = until
	}
}

// backoff returns how long to wait before another try, with full jitter.
func backoff(tries int) time.Duration { return rand.N(min(firstBackoff<<min(tries, 10), longBackoff)) }

func (p *pacer) waitRate(ctx context.Context, first bool) (timeout time.Duration, err error) {
	if limit := p.limiter.Limit(); limit != rate.Inf {
		// What is reserved and then given back is not always free again, so
		// nothing is reserved that is sure to be in vain.
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

// timeout returns how long an attempt may take that begins after a delay, and
// whether it can be expected to be answered by then.
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

// jitter is what an attempt may take longer than others for no reason of the
// cloud's, such as a busy machine.
const jitter = 50 * time.Millisecond

// expected returns the time within which almost every attempt is answered, as
// TCP estimates its retransmission timeout (RFC 6298); 0 before the first.
func (p *pacer) expected() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mean == 0 {
		return 0
	}
	return p.mean + max(4*p.deviation, jitter)
}

// answered takes the duration of an answered attempt into the estimate.
func (p *pacer) answered(took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.throttling.inRow = 0
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
