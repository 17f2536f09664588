package huaweicloud

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"
)

// This file is the path of a call: do makes attempts until one succeeds or no more
// make sense, attempt makes one and reports it to the Observer, admit says when it may be
// sent. How a request becomes bytes and back is in exchange.go.

// do sends a request until it is answered, fails for good, or has used up its
// retries or its time. Only attempts that may succeed by the context's deadline are
// made.
func (s *Session) do(ctx context.Context, r Request) error {
	renewed := false
	var failed *Error
	for retries := 0; ; {
		err := s.attempt(ctx, r, renewed)
		if err == nil {
			return nil
		}
		before := failed
		failed, _ = errors.AsType[*Error](err)
		switch {
		case errors.Is(err, ErrNoTime) && before != nil:
			return before // says more than that there was no time for another try
		case failed == nil:
			return err
		case failed.refuses() && s.iam != nil && !renewed:
			// The token may have expired early: one new token is tried. Other proofs
			// would be refused again, and too many refusals lock the access key.
			renewed = true
			continue
		case !failed.retry || retries >= s.maxRetries:
			return err
		}
		retries++
		if failed.Status == http.StatusTooManyRequests {
			continue // admit waits: after a 429 the whole service pauses
		}
		if !s.pacer.waitPause(ctx, failed.retryAfter+backoff(retries-1), false) {
			return err
		}
	}
}

// permit allows one attempt. leave must be called once that is over: it tells the breaker
// what the answer says about the credential.
type permit struct {
	proof   proof         // what the request is sent with
	timeout time.Duration // of the attempt
	leave   func(outcome)
}

// admit waits until an attempt may be sent: for a proof of identity, the breaker and the
// rate limit, in this order. An error means that nothing is sent: ErrNoTime, errPaused,
// the 429 that paused the service, or why there is no token.
func (s *Session) admit(ctx context.Context) (p permit, err error) {
	for p.leave == nil {
		// While this request waited for its rate, another may have begun to prove the
		// credential, or the secret may have changed: then enter returns nil. The proof
		// is made anew, since a refusal of the old secret must not be taken for one
		// of the new secret.
		standing := s.credential.current()
		err = standing.await(ctx)
		if err == nil {
			p.proof, err = s.prove(ctx, standing.secrets)
		}
		if err == nil {
			p.timeout, err = s.pacer.wait(ctx, !s.began.Load())
		}
		if err != nil {
			return p, err
		}
		if s.iam == nil || !s.cachedToken().refused.is(p.proof.token) {
			p.leave = standing.enter()
		}
	}
	s.began.Store(true)
	return p, nil
}

// prove returns what a request is to be sent with. It asks IAM for a token where one is
// needed.
func (s *Session) prove(ctx context.Context, secrets proof) (proof, error) {
	if s.iam == nil {
		return secrets, nil
	}
	token, err := s.cachedToken().get(ctx, s.iam.login)
	if failed, ok := errors.AsType[*Error](err); ok && failed.refuses() {
		err = errPaused // IAM's refusal is reported already, as one of IAM
	}
	return proof{token: token}, err
}

// attempt makes one attempt and reports it. renewed says that the token was obtained
// because an older one was refused.
func (s *Session) attempt(ctx context.Context, r Request, renewed bool) error {
	if err := s.pacer.slots.acquire(ctx); err != nil {
		return err
	}
	// The slot is given back also after a panic, which ends only this read: it is caught
	// further up. Otherwise later reads of the service would have one less, and in the end
	// none.
	held := true
	release := func() {
		if held {
			held = false
			s.pacer.slots.release()
		}
	}
	defer release()
	p, err := s.admit(ctx)
	if errors.Is(err, errPaused) {
		return s.reportPaused(r)
	}
	if err != nil {
		return err
	}
	// The breaker is told before the slot is given back: otherwise the next request could be
	// sent before it knows that this one was refused.
	said := unknown
	defer func() { p.leave(said) }()
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	req, err := s.newRequest(ctx, r, p.proof)
	if err != nil {
		return err
	}
	begun := time.Now()
	buffer := bodies.Get().(*bytes.Buffer)
	defer keep(buffer)
	status, header, failed := s.exchange(req, buffer)
	took := time.Since(begun)
	if failed == nil {
		release() // the next request need not wait until this answer is decoded
		if err := r.decode(header, buffer.Bytes()); err != nil {
			failed = malformed(status, err)
		}
	}
	said = s.judge(r, p.proof, failed, renewed)
	if failed == nil {
		s.pacer.answered(took)
		s.report(r, status, nil, took)
		return nil
	}
	failed.Operation = r.Operation
	failed.clean(p.proof.secrets())
	if failed.Status == http.StatusTooManyRequests && failed.retry {
		s.pacer.throttle(*failed, begun)
	}
	s.report(r, status, failed, took)
	return failed
}

// judge returns what an answer says about the credential. That IAM accepts a password
// does not prove that services accept its token: only a service's answer does. A 401
// for a token may mean that it has expired, unless it was obtained a moment ago.
func (s *Session) judge(r Request, used proof, failed *Error, renewed bool) outcome {
	switch {
	case failed != nil && failed.refuses():
		if s.iam == nil {
			return refused
		}
		t := s.cachedToken()
		t.refused.note(used.token) // before the breaker lets anybody else go with it
		switch {
		case renewed:
			return refused
		case t.accepted.is(used.token):
			return expired
		}
		return doubtful
	case r.login == nil && (failed == nil || failed.OfService()):
		if s.iam != nil {
			s.cachedToken().accepted.note(used.token)
		}
		return accepted
	}
	return unknown
}

// reportPaused reports an attempt that is not sent because its credential was refused
// before, and returns its error.
func (s *Session) reportPaused(r Request) error {
	failed := &Error{
		Operation: r.Operation, Code: CodePaused, cause: errPaused,
		Message: "not sent: credential " + s.credential.config.Name + " was refused",
	}
	s.report(r, 0, failed, -1)
	return failed
}

// report tells the observer; a negative duration means not sent.
func (s *Session) report(r Request, status int, failed *Error, took time.Duration) {
	a := Attempt{
		Service: s.name, Operation: r.Operation, Key: r.Key, Value: r.Value,
		Status: status, Duration: max(took, 0), Sent: took >= 0,
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
