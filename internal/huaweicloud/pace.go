package huaweicloud

import (
	"cmp"
	"time"

	"golang.org/x/time/rate"
)

// A service that answers 429 twice in a row is called more slowly from then on: at half
// the rate, and faster again little by little as it answers, as TCP does it. Pauses alone
// would not do: after each of them the same burst would be refused as the one before,
// until requests have used up their retries. A single 429 may have nothing to do with
// the rate: then the pause after it is enough.

// slowest is the rate that a service is called at in any case, in requests a second.
const slowest = 1

// slowDown halves the rate. The caller holds the lock.
func (p *pacer) slowDown() {
	now := cmp.Or(p.pace, p.fastest())
	p.pace = max(slowest, min(now/2, p.fastest()))
	p.setRate()
}

// speedUp raises the rate after an answer, by a tenth of a request a second. The caller
// holds the lock.
func (p *pacer) speedUp() {
	if p.pace == 0 {
		return
	}
	if p.pace += 0.1; p.pace >= p.fastest() {
		p.pace = 0
	}
	p.setRate()
}

// fastest is the rate of a service that is not slowed down: as configured, or as many
// requests as may be in flight are answered.
func (p *pacer) fastest() float64 {
	fastest := float64(p.limits.MaxConcurrency) / max(p.mean, time.Millisecond).Seconds()
	if p.limits.RequestsPerSecond > 0 {
		return min(fastest, p.limits.RequestsPerSecond)
	}
	return fastest
}

// rate returns what the limiter keeps now: the rate, and how many requests may go at once
// after a while without any.
func (p *pacer) rate() (rate.Limit, int) {
	switch configured := p.limits.RequestsPerSecond; {
	case p.pace > 0:
		return rate.Limit(p.pace), 1
	case configured > 0:
		return rate.Limit(configured), max(1, int(configured/10))
	}
	return rate.Inf, 0
}

func (p *pacer) setRate() {
	limit, burst := p.rate()
	p.limiter.SetLimit(limit)
	p.limiter.SetBurst(burst)
}
