package huaweicloud

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

func passwordRig(t *testing.T, opts simulator.Options) *rig {
	t.Helper()
	r := newRig(t, opts)
	r.project.Credential = r.password("pass-word-1")
	return r
}

func (r *rig) tokens() int { return r.Calls(simulator.OpCreateToken) }

func TestTokenIsShared(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for name, quirks := range map[string]simulator.Quirks{"201": {}, "200": {TokenStatusOK: true}} {
			r := passwordRig(t, simulator.Options{Quirks: quirks})
			want(t, name+" succeeded", r.flood(16), 48)
			want(t, name+" tokens", r.tokens(), 1)
			want(t, "observed as iam", r.count(func(a Attempt) bool { return a.Service == IAM && a.Operation == OpToken }), 1)
			want(t, "observed", r.sent(), r.Calls(""))
			r.wantRefusals()
		}
	})
}

func TestTokenIsRenewedBeforeItExpires(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := passwordRig(t, simulator.Options{})
		for _, step := range []struct {
			pass   time.Duration
			tokens int
		}{{0, 1}, {23*time.Hour + 49*time.Minute, 1}, {2 * time.Minute, 2}, {time.Hour, 2}, {48 * time.Hour, 3}} {
			time.Sleep(step.pass)
			want(t, "succeeded", r.flood(4), 12)
			want(t, "tokens after "+step.pass.String(), r.tokens(), step.tokens)
		}
		r.wantRefusals()
	})
}

// TestTokenRenewalFails: until the old token expires, a failing IAM hurts nobody.
func TestTokenRenewalFails(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := passwordRig(t, simulator.Options{})
		r.limits.MaxRetries = 0
		want(t, "first", r.call(), nil)
		remove := r.Inject(simulator.Fault{Operation: simulator.OpCreateToken, Answer: simulator.Instead(simulator.ErrorE9(502))})
		time.Sleep(24*time.Hour - 9*time.Minute)
		want(t, "succeeded", r.flood(4), 12)
		want(t, "tokens", r.tokens(), 2) // not one for each request
		time.Sleep(2 * time.Minute)
		want(t, "later", r.call(), nil)
		want(t, "tried again", r.tokens(), 3)
		time.Sleep(8 * time.Minute)
		calls := r.Calls(simulator.OpListInstanceTags)
		wantCode(t, r.call(), 502, "http_502")
		want(t, "sent with an expired token", r.Calls(simulator.OpListInstanceTags)-calls, 0)
		remove()
		want(t, "recovered", r.call(), nil)
	})
}

// TestExpiredToken: however many requests see the 401, one renews the token.
func TestExpiredToken(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := passwordRig(t, simulator.Options{})
		want(t, "first", r.flood(1), 3)
		r.ExpireTokens()
		want(t, "succeeded", r.flood(16), 48)
		want(t, "tokens", r.tokens(), 2)
		want(t, "observed", r.sent(), r.Calls(""))
		if r.with(401, "APIG.0301") == 0 {
			t.Error("nobody saw the 401")
		}
	})
}

// TestTokenIsRefused: a fresh token that is refused too is the end. The pauses
// double although IAM goes on accepting the password, and each token counts.
func TestTokenIsRefused(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := passwordRig(t, simulator.Options{Log: 1000})
		r.tokensRefused()
		wantCode(t, r.call(), 401, "APIG.0307")
		want(t, "tokens", r.tokens(), 2)
		want(t, "calls", r.Calls(simulator.OpListInstanceTags), 2)
		// With the fifth refusal, the first must be ten minutes old.
		for _, pause := range []time.Duration{30 * time.Second, time.Minute, 8*time.Minute + 30*time.Second} {
			before := r.Calls("")
			time.Sleep(pause - time.Second)
			wantCode(t, r.call(), 0, CodePaused)
			want(t, "sent in the pause", r.Calls(""), before)
			time.Sleep(time.Second)
			if err := r.call(); err == nil {
				t.Error("no error")
			}
			if r.Calls("") == before {
				t.Errorf("no probe after %s", pause)
			}
		}
		r.fewRefusals()
	})
}

// TestTokenAndPasswordAreRefused: a token has expired, and the password is another one
// now.
func TestTokenAndPasswordAreRefused(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := passwordRig(t, simulator.Options{})
		want(t, "first", r.call(), nil)
		r.clear()
		r.ExpireTokens()
		r.AddUser(simulator.User{Domain: "account", Name: "exporter", Password: "pass-word-2"})
		wantCode(t, r.call(), 0, CodePaused)
		want(t, "of the service", r.with(401, "APIG.0301"), 1)
		want(t, "of IAM", r.with(401, "401"), 1)
		want(t, "paused", r.with(0, CodePaused), 1)
		wantCode(t, r.call(), 0, CodePaused)
		want(t, "sent", r.sent(), 2)
	})
}

func TestWrongPassword(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := passwordRig(t, simulator.Options{})
		r.project.Credential = r.password("wrong-pass")
		want(t, "succeeded", r.flood(16), 0)
		want(t, "failures", r.AuthFailures("account/exporter"), 1)
		want(t, "calls", r.Calls(""), 1)
		want(t, "observed 401", r.with(401, "401"), 1)
		want(t, "services paused", r.count(func(a Attempt) bool {
			return a.Service != IAM && a.ErrorCode == CodePaused && !a.Sent && a.Status == 0
		}), 48)
	})
}

// TestTokenFailure: who waited for a token that could not be had asks for it
// again, one after the other; nobody retries what has been retried.
func TestTokenFailure(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := passwordRig(t, simulator.Options{})
		r.limits.MaxRetries = 1
		r.Inject(simulator.Fault{Operation: simulator.OpCreateToken, Latency: time.Second, Answer: simulator.Instead(simulator.ErrorE9(500))})
		s := r.session(DDS)
		done := make(chan error, 8)
		for range cap(done) {
			go func() { done <- callOf(t.Context(), s) }()
		}
		for range cap(done) {
			wantCode(t, <-done, 500, "http_500")
		}
		want(t, "requests for a token", r.tokens(), 2*cap(done))
		want(t, "at once", r.MaxInFlight(""), 1)
		want(t, "observed", r.sent(), r.Calls(""))
	})
}

// TestIAMProvesLittle: an answer of a service proves the credential, and lets all waiting
// requests go. An error of IAM does not: logins go on one at a time.
func TestIAMProvesLittle(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := passwordRig(t, simulator.Options{})
		r.Inject(simulator.Fault{Operation: simulator.OpCreateToken, Latency: time.Second, Answer: simulator.Instead(simulator.ErrorE7(403, "m"))})
		done := make(chan error, 5)
		for n := range cap(done) {
			r.project.Name, r.project.ID = fmt.Sprint("project-", n), fmt.Sprint("id-", n)
			s := r.session(DDS)
			go func() { done <- callOf(t.Context(), s) }()
		}
		for range cap(done) {
			wantCode(t, <-done, 403, "403")
		}
		want(t, "logins at once", r.MaxInFlight(simulator.OpCreateToken), 1)
	})
}

// TestTokenInTime: a request with too little time for a slow IAM fails alone. Others that
// wait for the same token, and have more time, get it.
func TestTokenInTime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := passwordRig(t, simulator.Options{})
		r.Inject(simulator.Fault{Operation: simulator.OpCreateToken, Latency: 2 * time.Second})
		hasty, patient := r.session(DDS), r.session(ModelArts)
		first, second := make(chan error, 1), make(chan error, 1)
		go func() {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			first <- callOf(notEnding{ctx}, hasty)
		}()
		synctest.Wait()
		go func() {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
			defer cancel()
			second <- callOf(ctx, patient)
		}()
		wantCode(t, <-first, 0, CodeTimeout)
		want(t, "the other", <-second, nil)
	})
}

// notEnding is the context of a shared read: it tells the deadline, but ends only
// when the last scrape leaves.
type notEnding struct{ context.Context }

func (notEnding) Done() <-chan struct{} { return nil }
func (notEnding) Err() error            { return nil }

// TestCancelledTokenRequest: a request that is cancelled while it obtains the token does
// not fail the others that wait for it.
func TestCancelledTokenRequest(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := passwordRig(t, simulator.Options{})
		arrived := make(chan struct{})
		r.OnCall(simulator.OpCreateToken, func(n int) {
			if n == 1 {
				close(arrived)
			}
		})
		r.Inject(simulator.Fault{Operation: simulator.OpCreateToken, Break: simulator.Hang, Times: 1})
		ctx, cancel := context.WithCancel(t.Context())
		first, second := make(chan error, 1), make(chan error, 1)
		s, other := r.session(DDS), r.session(ModelArts)
		go func() { first <- callOf(ctx, s) }()
		<-arrived
		go func() { second <- callOf(t.Context(), other) }()
		waiting, giveUp := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer giveUp()
		if err := callOf(waiting, other); !errors.Is(err, ErrNoTime) {
			t.Errorf("waiting: error %v", err)
		}
		cancel()
		if err := <-first; err == nil {
			t.Error("first: no error")
		}
		want(t, "second", <-second, nil)
	})
}
