package huaweicloud

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"huaweicloud_tag_exporter/internal/simulator"
)

func TestErrorBodies(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer        simulator.Answer
		code, message string
	}{
		"E1":             {simulator.ErrorE1(400, "ModelArts.50004000", "invalid request"), "ModelArts.50004000", "invalid request"},
		"E2":             {simulator.ErrorE2(400, "common.01000001", "could not be parsed", "see"), "common.01000001", "could not be parsed"},
		"E3":             {simulator.ErrorE3(403, "APIG.0306", "denied"), "APIG.0306", "denied"},
		"E4":             {simulator.ErrorE4(403, "token rejected"), "403", "token rejected"},
		"E5":             {simulator.ErrorE5(400, "Svc.0001", "m"), "Svc.0001", "m"},
		"E6":             {simulator.ErrorE6(400, "DBS.280001", "parameter error"), "DBS.280001", "parameter error"},
		"E7":             {simulator.ErrorE7(400, "m"), "400", "m"},
		"E8":             {simulator.ErrorE8(403, "PAP5.0001", "denied"), "PAP5.0001", "denied"},
		"E9":             {simulator.ErrorE9(400), "http_400", "<html> <head><title>400 Bad Request"},
		"E10":            {simulator.ErrorE10(403, "TMS.0004", "no permission"), "TMS.0004", "no permission"},
		"recorded":       {simulator.ErrorE3Recorded(403, "APIGW.0302", "denied"), "APIGW.0302", "denied"},
		"mark":           {simulator.Text(400, "\ufeff"+`{"error_code":"DBS.280001","error_msg":"m"}`), "DBS.280001", "m"},
		"mark, no JSON":  {simulator.Text(400, "\ufeffplain words"), "http_400", "plain words"},
		"empty":          {simulator.Empty(404), "http_404", ""},
		"cut":            {simulator.Text(400, `{"error_code":"APIG.0306","error_m`), "http_400", `{"error_code":"APIG.0306"`},
		"numeric":        {simulator.Text(400, `{"error_code":1234,"error_msg":7}`), "1234", "7"},
		"nested null":    {simulator.Text(400, `{"error_code":null,"error":{"code":"N.1","message":"m"}}`), "N.1", "m"},
		"error text":     {simulator.Text(400, `{"error":"plain words"}`), "http_400", "plain words"},
		"wrong types":    {simulator.Text(400, `{"error_code":{},"error_msg":[],"error":[]}`), "http_400", ""},
		"array":          {simulator.Text(400, `["x"]`), "http_400", `["x"]`},
		"null":           {simulator.Text(400, `null`), "http_400", ""},
		"huge code":      {simulator.ErrorE1(400, strings.Repeat("x", 65), "m"), "http_400", "m"},
		"longest code":   {simulator.ErrorE1(400, strings.Repeat("x", 64), "m"), strings.Repeat("x", 64), "m"},
		"code with text": {simulator.ErrorE1(400, "a b", "m"), "http_400", "m"},
		"code with line": {simulator.Text(400, `{"error_code":"a\n","error_msg":"m"}`), "http_400", "m"},
		"chinese code":   {simulator.ErrorE1(400, "错误", "无权限"), "http_400", "无权限"},
		"lines":          {simulator.Text(400, `{"error_code":"C","error_msg":"one\r\n two\u2028three\tfour"}`), "C", "one two three four"},
		"invalid utf-8":  {simulator.Text(400, "{\"error_code\":\"C\",\"error_msg\":\"a\xffb\"}"), "C", "a\uFFFDb"},
		"binary":         {simulator.Text(400, "\xff\xfe\x00\x01"), "http_400", "\uFFFD"},
		"long message":   {simulator.ErrorE1(400, "C", strings.Repeat("业", 1000)), "C", strings.Repeat("业", 133) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, simulator.Options{})
			r.Inject(simulator.Fault{Answer: simulator.Instead(test.answer)})
			err := r.call()
			wantCode(t, err, test.answer.Status, test.code)
			failed := failure(t, err)
			if !strings.HasPrefix(failed.Message, test.message) || (test.message == "") != (failed.Message == "") {
				t.Errorf("message %q, want %q", failed.Message, test.message)
			}
			wantPrintable(t, failed)
			want(t, "request id", len(failed.RequestID), 32)
			want(t, "observed", r.with(test.answer.Status, test.code), 1)
		})
	}
}

func wantPrintable(t *testing.T, failed *Error) {
	t.Helper()
	text := failed.Error()
	if !utf8.ValidString(text) || strings.ContainsAny(text, "\r\n\u2028\u2029\x00\x1b") || len(text) > 700 {
		t.Errorf("error %q", text)
	}
	if !labelForm.MatchString(failed.Code) {
		t.Errorf("code %q", failed.Code)
	}
}

func TestRequestIDs(t *testing.T) {
	for name, test := range map[string]struct{ header, body, want string }{
		"header":      {"h1", `{"request_id":"b1"}`, "h1"},
		"body":        {"", `{"request_id":"b1"}`, "b1"},
		"nested":      {"", `{"error":{"request_id":"b1"}}`, "b1"},
		"none":        {"", `{}`, ""},
		"hostile":     {"a b\x1b", `{"request_id":"<b1>"}`, ""},
		"long":        {strings.Repeat("h", 65), "", ""},
		"second best": {"?", `{"request_id":"b1"}`, "b1"},
	} {
		e := statusError(400, http.Header{"X-Request-Id": {test.header}}, []byte(test.body), testTime)
		want(t, name, e.RequestID, test.want)
	}
}

// TestRecordedRefusal: the gateway's 401, to the byte as a host of a service sent
// it. The access key ID in it is no secret.
func TestRecordedRefusal(t *testing.T) {
	const body = `{"error_msg":"Incorrect IAM authentication information: ak ` + testAK + ` not exist","error_code":"APIGW.0301","request_id":"0f1e2d3c4b5a69788796a5b4c3d2e1f0"}` + "\n"
	e := statusError(401, nil, []byte(body), testTime)
	e.Operation = "ListInstances"
	e.clean([]string{testSK})
	want(t, "error", e.Error(), "ListInstances: HTTP 401: APIGW.0301: Incorrect IAM authentication information: ak "+testAK+
		" not exist (request 0f1e2d3c4b5a69788796a5b4c3d2e1f0)")
	want(t, "retry", e.retry, false)
}

// TestEchoedSecrets: wherever the cloud puts a secret, cut or whole, it is not
// in the error.
func TestEchoedSecrets(t *testing.T) {
	t.Parallel()
	const secret = "Echoed-Secret-0123456789"
	escaped := strings.ReplaceAll(secret, "-", `\u002d`)
	for name, answer := range map[string]simulator.Answer{
		"message":       simulator.ErrorE1(400, "C", "bad token "+secret),
		"escaped":       simulator.Text(400, `{"error_code":"C","error_msg":"`+escaped+`"}`),
		"code":          simulator.ErrorE1(400, secret, "m"),
		"request id":    {Status: 400, Header: http.Header{"X-Request-Id": {secret}}},
		"body's id":     {Status: 400, Header: http.Header{"X-Request-Id": {"?"}}, Body: []byte(`{"request_id":"` + secret + `"}`)},
		"html":          simulator.Text(400, "<html>"+secret),
		"cut html":      simulator.Text(400, strings.Repeat("x", 185)+secret),
		"cut message":   simulator.ErrorE1(400, "C", strings.Repeat("x", 385)+secret),
		"in a 200":      simulator.ErrorE1(200, "C", secret),
		"code in a 200": simulator.ErrorE1(200, secret, "m"),
		"answer member": simulator.Text(200, `{"tags":[{"key":{"`+secret+`":1}}]}`),
		"header":        {Status: 302, Header: http.Header{"Location": {"/" + secret}}},
	} {
		for kind, credential := range map[string]CredentialConfig{
			"token": {Name: "c", Kind: Token, Token: NewSecret(secret)},
			"key":   {Name: "c", Kind: AccessKey, AccessKey: NewSecret(testAK), SecretKey: NewSecret(secret)},
			"temporary": {
				Name: "c", Kind: AccessKey, AccessKey: NewSecret(testAK), SecretKey: NewSecret("sk"), SecurityToken: NewSecret(secret),
			},
		} {
			r := newRig(t, simulator.Options{})
			r.project.Credential = credential
			r.Inject(simulator.Fault{Answer: simulator.Instead(answer)})
			err := r.call()
			if err == nil {
				t.Fatalf("%s, %s: no error", name, kind)
			}
			if strings.Contains(err.Error(), secret[:8]) || r.count(func(a Attempt) bool { return strings.Contains(a.ErrorCode, secret[:8]) }) > 0 {
				t.Errorf("%s, %s: %v", name, kind, err)
			}
		}
	}
	// A token may be longer than what is shown of a message.
	long := strings.Repeat("MII", 20000)
	e := statusError(400, nil, []byte("<html>"+strings.Repeat("x", 300)+long), testTime)
	e.clean([]string{long})
	if strings.Contains(e.Message, "MII") || !strings.HasSuffix(e.Message, redacted) {
		t.Errorf("long token: %v", e)
	}
}

// TestEchoedPassword: IAM echoes what it was sent, in the spelling of the request
// or in another one.
func TestEchoedPassword(t *testing.T) {
	t.Parallel()
	const password = `Echoed&"s3cr<\>t-5y`
	once, err := json.Marshal(password)
	if err != nil {
		t.Fatal(err)
	}
	twice, err := json.Marshal(string(once))
	if err != nil {
		t.Fatal(err)
	}
	for name, answer := range map[string]simulator.Answer{
		"as it is":         simulator.ErrorE7(400, "no user with "+password),
		"as text":          simulator.Text(400, "bad request: "+password),
		"as JSON":          simulator.Text(400, "bad body: "+string(once)),
		"as JSON in JSON":  simulator.Text(400, "bad body: "+string(twice)),
		"as HTML":          simulator.Text(400, "<p>"+html.EscapeString(password)),
		"as part of a URL": simulator.Text(400, "/?p="+url.QueryEscape(password)),
	} {
		r := newRig(t, simulator.Options{})
		r.project.Credential = r.password(password)
		r.limits.MaxRetries = 0
		r.Inject(simulator.Fault{Answer: &answer})
		if err := r.call(); err == nil || strings.Contains(err.Error(), "s3cr") || strings.Contains(err.Error(), "t-5y") || !strings.Contains(err.Error(), redacted) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
