package server

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/memnet"
)

// patience bounds every wait for what must come soon: a machine may be busy.
const patience = time.Minute

// gate is the cloud as one service of one project reaches it. Nobody else goes
// through it, so it sees what that service sends.
type gate struct {
	*httptest.Server
	t    *testing.T
	name string

	mu           sync.Mutex
	change       *sync.Cond
	open, opened int
	requests     []request
}

type request struct {
	arrived  time.Time
	answered time.Time // zero: it got no answer, or nobody waited for it any more
}

// newGate opens a gate in a network in memory, or in the machine's own if that is nil.
func newGate(t *testing.T, name string, cloud http.Handler, network *memnet.Network) *gate {
	g := &gate{t: t, name: name}
	g.change = sync.NewCond(&g.mu)
	g.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := request{arrived: time.Now()}
		cloud.ServeHTTP(&answering{w, func() {
			if r.Context().Err() == nil {
				q.answered = time.Now()
			}
		}}, r)
		g.mu.Lock()
		defer g.mu.Unlock()
		g.requests = append(g.requests, q)
	}))
	if network != nil {
		g.Listener.Close()
		g.Listener = network.Listen()
	}
	g.Config.ConnState = g.connState
	g.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // resets would fill it
	g.Start()
	t.Cleanup(g.Close)
	return g
}

// connState counts connections.
func (g *gate) connState(_ net.Conn, state http.ConnState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch state {
	case http.StateNew:
		g.opened++
		g.open++
	case http.StateClosed, http.StateHijacked: // the simulator hijacks to reset
		g.open--
		g.change.Broadcast()
	default:
	}
}

// wantOpen fails the test unless at most n connections are open, or come to be:
// the server learns a while after the client what that has closed.
func (g *gate) wantOpen(n int) {
	g.t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	tooLate := false
	timer := time.AfterFunc(patience, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		tooLate = true
		g.change.Broadcast()
	})
	defer timer.Stop()
	for g.open > n && !tooLate {
		g.change.Wait()
	}
	if g.open > n {
		g.t.Errorf("%s: %d connections are open, want at most %d", g.name, g.open, n)
	}
}

func (g *gate) everOpened() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.opened
}

// forget forgets requests, which would take memory.
func (g *gate) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.requests = nil
}

// mostPerSecond returns the most requests that arrived within any one second.
func (g *gate) mostPerSecond() (most int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	slices.SortFunc(g.requests, func(a, b request) int { return a.arrived.Compare(b.arrived) })
	first := 0
	for i, q := range g.requests {
		for q.arrived.Sub(g.requests[first].arrived) >= time.Second {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// mostInFlight returns the most requests that waited for their answers at one
// time. It leaves out those that the client did not wait for: it may have sent
// others before the server knew.
func (g *gate) mostInFlight() (most int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var turns []turn
	for _, q := range g.requests {
		if !q.answered.IsZero() {
			turns = append(turns, turn{q.arrived, 1}, turn{q.answered, -1})
		}
	}
	slices.SortFunc(turns, func(a, b turn) int { return a.at.Compare(b.at) })
	inFlight := 0
	for _, at := range turns {
		inFlight += at.change
		most = max(most, inFlight)
	}
	return most
}

// turn is where the number of requests in flight changes.
type turn struct {
	at     time.Time
	change int
}

// answering tells when an answer begins.
type answering struct {
	http.ResponseWriter
	begins func()
}

// WriteHeader implements http.ResponseWriter.
func (a *answering) WriteHeader(status int) {
	a.begins()
	a.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (a *answering) Unwrap() http.ResponseWriter { return a.ResponseWriter }
