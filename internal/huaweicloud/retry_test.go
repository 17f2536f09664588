package huaweicloud

import (
	"context"
	"errors"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// TestRetried: each fault hits once; the next attempt succeeds. It is tried on a
// new connection, and on one kept by an earlier call, where net/http itself sends
// again what got no answer.
func TestRetried(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  simulator.Fault
		status int
		code   string
	}{
		"429":           {simulator.Fault{Answer: simulator.Instead(simulator.Throttled(simulator.PolicyAPIPerMinute, ""))}, 429, "APIG.0308"},
		"500":           {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(500, "DBS.1", "m"))}, 500, "DBS.1"},
		"502 html":      {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE9(502))}, 502, "http_502"},
		"503 empty":     {simulator.Fault{Answer: simulator.Instead(simulator.Empty(503))}, 503, "http_503"},
		"408":           {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE2(408, "Fabric.0408", "m", "s"))}, 408, "Fabric.0408"},
		"500 truncated": {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(500, "DBS.1", "m")), Break: simulator.Truncated}, 500, "http_500"},
		"reset":         {simulator.Fault{Break: simulator.Reset}, 0, CodeConnection},
		"hangup":        {simulator.Fault{Break: simulator.Hangup}, 0, CodeConnection},
		"truncated":     {simulator.Fault{Break: simulator.Truncated}, 200, CodeConnection},
		"half json":     {simulator.Fault{Break: simulator.HalfJSON}, 200, CodeMalformed},
		"empty 200":     {simulator.Fault{Answer: simulator.Instead(simulator.Empty(200))}, 200, CodeMalformed},
		"204":           {simulator.Fault{Answer: simulator.Instead(simulator.Empty(204))}, 204, CodeMalformed},
		"hang":          {simulator.Fault{Break: simulator.Hang}, 0, CodeTimeout},
		"stall":         {simulator.Fault{Break: simulator.Stall}, 200, CodeTimeout},
	} {
		for _, on := range []struct{ service, connection string }{{DDS, "new"}, {Fabric, "kept"}, {DDS, "kept"}} {
			if test.code == CodeTimeout && on.connection == "kept" {
				continue // slow, and nothing new
			}
			t.Run(name+" "+on.service+" "+on.connection, func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					r := newRig(t, simulator.Options{})
					if test.code == CodeTimeout {
						r.limits.RequestTimeout = time.Second
					}
					s := r.session(on.service)
					if on.connection == "kept" {
						want(t, "earlier", callOf(t.Context(), s), nil)
					}
					fault := test.fault // which other subtests read
					fault.Times = 1
					r.Inject(fault)
					want(t, "error", callOf(t.Context(), s), nil)
					again := 0
					if on.connection == "kept" && test.status == 0 {
						again = 1
					}
					want(t, "observed", r.sent(), r.Calls("")-again)
					want(t, "failed", r.with(test.status, test.code), 1-again)
					want(t, "succeeded", r.with(200, ""), r.Calls("")-1)
				})
			})
		}
	}
}

func TestMaxRetries(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for _, retries := range []int{0, 1, 2} {
			for name, fault := range map[string]simulator.Fault{
				"429": {Answer: simulator.Instead(simulator.Throttled(simulator.PolicyAPIPerMinute, ""))}, "reset": {Break: simulator.Reset},
			} {
				r := newRig(t, simulator.Options{})
				r.limits.MaxRetries = retries
				s := r.session(DDS)
				want(t, "earlier", callOf(t.Context(), s), nil)
				r.Inject(fault)
				if err := callOf(t.Context(), s); err == nil {
					t.Error("no error")
				}
				want(t, name+" observed", r.sent(), retries+2)
			}
		}
	})
}

func TestNotRetried(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  simulator.Fault
		status int
		code   string
	}{
		"400":            {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE6(400, "DBS.280001", "m"))}, 400, "DBS.280001"},
		"401":            {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE7(401, "m"))}, 401, "401"},
		"403":            {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE4(403, "m"))}, 403, "403"},
		"404":            {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE3(404, "APIG.0101", "m"))}, 404, "APIG.0101"},
		"404 truncated":  {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE3(404, "APIG.0101", "m")), Break: simulator.Truncated}, 404, "http_404"},
		"405":            {simulator.Fault{Answer: simulator.Instead(simulator.Empty(405))}, 405, "http_405"},
		"494":            {simulator.Fault{Answer: simulator.Instead(simulator.Empty(494))}, 494, "http_494"},
		"301":            {simulator.Fault{Answer: simulator.Instead(simulator.Empty(301))}, 301, CodeRedirect},
		"304":            {simulator.Fault{Answer: simulator.Instead(simulator.Empty(304))}, 304, CodeRedirect},
		"daily quota":    {simulator.Fault{Answer: simulator.Instead(simulator.QuotaExhausted())}, 429, "APIG.0308"},
		"wrong json":     {simulator.Fault{Break: simulator.WrongJSON}, 200, CodeMalformed},
		"html":           {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE9(200))}, 200, CodeMalformed},
		"array":          {simulator.Fault{Answer: simulator.Instead(simulator.Text(200, "[]"))}, 200, CodeMalformed},
		"null":           {simulator.Fault{Answer: simulator.Instead(simulator.Text(200, "null"))}, 200, CodeMalformed},
		"other json":     {simulator.Fault{Answer: simulator.Instead(simulator.Text(200, `{"items":[]}`))}, 200, CodeMalformed},
		"error in a 200": {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(200, "DBS.200001", "m"))}, 200, "DBS.200001"},
		"too large":      {simulator.Fault{Break: simulator.Huge}, 200, CodeTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, simulator.Options{})
				r.Inject(test.fault)
				err := r.call()
				wantCode(t, err, test.status, test.code)
				want(t, "operation", failure(t, err).Operation, tagsRequest.Operation)
				want(t, "calls", r.Calls(""), 1)
				want(t, "observed", r.with(test.status, test.code), 1)
			})
		})
	}
}

// TestExpected: an answer that the caller can use is no failed attempt.
func TestExpected(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		request := tagsRequest
		request.Path = "/v3/" + testProject + "/instances/" + simulator.InstanceID(9) + "/tags"
		request.Key, request.Value = "env", "prod"
		request.Expected = func(e *Error) bool { return e.Status == 404 }
		r.Inject(simulator.Fault{Latency: 20 * time.Millisecond})
		_, err := Call[tagsAnswer](t.Context(), r.session(DDS), request)
		wantCode(t, err, 404, "DBS.280343")
		want(t, "observed", r.with(404, ""), 1)
		want(t, "by tag", r.count(func(a Attempt) bool {
			return a.Key == "env" && a.Value == "prod" && a.Duration == 20*time.Millisecond && a.Service == DDS
		}), 1)
	})
}

// TestGivenUp: an attempt that we give up is no failure of the cloud. One that the
// scraper hung up on counts, without an answer; a guess in vain does not.
func TestGivenUp(t *testing.T) {
	for _, guess := range []bool{false, true} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, simulator.Options{})
			s := r.session(DDS)
			want(t, "before", callOf(t.Context(), s), nil)
			r.clear()
			r.Inject(simulator.Fault{Break: simulator.Hang})
			request := tagsRequest
			request.Guess = guess
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			if _, err := Call[tagsAnswer](ctx, s, request); !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			want(t, "calls", r.Calls(""), 2)
			want(t, "observed", r.sent(), map[bool]int{false: 1, true: 0}[guess])
			want(t, "as failures", r.sent()-r.with(0, ""), 0)
		})
	}
}

// TestFailedGuess: that what was guessed is not there is no failed attempt; anything
// else is.
func TestFailedGuess(t *testing.T) {
	for status, wanted := range map[int]string{400: "", 404: "", 403: "DBS.1", 500: "DBS.1", 200: "DBS.1"} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, simulator.Options{})
			r.limits.MaxRetries = 0
			r.Inject(simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(status, "DBS.1", "m"))})
			request := tagsRequest
			request.Guess = true
			_, err := Call[tagsAnswer](t.Context(), r.session(DDS), request)
			wantCode(t, err, status, "DBS.1")
			want(t, "observed", r.with(status, wanted), 1)
			want(t, "is absent", IsAbsent(err), wanted == "")
		})
	}
}

// TestNothingOfACutAnswer: what there was of an answer that broke off is not mixed with
// the next one.
func TestNothingOfACutAnswer(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		r.Inject(simulator.Fault{Times: 1, Answer: simulator.Instead(simulator.Text(200, `{"total_count":7,"resources":[{}`))})
		r.Inject(simulator.Fault{Answer: simulator.Instead(simulator.Text(200, `{"resources":[]}`))})
		answer, err := Call[workspacesAnswer](t.Context(), r.session(Fabric), filterRequest)
		want(t, "error", err, nil)
		want(t, "attempts", r.sent(), 2)
		want(t, "total", answer.Total, Count{})
	})
}

// TestNoTimeForARetry: the error says what went wrong, not that there was no time to
// try it again.
func TestNoTimeForARetry(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		r.limits.RequestsPerSecond = 0.1
		r.Inject(simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(500, "DBS.1", "m"))})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		wantCode(t, callOf(ctx, r.session(DDS)), 500, "DBS.1")
		want(t, "sent", r.sent(), 1)
	})
}
