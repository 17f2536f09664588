package huaweicloud

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// fewRefusals fails the test if more than five requests were refused within ten
// minutes, and returns how many were in all.
func (r *rig) fewRefusals() int {
	r.t.Helper()
	var at []time.Time
	for _, q := range r.Requests() {
		if q.Status == http.StatusUnauthorized {
			at = append(at, q.Time)
		}
	}
	for i := 5; i < len(at); i++ {
		if within := at[i].Sub(at[i-5]); within < 10*time.Minute {
			r.t.Fatalf("six requests refused within %s, %d in all", within, len(at))
		}
	}
	return len(at)
}

// named gives the rig's credential another name.
func (r *rig) named(name string) { r.project.Credential.Name = name }

// tokensRefused has all services refuse all tokens.
func (r *rig) tokensRefused() {
	r.Inject(simulator.Fault{
		Match:  func(q *http.Request) bool { return !strings.HasPrefix(q.URL.Path, "/v3/auth") },
		Answer: simulator.Instead(simulator.ErrorE3(401, "APIG.0307", "The token must be updated")),
	})
}

// TestNoLockOut: more than five failures in a row lock an access key or a user for
// everybody. For an hour, an operator tries in vain; then the last of the
// secrets becomes the right one.
func TestNoLockOut(t *testing.T) {
	wrong := keys(testAK, "wrong-secret-key")
	for name, test := range map[string]struct {
		credential CredentialConfig
		set        func(r *rig)
		each       func(r *rig, n int) // every 20 s, before three services with 4 requests each
	}{
		"one wrong secret":   {wrong, nil, func(*rig, int) {}},
		"reloads":            {wrong, nil, func(r *rig, _ int) { r.next(ClientConfig{}) }},
		"many names":         {wrong, nil, func(r *rig, n int) { r.named(fmt.Sprint(n)) }},
		"names with reloads": {wrong, nil, func(r *rig, n int) { r.next(ClientConfig{}); r.named(fmt.Sprint(n % 3)) }},
		"many wrong secrets": {wrong, nil, func(r *rig, n int) {
			r.next(ClientConfig{})
			r.project.Credential.SecretKey = NewSecret(fmt.Sprint("wrong-secret-", n))
		}},
		"many projects": {wrong, nil, func(r *rig, n int) { r.project.Name = fmt.Sprint("project-", n) }},
		"wrong password": {CredentialConfig{Kind: Password}, nil, func(r *rig, n int) {
			r.next(ClientConfig{})
			r.project.Credential = r.password(fmt.Sprint("wrong-", n))
		}},
		"refused tokens": {CredentialConfig{Kind: Password}, (*rig).tokensRefused, func(r *rig, n int) {
			r.next(ClientConfig{})
			r.project.Credential = r.password("pass-word-1")
			r.project.Name = fmt.Sprint("project-", n)
		}},
		"refused token": {CredentialConfig{Name: "token", Kind: Token, Token: NewSecret("unknown-token")}, nil, func(r *rig, _ int) { r.next(ClientConfig{}) }},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, simulator.Options{Log: 100_000})
				r.project.Credential = test.credential
				if test.set != nil {
					test.set(r)
				}
				for n := range 3 * 60 {
					test.each(r, n)
					want(t, "succeeded", r.flood(4), 0)
					time.Sleep(20 * time.Second)
				}
				if n := r.fewRefusals(); n < 6 {
					t.Errorf("%d requests refused within an hour: nothing would notice that the cloud accepts the credential again", n)
				}
			})
		})
	}
}

// TestNoLockOutByFiles: a file that is written again and again, always wrongly.
func TestNoLockOutByFiles(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r, dir := newRig(t, simulator.Options{Log: 1000}), t.TempDir()
		r.project.Credential.SecretKey = NewSecretFile(filepath.Join(dir, "sk"))
		r.Inject(simulator.Fault{Latency: 3 * time.Second}) // others change it meanwhile
		var all sync.WaitGroup
		for n := range 60 {
			writeFile(t, dir, "sk", fmt.Sprint("wrong-secret-", n))
			s := r.session([]string{DDS, ModelArts, Fabric}[n%3])
			all.Go(func() {
				if callOf(t.Context(), s) == nil {
					t.Error("no error")
				}
			})
			time.Sleep(time.Second)
		}
		all.Wait()
		want(t, "refused", r.fewRefusals(), 5)
		writeFile(t, dir, "sk", testSK)
		wantCode(t, r.call(), 0, CodePaused)
		time.Sleep(10 * time.Minute)
		want(t, "right", r.call(), nil)
	})
}

// TestWrongSecretBesideTheRightOne: a reload brings a wrong secret while the old
// configuration still reads with the right one.
func TestWrongSecretBesideTheRightOne(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{Log: 10_000})
		r.Inject(simulator.Fault{Latency: 50 * time.Millisecond})
		old := r.session(DDS)
		want(t, "before", callOf(t.Context(), old), nil)
		r.next(ClientConfig{})
		r.project.Credential = keys(testAK, "wrong-secret-key")
		var all sync.WaitGroup
		for range 40 {
			all.Go(func() { _ = callOf(t.Context(), old) })
		}
		want(t, "succeeded", r.flood(16), 0)
		all.Wait()
		want(t, "refused", r.fewRefusals(), 1)
	})
}

// TestWrongKey: three services with 16 requests each are refused once.
func TestWrongKey(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		r.project.Credential = keys(testAK, "wrong-secret-key")
		want(t, "succeeded", r.flood(16), 0)
		want(t, "failures", r.AuthFailures(testAK), 1)
		want(t, "calls", r.Calls(""), 1)
		want(t, "observed 401", r.with(401, "APIG.0301"), 1)
		want(t, "paused", r.count(func(a Attempt) bool {
			return a.Status == 0 && a.ErrorCode == CodePaused && !a.Sent && a.Duration == 0
		}), 47)
	})
}

// TestOneProves: until an answer of a service itself has accepted the
// credential, one request at a time is in flight, however many wait.
func TestOneProves(t *testing.T) {
	for name, test := range map[string]struct {
		fault  simulator.Fault
		proves bool
	}{
		"200":                      {simulator.Fault{Latency: time.Millisecond}, true},
		"403":                      {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE4(403, "no right"))}, true},
		"403 of the gateway":       {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE3(403, "APIG.0306", "denied"))}, true},
		"404":                      {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(404, "DBS.280343", "no instance"))}, true},
		"500 of the service":       {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(500, "DBS.200001", "server failure"))}, true},
		"error in a 200":           {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(200, "DBS.200001", "m"))}, true},
		"a 401 about rights":       {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(401, "Organizations.1001", "not the management account"))}, true},
		"502 of a proxy":           {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE9(502))}, false},
		"403 of a proxy":           {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE9(403))}, false},
		"200 of a proxy":           {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE9(200))}, false},
		"redirect":                 {simulator.Fault{Answer: simulator.Instead(simulator.Redirect("https://login"))}, false},
		"throttled by the gateway": {simulator.Fault{Answer: simulator.Instead(simulator.QuotaExhausted())}, false},
		"not the gateway's path":   {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE3(404, "APIGW.0101", "no such API"))}, false},
		"no answer":                {simulator.Fault{Break: simulator.Hangup}, false},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, simulator.Options{Log: 100})
				r.limits.MaxRetries = 0
				test.fault.Latency += 100 * time.Millisecond
				r.Inject(test.fault)
				began := time.Now()
				r.flood(4)
				for i, q := range r.Requests() {
					if first := time.Duration(i) * 100 * time.Millisecond; !test.proves && q.Time.Sub(began) < first {
						t.Errorf("request %d after %s", i, q.Time.Sub(began))
					}
				}
				want(t, "calls", r.Calls(""), 12)
				want(t, "at once", r.MaxInFlight(""), map[bool]int{true: 11, false: 1}[test.proves])
				want(t, "paused", r.with(0, CodePaused), 0)
			})
		})
	}
}

// TestRights: a 401 whose code speaks of rights is an error like a 403.
func TestRights(t *testing.T) {
	for _, kind := range []Kind{AccessKey, Password} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, simulator.Options{})
			if kind == Password {
				r.project.Credential = r.password("pass-word-1")
			}
			want(t, "before", r.call(), nil)
			tokens := r.tokens()
			r.Inject(simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(401, "Organizations.1002", "no delegated administrator"))})
			for range 3 {
				wantCode(t, r.call(), 401, "Organizations.1002")
			}
			want(t, "calls", r.Calls(simulator.OpListInstanceTags), 4)
			want(t, "tokens", r.tokens(), tokens)
			want(t, "observed", r.with(401, "Organizations.1002"), 3)
		})
	}
}
