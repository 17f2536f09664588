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

// MaxBody is how much of an answer is read, in bytes. The longest page that the
// documentation allows is far below.
const MaxBody = 16 << 20

// permit allows one request to be sent. It must be ended.
type permit struct {
	proof   proof
	timeout time.Duration // of the attempt

	pacer    *pacer
	released bool
	verdict  verdict // what the answer says about the credential
	leave    func(verdict)
}

// release gives up the place among the requests in flight.
func (p *permit) release() {
	if !p.released {
		p.released = true
		p.pacer.release()
	}
}

// end tells the breaker first: nobody may follow a request that was refused.
func (p *permit) end() {
	p.leave(p.verdict)
	p.release()
}

// admit waits until a request may be sent: for a place among those in flight, a
// token, the credential's breaker and the rate limit, in this order. With an
// error there is no attempt, except for one that the breaker refused, which is
// reported as it must be counted.
func (s *Session) admit(ctx context.Context, r Request) (*permit, error) {
	p := &permit{pacer: s.pacer(r)}
	if err := p.pacer.acquire(ctx); err != nil {
		return nil, err
	}
	for p.leave == nil {
		// Again whenever another request proves the credential first, and with
		// the secret that it has by then: else the breaker might take the refusal
		// of an older one for that of the new one.
		secrets, standing, err := s.prove(ctx, r)
		if err == nil {
			err = standing.await(ctx)
		}
		if err == nil {
			p.timeout, err = p.pacer.wait(ctx, !s.began.Load())
		}
		if err != nil {
			p.release()
			if errors.Is(err, errPaused) {
				err = s.paused(r)
			}
			return nil, err
		}
		p.proof, p.leave = secrets, standing.enter()
	}
	if !r.iam {
		s.began.Store(true)
	}
	return p, nil
}

// prove returns what a request is to be sent with. It may send a request to IAM,
// which passes the breaker by itself.
func (s *Session) prove(ctx context.Context, r Request) (proof, *standing, error) {
	cred := s.service.credential
	secrets, standing := cred.current()
	if r.iam || cred.config.Kind != Password {
		return secrets, standing, nil
	}
	token, err := cred.token(ctx, s)
	var failed *Error
	if errors.As(err, &failed) && failed.refuses() {
		err = errPaused
	}
	return proof{token: token}, standing, err
}

// attempt makes one attempt and reports it. It returns what the attempt proved
// its identity with. A 401 says nothing about a credential whose token may have
// expired: renewed says that this one has not.
func (s *Session) attempt(ctx context.Context, r Request, renewed bool) (used proof, err error) {
	p, err := s.admit(ctx, r)
	if err != nil {
		return used, err
	}
	defer p.end()
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	req, err := s.newRequest(ctx, r, p.proof)
	if err != nil {
		return p.proof, err
	}
	begun := time.Now()
	buffer := bodies.Get().(*bytes.Buffer)
	defer keep(buffer)
	a, failed := s.exchange(req, buffer)
	took := time.Since(begun)
	if a.status/100 == 2 {
		p.release() // the next one need not wait until this answer is decoded
	}
	if failed == nil {
		failed = a.decode(r)
	}
	p.verdict = s.verdict(r, failed, renewed)
	if failed == nil {
		p.pacer.answered(took)
		s.report(r, a.status, nil, took)
		return p.proof, nil
	}
	failed.Operation = r.Operation
	failed.clean(p.proof.secrets())
	if failed.Status == http.StatusTooManyRequests && failed.retry {
		p.pacer.throttle(*failed, begun)
	}
	s.report(r, a.status, failed, took)
	return p.proof, failed
}

// verdict judges what an answer says about the credential. That IAM accepts a
// password proves little until a service has accepted the token.
func (s *Session) verdict(r Request, failed *Error, renewed bool) verdict {
	switch {
	case failed == nil && !r.iam, failed != nil && !r.iam && failed.ofService():
		return accepted
	case failed == nil || !failed.refuses():
		return unknown
	case !r.iam && !renewed && s.service.credential.config.Kind == Password:
		return doubtful
	}
	return refused
}

// paused reports an attempt that is not sent.
func (s *Session) paused(r Request) error {
	failed := &Error{
		Operation: r.Operation, Code: CodePaused, cause: errPaused,
		Message: "not sent: credential " + s.service.credential.config.Name + " was refused",
	}
	s.report(r, 0, failed, -1)
	return failed
}

// report tells the observer; a negative duration means not sent.
func (s *Session) report(r Request, status int, failed *Error, took time.Duration) {
	a := Attempt{
		Service: s.service.config.Name, Operation: r.Operation, Key: r.Key, Value: r.Value,
		Status: status, Duration: max(took, 0), Sent: took >= 0,
	}
	if r.iam {
		a.Service = IAM
	}
	switch {
	case failed == nil, r.Expected != nil && r.Expected(failed):
	case r.Guess && IsAbsent(failed):
	case errors.Is(failed, context.Canceled): // given up by us: no failure of the cloud
		if r.Guess {
			return // the listing has ended before it; or its scraper has hung up, and nobody asks
		}
	default:
		a.ErrorCode = failed.Code
	}
	s.observer.Observe(a)
}

func (s *Session) newRequest(ctx context.Context, r Request, p proof) (*http.Request, error) {
	endpoint := s.service.endpoint
	if r.iam {
		endpoint = s.service.iamEndpoint
		var err error
		if r.Body, err = s.login(p.password); err != nil {
			return nil, err
		}
	}
	req := (&http.Request{
		Method: r.Method,
		URL:    &url.URL{Scheme: endpoint.Scheme, Host: endpoint.Host, Path: r.Path, RawQuery: r.Query},
		Header: make(http.Header, 6),
	}).WithContext(ctx)
	req.Header.Set("User-Agent", s.service.client.userAgent)
	if r.Body != nil {
		req.Header.Set("Content-Type", "application/json")
		req.ContentLength = int64(len(r.Body))
		req.Body = io.NopCloser(bytes.NewReader(r.Body))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(r.Body)), nil }
	}
	if r.iam {
		return req, nil // the body is the proof
	}
	// Everything but that only reads. So net/http may send it again where a kept
	// connection turns out to be closed, a POST too; a key without a value says so to
	// net/http, and is not sent.
	req.Header["Idempotency-Key"] = nil
	err := p.authorize(req, s.service.project.ID, r.Body, time.Now())
	for _, name := range []string{"X-Auth-Token", "X-Security-Token", "Authorization"} {
		if err == nil && !httpguts.ValidHeaderFieldValue(req.Header.Get(name)) {
			err = fmt.Errorf("it has a character that the header %s cannot carry", name)
		}
	}
	if err != nil { // before anything is sent, so that no failed attempt is counted
		return nil, fmt.Errorf("credential %s: %w", s.service.credential.config.Name, err)
	}
	return req, nil
}

// answer is what came back: with a status of 0, nothing.
type answer struct {
	status int
	header http.Header
	body   []byte // of a failure, what there is of it; gone when its buffer is used again
}

// exchange sends the request and reads the answer. It uses the transport
// without a client around it: redirects are for the caller to see, and there are
// no cookies.
func (s *Session) exchange(req *http.Request, buffer *bytes.Buffer) (a answer, failed *Error) {
	resp, err := s.service.client.connections.RoundTrip(req)
	if err != nil {
		return a, transportError(err)
	}
	defer resp.Body.Close()
	a.status, a.header = resp.StatusCode, resp.Header
	err = readBody(resp, buffer)
	a.body = buffer.Bytes()
	switch {
	case err == nil, a.status/100 != 2: // its body, whole or not, only explains it
		return a, nil
	case errors.Is(err, errTooLarge):
		return a, &Error{Status: a.status, Code: CodeTooLarge, Message: err.Error(), cause: err}
	}
	failed = transportError(err)
	failed.Status = a.status
	return a, failed
}

// decode reads what was answered.
func (a answer) decode(r Request) *Error {
	if a.status/100 != 2 {
		return statusError(a.status, a.header, a.body, time.Now())
	}
	if err := r.decode(a.header, a.body); err != nil {
		return malformed(a.status, err)
	}
	return nil
}

var errTooLarge = fmt.Errorf("the answer exceeds %d MiB", MaxBody>>20)

// bodies are buffers of answers that were decoded: a page may have some hundred
// kilobytes, and a large fleet a thousand of them.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// keep lets a buffer be used again, unless it is far larger than any page.
func keep(buffer *bytes.Buffer) {
	const large = 1 << 20
	if buffer.Cap() <= large {
		buffer.Reset()
		bodies.Put(buffer)
	}
}

// readBody reads what there is of a body that breaks off.
func readBody(resp *http.Response, into *bytes.Buffer) error {
	if resp.ContentLength > MaxBody {
		return errTooLarge
	}
	if resp.ContentLength > 0 {
		into.Grow(int(resp.ContentLength) + bytes.MinRead) // ReadFrom wants so much room to meet the end
	}
	if _, err := into.ReadFrom(io.LimitReader(resp.Body, MaxBody+1)); err != nil {
		return err
	}
	if into.Len() > MaxBody {
		return errTooLarge
	}
	return nil
}
