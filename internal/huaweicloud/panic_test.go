package huaweicloud

import (
	"context"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// panics is an Observer that panics at some attempts.
type panics func(Attempt) bool

// Observe implements Observer.
func (at panics) Observe(a Attempt) {
	if at(a) {
		panic("observed")
	}
}

// panickingAnswer panics when it is decoded.
type panickingAnswer struct{ tagsAnswer }

func (*panickingAnswer) Check() error { panic("decoded") }

// TestPanic: a panic within a call, which becomes an error further up, keeps nothing
// that the next call needs: neither the only place among the requests in flight, nor
// the turn to prove the credential, nor the lock of the token.
func TestPanic(t *testing.T) {
	tags := func(ctx context.Context, s *Session) error {
		_, err := Call[tagsAnswer](ctx, s, tagsRequest)
		return err
	}
	atService := func(a Attempt) bool { return a.Service == DDS }
	for name, test := range map[string]struct {
		at      panics
		call    func(context.Context, *Session) error
		refused bool // a call before this one, so that this one is not sent
	}{
		"the service's answer is reported": {atService, tags, false},
		"IAM's answer is reported":         {func(a Attempt) bool { return a.Service == IAM }, tags, false},
		"a pause is reported":              {atService, tags, true},
		"the answer is decoded": {func(Attempt) bool { return false }, func(ctx context.Context, s *Session) error {
			_, err := Call[panickingAnswer](ctx, s, tagsRequest)
			return err
		}, false},
		"a failure is weighed": {func(Attempt) bool { return false }, func(ctx context.Context, s *Session) error {
			request := tagsRequest
			request.Path = "/v3/" + testProject + "/instances/none/tags"
			request.Expected = func(*Error) bool { panic("expected") }
			_, err := Call[tagsAnswer](ctx, s, request)
			return err
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := passwordRig(t, simulator.Options{})
				r.limits.MaxConcurrency = 1
				if test.refused {
					r.Inject(simulator.Fault{Times: 1, Answer: simulator.Instead(simulator.ErrorE7(401, "no"))})
					wantCode(t, r.call(), 0, CodePaused)
				}
				s, err := r.service(DDS).Session(t.Context(), test.at)
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				for range 3 {
					if !panicked(func() error { return test.call(ctx, s) }) {
						t.Error("no panic")
					}
				}
				time.Sleep(firstPause)
				want(t, "the next call", tags(ctx, r.session(DDS)), nil)
			})
		})
	}
}

func panicked(call func() error) (yes bool) {
	defer func() { yes = recover() != nil }()
	_ = call() // whatever it returns, it has not panicked
	return false
}
