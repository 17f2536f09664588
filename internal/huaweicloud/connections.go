package huaweicloud

import (
	"crypto/tls"
	"crypto/x509"
	"maps"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// connections keeps the connections to all hosts. To each host there are at most
// as many as its services may have requests in flight, whatever state they are
// in: net/http goes on with dials that nobody waits for any more, so that without
// a limit each scraper that hangs up may leave more of them behind.
type connections struct {
	roots *x509.CertPool // nil: the system's
	dial  DialFunc
	kept  map[string]*transport

	mu     sync.Mutex
	closed bool
	limits map[string]map[pacerKey]int // by host: requests in flight of each service
	hosts  map[string]*transport
}

// transport is that to one host.
type transport struct {
	*http.Transport
	users atomic.Int32 // connections that it belongs to: two while a reload is under way
}

// leave closes what is idle if nobody uses it any more.
func (t *transport) leave() {
	if t.users.Add(-1) == 0 {
		t.CloseIdleConnections()
	}
}

// newConnections takes over those of previous, which may be nil, to hosts whose
// limit stays; so a reload does not double them.
func newConnections(roots *x509.CertPool, dial DialFunc, previous *connections) *connections {
	if dial == nil {
		dial = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	}
	c := &connections{roots: roots, dial: dial, limits: make(map[string]map[pacerKey]int), hosts: make(map[string]*transport)}
	if previous != nil && roots.Equal(previous.roots) {
		previous.mu.Lock()
		defer previous.mu.Unlock()
		c.kept = maps.Clone(previous.hosts)
	}
	return c
}

// allow lets a service have as many connections to a host as it may have
// requests in flight.
func (c *connections) allow(host string, service pacerKey, inFlight int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.limits[host] == nil {
		c.limits[host] = make(map[pacerKey]int)
	}
	c.limits[host][service] = max(c.limits[host][service], inFlight, 1)
	limit := 0
	for _, n := range c.limits[host] {
		limit += n
	}
	switch old := c.hosts[host]; {
	case old != nil && old.MaxConnsPerHost == limit:
		return
	case old != nil:
		old.leave()
	}
	t := c.kept[host]
	if t == nil || t.MaxConnsPerHost != limit {
		t = newTransport(c.roots, c.dial, limit)
	}
	t.users.Add(1)
	c.hosts[host] = t
}

// RoundTrip implements http.RoundTripper, for hosts that were allowed.
func (c *connections) RoundTrip(req *http.Request) (*http.Response, error) {
	c.mu.Lock()
	t, closed := c.hosts[req.URL.Host], c.closed
	c.mu.Unlock()
	if closed && t.users.Load() == 0 {
		// What is still being read when the configuration has been replaced must
		// not leave connections that nobody would use again.
		defer t.CloseIdleConnections()
	}
	return t.RoundTrip(req)
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
	for _, t := range c.hosts {
		t.leave()
	}
}

func newTransport(roots *x509.CertPool, dial DialFunc, limit int) *transport {
	return &transport{Transport: &http.Transport{
		Proxy:                 proxy,
		DialContext:           dial, // goes on after the context's end
		TLSClientConfig:       &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   10 * time.Second,
		ForceAttemptHTTP2:     true,
		MaxConnsPerHost:       limit,
		MaxIdleConnsPerHost:   limit,
		IdleConnTimeout:       3 * time.Minute, // longer than usual between two scrapes
		ResponseHeaderTimeout: 0,               // the attempt's context bounds it all
	}}
}
