package simulator

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

const hugeBytes = 17 << 20

// ServeHTTP answers as the gateway and the services behind it do: count, judge,
// break. It makes Cloud an http.Handler.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.serve(w, r, "") }

// Host serves the same cloud under the host name of one service, of which label is
// the first part: its APIs are preferred to others with the same path.
func (c *Cloud) Host(label string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.serve(w, r, label) })
}

func (c *Cloud) serve(w http.ResponseWriter, r *http.Request, host string) {
	q := &call{r: r, requestID: fmt.Sprintf("%032x", c.requestIDs.Add(1))}
	c.route(q, host)
	entry := c.entry(q)
	n := c.stats.begin(q.operation, entry)
	status := 0
	defer func() { c.stats.end(q, entry, status) }()

	c.runHooks(q.operation, n)
	a := c.answer(q)
	e := c.strike(q)
	if e.answer != nil {
		a = *e.answer
	}
	for _, rewrite := range e.rewrites {
		a.Body = rewrite(bytes.Clone(a.Body)) // the true one serves other requests, too
	}
	if !c.wait(r, e.latency) {
		panic(http.ErrAbortHandler)
	}
	status = c.write(w, q, a, e.broken)
}

// entry is what is known of the request before its body is read.
func (c *Cloud) entry(q *call) *Request {
	entry := &Request{
		Operation: q.operation, Project: q.project, Instance: q.instance,
		Method: q.r.Method, URL: q.r.URL.RequestURI(), Proto: q.r.Proto, Time: time.Now(),
		UserAgent: q.r.UserAgent(), ContentType: q.r.Header.Get("Content-Type"), RemoteAddr: q.r.RemoteAddr,
	}
	if q.r.Header.Get("X-Auth-Token") != "" {
		entry.Credential = "token"
	} else if auth, err := parseAuthorization(q.r.Header.Get("Authorization")); err == nil {
		entry.Credential, entry.AccessKey = "aksk", auth.access
	}
	return entry
}

// wait tells whether the client is still there after d. A closed cloud does not wait.
func (c *Cloud) wait(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.closed:
		return true
	case <-r.Context().Done():
		return false
	}
}

// hang ends when the client has left or the cloud is closed.
func (c *Cloud) hang(r *http.Request) {
	select {
	case <-c.closed:
	case <-r.Context().Done():
	}
}

// write sends the answer, whole or broken, and returns the status that was sent.
// What can only be shown by cutting the connection ends in http.ErrAbortHandler.
func (c *Cloud) write(w http.ResponseWriter, q *call, a Answer, broken Break) int {
	switch broken {
	case Hang:
		c.hang(q.r)
		panic(http.ErrAbortHandler)
	case Hangup:
		panic(http.ErrAbortHandler)
	case Reset:
		reset(w)
		return 0
	}
	body := a.prepare(w.Header(), q.requestID)
	switch broken {
	case HalfJSON:
		body = body[:len(body)/2]
	case WrongJSON:
		body = []byte(`{"tags":7,"instances":"none","resources":{"resource_id":1},"page_info":7,"selector":[],"projects":"none","domains":7,"policy_content":7,"enterprise_projects":7,"total_count":[],"token":"none"}`)
	case Huge:
		body = append(bytes.Repeat([]byte{' '}, hugeBytes), body...)
	case Stall, Truncated:
		c.writeHalf(w, q.r, a.Status, body, broken == Stall)
	}
	if a.Status == http.StatusNoContent && len(body) > 0 {
		writeRaw(w, a.Status, body)
		return a.Status
	}
	if broken != Huge && a.Status != http.StatusNoContent && a.Status != http.StatusNotModified {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(body) // unless the client has left, or the status allows no body
	return a.Status
}

// writeHalf never returns: the promised other half does not come.
func (c *Cloud) writeHalf(w http.ResponseWriter, r *http.Request, status int, body []byte, stall bool) {
	w.Header().Set("Content-Length", strconv.Itoa(max(len(body), 2)))
	w.WriteHeader(status)
	if _, err := w.Write(body[:len(body)/2]); err == nil {
		if err := http.NewResponseController(w).Flush(); err == nil && stall {
			c.hang(r)
		}
	}
	panic(http.ErrAbortHandler)
}

// writeRaw sends a 204 with a body, which net/http rightly refuses to send. Over
// HTTP/2, where it cannot be sent at all, the body is left out.
func writeRaw(w http.ResponseWriter, status int, body []byte) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		w.WriteHeader(status)
		return
	}
	defer conn.Close()
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	fmt.Fprintf(buffered, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	if err := w.Header().Write(buffered); err != nil {
		return
	}
	fmt.Fprintf(buffered, "\r\n%s", body)
	_ = buffered.Flush() // the client has it or is gone
}

// reset cuts the connection by a RST rather than a FIN.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer conn.Close()
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	if plain, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
		// Should it fail, the client sees a close instead of a reset.
		_ = plain.SetLinger(0)
	}
}
