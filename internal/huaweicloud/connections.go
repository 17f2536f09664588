package huaweicloud

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"
)

// connections sends requests over kept connections, with one http.Transport. It limits
// the connections to each host, those being dialled included, because net/http finishes
// a dial even if the request has been given up: without a limit, each scraper that
// hangs up could leave more of them behind. A transport has one limit for all hosts; it
// is what the services of the busiest host may have in flight together.
type connections struct {
	roots    *x509.CertPool // nil: the system's
	dial     DialFunc
	previous *transport // of the client before a reload; nil: none

	mu      sync.Mutex
	closed  bool
	limits  map[hostUser]int // how many requests may be in flight
	current *transport
}

// hostUser is a service that sends requests to a host.
type hostUser struct {
	host    string
	service pacerKey
}

// transport may be shared by two clients, the one before a reload and the one after it.
type transport struct {
	*http.Transport
	users atomic.Int32 // clients
}

// drop is called by each client that does not need the transport any more. The last one
// closes the idle connections.
func (t *transport) drop() {
	if t.users.Add(-1) == 0 {
		t.CloseIdleConnections()
	}
}

// newConnections takes over the transport of previous, which may be nil, if its limit
// turns out to be the same. So a reload neither doubles nor closes the connections.
func newConnections(roots *x509.CertPool, dial DialFunc, previous *connections) *connections {
	if dial == nil {
		dial = newDialer().DialContext
	}
	c := &connections{roots: roots, dial: dial, limits: make(map[hostUser]int)}
	if previous != nil && roots.Equal(previous.roots) {
		previous.mu.Lock()
		defer previous.mu.Unlock()
		c.previous = previous.current
	}
	return c
}

// newDialer returns a dialer whose connections are probed by TCP, so that it finds within
// 30 s that the peer or a firewall has dropped one silently. Until it is found, each
// request that uses the connection fails.
func newDialer() *net.Dialer {
	return &net.Dialer{
		Timeout:         10 * time.Second,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3},
	}
}

// allow tells how many requests a service may have in flight to a host. The limit of an
// http.Transport cannot be changed while it is in use, so allow must be called for all
// services before the first request.
func (c *connections) allow(host string, service pacerKey, inFlight int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limits[hostUser{host, service}] = max(c.limits[hostUser{host, service}], inFlight, 1)
	sums, limit := make(map[string]int), 0
	for u, n := range c.limits {
		sums[u.host] += n
		limit = max(limit, sums[u.host])
	}
	if c.current != nil && c.current.MaxConnsPerHost == limit {
		return
	}
	if c.current != nil {
		c.current.drop()
	}
	c.current = c.previous
	if c.previous == nil || c.previous.MaxConnsPerHost != limit {
		c.current = newTransport(c.roots, c.dial, limit)
	}
	c.current.users.Add(1)
}

// RoundTrip implements http.RoundTripper.
func (c *connections) RoundTrip(req *http.Request) (*http.Response, error) {
	c.mu.Lock()
	t, closed := c.current, c.closed
	c.mu.Unlock()
	if closed && t.users.Load() == 0 {
		// This read goes on although its configuration has been replaced. Its
		// connections would not be used again.
		defer t.CloseIdleConnections()
	}
	var kept bool // the connection was used by an earlier request
	resp, err := t.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GotConn: func(got httptrace.GotConnInfo) { kept = got.Reused },
	})))
	if kept && errors.Is(err, context.DeadlineExceeded) {
		// Perhaps a firewall has dropped all connections that were idle. Each of them
		// would cost one more attempt.
		t.CloseIdleConnections()
	}
	return resp, err
}

// close closes the connections, each when it is idle, unless the next client has taken
// them over.
func (c *connections) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.closed = true
	if c.current != nil {
		c.current.drop()
	}
}

func newTransport(roots *x509.CertPool, dial DialFunc, limit int) *transport {
	return &transport{Transport: &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dial, // net/http calls it with a context that outlives the request's
		TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: 10 * time.Second,
		ForceAttemptHTTP2:   true,
		// TCP does not probe a connection that has unanswered data, but sends the data
		// again for a quarter of an hour. HTTP/2 may put many requests on such a one.
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 5 * time.Second},
		MaxConnsPerHost:       limit,
		MaxIdleConnsPerHost:   limit,
		IdleConnTimeout:       3 * time.Minute, // longer than usual between two scrapes
		ResponseHeaderTimeout: 0,               // the attempt's context bounds it all
	}}
}
