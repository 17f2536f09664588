// Package memnet is a network in memory, for tests in virtual time. To
// testing/synctest, a goroutine that waits for a socket is busy, and time stands
// still; one that waits for memnet is idle, and time goes on.
package memnet

import (
	"context"
	"net"
	"sync"
	"syscall"
)

// Network has addresses of its own, which look like loopback ones. The zero
// value is ready for use. In a bubble of synctest, it must be made there.
type Network struct {
	mu        sync.Mutex
	ports     int                  // taken
	listeners map[string]*listener // by address
}

// Listen returns a listener with a free address.
func (n *Network) Listen() net.Listener {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := &listener{network: n, address: n.freeAddress(), accept: make(chan net.Conn), closed: make(chan struct{})}
	if n.listeners == nil {
		n.listeners = make(map[string]*listener)
	}
	n.listeners[l.address.String()] = l
	return l
}

// DialContext connects to a listener. It is for http.Transport.
func (n *Network) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	n.mu.Lock()
	l := n.listeners[address]
	from := n.freeAddress()
	n.mu.Unlock()
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	if l == nil {
		return nil, refused
	}
	client, server := newPair(from, l.address)
	select {
	case l.accept <- server:
		return client, nil
	case <-l.closed:
		return nil, refused
	case <-ctx.Done():
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: ctx.Err()}
	}
}

// freeAddress is called with the lock held.
func (n *Network) freeAddress() net.Addr {
	n.ports++
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 10_000 + n.ports}
}

type listener struct {
	network *Network
	address net.Addr
	accept  chan net.Conn
	closing sync.Once
	closed  chan struct{}
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.accept:
		return c, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: net.ErrClosed}
	}
}

// Close implements net.Listener.
func (l *listener) Close() error {
	l.closing.Do(func() {
		close(l.closed)
		l.network.mu.Lock()
		defer l.network.mu.Unlock()
		delete(l.network.listeners, l.address.String())
	})
	return nil
}

// Addr implements net.Listener.
func (l *listener) Addr() net.Addr { return l.address }
