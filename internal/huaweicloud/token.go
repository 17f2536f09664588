package huaweicloud

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// OpToken is the operation that obtains a token.
const OpToken = "KeystoneCreateUserTokenByPassword"

// documentedLifetime is that of a token whose answer does not say.
// https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html
const documentedLifetime = 24 * time.Hour

// tokenScope is what a password token is good for: one project, from one IAM.
type tokenScope struct{ endpoint, projectID string }

// tokenSlot holds the token of a scope. Its lock is held while a token is
// obtained, so that one request serves everybody who waits. If it fails, the next
// one tries: it may have more time left. A refusal has opened the breaker, and
// nobody tries.
type tokenSlot struct {
	lock    chan struct{}
	value   string
	renewAt time.Time
	expires time.Time
}

// token returns a token for the session's project, obtaining one if there is
// none or it expires soon.
func (c *credential) token(ctx context.Context, s *Session) (string, error) {
	slot := c.slot(s.service)
	select {
	case slot.lock <- struct{}{}:
		defer func() { <-slot.lock }()
	case <-ctx.Done():
		return "", ErrNoTime
	}
	now := time.Now()
	if slot.value != "" && now.Before(slot.renewAt) {
		return slot.value, nil
	}
	answer, err := s.obtainToken(ctx)
	switch {
	case err == nil:
		slot.value, slot.renewAt, slot.expires = answer.token, answer.renewAt, answer.expires
	case slot.value != "" && now.Before(slot.expires):
		slot.renewAt = now.Add(time.Minute) // still good for a while
	default:
		return "", err
	}
	return slot.value, nil
}

// reject drops a token that the cloud refused, unless it has been renewed
// since, and reports whether another try makes sense.
func (c *credential) reject(ctx context.Context, s *Session, used string) bool {
	if c.config.Kind != Password {
		return false
	}
	slot := c.slot(s.service)
	select {
	case slot.lock <- struct{}{}:
		defer func() { <-slot.lock }()
	case <-ctx.Done():
		return false
	}
	if slot.value == used {
		slot.value = ""
	}
	return true
}

func (c *credential) slot(s *Service) *tokenSlot {
	c.mu.Lock()
	defer c.mu.Unlock()
	scope := tokenScope{s.iamEndpoint.String(), s.project.ID}
	if c.tokens[scope] == nil {
		c.tokens[scope] = &tokenSlot{lock: make(chan struct{}, 1)}
	}
	return c.tokens[scope]
}

// tokenAnswer is what IAM returns: the token in a header, its times in the
// body.
type tokenAnswer struct {
	Token *struct {
		IssuedAt  time.Time `json:"issued_at"`
		ExpiresAt time.Time `json:"expires_at"`
	} `json:"token"`

	token            string
	renewAt, expires time.Time
}

// Absent implements Answer.
func (a *tokenAnswer) Absent() bool { return a.Token == nil }

// Members implements Answer.
func (a *tokenAnswer) Members() []string { return []string{"token"} }

// obtainToken asks IAM for a token of the session's project. A token is valid
// for 24 hours, and a new one leaves the old ones valid.
// https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html
func (s *Session) obtainToken(ctx context.Context) (*tokenAnswer, error) {
	answer := new(tokenAnswer)
	err := s.do(ctx, Request{
		Operation: OpToken, Method: http.MethodPost, Path: "/v3/auth/tokens", Query: "nocatalog=true",
		iam: true,
		decode: func(header http.Header, body []byte) error {
			*answer = tokenAnswer{}
			if err := Decode(body, answer); err != nil {
				return err
			}
			return answer.fill(header, time.Now())
		},
	})
	var failed *Error
	if errors.As(err, &failed) {
		failed.retry = false // has been retried; who needs the token must not do so again
	}
	return answer, err
}

// login returns the body that asks IAM for a token. It is made for each attempt: the
// password may have changed since the last one.
func (s *Session) login(password string) ([]byte, error) {
	c := s.service.credential.config
	type object = map[string]any
	return json.Marshal(object{"auth": object{
		"identity": object{
			"methods":  []string{"password"},
			"password": object{"user": object{"name": c.Username, "password": password, "domain": object{"name": c.DomainName}}},
		},
		"scope": object{"project": object{"id": s.service.project.ID}},
	}})
}

// fill takes the token from its header and plans its renewal by the lifetime
// that IAM states, not by its clock.
func (a *tokenAnswer) fill(header http.Header, now time.Time) error {
	a.token = header.Get("X-Subject-Token")
	if a.token == "" || a.Token == nil {
		return errors.New("no token in the answer")
	}
	lifetime := a.Token.ExpiresAt.Sub(a.Token.IssuedAt)
	if a.Token.IssuedAt.IsZero() {
		lifetime = a.Token.ExpiresAt.Sub(now)
	}
	if lifetime <= 0 {
		lifetime = documentedLifetime // a 401 tells if it is not so
	}
	a.expires = now.Add(lifetime)
	a.renewAt = a.expires.Add(-min(10*time.Minute, lifetime/4))
	return nil
}
