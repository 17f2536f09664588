package huaweicloud

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync/atomic"
	"time"
)

// OpToken is the operation that obtains a token.
const OpToken = "KeystoneCreateUserTokenByPassword"

// documentedLifetime is taken for a token whose answer states no lifetime.
// https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html
const documentedLifetime = 24 * time.Hour

// tokenScope is what a token is good for: one project or account, at one IAM.
type tokenScope struct {
	scheme, host string // of IAM's endpoint
	subject      subject
}

// cachedToken is the token of a scope. Its lock is held while a token is obtained, so
// that one request to IAM serves all who wait. If the request fails, the next one who
// waits makes another, since it may have more time left; after a refusal the breaker
// stops them all.
type cachedToken struct {
	lock    slots // one; guards all below
	value   string
	renewAt time.Time
	expires time.Time

	accepted noted // by a service: if one refuses it later, it has expired
	refused  noted // by a service: nobody uses it any more
}

// cachedToken returns the token of the session's scope. It must be called for each
// request: when the password changes, the tokens of the old one are dropped.
func (s *Session) cachedToken() *cachedToken {
	c := s.credential
	c.mu.Lock()
	defer c.mu.Unlock()
	scope := tokenScope{s.iam.endpoint.Scheme, s.iam.endpoint.Host, s.subject}
	if c.tokens[scope] == nil {
		c.tokens[scope] = &cachedToken{lock: make(slots, 1)}
	}
	return c.tokens[scope]
}

// get returns the token, and obtains one first if there is none or it expires soon.
func (t *cachedToken) get(ctx context.Context, obtain func(context.Context) (*tokenAnswer, error)) (string, error) {
	if err := t.lock.acquire(ctx); err != nil {
		return "", err
	}
	defer t.lock.release()
	now := time.Now()
	if t.refused.is(t.value) {
		t.value = ""
	}
	if t.value != "" && now.Before(t.renewAt) {
		return t.value, nil
	}
	answer, err := obtain(ctx)
	switch {
	case err == nil:
		t.value, t.renewAt, t.expires = answer.token, answer.renewAt, answer.expires
	case t.value != "" && now.Before(t.expires):
		t.renewAt = now.Add(time.Minute) // the old one is good for a while
	default:
		return "", err
	}
	return t.value, nil
}

// noted is the last token of which something was noted.
type noted struct{ token atomic.Pointer[string] }

func (n *noted) note(token string) {
	if !n.is(token) {
		n.token.Store(new(token))
	}
}

func (n *noted) is(token string) bool {
	last := n.token.Load()
	return last != nil && *last == token
}

// tokenAnswer is IAM's answer: the token is in a header, its times are in the body.
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

// login asks IAM for a token of the session's subject. A token is valid for 24 hours,
// and a new one leaves the old ones valid.
// https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html
func (s *Session) login(ctx context.Context) (*tokenAnswer, error) {
	answer := new(tokenAnswer)
	err := s.do(ctx, Request{
		Operation: OpToken, Method: http.MethodPost, Path: "/v3/auth/tokens", Query: "nocatalog=true",
		login: s.loginBody,
		decode: func(header http.Header, body []byte) error {
			*answer = tokenAnswer{}
			if err := Decode(body, answer); err != nil {
				return err
			}
			return answer.fill(header, time.Now())
		},
	})
	if failed, ok := errors.AsType[*Error](err); ok {
		failed.retry = false // do has retried it; the call that needs the token must not do so again
	}
	return answer, err
}

// loginBody returns the body of a request for a token. It is made for each attempt,
// since the password may have changed after the last one.
func (s *Service) loginBody(password string) ([]byte, error) {
	type object = map[string]any
	user := object{
		"name": s.credential.config.Username, "password": password,
		"domain": object{"name": s.credential.config.DomainName},
	}
	scope := object{"id": s.subject.id}
	if s.subject.id == "" {
		scope = object{"name": s.subject.name}
	}
	return json.Marshal(object{"auth": object{
		"identity": object{"methods": []string{"password"}, "password": object{"user": user}},
		"scope":    object{s.subject.scope: scope},
	}})
}

// fill takes the token from its header. The lifetime is the difference of the two
// times that IAM states, so that it is right where our clock is not.
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
		lifetime = documentedLifetime // if it is shorter, a 401 leads to a new token
	}
	a.expires = now.Add(lifetime)
	a.renewAt = a.expires.Add(-min(10*time.Minute, lifetime/4))
	return nil
}
