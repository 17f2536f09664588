package simulator

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	testPolicies = "/v1/organizations/entities/effective-policies"
	testPolicy   = testPolicies + "?entity_id=" + testAccount + "&policy_type=tag_policy"
	testContent  = `{"tags":{"owner":{"tag_key":"Owner","tag_value":[],"enforced_for":["ecs:*"]}}}`
)

// newOrganizationsRig has a management account, an administrator and the account that
// they ask about, which has a policy and enterprise projects.
func newOrganizationsRig(t *testing.T, q Quirks) *rig {
	t.Helper()
	r := newRig(t, Options{Quirks: q})
	r.SetAccount(Account{ID: "management", Role: ManagementAccount})
	r.SetAccount(Account{ID: "administrator", Role: DelegatedAdministrator})
	r.SetAccount(Account{
		ID: testAccount, EffectivePolicy: EffectivePolicy{Content: testContent, Updated: testTime},
		EnterpriseProjects: []EnterpriseProject{
			{ID: "e1", Name: "research", Created: testTime, Updated: testTime.Add(3 * time.Hour)},
			{ID: "e2", Name: "Handel, 名", Description: `"`, Disabled: true, POC: true, Created: testTime.Add(time.Hour), Updated: testTime.Add(2 * time.Hour)},
		},
	})
	return r
}

func TestEffectivePolicies(t *testing.T) {
	const escaped = `{\"tags\":{\"owner\":{\"tag_key\":\"Owner\",\"tag_value\":[],\"enforced_for\":[\"ecs:*\"]}}}`
	none := func(a *Account) { a.EffectivePolicy = EffectivePolicy{} }
	for _, test := range []struct {
		name, path, caller string // the policy and the management account where empty
		quirks             OrganizationsQuirks
		change             func(*Account)
		status             int // 0 is 200
		want               string
	}{
		{name: "policy", want: `{"entity_id":"` + testAccount + `","last_updated_at":"2026-01-15T08:15:00Z","policy_content":"` + escaped + `","policy_type":"tag_policy"}`},
		{name: "by an administrator", caller: "administrator", want: escaped},
		{name: "without time", change: func(a *Account) { a.EffectivePolicy.Updated = time.Time{} }, want: `{"entity_id":"` + testAccount + `","policy_content":"`},
		{name: "with operators", quirks: OrganizationsQuirks{PolicyOperators: true}, want: `{\"tags\":{\"owner\":{\"enforced_for\":{\"@@assign\":[\"ecs:*\"]},\"tag_key\":{\"@@assign\":\"Owner\"},\"tag_value\":{\"@@assign\":[]}}}}`},
		{name: "no document", quirks: OrganizationsQuirks{PolicyOperators: true}, change: func(a *Account) { a.EffectivePolicy.Content = "<html>" }, want: `"policy_content":"<html>"`},
		{name: "none", change: none, want: `{"entity_id":"` + testAccount + `","policy_content":"","policy_type":"tag_policy"}`},
		{name: "none, absent", quirks: OrganizationsQuirks{NoPolicy: NoPolicyAbsent}, change: none, want: `{"entity_id":"` + testAccount + `","policy_type":"tag_policy"}`},
		{name: "none, null", quirks: OrganizationsQuirks{NoPolicy: NoPolicyNull}, change: none, want: `"policy_content":null,`},
		{name: "none, no tags", quirks: OrganizationsQuirks{NoPolicy: NoPolicyNoTags}, change: none, want: `"policy_content":"{\"tags\":{}}",`},
		{name: "none, nothing", quirks: OrganizationsQuirks{NoPolicy: NoPolicyNothing}, change: none, want: `"policy_content":"{}",`},
		{name: "none, not found", quirks: OrganizationsQuirks{NoPolicy: NoPolicyNotFound}, change: none, status: 404, want: `{"error_code":"Organizations.1010"`},
		{name: "not found, but there", quirks: OrganizationsQuirks{NoPolicy: NoPolicyNotFound}, want: escaped},
		{name: "unknown account", path: testPolicies + "?entity_id=a&policy_type=tag_policy", status: 404, want: `{"error_code":"Organizations.1010"`},
		{name: "of oneself", path: testPolicies + "?entity_id=management&policy_type=tag_policy", want: `"policy_content":""`},
		{name: "by a member", caller: testAccount, status: 401, want: `{"error_code":"Organizations.1002"`},
		{name: "denied", caller: testAccount, change: func(a *Account) { a.Denied = []string{OpShowEffectivePolicies} }, status: 403, want: `{"error_code":"Organizations.1007"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newOrganizationsRig(t, Quirks{OrganizationsQuirks: test.quirks})
			if test.change != nil {
				r.UpdateAccount(testAccount, test.change)
			}
			path, caller := test.path, test.caller
			if path == "" {
				path = testPolicy
			}
			if caller == "" {
				caller = "management"
			}
			wantReply(t, r.account(path, caller), max(test.status, 200), test.want)
			r.wantRefusals(0)
		})
	}
}

// TestGlobalRefusals: what Organizations and the enterprise project service take of nobody.
func TestGlobalRefusals(t *testing.T) {
	const list = "/v1.0/enterprise-projects"
	for _, test := range []struct {
		path, caller string // the management account where empty
		status       int    // 0 is 400
		want         string
	}{
		{path: testPolicies, want: "Organizations.1004"},
		{path: testPolicies + "?entity_id=" + testAccount, want: "Organizations.1004"},
		{path: testPolicies + "?policy_type=tag_policy", want: "Organizations.1004"},
		{path: testPolicies + "?entity_id=&policy_type=tag_policy", want: "Organizations.1004"},
		{path: testPolicies + "?entity_id=a%2Fb&policy_type=tag_policy", want: "Organizations.1004"},
		{path: testPolicies + "?entity_id=" + strings.Repeat("a", 101) + "&policy_type=tag_policy", want: "Organizations.1004"},
		{path: testPolicies + "?entity_id=r-abcd&policy_type=tag_policy", want: "roots"},
		{path: testPolicies + "?entity_id=ou-abcdefgh&policy_type=tag_policy", want: "roots"},
		{path: strings.Replace(testPolicy, "tag_policy", "service_control_policy", 1), want: "Organizations.1004"},
		{path: testPolicy + "&limit=1", want: "Organizations.1004"},
		{path: testPolicy, caller: "unknown", status: 403, want: "APIG.0306"},
		{path: list + "?limit=0", want: `{"error":{"error_code":"EPS.0002"`},
		{path: list + "?limit=1001", want: "EPS.0002"},
		{path: list + "?offset=-1", want: "EPS.0002"},
		{path: list + "?status=3", want: "EPS.0002"},
		{path: list + "?type=test", want: "EPS.0002"},
		{path: list + "?sort_key=name", want: "EPS.0002"},
		{path: list + "?sort_dir=down", want: "EPS.0002"},
		{path: list + "?marker=1", want: "EPS.0002"},
		{path: list, caller: "unknown", status: 403, want: "APIG.0306"},
	} {
		t.Run(test.path+test.caller, func(t *testing.T) {
			r := newOrganizationsRig(t, Quirks{})
			caller := test.caller
			if caller == "" {
				caller = "management"
			}
			wantReply(t, r.account(test.path, caller), max(test.status, 400), test.want)
			r.wantRefusals(1)
		})
	}
	for _, path := range []string{testPolicy, list} {
		r := newOrganizationsRig(t, Quirks{})
		r.UpdateProject(testProject, func(p *Project) { p.Account = "management" })
		r.AddAccessKey(AccessKey{AK: "OWN", SK: testSK, Account: "management"})
		wantReply(t, r.account(path, ""), 401, "APIG.0301") // X-Domain-Id is missing
		for token, status := range map[string]int{
			r.IssueAccountToken("management", time.Hour): 200,
			r.IssueToken(testProject, time.Hour):         401,
		} {
			req := r.request(http.MethodGet, path, "")
			req.Header = http.Header{"X-Auth-Token": {token}}
			wantReply(t, r.send(req), status, "")
		}
		req := r.request(http.MethodGet, path, "")
		req.Header = http.Header{"X-Domain-Id": {testAccount}}
		wantReply(t, r.send(r.sign(req, "", "OWN", testSK)), 401, "APIG.0301") // of another account
		req = r.request(http.MethodGet, path, "")
		req.Header.Set("X-Domain-Id", "management")
		wantReply(t, r.send(r.sign(req, "", testAK, testSK)), 401, "APIG.0301") // with a project
		r.wantRefusals(4)
	}
}
