package server

import (
	"sync"
	"testing"
	"time"
)

// lag measures how long this process was kept from running, by a goroutine that
// wants to run every few milliseconds. Who checks real deadlines on a machine
// that may be busy with something else can take that off.
type lag struct {
	mu    sync.Mutex
	gaps  []gap
	ended chan struct{}
}

type gap struct {
	from, to time.Time
}

func newLag(t *testing.T) *lag {
	const every = 10 * time.Millisecond
	l := &lag{ended: make(chan struct{})}
	stop := make(chan struct{})
	go func() {
		defer close(l.ended)
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for last := time.Now(); ; {
			select {
			case <-stop:
				return
			case <-ticker.C:
			}
			now := time.Now()
			if due := last.Add(every); now.Sub(due) > every {
				l.mu.Lock()
				l.gaps = append(l.gaps, gap{due, now})
				l.mu.Unlock()
			}
			last = now
		}
	}()
	t.Cleanup(func() { close(stop); <-l.ended })
	return l
}

// between returns how much of this time was lost.
func (l *lag) between(from, to time.Time) (lost time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, g := range l.gaps {
		if g.from.Before(from) {
			g.from = from
		}
		if g.to.After(to) {
			g.to = to
		}
		lost += max(0, g.to.Sub(g.from))
	}
	return lost
}
