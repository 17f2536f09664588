package simulator

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestLockout(t *testing.T) { inBubble(t, Options{}, lockout) }

func lockout(r *rig) {
	t := r.t
	wrong := func() reply {
		return r.send(r.sign(r.request("GET", instances, ""), "", testAK, "wrong"))
	}
	for range 5 {
		wantReply(t, wrong(), http.StatusUnauthorized, "aksk signature fail")
	}
	wantReply(t, r.get(instances), http.StatusOK, "orders") // a success resets the count
	if n := r.AuthFailures(testAK); n != 0 {
		t.Errorf("%d failures after a success", n)
	}
	for range 6 {
		wantReply(t, wrong(), http.StatusUnauthorized, "aksk signature fail")
	}
	if n := r.AuthFailures(testAK); n != 6 || !r.Locked(testAK) {
		t.Errorf("%d failures, locked %t", n, r.Locked(testAK))
	}
	wantReply(t, r.get(instances), http.StatusUnauthorized, "AK access failed to reach the limit,forbidden")
	time.Sleep(5*time.Minute - 1)
	wantReply(t, r.get(instances), http.StatusUnauthorized, "AK access failed to reach the limit,forbidden")
	time.Sleep(time.Nanosecond)
	if r.Locked(testAK) {
		t.Error("locked after 5 minutes")
	}
	wantReply(t, r.get(instances), http.StatusOK, "orders")
	r.RemoveAccessKey(testAK)
	wantReply(t, r.get(instances), http.StatusUnauthorized, "not exist")
}

func TestTokens(t *testing.T) { inBubble(t, Options{}, tokens) }

func tokens(r *rig) {
	t := r.t
	with := func(token, path string) reply {
		req := r.request("GET", path, "")
		req.Header.Set("X-Auth-Token", token)
		return r.send(req)
	}
	token := r.IssueToken(testProject, time.Hour)
	wantReply(t, with(token, instances), http.StatusOK, "orders")
	r.wantRefusals(0)
	req := r.request("GET", instances, "")
	req.Header.Del("X-Project-Id")
	req.Header.Set("X-Auth-Token", token)
	wantReply(t, r.send(req), http.StatusOK, "orders")
	r.wantRefusals(0)
	req.Header.Set("X-Project-Id", "other")
	wantReply(t, r.send(req), http.StatusUnauthorized, `"error_code":"APIG.0305"`)
	wantReply(t, with("junk", instances), http.StatusUnauthorized, `"error_code":"APIG.0301"`)
	wantReply(t, with("junk", fabricTags), http.StatusUnauthorized, `"error_code":"APIG.1002"`)
	wantReply(t, with(r.IssueToken("other", time.Hour), instances), http.StatusUnauthorized, `"error_code":"APIG.0307"`)
	wantReply(t, with(strings.Repeat("x", 65535), instances), 494, `"error_code":"APIG.0201"`)

	time.Sleep(time.Hour)
	wantReply(t, with(token, instances), http.StatusUnauthorized, "token expires, expires_at: 2026-01-15T09:15:00.000000Z")
	token = r.IssueToken(testProject, time.Hour)
	r.ExpireTokens()
	wantReply(t, with(token, instances), http.StatusUnauthorized, "token expires")
	wantReply(t, with(r.IssueToken(testProject, time.Hour), instances), http.StatusOK, "orders")
	r.wantRefusals(7)
}

const login = `{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"exporter","password":"pw","domain":{"name":"shop"}}}},"scope":{"project":{"name":"cn-north-4"}}}}`

func TestCreateToken(t *testing.T) {
	for _, test := range []struct {
		quirks      Quirks
		query, body string
		status      int
		opens       bool
	}{
		{body: login, status: 201, opens: true},
		{quirks: Quirks{TokenStatusOK: true}, query: "?nocatalog=1", body: login, status: 200, opens: true},
		{body: strings.Replace(login, `"name":"cn-north-4"`, `"id":"`+testProject+`"`, 1), status: 201, opens: true},
		{body: strings.Replace(login, `"project":{"name":"cn-north-4"}`, `"domain":{"name":"shop"}`, 1), status: 201},
		{body: strings.Replace(login, `"project":{"name":"cn-north-4"}`, `"domain":{"id":"d0"}`, 1), status: 201},
	} {
		inBubble(t, Options{Quirks: test.quirks}, func(r *rig) {
			r.AddUser(User{Domain: "shop", Name: "exporter", Password: "pw"})
			got := r.send(r.request("POST", "/v3/auth/tokens"+test.query, test.body))
			wantReply(t, got, test.status, `"expires_at":"2026-01-16T08:15:00.000000Z"`)
			if hasCatalog := strings.Contains(got.body, `"name":"dds"`); hasCatalog == (test.query != "") {
				t.Errorf("catalog %t with query %q", hasCatalog, test.query)
			}
			r.wantRefusals(0)
			req := r.request("GET", instances, "")
			req.Header.Set("X-Auth-Token", got.header.Get("X-Subject-Token"))
			if opened := r.send(req).status == http.StatusOK; opened != test.opens {
				t.Errorf("%s: token opens the project: %t", test.body, opened)
			}
		})
	}
}

func TestCreateTokenRefusals(t *testing.T) {
	for _, test := range []struct {
		query, old, replacement string
		status                  int
	}{
		{old: `"pw"`, replacement: `"no"`, status: 401},
		{old: `"exporter"`, replacement: `"nobody"`, status: 401},
		{old: "cn-north-4", replacement: "cn-north-1", status: 401},
		{query: "?nocatalog=", status: 400},
		{query: "?x=1", status: 400},
		{old: `["password"]`, replacement: `["token"]`, status: 400},
		{old: `"name":"cn-north-4"`, replacement: `"name":"cn-north-4","id":"x"`, status: 400},
		{old: `{"project":{"name":"cn-north-4"}}`, replacement: `{}`, status: 400},
		{old: `"domain":{"name":"shop"}`, replacement: `"domain":{}`, status: 400},
		{old: `"project":{"name":"cn-north-4"}`, replacement: `"project":{"name":"cn-north-4"},"domain":{"name":"shop"}`, status: 400},
		{old: `"project":{"name":"cn-north-4"}`, replacement: `"project":{}`, status: 400},
		{old: `"project":{"name":"cn-north-4"}`, replacement: `"domain":{}`, status: 400},
		{old: `"project":{"name":"cn-north-4"}`, replacement: `"domain":{"name":"other"}`, status: 401},
		{old: `"project":{"name":"cn-north-4"}`, replacement: `"domain":{"id":"d1"}`, status: 401},
		{old: `"project":{"name":"cn-north-4"}`, replacement: `"domain":{"name":7}`, status: 400},
		{old: `"project":{"name":"cn-north-4"}`, replacement: `"domain":{"id":null}`, status: 400},
		{old: `"project":{"name":"cn-north-4"}`, replacement: `"domain":{"id":"d0","name":"shop"}`, status: 400},
		{old: `"password":"pw"`, replacement: `"password":7`, status: 400},
		{old: `"password":"pw"`, replacement: `"password":null`, status: 400},
		{old: `"password":"pw",`, status: 400},
		{old: `"name":"exporter",`, status: 400},
		{old: `"name":"exporter",`, replacement: `"name":"exporter","name":"exporter",`, status: 400},
		{old: `"name":"exporter",`, replacement: `"name":"exporter","id":"u0",`, status: 400},
		{old: login, replacement: login + login, status: 400},
		{old: login, replacement: `[]`, status: 400},
	} {
		r := newRig(t, Options{})
		r.AddUser(User{Domain: "shop", Name: "exporter", Password: "pw"})
		body := strings.Replace(login, test.old, test.replacement, 1)
		wantReply(t, r.send(r.request("POST", "/v3/auth/tokens"+test.query, body)), test.status, `{"error":{"code":4`)
		r.wantRefusals(1)
	}
}

// TestLoginErrorHidesPassword: a body that is no JSON is not repeated, whatever is
// wrong with it and wherever.
func TestLoginErrorHidesPassword(t *testing.T) {
	r := newRig(t, Options{})
	for _, password := range []string{`"\ud800secret"`, `"secret`, `secret`, "\"\xffsecret\""} {
		got := r.send(r.request("POST", "/v3/auth/tokens", strings.Replace(login, `"pw"`, password, 1)))
		wantReply(t, got, 400, `{"error":{"code":400`)
		if said := got.body + strings.Join(r.Refusals(), ""); strings.Contains(said, "sec") {
			t.Errorf("password %s: %s", password, said)
		}
	}
}

func TestUserLockout(t *testing.T) {
	r := newRig(t, Options{})
	u := User{Domain: "shop", Name: "exporter", Password: "pw"}
	r.AddUser(u)
	for range 6 {
		wantReply(t, r.send(r.request("POST", "/v3/auth/tokens", strings.Replace(login, `"pw"`, `"no"`, 1))), 401, "password is wrong")
	}
	wantReply(t, r.send(r.request("POST", "/v3/auth/tokens", login)), 401, "locked")
	if !r.Locked(u.Principal()) || r.Locked(testAK) {
		t.Error("the wrong one is locked")
	}
	r.AddUser(u) // forgets the lock
	wantReply(t, r.send(r.request("POST", "/v3/auth/tokens", login)), 201, "expires_at")
}

// TestTokenBody: whom the token is for and what it opens, word for word.
func TestTokenBody(t *testing.T) {
	domain := `"domain":{"id":"d0","name":"shop"}`
	for scope, want := range map[string]string{
		`"project":{"name":"cn-north-4"}`: `"project":{"id":"` + testProject + `","name":"cn-north-4",` + domain + `}`,
		`"domain":{"name":"shop"}`:        domain,
	} {
		inBubble(t, Options{Log: 1}, func(r *rig) {
			r.AddUser(User{Domain: "shop", Name: "exporter", Password: "pw"})
			got := r.send(r.request("POST", "/v3/auth/tokens?nocatalog=true", strings.Replace(login, `"project":{"name":"cn-north-4"}`, scope, 1)))
			wantReply(t, got, 201, `{"token":{"methods":["password"],"expires_at":"2026-01-16T08:15:00.000000Z","issued_at":"2026-01-15T08:15:00.000000Z",`+want+
				`,"user":{"id":"u0","name":"exporter","password_expires_at":"",`+domain+`},"roles":[{"id":"0","name":"op_gated"}],"catalog":[]}}`)
			if project := r.Requests()[0].Project; (project == testProject) != strings.Contains(scope, "project") {
				t.Errorf("%s: the request is of project %q", scope, project)
			}
		})
	}
}

// TestLockEnds: failures are counted anew when a lock is over.
func TestLockEnds(t *testing.T) {
	ids := newIdentities(0)
	for range 6 {
		ids.failed("AK", testTime)
	}
	if !ids.locked("AK", testTime.Add(lockTime-1)) || ids.locked("AK", testTime.Add(lockTime)) {
		t.Error("the lock ends at another time")
	}
	ids.failed("AK", testTime.Add(lockTime))
	if n := ids.failures["AK"].inRow; n != 1 {
		t.Errorf("%d failures in a row after the lock", n)
	}
}

func TestPrincipalsAreBounded(t *testing.T) {
	ids := newIdentities(0)
	for i := range maxPrincipals + 5 {
		ids.failed(InstanceID(i), testTime)
	}
	ids.failed(InstanceID(0), testTime)
	if n := len(ids.failures); n != maxPrincipals || ids.failures[InstanceID(0)].inRow != 2 {
		t.Errorf("%d principals, the first with %d failures", n, ids.failures[InstanceID(0)].inRow)
	}
}
