package memnet

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// conn is one end of a connection.
type conn struct {
	local, remote net.Addr
	in, out       *stream
}

func newPair(client, server net.Addr) (ofClient, ofServer net.Conn) {
	up, down := newStream(), newStream()
	return &conn{client, server, down, up}, &conn{server, client, up, down}
}

// Read implements net.Conn.
func (c *conn) Read(b []byte) (int, error) { return c.in.read(b) }

// Write implements net.Conn.
func (c *conn) Write(b []byte) (int, error) { return c.out.write(b) }

// Close implements net.Conn. The other end can still read what is on its way.
func (c *conn) Close() error {
	c.in.close(&c.in.reading, &c.in.writing, syscall.EPIPE)
	c.out.close(&c.out.writing, &c.out.reading, io.EOF)
	return nil
}

// SetLinger has Close reset the connection, as that of a net.TCPConn does for 0
// seconds: what is on its way is lost.
func (c *conn) SetLinger(int) error {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	c.out.content.Reset()
	c.out.reading.fail(syscall.ECONNRESET)
	c.out.changed.Broadcast()
	return nil
}

// LocalAddr implements net.Conn.
func (c *conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements net.Conn.
func (c *conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline implements net.Conn.
func (c *conn) SetDeadline(t time.Time) error {
	_ = c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

// SetReadDeadline implements net.Conn.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.in.setDeadline(&c.in.reading, t)
	return nil
}

// SetWriteDeadline implements net.Conn.
func (c *conn) SetWriteDeadline(t time.Time) error {
	c.out.setDeadline(&c.out.writing, t)
	return nil
}

// inFlight is how many bytes a connection holds that are not read yet.
const inFlight = 64 << 10

// stream is one direction of a connection.
type stream struct {
	mu               sync.Mutex
	changed          sync.Cond
	content          bytes.Buffer
	reading, writing side
}

// side is what one end knows of a stream.
type side struct {
	err    error       // what ends it
	timer  *time.Timer // of its deadline
	passed bool        // the deadline
}

// fail keeps the first error.
func (s *side) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

func newStream() *stream {
	s := new(stream)
	s.changed.L = &s.mu
	return s
}

func (s *stream) read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.reading.err != nil && (!errors.Is(s.reading.err, io.EOF) || s.content.Len() == 0):
			return 0, s.reading.err
		case s.reading.passed:
			return 0, os.ErrDeadlineExceeded
		case s.content.Len() > 0:
			n, err := s.content.Read(b)
			s.changed.Broadcast()
			return n, err
		case len(b) == 0:
			return 0, nil
		}
		s.changed.Wait()
	}
}

func (s *stream) write(b []byte) (written int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch room := inFlight - s.content.Len(); {
		case s.writing.err != nil:
			return written, s.writing.err
		case s.writing.passed:
			return written, os.ErrDeadlineExceeded
		case written == len(b):
			return written, nil
		case room > 0:
			n, _ := s.content.Write(b[written:min(len(b), written+room)])
			written += n
			s.changed.Broadcast()
			continue
		}
		s.changed.Wait()
	}
}

// close ends the stream for one side, and for the other with an error.
func (s *stream) close(own, other *side, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	own.err = net.ErrClosed
	other.fail(err)
	if own.timer != nil {
		own.timer.Stop()
	}
	s.changed.Broadcast()
}

func (s *stream) setDeadline(of *side, t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if of.timer != nil {
		of.timer.Stop()
	}
	wait := time.Until(t)
	of.timer, of.passed = nil, !t.IsZero() && wait <= 0
	if wait > 0 {
		var timer *time.Timer
		timer = time.AfterFunc(wait, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if of.timer == timer { // else another deadline has replaced it
				of.passed = true
				s.changed.Broadcast()
			}
		})
		of.timer = timer
	}
	s.changed.Broadcast()
}
