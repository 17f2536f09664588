package huaweicloud

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/net/http/httpguts"
)

// MaxBody is how many bytes of an answer are read. The longest page that the
// documentation allows is far below.
const MaxBody = 16 << 20

// newRequest returns the HTTP request of an attempt, with its proof of identity.
func (s *Session) newRequest(ctx context.Context, r Request, p proof) (*http.Request, error) {
	if r.login != nil {
		var err error
		if r.Body, err = r.login(p.password); err != nil {
			return nil, err
		}
	}
	req := (&http.Request{
		Method: r.Method,
		URL:    &url.URL{Scheme: s.endpoint.Scheme, Host: s.endpoint.Host, Path: r.Path, RawQuery: r.Query},
		Header: make(http.Header, 6),
	}).WithContext(ctx)
	req.Header.Set("User-Agent", s.client.userAgent)
	if r.Body != nil {
		req.Header.Set("Content-Type", "application/json")
		req.ContentLength = int64(len(r.Body))
		req.Body = io.NopCloser(bytes.NewReader(r.Body))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(r.Body)), nil }
	}
	if r.login != nil {
		return req, nil // the body is the proof
	}
	// Every call but a login only reads, a POST too. Its key tells net/http that it may
	// send the request again when a kept connection turns out to be closed; a key
	// without a value is not sent.
	req.Header["Idempotency-Key"] = nil
	err := p.authorize(req, s.about(), r.Body, time.Now())
	for _, name := range []string{"X-Auth-Token", "X-Security-Token", "Authorization"} {
		if err == nil && !httpguts.ValidHeaderFieldValue(req.Header.Get(name)) {
			err = fmt.Errorf("it has a character that the header %s cannot carry", name)
		}
	}
	if err != nil { // before anything is sent, so that no failed attempt is counted
		return nil, fmt.Errorf("credential %s: %w", s.credential.config.Name, err)
	}
	return req, nil
}

// exchange sends the request and reads the answer into the buffer. A status of 0 says
// that there was none. It uses the transport without an http.Client, which would follow
// redirects and carry the credential elsewhere.
func (s *Service) exchange(req *http.Request, buffer *bytes.Buffer) (status int, header http.Header, failed *Error) {
	resp, err := s.client.connections.RoundTrip(req)
	if err != nil {
		return 0, nil, transportError(err)
	}
	defer resp.Body.Close()
	status, header = resp.StatusCode, resp.Header
	err = readBody(resp, buffer)
	switch {
	case status/100 != 2: // the body, whole or cut, only explains the failure
		failed = statusError(status, header, buffer.Bytes(), time.Now())
	case errors.Is(err, errTooLarge):
		failed = &Error{Status: status, Code: CodeTooLarge, Message: err.Error(), cause: err}
	case err != nil:
		failed = transportError(err)
		failed.Status = status
	}
	return status, header, failed
}

var errTooLarge = fmt.Errorf("the answer exceeds %d MiB", MaxBody>>20)

// bodies holds buffers to read answers into. A page may have some hundred kilobytes,
// and a large fleet a thousand pages: without reuse, all of that is garbage.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// keep gives a buffer back to bodies, unless it has grown far beyond any usual page.
func keep(buffer *bytes.Buffer) {
	const large = 1 << 20
	if buffer.Cap() <= large {
		buffer.Reset()
		bodies.Put(buffer)
	}
}

// readBody reads a body of at most MaxBody bytes. If the body breaks off, what came
// before is in the buffer.
func readBody(resp *http.Response, into *bytes.Buffer) error {
	if resp.ContentLength > MaxBody {
		return errTooLarge
	}
	if resp.ContentLength > 0 {
		into.Grow(int(resp.ContentLength) + bytes.MinRead) // ReadFrom grows the buffer again where less is free
	}
	if _, err := into.ReadFrom(io.LimitReader(resp.Body, MaxBody+1)); err != nil {
		return err
	}
	if into.Len() > MaxBody {
		return errTooLarge
	}
	return nil
}
