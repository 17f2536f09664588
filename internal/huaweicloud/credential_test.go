package huaweicloud

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

func TestCredentialKinds(t *testing.T) {
	for name, test := range map[string]struct {
		credential func(r *rig) CredentialConfig
		kind       string
	}{
		"access key": {func(*rig) CredentialConfig { return keys(testAK, testSK) }, "aksk"},
		"temporary": {func(r *rig) CredentialConfig {
			r.AddAccessKey(simulator.AccessKey{AK: "TEMP", SK: "sk", SecurityToken: "st", Expires: time.Now().Add(time.Hour)})
			c := keys("TEMP", "sk")
			c.SecurityToken = NewSecret("st")
			return c
		}, "aksk"},
		"token": {func(r *rig) CredentialConfig {
			return CredentialConfig{Name: "token", Kind: Token, Token: NewSecret(r.IssueToken(testProject, time.Hour))}
		}, "token"},
		"password": {func(r *rig) CredentialConfig { return r.password("pass-word-1") }, "token"},
		"environment": {func(*rig) CredentialConfig {
			t.Setenv("HUAWEICLOUD_SDK_AK", testAK)
			t.Setenv("HUAWEICLOUD_SDK_SK", testSK)
			return CredentialConfig{Name: "env", Kind: Environment}
		}, "aksk"},
		"profile": {func(*rig) CredentialConfig {
			t.Setenv("HUAWEICLOUD_SDK_AK", "")
			t.Setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", writeFile(t, t.TempDir(), "profile", "[basic]\nak="+testAK+"\nsk="+testSK+"\n"))
			return CredentialConfig{Name: "profile", Kind: Environment}
		}, "aksk"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, simulator.Options{Log: 100})
			r.project.Credential = test.credential(r)
			want(t, "succeeded", r.flood(2), 6)
			r.wantRefusals()
			for _, q := range r.Requests() {
				if q.Operation != simulator.OpCreateToken {
					want(t, q.Operation, q.Credential, test.kind)
				}
			}
			want(t, "observed", r.sent(), r.Calls(""))
		})
	}
}

func TestRotatedSecrets(t *testing.T) {
	for name, replace := range map[string]func(t *testing.T, dir, secret string){
		"written": func(t *testing.T, dir, secret string) { writeFile(t, dir, "sk", secret+"\n") },
		"renamed": func(t *testing.T, dir, secret string) {
			if err := os.Rename(writeFile(t, dir, "new", secret), filepath.Join(dir, "sk")); err != nil {
				t.Fatal(err)
			}
		},
		// As Kubernetes does: sk -> ..data/sk, ..data -> a directory of its own.
		"symlink": func(t *testing.T, dir, secret string) {
			version := t.TempDir()
			writeFile(t, version, "sk", secret)
			link := filepath.Join(dir, "..data_tmp")
			if err := errors.Join(os.Symlink(version, link), os.Rename(link, filepath.Join(dir, "..data"))); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Lstat(filepath.Join(dir, "sk")); err != nil {
				if err := os.Symlink(filepath.Join("..data", "sk"), filepath.Join(dir, "sk")); err != nil {
					t.Fatal(err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, dir := newRig(t, simulator.Options{}), t.TempDir()
			replace(t, dir, testSK)
			r.project.Credential.SecretKey = NewSecretFile(filepath.Join(dir, "sk"))
			want(t, "first", r.call(), nil)

			r.AddAccessKey(simulator.AccessKey{AK: testAK, SK: "rotated"})
			wantCode(t, r.call(), 401, "APIG.0301")
			wantCode(t, r.call(), 0, CodePaused)
			replace(t, dir, "rotated") // closes the breaker
			want(t, "rotated", r.call(), nil)

			for _, path := range []string{"sk", "..data"} {
				if err := os.Remove(filepath.Join(dir, path)); err != nil && !os.IsNotExist(err) {
					t.Fatal(err)
				}
			}
			want(t, "vanished", r.call(), nil)
		})
	}
	t.Run("never there", func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		path := filepath.Join(t.TempDir(), "sk")
		r.project.Credential.SecretKey = NewSecretFile(path)
		if _, err := r.service(DDS).Session(t.Context(), r); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("error %v", err)
		}
		writeFile(t, filepath.Dir(path), "sk", testSK)
		want(t, "there", r.call(), nil)
	})
	t.Run("changed back and forth", func(t *testing.T) {
		r, dir := newRig(t, simulator.Options{}), t.TempDir()
		r.project.Credential.SecretKey = NewSecretFile(writeFile(t, dir, "sk", "wrong"))
		for range 3 {
			wantCode(t, r.call(), 401, "APIG.0301")
			wantCode(t, r.call(), 0, CodePaused)
			writeFile(t, dir, "sk", testSK)
			want(t, "right", r.call(), nil)
			writeFile(t, dir, "sk", "wrong")
		}
	})
}

// TestChangedWhileWaiting: who waits while an older secret is being proved goes on
// with the newer one, of which its refusal says nothing.
func TestChangedWhileWaiting(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r, dir := newRig(t, simulator.Options{}), t.TempDir()
		r.project.Credential.SecretKey = NewSecretFile(writeFile(t, dir, "sk", "wrong"))
		r.Inject(simulator.Fault{Latency: time.Second})
		s := r.session(DDS)
		done := make(chan error, 10)
		go func() { done <- callOf(t.Context(), s) }()
		synctest.Wait()
		for range cap(done) - 1 {
			go func() { done <- callOf(t.Context(), s) }()
		}
		synctest.Wait()
		writeFile(t, dir, "sk", testSK)
		r.session(ModelArts)
		wantCode(t, <-done, 401, "APIG.0301")
		for range cap(done) - 1 {
			want(t, "waited", <-done, nil)
		}
		want(t, "refused", len(r.Refusals()), 1)
	})
}

// TestRotatedPassword: who asks IAM for a token again does so with the password of
// that time.
func TestRotatedPassword(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r, dir := passwordRig(t, simulator.Options{}), t.TempDir()
		r.project.Credential.Password = NewSecretFile(writeFile(t, dir, "password", "pass-word-1"))
		r.Inject(simulator.Fault{Times: 1, Answer: &simulator.Answer{Status: 503, Header: http.Header{"Retry-After": {"5"}}}})
		s := r.session(DDS)
		done := make(chan error, 1)
		go func() { done <- callOf(t.Context(), s) }()
		time.Sleep(time.Second)
		r.AddUser(simulator.User{Domain: "account", Name: "exporter", Password: "pass-word-2"})
		writeFile(t, dir, "password", "pass-word-2")
		r.session(ModelArts)
		want(t, "after the change", <-done, nil)
		r.wantRefusals()
	})
}

// TestProbesWaitForTheirRateFirst: a request that has to wait for its rate does not
// keep another service from proving the credential.
func TestProbesWaitForTheirRateFirst(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		r.RemoveAccessKey(testAK)
		r.limits.RequestsPerSecond = 0.01
		slow := r.session(ModelArts)
		wantCode(t, callOf(t.Context(), slow), 401, "APIG.0301")
		r.AddAccessKey(simulator.AccessKey{AK: testAK, SK: testSK})
		r.limits.RequestsPerSecond = 0
		time.Sleep(firstPause)
		done := make(chan error, 1)
		go func() { done <- callOf(t.Context(), slow) }()
		synctest.Wait()
		began := time.Now()
		want(t, "another service", r.call(), nil)
		want(t, "its wait", time.Since(began), 0)
		want(t, "the slow one", <-done, nil)
		want(t, "its wait", time.Since(began), 100*time.Second-firstPause)
	})
}

// TestUnusableSecrets: what cannot become a request is no attempt, and its error
// names the credential, not the secret.
func TestUnusableSecrets(t *testing.T) {
	for name, credential := range map[string]CredentialConfig{
		"token":          {Name: "odd", Kind: Token, Token: NewSecret("SEC\nRET")},
		"access key":     {Name: "odd", Kind: AccessKey, AccessKey: NewSecret("A\x00K"), SecretKey: NewSecret("SEC\nRET")},
		"security token": {Name: "odd", Kind: AccessKey, AccessKey: NewSecret("AK"), SecretKey: NewSecret("sk"), SecurityToken: NewSecret("SEC\nRET")},
	} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, simulator.Options{})
			r.project.Credential = credential
			for range 20 {
				session, err := r.service(DDS).Session(t.Context(), r)
				if err == nil {
					err = callOf(t.Context(), session)
				}
				if err == nil || !strings.Contains(err.Error(), `credential odd: `) || strings.Contains(err.Error(), "RET") {
					t.Errorf("%s: error %v", name, err)
				}
				var failed *Error
				want(t, "is an attempt", errors.As(err, &failed), false)
			}
			want(t, "observed", len(r.attempts), 0)
			want(t, "calls", r.Calls(""), 0)
		})
	}
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		r.project.Credential = r.password("pass wörd")
		r.AddUser(simulator.User{Domain: "account", Name: "exporter", Password: "pass wörd"})
		want(t, "a password may have spaces", r.call(), nil)
	})
}
