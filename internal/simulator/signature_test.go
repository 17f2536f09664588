package simulator

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestSignVectors(t *testing.T) {
	for _, v := range []struct{ method, url, body, want string }{
		{
			"GET", "/v3/5f3c9a7e21d84b60a1c2d3e4f5061728/instances/9d41c0de7ab24f3fb6a1e2c3d4f50617in02/tags", "",
			"505e00fa1bca0f6fc9aa8718bdef5bd2888b153ee61202035a0970e33cad8094",
		},
		{
			"POST", "/v1/5f3c9a7e21d84b60a1c2d3e4f5061728/fabric-workspace/resource-instances/filter?limit=50&offset=100",
			`{"without_any_tag":true}` + "\n",
			"204ae3a6f1b7aa9ab13cfdc53dbf0fae8aa535c919afb753c684626912fdfc59",
		},
	} {
		r := httptest.NewRequest(v.method, v.url, strings.NewReader(v.body))
		r.Header.Set("X-Sdk-Date", "20260115T081500Z")
		r.Header.Set("X-Project-Id", testProject)
		got, err := sign(r, []string{"x-project-id", "x-sdk-date"}, []byte(v.body), testSK)
		if err != nil || got != v.want {
			t.Errorf("%s %s: signature %s, error %v, want %s", v.method, v.url, got, err, v.want)
		}
	}
}

func TestCanonicalRequest(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/v3/a%20b/c~d/?b=2&a-b=x&a=z&a=y+y&c", nil)
	r.Header["X-Two"] = []string{"late ", "early"}
	got, err := canonicalRequest(r, []string{"host", "x-two"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := canonicalRequest(r, []string{"x-absent"}, nil); err == nil {
		t.Error("a header that is absent can be signed")
	}
	want := "GET\n/v3/a%20b/c~d/\na=y%20y&a=z&a-b=x&b=2&c=\nhost:example.com\nx-two:early\nx-two:late\n\nhost;x-two\n" +
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	if got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// TestContentHash: only a body that is not JSON may go unsigned.
func TestContentHash(t *testing.T) {
	const hash = "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5"
	for _, test := range []struct{ declared, contentType, want string }{
		{"", "text/plain", hash},
		{"UNSIGNED-PAYLOAD", "text/plain", "UNSIGNED-PAYLOAD"},
		{"UNSIGNED-PAYLOAD", "application/json;charset=UTF-8", hash},
		{"0000", "text/plain", hash},
	} {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("X-Sdk-Content-Sha256", test.declared)
		r.Header.Set("Content-Type", test.contentType)
		if got := contentHash(r, []byte("body")); got != test.want {
			t.Errorf("%s of %s: %s", test.declared, test.contentType, got)
		}
	}
}

func TestParseAuthorization(t *testing.T) {
	for _, header := range []string{
		"", "Basic abc", "Access=a, SignedHeaders=a, Signature=0",
		"SDK-HMAC-SHA256 Access=, SignedHeaders=a, Signature=0", "SDK-HMAC-SHA256 Access=a, SignedHeaders=a, Signature=", "SDK-HMAC-SHA256 SignedHeaders=a, Signature=0",
		"SDK-HMAC-SHA256 Access=a, Signature=0", "SDK-HMAC-SHA256", "SDK-HMAC-SHA256 Access=a", "SDK-HMAC-SHA256, Access=a, SignedHeaders=a, Signature=0",
		"SDK-HMAC-SHA256 Access=a, SignedHeaders=b;a, Signature=0", "SDK-HMAC-SHA256 Access=a, SignedHeaders=a, Signature=0, More=1",
	} {
		if a, err := parseAuthorization(header); err == nil {
			t.Errorf("%q: parsed as %v", header, a)
		}
	}
}

func TestSignatureRefusals(t *testing.T) {
	tests := map[string]struct {
		key    AccessKey // as the cloud has it
		change func(r *rig, req *http.Request)
		body   string
		want   string
	}{
		"no credentials":  {change: func(_ *rig, req *http.Request) { req.Header.Del("Authorization") }, want: "x-auth-token not found"},
		"other algorithm": {change: func(_ *rig, req *http.Request) { req.Header.Set("Authorization", "V11-HMAC-SHA256 Access=a") }, want: "aksk signature fail"},
		"wrong signature": {change: func(r *rig, req *http.Request) { r.sign(req, "", testAK, "other") }, want: "aksk signature fail"},
		"unknown key":     {change: func(r *rig, req *http.Request) { r.sign(req, "", "NOBODY", testSK) }, want: "ak NOBODY not exist"},
		"query added":     {change: func(_ *rig, req *http.Request) { req.URL.RawQuery = "limit=1" }, want: "aksk signature fail"},
		"agent rewritten": {change: func(r *rig, req *http.Request) {
			req.Header.Set("User-Agent", "one")
			r.sign(req, "", testAK, testSK)
			req.Header.Set("User-Agent", "two")
		}, want: "aksk signature fail"},
		"header signed that is absent": {change: func(_ *rig, req *http.Request) {
			req.Header.Set("Authorization", strings.Replace(req.Header.Get("Authorization"), "SignedHeaders=", "SignedHeaders=a;", 1))
		}, want: "aksk signature fail"},
		"security token unsigned": {key: AccessKey{SecurityToken: "st"}, change: func(r *rig, req *http.Request) {
			req.Header.Set("X-Security-Token", "st")
			r.signOnly(req, []string{"x-project-id", "x-sdk-date"}, "", testAK, testSK)
		}, want: "aksk signature fail"},
		"date unsigned": {change: func(r *rig, req *http.Request) {
			r.signOnly(req, []string{"x-project-id"}, "", testAK, testSK)
		}, want: "aksk signature fail"},
		"no date": {change: func(_ *rig, req *http.Request) { req.Header.Del("X-Sdk-Date") }, want: "x-sdk-date is invalid"},
		"16 minutes late": {change: func(r *rig, req *http.Request) {
			req.Header.Set("X-Sdk-Date", "20260115T075900Z")
			r.sign(req, "", testAK, testSK)
		}, want: "clock skew"},
		"16 minutes early": {change: func(r *rig, req *http.Request) {
			req.Header.Set("X-Sdk-Date", "20260115T083100Z")
			r.sign(req, "", testAK, testSK)
		}, want: "clock skew"},
		"other project": {change: func(r *rig, req *http.Request) {
			req.Header.Set("X-Project-Id", "other")
			r.sign(req, "", testAK, testSK)
		}, want: "project id does not match"},
		"no project": {change: func(r *rig, req *http.Request) {
			req.Header.Del("X-Project-Id")
			r.sign(req, "", testAK, testSK)
		}, want: "project id does not match"},
		"project unsigned": {change: func(r *rig, req *http.Request) {
			r.signOnly(req, []string{"x-sdk-date"}, "", testAK, testSK)
		}, want: "aksk signature fail"},
		"no security token": {key: AccessKey{SecurityToken: "st"}, want: "security token is invalid"},
		"security token of a permanent key": {change: func(r *rig, req *http.Request) {
			req.Header.Set("X-Security-Token", "st")
			r.sign(req, "", testAK, testSK)
		}, want: "security token is invalid"},
		"temporary key expired": {key: AccessKey{Expires: testTime}, want: "security token expires"},
		"both kinds":            {change: func(_ *rig, req *http.Request) { req.Header.Set("X-Auth-Token", "t") }, want: "APIG.0305"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, Options{}, func(r *rig) {
				test.key.AK, test.key.SK = testAK, testSK
				r.AddAccessKey(test.key)
				req := r.sign(r.request("GET", instances, ""), "", testAK, testSK)
				if test.change != nil {
					test.change(r, req)
				}
				got := r.send(req)
				wantReply(t, got, http.StatusUnauthorized, test.want)
				wantReply(t, got, http.StatusUnauthorized, `"error_code":"APIG.030`)
				r.wantRefusals(1)
			})
		})
	}
}

func TestSignatureAccepted(t *testing.T) { inBubble(t, Options{}, signatureAccepted) }

func signatureAccepted(r *rig) {
	t := r.t
	r.AddAccessKey(AccessKey{AK: testAK, SK: testSK, SecurityToken: "st", Expires: testTime.Add(1)})
	req := r.request("GET", instances+"?name=*a%20b&limit=5", "")
	req.Header.Set("X-Security-Token", "st")
	req.Header.Set("X-Sdk-Date", "20260115T080000Z") // 15 minutes
	wantReply(t, r.send(r.sign(req, "", testAK, testSK)), http.StatusOK, `"instances":[]`)
	r.wantRefusals(0)
}
