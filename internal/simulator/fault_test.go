package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestFaultAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		answer Answer
		want   string
	}{
		"E1":          {ErrorE1(500, "DBS.1", "a \"b\""), `{"error_code":"DBS.1","error_msg":"a \"b\""}`},
		"E2":          {ErrorE2(408, "c", "m", "s"), `{"error_code":"c","error_msg":"m","solution_msg":"s"}`},
		"E3":          {ErrorE3(503, "APIG.0613", "m"), `{"error_msg":"m","error_code":"APIG.0613","request_id":"00000000000000000000000000000001"}`},
		"E4":          {ErrorE4(403, "token rejected"), `{"error":{"code":"403","message":"token rejected","title":"Forbidden"},"error_code":403,"error_msg":"token rejected","title":"Forbidden"}`},
		"E5":          {ErrorE5(400, "c", "m"), `{"code":"c","message":"m"}`},
		"E6":          {ErrorE6(400, "DBS.280001", "parameter error"), `{"errCode":"DBS.280001","externalMessage":"parameter error"}`},
		"E7":          {ErrorE7(401, "m"), `{"error":{"code":401,"message":"m","title":"Unauthorized"}}`},
		"E8":          {ErrorE8(403, "c", "m"), `"details":[{"error_code":"c","error_msg":"m"}]}`},
		"E3 recorded": {ErrorE3Recorded(401, "APIGW.0301", "ak A not exist"), "{\"error_msg\":\"ak A not exist\",\"error_code\":\"APIGW.0301\",\"request_id\":\"00000000000000000000000000000001\"}\n"},
		"E10":         {ErrorE10(403, "TMS.0004", "no permission"), `{"error":{"error_code":"TMS.0004","error_msg":"no permission"}}`},
		"throttled":   {Throttled(PolicyUserPerFiveMinutes, "3"), `"The throttling threshold has been reached: policy user over ratelimit,limit:200,time:5 minute"`},
		"daily quota": {QuotaExhausted(), "Daily quota exhausted"},
		"empty 200":   {Empty(200), ""},
		"empty 204":   {Empty(204), ""},
		"empty 502":   {Empty(502), ""},
		"redirect":    {Redirect("/v3/elsewhere"), ""},
		"not found":   {ErrorE1(404, "DBS.280343", "gone"), "gone"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Options{})
			r.Inject(Fault{Answer: Instead(test.answer)})
			got := r.get(instances)
			wantReply(t, got, test.answer.Status, test.want)
			if name == "throttled" && got.header.Get("Retry-After") != "3" || name == "redirect" && got.header.Get("Location") != "/v3/elsewhere" {
				t.Errorf("headers %v", got.header)
			}
			length := strconv.Itoa(len(got.body))
			if got.status == http.StatusNoContent {
				length = "" // nothing is said of a body that cannot be
			}
			if said := got.header.Get("Content-Length"); said != length {
				t.Errorf("%d bytes, said to be %q", len(got.body), said)
			}
			r.wantRefusals(0)
		})
	}
	t.Run("E9", func(t *testing.T) {
		r := newRig(t, Options{})
		r.Inject(Fault{Answer: Instead(ErrorE9(502))})
		got := r.get(instances)
		if got.status != 502 || got.header.Get("Content-Type") != "text/html" || !strings.HasPrefix(got.body, "<html>") {
			t.Errorf("%d %v %s", got.status, got.header, got.body)
		}
	})
}

// TestFaultHidesRefusal: a wrong request is recorded whatever is answered.
func TestFaultHidesRefusal(t *testing.T) {
	r := newRig(t, Options{})
	r.Inject(Fault{Answer: Instead(Empty(503))})
	wantReply(t, r.get(instances+"?limit=101"), 503, "")
	r.wantRefusals(1)
}

func TestFaultSelection(t *testing.T) {
	for name, f := range map[string]Fault{
		"operation": {Operation: OpListInstanceTags},
		"instance":  {Instance: InstanceID(1)},
		"match":     {Match: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "1in02/tags") }},
		"all":       {Operation: OpListInstanceTags, Project: testProject, Instance: InstanceID(1)},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Options{})
			f.Answer = Instead(Empty(500))
			remove := r.Inject(f)
			wantReply(t, r.get(instances+"/"+InstanceID(1)+"/tags"), 500, "")
			wantReply(t, r.get(instances), 200, "orders")
			remove()
			wantReply(t, r.get(instances+"/"+InstanceID(1)+"/tags"), 200, "prod")
		})
	}
	t.Run("body", func(t *testing.T) {
		r := newRig(t, Options{})
		r.Inject(Fault{BodyContains: `"owner"`, Answer: Instead(Empty(500))})
		r.Inject(Fault{Match: func(q *http.Request) bool {
			body, err := io.ReadAll(q.Body)
			return err == nil && bytes.Contains(body, []byte("resource_name"))
		}, Answer: Instead(Empty(501))})
		wantReply(t, r.filter("", `{"tags":[{"key":"owner","values":[]}]}`), 500, "")
		wantReply(t, r.filter("", `{"matches":[{"key":"resource_name","value":"x"}]}`), 501, "")
		wantReply(t, r.filter("", `{}`), 200, "")
	})
}

func TestFaultSchedule(t *testing.T) {
	for name, test := range map[string]struct {
		fault Fault
		want  string // x is hit, . is not
	}{
		"times":  {Fault{Times: 2}, "xx......"},
		"after":  {Fault{After: 3}, "...xxxxx"},
		"every":  {Fault{Every: 3}, "..x..x.."},
		"mixed":  {Fault{After: 1, Every: 2, Times: 2}, "..x.x..."},
		"window": {Fault{PerWindow: 2, Window: time.Minute}, "..xx..xx"}, // a minute passes after 4
		"seldom": {Fault{Probability: 1e-9}, "........"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, Options{}, func(r *rig) {
				test.fault.Answer = Instead(Throttled(PolicyAPIPerMinute, ""))
				r.Inject(test.fault)
				var got strings.Builder
				for i := range 8 {
					if i == 4 {
						time.Sleep(time.Minute)
					}
					got.WriteString(map[int]string{200: ".", 429: "x"}[r.get(instances).status])
				}
				if got.String() != test.want {
					t.Errorf("got %s, want %s", got.String(), test.want)
				}
			})
		})
	}
}

func TestFaultProbability(t *testing.T) {
	hits := func(seed uint64) string {
		cloud := New(Options{})
		cloud.Inject(Fault{Probability: 0.5, Seed: seed})
		f := cloud.faults.injected[0]
		var b strings.Builder
		for range 64 {
			b.WriteByte(map[bool]byte{true: 'x', false: '.'}[f.due(testTime)])
		}
		return b.String()
	}
	if n := strings.Count(hits(1), "x"); n < 16 || n > 48 {
		t.Errorf("%d of 64 hits", n)
	}
	if first, again := hits(1), hits(1); first != again || first == hits(2) {
		t.Error("the seed does not decide")
	}
}

func TestBreaks(t *testing.T) {
	request := func(t *testing.T, b Break) (*rig, int, []byte, error) {
		r := newRig(t, Options{})
		r.Inject(Fault{Break: b})
		resp, err := r.client.Do(r.sign(r.request("GET", instances, ""), "", testAK, testSK))
		if err != nil {
			return r, 0, nil, err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return r, resp.StatusCode, body, err
	}
	t.Run("reset", func(t *testing.T) {
		if _, _, _, err := request(t, Reset); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("hangup", func(t *testing.T) {
		if _, _, _, err := request(t, Hangup); !errors.Is(err, io.EOF) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("truncated", func(t *testing.T) {
		_, status, body, err := request(t, Truncated)
		if status != 200 || len(body) == 0 || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d, %d bytes, error %v", status, len(body), err)
		}
	})
	t.Run("half json", func(t *testing.T) {
		_, status, body, err := request(t, HalfJSON)
		if status != 200 || err != nil || json.Valid(body) || len(body) == 0 {
			t.Errorf("%d, %s, error %v", status, body, err)
		}
	})
	t.Run("wrong json", func(t *testing.T) {
		_, status, body, err := request(t, WrongJSON)
		if status != 200 || err != nil || !json.Valid(body) {
			t.Errorf("%d, %s, error %v", status, body, err)
		}
	})
	t.Run("huge", func(t *testing.T) {
		_, status, body, err := request(t, Huge)
		if status != 200 || err != nil || len(body) <= 16<<20 || !json.Valid(body) {
			t.Errorf("%d, %d bytes, error %v", status, len(body), err)
		}
	})
}

// TestNoContentWithBody looks at the bytes, since a client does not.
func TestNoContentWithBody(t *testing.T) {
	r := newRig(t, Options{})
	r.Inject(Fault{Answer: Instead(Text(http.StatusNoContent, `{"tags":[]}`))})
	req := r.sign(r.request("GET", poolTags, ""), "", testAK, testSK)
	req.Close = true // else net/http logs an unsolicited response
	resp, err := r.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent || resp.Header.Get("Content-Length") != "11" {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
}

// TestOtherTransports breaks answers over TLS, with HTTP/1.1 and HTTP/2, where
// connections cannot be taken over.
func TestOtherTransports(t *testing.T) {
	for _, proto := range []string{"HTTP/1.1", "HTTP/2.0"} {
		c := New(Options{Log: 1})
		server := httptest.NewUnstartedServer(c)
		server.EnableHTTP2 = proto == "HTTP/2.0"
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		defer server.Close()
		do := func(f Fault) (int, error) {
			defer c.Inject(f)()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+filterPath, strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			req.Close = proto == "HTTP/1.1"
			resp, err := server.Client().Do(req)
			if err != nil {
				return 0, err
			}
			defer resp.Body.Close()
			_, err = io.ReadAll(resp.Body)
			return resp.StatusCode, err
		}
		for _, b := range []Break{Reset, Hangup, Truncated} {
			if _, err := do(Fault{Break: b, Answer: Instead(Text(200, "long enough"))}); err == nil {
				t.Errorf("%s: break %d shows no error", proto, b)
			}
		}
		if status, err := do(Fault{Answer: Instead(Text(204, "{}"))}); status != 204 || err != nil {
			t.Errorf("%s: 204 is %d, error %v", proto, status, err)
		}
		if got := c.Requests()[0].Proto; got != proto {
			t.Errorf("tested %s, not %s", got, proto)
		}
	}
}

func TestHang(t *testing.T) {
	for name, test := range map[string]struct {
		broken  Break
		latency time.Duration
		release func(r *rig, cancel func())
	}{
		"client leaves":              {broken: Hang, release: func(_ *rig, cancel func()) { cancel() }},
		"cloud closes":               {broken: Hang, release: func(r *rig, _ func()) { r.Close(); r.Close() }},
		"client leaves half a body":  {broken: Stall, release: func(_ *rig, cancel func()) { cancel() }},
		"cloud closes half a body":   {broken: Stall, release: func(r *rig, _ func()) { r.Close() }},
		"client leaves slow answer":  {latency: time.Hour, release: func(_ *rig, cancel func()) { cancel() }},
		"cloud speeds up its answer": {latency: time.Hour, release: func(r *rig, _ func()) { r.Close() }},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Options{})
			arrived := make(chan struct{})
			r.OnCall(OpListInstances, func(int) { close(arrived) })
			r.Inject(Fault{Break: test.broken, Latency: test.latency})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			req := r.sign(r.request("GET", instances, ""), "", testAK, testSK).WithContext(ctx)
			done := make(chan error, 1)
			go func() {
				resp, err := r.client.Do(req)
				if err == nil {
					_, err = io.ReadAll(resp.Body)
					err = errors.Join(err, resp.Body.Close())
				}
				done <- err
			}()
			<-arrived
			test.release(r, cancel)
			if err := <-done; (err == nil) != (name == "cloud speeds up its answer") {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestLatency(t *testing.T) {
	r := newRig(t, Options{})
	var asked []int
	r.Inject(Fault{Latency: time.Millisecond, LatencyFunc: func(n int) time.Duration {
		asked = append(asked, n)
		return time.Millisecond
	}})
	r.Inject(Fault{Latency: time.Millisecond, Answer: Instead(Empty(500))})
	start := time.Now()
	wantReply(t, r.get(instances), 500, "")
	if took := time.Since(start); took < 3*time.Millisecond {
		t.Errorf("answered after %s", took)
	}
	r.get(instances)
	if len(asked) != 2 || asked[0] != 1 || asked[1] != 2 {
		t.Errorf("asked for %v", asked)
	}
}
