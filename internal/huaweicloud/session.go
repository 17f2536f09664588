package huaweicloud

import (
	"context"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

// Service is where requests go and in whose name: a service of a project or of an account.
// The IAM that issues tokens for it is called like any other. It is safe for concurrent
// use.
type Service struct {
	client     *Client
	name       string // for the Observer
	endpoint   *url.URL
	pacer      *pacer
	maxRetries int // after the first attempt
	credential *credential
	subject    subject
	iam        *Service // nil unless requests carry a token that IAM issues for a password
	account    *Service // of an account: IAM, which says which account it is
}

// subject is what requests are about: a project, or an account, which the APIs call a
// domain.
// https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm.html
type subject struct {
	header string // names it in a signed request
	scope  string // names its kind in a request for a token
	id     string // "": it is not known, and no request names it
	name   string // in a request for a token, in place of an ID that is not known
}

func projectSubject(id string) subject {
	return subject{header: "X-Project-Id", scope: "project", id: id}
}

func accountSubject(id string) subject {
	return subject{header: "X-Domain-Id", scope: "domain", id: id}
}

// Attempt is one request that was sent, or that was not sent because its credential had
// been refused.
type Attempt struct {
	Service    string // the service's name, or IAM
	Operation  string
	Key, Value string        // the tag by which the request selects resources, if it does
	Status     int           // HTTP status; 0: no answer
	ErrorCode  string        // "": no failure
	Duration   time.Duration // until the whole answer was read
	Sent       bool
}

// Observer is told of each attempt, from several goroutines at once.
type Observer interface {
	Observe(Attempt)
}

// Session is one read of a service. It is safe for concurrent use.
type Session struct {
	*Service
	iam      *Session // asks IAM for the tokens of this one; nil: the requests need none
	account  *Session // asks IAM which account it is; nil: of a project
	observer Observer
	began    atomic.Bool            // a first attempt was admitted
	foundID  atomic.Pointer[string] // of the account, as AccountID returned it
}

// Session begins a read. It reads the credential's secrets again if they come
// from files or from the environment, and fails if it has none.
func (s *Service) Session(ctx context.Context, o Observer) (*Session, error) {
	if err := s.credential.refresh(ctx); err != nil {
		return nil, err
	}
	return s.session(o), nil
}

func (s *Service) session(o Observer) *Session {
	made := &Session{Service: s, observer: o}
	if s.iam != nil {
		made.iam = s.iam.session(o)
	}
	if s.account != nil {
		made.account = s.account.session(o)
	}
	return made
}

// about returns what the session's requests are about. The ID of an account may be found
// only after its first request.
func (s *Session) about() subject {
	about := s.subject
	if found := s.foundID.Load(); found != nil {
		about.id = *found
	}
	return about
}

// Observer returns who is told of the session's attempts.
func (s *Session) Observer() Observer { return s.observer }

// ProjectID returns the ID that the paths of the project's requests have.
func (s *Session) ProjectID() string { return s.subject.id }

// Concurrency returns how many requests the session may have in flight.
func (s *Session) Concurrency() int { return s.pacer.limits.MaxConcurrency }

// Request is a call of one documented operation.
type Request struct {
	Operation  string // the official SDK's name
	Method     string
	Path       string // without characters that need escaping
	Query      string // encoded
	Body       []byte // JSON
	Key, Value string // the tag by which it selects resources, if it does: for the Observer

	// Guess says that what is asked for may not exist, such as a page behind the last. A
	// 400 or 404 is then not counted as a failed attempt, and a request that is given up
	// is not counted as an attempt.
	Guess bool

	// Expected says which failures are answers that the caller can use. They are
	// returned as errors, but not counted as failed attempts.
	Expected func(*Error) bool

	login  func(password string) ([]byte, error) // makes the body of a request for a token
	decode func(http.Header, []byte) error
}

// Call sends a request, retries it as long as the context's deadline allows, and decodes
// the answer. The error is an *Error, or ErrNoTime, or says why there is no secret to
// send the request with.
//
// Retried are: no answer, timeouts, 408, 429 (unless a daily quota is used up),
// 5xx, and answers that are cut or empty.
func Call[T any, P interface {
	*T
	Answer
}](ctx context.Context, s *Session, r Request,
) (T, error) {
	answer, err := CallFor(ctx, s, r, func() P { return P(new(T)) })
	return *answer, err
}

// CallFor is Call for a type of answer that must be told what to look for. empty makes
// one; it is called for each attempt, since one before may have left parts of a cut answer.
func CallFor[A Answer](ctx context.Context, s *Session, r Request, empty func() A) (A, error) {
	answer := empty()
	r.decode = func(_ http.Header, body []byte) error {
		answer = empty()
		return Decode(body, answer)
	}
	err := s.do(ctx, r)
	return answer, err
}
