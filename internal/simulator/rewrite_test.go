package simulator

import (
	"net/http"
	"testing"
)

func TestRewrite(t *testing.T) {
	tags := instances + "/" + InstanceID(1) + "/tags"
	for _, test := range []struct {
		name, path, body string // a body makes it a POST
		fault            Fault
		want             string
	}{
		{name: "mark", path: tags, fault: Fault{Rewrite: ByteOrderMark}, want: "\ufeff" + `{"tags":[{"key":"env","value":"prod"},{"key":"业务线","value":"支付"}]}`},
		{name: "mark before an error", path: tags, fault: Fault{Answer: Instead(ErrorE1(200, "C", "m")), Rewrite: ByteOrderMark}, want: "\ufeff" + `{"error_code":"C","error_msg":"m"}`},
		{name: "count", path: filterPath + "?offset=4", body: "{}", fault: Fault{Rewrite: MemberAs("total_count", "{value}.0")}, want: `{"resources":[],"total_count":4.0}`},
		{name: "count as text", path: filterPath + "?offset=4", body: "{}", fault: Fault{Rewrite: MemberAs("total_count", `"{value}"`)}, want: `{"resources":[],"total_count":"4"}`},
		{name: "tags", path: tags, fault: Fault{Rewrite: MemberAs("tags", `{"env":"prod"}`)}, want: `{"tags":{"env":"prod"}}`},
		{name: "tags of items", path: filterPath, body: `{"without_any_tag":true}`, fault: Fault{Rewrite: MemberAs("tags", `["env=prod"]`)}, want: `{"resources":[{"resource_detail":{},"resource_id":"w2","resource_name":"lake_sandbox","sys_tags":[],"tags":["env=prod"]}],"total_count":1}`},
		{name: "no JSON", path: tags, fault: Fault{Answer: Instead(Text(200, "<html>")), Rewrite: MemberAs("tags", "1")}, want: "<html>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, Options{})
			remove := r.Inject(test.fault)
			method := http.MethodGet
			if test.body != "" {
				method = http.MethodPost
			}
			if got := r.do(method, test.path, test.body); got.status != 200 || got.body != test.want {
				t.Errorf("%d %q\nwant %q", got.status, got.body, test.want)
			}
			remove() // the true answer must have stayed what it is
			if got := r.get(tags); got.body != `{"tags":[{"key":"env","value":"prod"},{"key":"业务线","value":"支付"}]}` {
				t.Errorf("without the fault: %q", got.body)
			}
			r.wantRefusals(0)
		})
	}
}

// TestRewrites: all faults that hit rewrite, in the order of their injection,
// also what another one answers.
func TestRewrites(t *testing.T) {
	r := newRig(t, Options{})
	appendText := func(text string) func([]byte) []byte {
		return func(body []byte) []byte { return append(body, text...) }
	}
	r.Inject(Fault{Rewrite: appendText("a")})
	r.Inject(Fault{Answer: Instead(Text(200, "answer ")), Rewrite: appendText("b")})
	if got := r.get(instances); got.body != "answer ab" {
		t.Errorf("got %q", got.body)
	}
}

func TestRewriteIsJSON(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a member that is no JSON is accepted")
		}
	}()
	MemberAs("tags", "{")([]byte(`{"tags":[]}`))
}
