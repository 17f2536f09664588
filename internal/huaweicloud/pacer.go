package huaweicloud

import (
	"context"
	"math"
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
}

// pacer returns the pacer of a service; the caller holds c.mu.
func (c *Client) pacer(p ProjectConfig, service string, l Limits) *pacer {
	key := pacerKey{p.Name, p.Region, p.ID, service}
	if own := c.pacers[key]; own != nil && (own.limits == l || service == IAM) {
		return own // IAM serves all services, the first of which sets its limits
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
	c.pacers[key] = &pacer{
		limits:  l,
		slots:   make(chan struct{}, max(1, l.MaxConcurrency)),
		limiter: rate.NewLimiter(limit, burst),
	}
	return c.pacers[key]
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

// wait waits for the rate limit and returns how long the attempt may take: the
// request timeout, and at most half of what is left until the deadline, so that
// one that hangs can be tried again. It returns ErrNoTime, at once, if the
// attempt could not be expected to end within that. The first attempt of a read
// is not held back, else one slow hour would stop all reads for good.
func (p *pacer) wait(ctx context.Context, first bool) (timeout time.Duration, err error) {
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
