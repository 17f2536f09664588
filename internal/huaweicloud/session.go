package huaweicloud

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

// Service is one service of a project. It is safe for concurrent use.
type Service struct {
	client      *Client
	project     ProjectConfig
	config      ServiceConfig
	credential  *credential
	endpoint    *url.URL
	iamEndpoint *url.URL
	pacer       *pacer
	iamPacer    *pacer
}

// Attempt is one request that was sent, or that would have been sent if its
// credential were not paused.
type Attempt struct {
	Service    string // the service's name, or IAM
	Operation  string
	Key, Value string        // the tag that the request selects by
	Status     int           // 0: no answer
	ErrorCode  string        // "": no failure
	Duration   time.Duration // until the whole answer was read
	Sent       bool
}

// Observer is told of each attempt, from several goroutines at once.
type Observer interface {
	Observe(Attempt)
}

// Session is one read of a service.
type Session struct {
	service  *Service
	observer Observer
	began    atomic.Bool // an attempt was made
}

// Session begins a read. It reads the credential's secrets again if they come
// from files or from the environment, and fails if it has none.
func (s *Service) Session(ctx context.Context, o Observer) (*Session, error) {
	if err := s.credential.refresh(ctx); err != nil {
		return nil, err
	}
	return &Session{service: s, observer: o}, nil
}

// ProjectID returns the ID that the paths of the project's requests have.
func (s *Session) ProjectID() string { return s.service.project.ID }

// Concurrency returns how many requests the session may have in flight.
func (s *Session) Concurrency() int { return s.service.config.Limits.MaxConcurrency }

// Request is a call of one documented operation.
type Request struct {
	Operation  string // the official SDK's name
	Method     string
	Path       string // without characters that need escaping
	Query      string // encoded
	Body       []byte // JSON
	Key, Value string // the tag that it selects by, if it does

	// Guess says that what is asked for may not be there: a 400 or 404 that says so
	// is no failed attempt, and one that is given up is none at all.
	Guess bool

	// Expected says which failures are answers that the caller can use. They
	// are returned as errors, but do not count as failed attempts.
	Expected func(*Error) bool

	iam    bool // its body is made of the password
	decode func(http.Header, []byte) error
}

// Call sends a request, retries it as far as the documentation and the
// context's deadline allow, and decodes the answer. The error is an *Error, or
// ErrNoTime, or says why the credential cannot be had.
//
// Retried are: no answer, timeouts, 408, 429 (unless a daily quota is used up),
// 5xx, and answers that are cut or empty.
func Call[T any, P interface {
	*T
	Answer
}](ctx context.Context, s *Session, r Request,
) (T, error) {
	var answer T
	r.decode = func(_ http.Header, body []byte) error {
		answer = *new(T) // nothing of an earlier, cut answer
		return Decode(body, P(&answer))
	}
	err := s.do(ctx, r)
	return answer, err
}

const (
	firstBackoff = 200 * time.Millisecond
	longBackoff  = 5 * time.Second
)

// pacer returns what paces a request.
func (s *Session) pacer(r Request) *pacer {
	if r.iam {
		return s.service.iamPacer
	}
	return s.service.pacer
}

func (s *Session) do(ctx context.Context, r Request) error {
	renewed := false
	var failed *Error
	for retries := 0; ; {
		used, err := s.attempt(ctx, r, renewed)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, ErrNoTime) && failed != nil:
			return failed // says more than that there was no time for another try
		case !errors.As(err, &failed):
			return err
		case failed.refuses() && !r.iam && !renewed:
			// An expired token is renewed once; other proofs are not retried.
			renewed = true
			if !s.service.credential.reject(ctx, s, used.token) {
				return err
			}
			continue
		case !failed.retry || retries >= s.service.config.Limits.MaxRetries:
			return err
		}
		retries++
		if failed.Status == http.StatusTooManyRequests {
			continue // its pause is the whole service's
		}
		pause := failed.retryAfter + backoff(retries-1)
		if _, ok := s.pacer(r).timeout(ctx, pause, false); !ok {
			return err
		}
		if _, bounded := ctx.Deadline(); !bounded && pause > longPatience {
			return err
		}
		if sleep(ctx, pause) != nil {
			return err
		}
	}
}
