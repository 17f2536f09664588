package simulator

import (
	"net/http"
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
