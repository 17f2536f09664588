package simulator

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
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
