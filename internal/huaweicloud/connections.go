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

// connections keeps the connections to all hosts, in one transport. To each host
// there are at most as many as the services of the busiest host may have requests
// in flight, whatever state they are in: net/http goes on with dials that nobody
// waits for any more, so that without a limit each scraper that hangs up may leave
// more of them behind.
type connections struct {
	roots *x509.CertPool // nil: the system's
	dial  DialFunc
	kept  *transport // of the previous client

	mu      sync.Mutex
	closed  bool
	limits  map[string]map[pacerKey]int // by host: requests in flight of each service
	current *transport
}

// transport may be shared by two clients, while a reload is under way.
type transport struct {
	*http.Transport
	users atomic.Int32
}

// drop closes what is idle if nobody uses the transport any more.
func (t *transport) drop() {
	if t.users.Add(-1) == 0 {
		t.CloseIdleConnections()
	}
}

// newConnections takes over the transport of previous, which may be nil, if the
// limit stays; so a reload does not double the connections.
func newConnections(roots *x509.CertPool, dial DialFunc, previous *connections) *connections {
	if dial == nil {
		dial = newDialer().DialContext
	}
	c := &connections{roots: roots, dial: dial, limits: make(map[string]map[pacerKey]int)}
	if previous != nil && roots.Equal(previous.roots) {
		previous.mu.Lock()
		defer previous.mu.Unlock()
		c.kept = previous.current
	}
	return c
}

// newDialer returns a dialer whose connections are found dead within 30 s, by TCP,
// when the peer has forgotten them without a word. Until then each request that
// takes one would fail.
func newDialer() *net.Dialer {
	return &net.Dialer{
		Timeout:         10 * time.Second,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3},
	}
}

// allow lets a service have as many connections to a host as it may have
// requests in flight. A limit cannot be changed once a transport is in use, so all
// services must be known before the first request.
func (c *connections) allow(host string, service pacerKey, inFlight int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.limits[host] == nil {
		c.limits[host] = make(map[pacerKey]int)
	}
	c.limits[host][service] = max(c.limits[host][service], inFlight, 1)
	limit := 0
	for _, services := range c.limits {
		sum := 0
		for _, n := range services {
			sum += n
		}
		limit = max(limit, sum)
	}
	if c.current != nil && c.current.MaxConnsPerHost == limit {
		return
	}
	if c.current != nil {
		c.current.drop()
	}
	c.current = c.kept
	if c.kept == nil || c.kept.MaxConnsPerHost != limit {
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
		// What is still being read when the configuration has been replaced must
		// not leave connections that nobody would use again.
		defer t.CloseIdleConnections()
	}
	var kept bool // the connection, from an earlier request
	resp, err := t.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GotConn: func(got httptrace.GotConnInfo) { kept = got.Reused },
	})))
	if kept && errors.Is(err, context.DeadlineExceeded) {
		// Perhaps a firewall has forgotten all connections that were idle: each
		// would cost an attempt.
		t.CloseIdleConnections()
	}
	return resp, err
}

// close closes the connections that are not in use, now and when they come to be
// so; not those that the next configuration has taken over.
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
		DialContext:         dial, // goes on after the context's end
		TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: 10 * time.Second,
		ForceAttemptHTTP2:   true,
		// A dead connection that carries many requests is not idle to TCP, which
		// sends them again for a quarter of an hour.
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 5 * time.Second},
		MaxConnsPerHost:       limit,
		MaxIdleConnsPerHost:   limit,
		IdleConnTimeout:       3 * time.Minute, // longer than usual between two scrapes
		ResponseHeaderTimeout: 0,               // the attempt's context bounds it all
	}}
}
