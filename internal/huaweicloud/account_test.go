package huaweicloud

import (
	"context"
	"net/http"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

const testAccount = "dddd2222333344445555666677778888"

var requestID = regexp.MustCompile(` \(request [0-9a-f]+\)`)

var trackerRequest = Request{
	Operation: simulator.OpShowTrackerConfig, Method: http.MethodGet,
	Path: "/v1/resource-manager/domains/" + testAccount + "/tracker-config",
}

type trackerAnswer struct {
	Selector *struct{} `json:"selector"`
}

func (a *trackerAnswer) Absent() bool    { return a.Selector == nil }
func (*trackerAnswer) Members() []string { return []string{"selector"} }

// newRigOfAccount is a rig whose project and keys belong to an account.
func newRigOfAccount(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, simulator.Options{})
	r.SetAccount(simulator.Account{ID: testAccount, Name: "account"})
	r.AddAccessKey(simulator.AccessKey{AK: testAK, SK: testSK, Account: testAccount})
	return r
}

// accountSession begins a read of the account's Config service.
func (r *rig) accountSession(id string) *Session {
	r.t.Helper()
	config := func(name string) ServiceConfig {
		return ServiceConfig{Name: name, Endpoint: r.server.URL, Limits: r.limits}
	}
	service, err := r.client.AccountService(AccountConfig{Name: "acme", ID: id, Credential: r.project.Credential}, config(IAM), config("config"))
	if err != nil {
		r.t.Fatal(err)
	}
	s, err := service.Session(r.t.Context(), r)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// callAccount asks Config something, in the name of whatever account it is.
func callAccount(ctx context.Context, s *Session) error {
	id, err := s.AccountID(ctx)
	if err != nil {
		return err
	}
	request := trackerRequest
	request.Path = "/v1/resource-manager/domains/" + id + "/tracker-config"
	_, err = Call[trackerAnswer](ctx, s, request)
	return err
}

// TestAccountID: IAM is asked once, by one request for all, also where there is but one
// place in flight; and not again after a reload, unless the credential is another.
func TestAccountID(t *testing.T) {
	for name, credential := range map[string]func(*rig) CredentialConfig{
		"keys":     func(*rig) CredentialConfig { return keys(testAK, testSK) },
		"password": func(r *rig) CredentialConfig { return r.password("pass-word-1") },
		"token": func(r *rig) CredentialConfig {
			return CredentialConfig{Name: "token", Kind: Token, Token: NewSecret(r.IssueAccountToken(testAccount, time.Hour))}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRigOfAccount(t)
				r.limits.MaxConcurrency = 1
				r.project.Credential = credential(r)
				r.Inject(simulator.Fault{Latency: time.Second})
				flood := func() {
					t.Helper()
					errs := make(chan error, 8)
					for range cap(errs) {
						s := r.accountSession("")
						go func() { errs <- callAccount(t.Context(), s) }()
					}
					for range cap(errs) {
						want(t, "call", <-errs, nil)
					}
				}
				flood()
				want(t, "asked which account", r.Calls(OpAuthDomains), 1)
				want(t, "observed as iam", r.count(func(a Attempt) bool { return a.Service == IAM && a.Operation == OpAuthDomains }), 1)
				r.next(ClientConfig{})
				flood()
				want(t, "asked after a reload", r.Calls(OpAuthDomains), 1)
				want(t, "configured", callAccount(t.Context(), r.accountSession(testAccount)), nil)
				want(t, "asked where it is configured", r.Calls(OpAuthDomains), 1)
				r.AddAccessKey(simulator.AccessKey{AK: "OTHERKEY", SK: testSK, Account: testAccount})
				r.next(ClientConfig{})
				r.project.Credential = keys("OTHERKEY", testSK)
				r.project.Credential.Name = "other"
				flood()
				want(t, "asked for another key", r.Calls(OpAuthDomains), 2)
				r.wantRefusals()
			})
		})
	}
}

// TestOneCredential: a user's tokens of an account and of its project do not get in each
// other's way.
func TestOneCredential(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRigOfAccount(t)
		r.project.Credential = r.password("pass-word-1")
		for range 3 {
			want(t, "of the account", callAccount(t.Context(), r.accountSession("")), nil)
			want(t, "of the project", r.call(), nil)
		}
		want(t, "tokens", r.tokens(), 2)
		r.wantRefusals()
	})
}

// TestAccountIDFails: the next one who needs the ID asks again. What a retry would not
// change is told at once.
func TestAccountIDFails(t *testing.T) {
	for name, test := range map[string]struct {
		answer simulator.Answer
		domain string // of a user; "": keys are used
		want   string
		calls  int
	}{
		"unavailable": {simulator.ErrorE7(500, "m"), "", "ask IAM for the ID of the account: KeystoneListAuthDomains: HTTP 500: 500: m", 4},
		"no domain":   {simulator.Text(200, `{"domains":[]}`), "", "ask IAM for the ID of the account: IAM names no account, or several: domain_id must be given", 1},
		"two domains": {simulator.Text(200, `{"domains":[{"id":"a","name":"x"},{"id":"b","name":"y"}]}`), "", "ask IAM for the ID of the account: IAM names no account, or several: domain_id must be given", 1},
		"no such":     {simulator.Text(200, `{"domains":[{"id":"a","name":"x"},{"id":"b","name":"y"}]}`), "account", "ask IAM for the ID of the account: IAM names no account, or several: domain_id must be given", 1},
		"by name":     {simulator.Text(200, `{"domains":[{"id":"a","name":"x"},{"id":"`+testAccount+`","name":"account"}]}`), "account", "", 1},
		"one object":  {simulator.Text(200, `{"domains":{"id":"`+testAccount+`"}}`), "", "", 1},
		"no path":     {simulator.Text(200, `{"domains":[{"id":"a/b"}]}`), "", `ask IAM for the ID of the account: KeystoneListAuthDomains: HTTP 200: malformed: not an account ID: "a/b"`, 1},
		"nothing":     {simulator.Text(200, `{"projects":[]}`), "", `ask IAM for the ID of the account: KeystoneListAuthDomains: HTTP 200: malformed: none of the documented members ["domains"]`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRigOfAccount(t)
				if test.domain != "" {
					r.project.Credential = r.password("pass-word-1")
				}
				r.Inject(simulator.Fault{Operation: OpAuthDomains, Answer: simulator.Instead(test.answer)})
				got := ""
				if err := callAccount(t.Context(), r.accountSession("")); err != nil {
					got = requestID.ReplaceAllString(err.Error(), "")
				}
				want(t, "error", got, test.want)
				want(t, "calls", r.Calls(OpAuthDomains), test.calls)
				if test.want != "" {
					_ = callAccount(t.Context(), r.accountSession("")) // fails again
					want(t, "calls", r.Calls(OpAuthDomains), 2*test.calls)
				}
			})
		})
	}
}

// TestAccountIDInTime: who waits for somebody else's request waits no longer than it may.
func TestAccountIDInTime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRigOfAccount(t)
		r.Inject(simulator.Fault{Operation: OpAuthDomains, Latency: 5 * time.Second})
		first := make(chan error, 1)
		patient := r.accountSession("")
		go func() { first <- callAccount(t.Context(), patient) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		want(t, "error", callAccount(ctx, r.accountSession("")), ErrNoTime)
		want(t, "waited", time.Since(begun), time.Second)
		want(t, "the other", <-first, nil)
	})
}

// TestAccountServices: what is wrong with an endpoint is told beforehand.
func TestAccountServices(t *testing.T) {
	r := newRigOfAccount(t)
	good := ServiceConfig{Name: IAM, Endpoint: r.server.URL, Limits: r.limits}
	for text, config := range map[string][2]ServiceConfig{
		"the endpoint of config must have no path":                   {good, {Name: "config", Endpoint: "https://a/b"}},
		"the endpoint of iam must be http:// or https:// and a host": {{Name: IAM, Endpoint: "a"}, {Name: "config", Endpoint: r.server.URL}},
	} {
		_, err := r.client.AccountService(AccountConfig{Name: "acme", Credential: keys(testAK, testSK)}, config[0], config[1])
		if err == nil || err.Error() != text {
			t.Errorf("%v, want %s", err, text)
		}
	}
}
