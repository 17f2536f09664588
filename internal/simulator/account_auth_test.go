package simulator

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestAccountAuth: who may ask what.
func TestAccountAuth(t *testing.T) {
	r := newAccountRig(t, ConfigQuirks{})
	r.UpdateProject(testProject, func(p *Project) { p.Account = testAccount })
	r.SetAccount(Account{ID: "other", Name: "other"})
	r.SetProject(Project{ID: "p9", Account: "other"})
	keys := map[string]string{"": testAK, testAccount: "OWN", "other": "OTHER"}
	r.AddAccessKey(AccessKey{AK: "OWN", SK: testSK, Account: testAccount})
	r.AddAccessKey(AccessKey{AK: "OTHER", SK: testSK, Account: "other"})
	headers := func(project, domain string) http.Header {
		h := http.Header{}
		if project != "" {
			h.Set("X-Project-Id", project)
		}
		if domain != "" {
			h.Set("X-Domain-Id", domain)
		}
		return h
	}
	for _, test := range []struct {
		name, path string
		header     http.Header
		key        string // its account, or the token
		token      bool
		status     int
		want       string
	}{
		{"config", testTracker, headers("", testAccount), testAccount, false, 200, testAccount},
		{"config without header", testTracker, headers("", ""), testAccount, false, 401, "APIG.0301"},
		{"config with a project", testTracker, headers(testProject, testAccount), testAccount, false, 401, "APIG.0301"},
		{"config of another", testTracker, headers("", testAccount), "other", false, 401, "APIG.0301"},
		{"project", instances, headers(testProject, ""), testAccount, false, 200, "orders"},
		{"project of another", instances, headers(testProject, ""), "other", false, 403, "APIG.0306"},
		{"domains", "/v3/auth/domains", headers("", ""), testAccount, false, 200, `{"domains":[{"description":"","enabled":true,"id":"` + testAccount + `","links":{"self":"https://iam.myhuaweicloud.com/v3/domains/` + testAccount + `"},"name":"shop"}],"links":{"self":"https://iam.myhuaweicloud.com/v3/auth/domains"}}`},
		{"domains of all", "/v3/auth/domains", headers("", ""), "", false, 200, `"name":"other"`},
		{"domains by header", "/v3/auth/domains", headers("", "other"), "", false, 200, `{"domains":[{"description":"","enabled":true,"id":"other",`},
		{"domains with another's header", "/v3/auth/domains", headers("", "other"), testAccount, false, 401, "APIG.0301"},
		{"projects", "/v3/auth/projects", headers("", testAccount), testAccount, false, 200, `{"projects":[{"description":"","domain_id":"` + testAccount + `","enabled":true,"id":"` + testProject + `","is_domain":false,"links":{"self":"https://iam.myhuaweicloud.com/v3/projects/` + testProject + `"},"name":"cn-north-4","parent_id":"` + testAccount + `"}],"links":`},
		{"projects of another", "/v3/auth/projects", headers("", ""), "other", false, 200, `"id":"p9"`},

		{"token, config", testTracker, headers("", ""), r.IssueAccountToken(testAccount, time.Hour), true, 200, testAccount},
		{"token with header", testTracker, headers("", testAccount), r.IssueAccountToken(testAccount, time.Hour), true, 200, testAccount},
		{"token with wrong header", testTracker, headers("", "other"), r.IssueAccountToken(testAccount, time.Hour), true, 401, "APIG.0305"},
		{"token of another", testTracker, headers("", ""), r.IssueAccountToken("other", time.Hour), true, 401, "APIG.0307"},
		{"token of a project", testTracker, headers("", ""), r.IssueToken(testProject, time.Hour), true, 401, "APIG.0307"},
		{"token of the account for a project", instances, headers("", ""), r.IssueAccountToken(testAccount, time.Hour), true, 401, "APIG.0307"},
		{"token of a project, projects", "/v3/auth/projects", headers("", ""), r.IssueToken("p9", time.Hour), true, 200, `"id":"p9"`},
		{"token, projects", "/v3/auth/projects", headers("", ""), r.IssueAccountToken(testAccount, time.Hour), true, 200, testProject},
	} {
		t.Run(test.name, func(t *testing.T) {
			r.t = t
			r.ResetStats()
			req := r.request(http.MethodGet, test.path, "")
			req.Header = test.header
			if test.token {
				req.Header.Set("X-Auth-Token", test.key)
			} else {
				r.sign(req, "", keys[test.key], testSK)
			}
			wantReply(t, r.send(req), test.status, test.want)
			r.wantRefusals(map[bool]int{true: 1}[test.status != 200])
		})
	}
	t.Run("unsigned header", func(t *testing.T) {
		r.t = t
		req := r.request(http.MethodGet, testTracker, "")
		req.Header = headers("", testAccount)
		req.Header.Set("X-Sdk-Date", time.Now().UTC().Format(sdkDateForm))
		r.signOnly(req, []string{"x-sdk-date"}, "", testAK, testSK)
		wantReply(t, r.send(req), 401, "APIG.0301")
	})
}

// TestAccountLogin: a user's tokens are of the user's account.
func TestAccountLogin(t *testing.T) {
	r := newAccountRig(t, ConfigQuirks{})
	r.UpdateProject(testProject, func(p *Project) { p.Account = testAccount })
	r.SetAccount(Account{ID: "other", Name: "other"})
	r.SetProject(Project{ID: "p9", Region: "cn-north-4", Account: "other"}) // of the same name
	for _, domain := range []string{"shop", "other"} {
		r.AddUser(User{Domain: domain, Name: "exporter", Password: "pw"})
	}
	for _, test := range []struct {
		user, scope string
		status      int
		body        string
		path        string // that the token opens
	}{
		{"shop", `{"domain":{"name":"shop"}}`, 201, `"domain":{"id":"` + testAccount + `","name":"shop"}`, testTracker},
		{"shop", `{"domain":{"id":"` + testAccount + `"}}`, 201, `"domain":{"id":"` + testAccount + `","name":"shop"}`, testTracker},
		{"shop", `{"domain":{"id":"other"}}`, 401, "", ""},
		{"shop", `{"project":{"name":"cn-north-4"}}`, 201, `"project":{"id":"` + testProject + `","name":"cn-north-4","domain":{"id":"` + testAccount + `","name":"shop"}}`, instances},
		{"shop", `{"project":{"id":"p9"}}`, 401, "", ""},
		{"other", `{"project":{"name":"cn-north-4"}}`, 201, `"project":{"id":"p9",`, "/v3/p9/instances"},
	} {
		t.Run(test.user+test.scope, func(t *testing.T) {
			r.t = t
			body := strings.Replace(strings.Replace(login, `{"project":{"name":"cn-north-4"}}`, test.scope, 1), `"shop"`, `"`+test.user+`"`, 1)
			got := r.send(r.request(http.MethodPost, "/v3/auth/tokens", body))
			wantReply(t, got, test.status, test.body)
			if test.path == "" {
				return
			}
			req := r.request(http.MethodGet, test.path, "")
			req.Header = http.Header{"X-Auth-Token": got.header["X-Subject-Token"]}
			wantReply(t, r.send(req), 200, "")
		})
	}
}

func TestProjectsOfAnAccount(t *testing.T) {
	r := newAccountRig(t, ConfigQuirks{})
	r.UpdateProject(testProject, func(p *Project) { p.Account = testAccount })
	r.SetProject(Project{ID: "p0", Name: "MOS", Account: testAccount})
	r.SetProject(Project{ID: "p2", Name: "cn-north-4_team", Region: "cn-north-4", Account: testAccount, Parent: testProject, Disabled: true})
	got := r.account("/v3/auth/projects", testAccount)
	for _, want := range []string{
		`"id":"p0","is_domain":false,"links":{"self":"https://iam.myhuaweicloud.com/v3/projects/p0"},"name":"MOS","parent_id":"` + testAccount + `"}`,
		`"enabled":false,"id":"p2","is_domain":false,"links":{"self":"https://iam.myhuaweicloud.com/v3/projects/p2"},"name":"cn-north-4_team","parent_id":"` + testProject + `"}`,
	} {
		wantReply(t, got, 200, want)
	}
	r.wantRefusals(0)
	req := r.request(http.MethodGet, "/v3/p2/instances", "")
	req.Header.Set("X-Project-Id", "p2")
	wantReply(t, r.send(r.sign(req, "", testAK, testSK)), 403, `"error_code":"APIG.0310"`)
	r.wantRefusals(1)
	r.RemoveProject("p0")
	r.RemoveAccount(testAccount)
	wantReply(t, r.account("/v3/auth/domains", ""), 200, `{"domains":[],`)
	wantReply(t, r.account(testTracker, testAccount), 403, `"error_code":"APIG.0306"`)
}

// TestAccountFaults: faults find the calls of an account, and the log names it.
func TestAccountFaults(t *testing.T) {
	r := newRig(t, Options{Log: 9})
	r.SetAccount(testAccountData())
	r.SetAccount(Account{ID: "other"})
	r.AddAccessKey(AccessKey{AK: "OWN", SK: testSK, Account: testAccount})
	r.Inject(Fault{Account: testAccount, Operation: OpSummarizeAllResources, Answer: Instead(ErrorE1(403, "RMS.00010006", "no permission"))})
	r.Inject(Fault{Account: testAccount, Operation: OpListAuthProjects, Answer: Instead(Empty(503))})
	other := strings.Replace(testResources, testAccount, "other", 1)
	wantReply(t, r.account(testResources+"/summary", testAccount), 403, "RMS.00010006")
	wantReply(t, r.account(other+"/summary", "other"), 200, "[]")
	req := r.request(http.MethodGet, "/v3/auth/projects", "")
	req.Header.Del("X-Project-Id")
	wantReply(t, r.send(r.sign(req, "", "OWN", testSK)), 503, "")
	if n := r.Calls("CollectAllResourcesSummary"); n != 2 || r.Calls("KeystoneListAuthProjects") != 1 {
		t.Errorf("%d calls of the summary", n)
	}
	var accounts []string
	for _, logged := range r.Requests() {
		accounts = append(accounts, logged.Account+logged.Project)
	}
	if want := []string{testAccount, "other", testAccount}; !slices.Equal(accounts, want) {
		t.Errorf("logged for %q, want %q", accounts, want)
	}
}
