package huaweicloud

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// TestLockedKey walks through a whole outage by the clock.
func TestLockedKey(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		r.RemoveAccessKey(testAK)
		wantCode(t, r.call(), 401, "APIG.0301")
		for _, pause := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute} {
			before := r.Calls("")
			time.Sleep(pause - 1)
			want(t, "in the pause", r.flood(4), 0)
			want(t, "calls in the pause", r.Calls(""), before)
			time.Sleep(time.Nanosecond)
			want(t, "at its end", r.flood(4), 0)
			want(t, "probes", r.Calls(""), before+1)
		}
		r.AddAccessKey(simulator.AccessKey{AK: testAK, SK: testSK})
		time.Sleep(4 * time.Minute)
		want(t, "recovered", r.call(), nil)
		want(t, "all", r.flood(4), 12)
	})
}

func TestProbeThatFailsOtherwise(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for name, fault := range map[string]simulator.Fault{
			"500":   {Answer: simulator.Instead(simulator.Empty(500))},
			"403":   {Answer: simulator.Instead(simulator.ErrorE4(403, "no"))},
			"reset": {Break: simulator.Reset},
			"left":  {Break: simulator.Hang},
		} {
			r := newRig(t, simulator.Options{})
			r.limits.MaxRetries = 0
			r.Inject(simulator.Fault{Times: 1, Answer: simulator.Instead(simulator.ErrorE7(401, "no"))})
			wantCode(t, r.call(), 401, "401")
			time.Sleep(firstPause)
			remove := r.Inject(fault)
			probe, cancel := context.WithCancel(t.Context())
			if fault.Break == simulator.Hang {
				r.OnCall("", func(int) { cancel() })
			}
			if err := callOf(probe, r.session(DDS)); err == nil || IsCode(err, CodePaused) {
				t.Errorf("%s: error %v", name, err)
			}
			cancel()
			remove()
			want(t, name, r.call(), nil)
		}
	})
}

// TestOtherCredential: a refusal pauses all credentials with the same access key, or the
// same user, whatever they are named, and no others. A reload ends the pause.
func TestOtherCredential(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		r.AddAccessKey(simulator.AccessKey{AK: "OTHER", SK: "other-secret"})
		r.project.Credential = keys(testAK, "wrong-secret-key")
		wantCode(t, r.call(), 401, "APIG.0301")
		r.project.Credential = keys(testAK, testSK)
		r.named("same")
		wantCode(t, r.call(), 0, CodePaused)
		r.project.Credential = keys("OTHER", "other-secret")
		r.named("other")
		want(t, "other key", r.call(), nil)
		r.AddUser(simulator.User{Domain: "other", Name: "exporter", Password: "p"})
		r.project.Credential = r.password("wrong")
		wantCode(t, r.call(), 0, CodePaused)
		r.project.Credential = r.password("p")
		r.project.Credential.Name, r.project.Credential.DomainName = "other domain", "other"
		want(t, "a user of that name elsewhere", r.call(), nil)
		r.next(ClientConfig{})
		r.named("same again")
		r.project.Credential = keys(testAK, testSK)
		want(t, "reloaded", r.call(), nil)
	})
}

func TestRefusalIsNotRetried(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for name, credential := range map[string]func(r *rig) CredentialConfig{
			"access key": func(*rig) CredentialConfig { return keys(testAK, testSK) },
			"token": func(r *rig) CredentialConfig {
				return CredentialConfig{Name: "t", Kind: Token, Token: NewSecret(r.IssueToken(testProject, time.Hour))}
			},
		} {
			for shape, fault := range map[string]simulator.Fault{
				"whole":     {Answer: simulator.Instead(simulator.ErrorE7(401, "no"))},
				"empty":     {Answer: simulator.Instead(simulator.Empty(401))},
				"truncated": {Answer: simulator.Instead(simulator.ErrorE7(401, "no")), Break: simulator.Truncated},
			} {
				r := newRig(t, simulator.Options{})
				r.project.Credential = credential(r)
				r.Inject(fault)
				if err := r.call(); err == nil || IsCode(err, CodePaused) {
					t.Errorf("%s, %s: error %v", name, shape, err)
				}
				want(t, name+", "+shape, r.Calls(""), 1)
				wantCode(t, r.call(), 0, CodePaused)
			}
		}
	})
}

func TestCancelledInTheQueue(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		r.Inject(simulator.Fault{Break: simulator.Hang})
		s := r.session(DDS)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 10)
		for range cap(done) {
			go func() { done <- callOf(ctx, s) }()
		}
		synctest.Wait()
		want(t, "in flight", r.InFlight(""), 1)
		cancel()
		begun, waiting := 0, 0
		for range cap(done) {
			if err := <-done; errors.Is(err, ErrNoTime) {
				waiting++
			} else if IsCode(err, CodeTimeout) {
				begun++
			}
		}
		want(t, "begun", begun, 1)
		want(t, "waiting", waiting, cap(done)-1)
		want(t, "observed, as no failure of the cloud", r.with(0, ""), 1)
	})
}
