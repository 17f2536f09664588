package huaweicloud

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/simulator"
)

const (
	vectorPath    = "/v3/5f3c9a7e21d84b60a1c2d3e4f5061728/instances/9d41c0de7ab24f3fb6a1e2c3d4f50617in02/tags"
	vectorFilter  = "/v1/5f3c9a7e21d84b60a1c2d3e4f5061728/fabric-workspace/resource-instances/filter"
	vectorGet     = "505e00fa1bca0f6fc9aa8718bdef5bd2888b153ee61202035a0970e33cad8094"
	vectorAccount = "9e9443a49f65e2e1bf6e5424669b5834a24deacde5f8dc223af7c4800c92bee3"
	vectorPost    = "204ae3a6f1b7aa9ab13cfdc53dbf0fae8aa535c919afb753c684626912fdfc59"
)

// signature returns the signature of a request at the time of the vectors.
func signature(t *testing.T, p proof, method, path, query, body string) (value string, header http.Header) {
	t.Helper()
	req := &http.Request{Method: method, URL: &url.URL{Path: path, RawQuery: query}, Header: http.Header{"User-Agent": {"any"}}}
	var content []byte
	if body != "" {
		content = []byte(body)
	}
	if err := p.authorize(req, projectSubject(testProject), content, testTime); err != nil {
		t.Fatal(err)
	}
	_, value, found := strings.Cut(req.Header.Get("Authorization"), "Signature=")
	if !found {
		t.Fatalf("headers %v", req.Header)
	}
	return value, req.Header
}

func TestSigningVectors(t *testing.T) {
	p := proof{accessKey: testAK, secretKey: testSK}
	get, header := signature(t, p, "GET", vectorPath, "", "")
	want(t, "GET", get, vectorGet)
	want(t, "Authorization", header.Get("Authorization"),
		"SDK-HMAC-SHA256 Access="+testAK+", SignedHeaders=x-project-id;x-sdk-date, Signature="+vectorGet)
	want(t, "X-Sdk-Date", header.Get("X-Sdk-Date"), "20260115T081500Z")
	post, _ := signature(t, p, "POST", vectorFilter, "limit=50&offset=100", "{\"without_any_tag\":true}\n")
	want(t, "POST", post, vectorPost)
}

// TestAccountIsSigned: a call about an account names it in place of a project.
func TestAccountIsSigned(t *testing.T) {
	const id = "dddd2222333344445555666677778888"
	req := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/v1/resource-manager/domains/" + id + "/all-resources", RawQuery: "limit=200"}, Header: http.Header{}}
	p := proof{accessKey: testAK, secretKey: testSK}
	if err := p.authorize(req, accountSubject(id), nil, testTime); err != nil {
		t.Fatal(err)
	}
	want(t, "Authorization", req.Header.Get("Authorization"),
		"SDK-HMAC-SHA256 Access="+testAK+", SignedHeaders=x-domain-id;x-sdk-date, Signature="+vectorAccount)
	want(t, "X-Domain-Id", req.Header.Get("X-Domain-Id"), id)
	want(t, "X-Project-Id", len(req.Header.Values("X-Project-Id")), 0)
}

func TestEverythingIsSigned(t *testing.T) {
	p := proof{accessKey: testAK, secretKey: testSK}
	seen := make(map[string]string)
	for name, test := range map[string]struct {
		p                         proof
		method, path, query, body string
	}{
		"plain":         {p, "GET", vectorPath, "", ""},
		"method":        {p, "PUT", vectorPath, "", ""},
		"path":          {p, "GET", vectorPath + "x", "", ""},
		"query":         {p, "GET", vectorPath, "limit=50", ""},
		"second value":  {p, "GET", vectorPath, "limit=50&limit=51", ""},
		"body":          {p, "GET", vectorPath, "", "{}"},
		"secret":        {proof{accessKey: testAK, secretKey: "x"}, "GET", vectorPath, "", ""},
		"temporary":     {proof{accessKey: testAK, secretKey: testSK, securityToken: "s1"}, "GET", vectorPath, "", ""},
		"other session": {proof{accessKey: testAK, secretKey: testSK, securityToken: "s2"}, "GET", vectorPath, "", ""},
	} {
		value, header := signature(t, test.p, test.method, test.path, test.query, test.body)
		if other := seen[value]; other != "" {
			t.Errorf("%s and %s have one signature", name, other)
		}
		seen[value] = name
		want(t, name, header.Get("X-Security-Token"), test.p.securityToken)
		names := strings.ToLower(header.Get("Authorization"))
		if strings.Contains(names, "user-agent") || strings.Contains(names, "x-security-token") != (test.p.securityToken != "") {
			t.Errorf("%s: %s", name, names)
		}
	}
}

// TestSignedRequests: the cloud recomputes the signature of what it received.
func TestSignedRequests(t *testing.T) {
	t.Parallel()
	for name, query := range map[string]string{
		"sorted": "limit=100&offset=0", "unsorted": "offset=0&limit=100", "escaped": "limit=100&offset=%30",
	} {
		r := newRig(t, simulator.Options{Log: 1})
		request := filterRequest
		request.Query = query
		if _, err := Call[workspacesAnswer](t.Context(), r.session(Fabric), request); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		r.wantRefusals()
		got := r.Requests()[0]
		want(t, "user agent", got.UserAgent, "test/1")
		want(t, "body", string(got.Body), string(filterRequest.Body))
		want(t, "content type", got.ContentType, "application/json")
	}
}

// TestRewrittenUserAgent: a proxy may change what is not signed.
func TestRewrittenUserAgent(t *testing.T) {
	t.Parallel()
	r := newRig(t, simulator.Options{Log: 1})
	inner := r.Cloud
	proxy := newServer(r.network, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		q.Header.Set("User-Agent", "proxy/1")
		inner.ServeHTTP(w, q)
	}))
	proxy.Start()
	defer proxy.Close()
	r.server.Close()
	r.server = proxy
	if err := r.call(); err != nil {
		t.Error(err)
	}
	want(t, "user agent", r.Requests()[0].UserAgent, "proxy/1")
	r.client.Close()
}

// TestAccountSession: IAM is asked for a token of the account, which opens no project. A
// signed call does not name the project any more, and is refused for that alone.
func TestAccountSession(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := passwordRig(t, simulator.Options{Log: 10})
		s := r.session(DDS)
		s.subject = accountSubject("d0")
		s.iam.subject = s.subject
		wantCode(t, callOf(t.Context(), s), 401, "APIG.0307")
		login := r.Requests()[0]
		want(t, "status of IAM", login.Status, http.StatusCreated)
		if scope := `"scope":{"domain":{"id":"d0"}}`; !strings.Contains(string(login.Body), scope) {
			t.Errorf("the login has no %s", scope)
		}
		signed := newRig(t, simulator.Options{})
		s = signed.session(DDS)
		s.subject = accountSubject("d0")
		wantCode(t, callOf(t.Context(), s), 401, "APIG.0301")
		signed.wantRefusals("ListInstanceTags GET " + tagsRequest.Path + `: 401: x-project-id "" is not of the path`)
	})
}
