package tagapi

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/simulator"
)

const (
	judgedAccount = "eeee2222333344445555666677778888"
	testDocument  = `{"tags":{"owner":{"tag_key":"Owner","tag_value":["ä","\"*"]}}}`
)

// newOrganizationsRig returns a rig whose account may ask for the policy of another one.
func newOrganizationsRig(t *testing.T, quirks simulator.OrganizationsQuirks) *accountRig {
	t.Helper()
	r := newAccountRig(t, simulator.Quirks{OrganizationsQuirks: quirks})
	r.UpdateAccount(testAccount, func(a *simulator.Account) { a.Role = simulator.ManagementAccount })
	r.SetAccount(simulator.Account{ID: judgedAccount, EffectivePolicy: simulator.EffectivePolicy{
		Content: testDocument, Updated: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}})
	return r
}

func (r *accountRig) readPolicy(accountID string) (EffectivePolicy, *attempts, error) {
	r.t.Helper()
	at := r.iam
	at.Name = "organizations"
	service, err := r.client.AccountService(r.account, r.iam, at)
	if err != nil {
		r.t.Fatal(err)
	}
	seen := new(attempts)
	session, err := service.Session(r.t.Context(), seen)
	if err != nil {
		r.t.Fatal(err)
	}
	found, err := ReadEffectivePolicy(r.t.Context(), session, accountID)
	return found, seen, err
}

// TestEffectivePolicy: whoever asks, the document is that of the account that is asked for.
func TestEffectivePolicy(t *testing.T) {
	for name, use := range map[string]func(*accountRig){
		"keys":                  func(*accountRig) {},
		"keys, account unknown": func(r *accountRig) { r.account.ID = "" },
		"password":              (*accountRig).usePassword,
		"password, no ID":       func(r *accountRig) { r.usePassword(); r.account.ID = "" },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newOrganizationsRig(t, simulator.OrganizationsQuirks{})
				use(r)
				found, _, err := r.readPolicy(judgedAccount)
				if err != nil || found.Content != testDocument || found.Updated.Unix() != 1767323045 || found.Unknown {
					t.Errorf("got %+v, %v", found, err)
				}
				r.wantNoRefusals()
				if n := r.Calls(simulator.OpShowEffectivePolicies); n != 1 {
					t.Errorf("%d calls", n)
				}
			})
		})
	}
}

// TestNoEffectivePolicy: all that may mean that no policy is attached.
func TestNoEffectivePolicy(t *testing.T) {
	for quirk, want := range map[simulator.NoPolicy]string{
		simulator.NoPolicyEmpty: " false", simulator.NoPolicyAbsent: " false", simulator.NoPolicyNull: " false",
		simulator.NoPolicyNoTags: `{"tags":{}} false`, simulator.NoPolicyNothing: "{} false",
		simulator.NoPolicyNotFound: " true",
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newOrganizationsRig(t, simulator.OrganizationsQuirks{NoPolicy: quirk})
			r.UpdateAccount(judgedAccount, func(a *simulator.Account) { a.EffectivePolicy = simulator.EffectivePolicy{} })
			found, seen, err := r.readPolicy(judgedAccount)
			if got := fmt.Sprint(found.Content, " ", found.Unknown); err != nil || got != want || !found.Updated.IsZero() {
				t.Errorf("%d: got %q, %v, want %q", quirk, got, err, want)
			}
			if len(seen.failed) > 0 {
				t.Errorf("%d: failed attempts: %q", quirk, seen.failed)
			}
		})
	}
}

// TestEffectivePolicyFails: nothing else means that no policy is attached.
func TestEffectivePolicyFails(t *testing.T) {
	const path = "read the tag policy in force of account " + judgedAccount + ": "
	for name, test := range map[string]struct {
		fault simulator.Fault
		want  string
		calls int
	}{
		"rights":          {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(401, "Organizations.1002", "no"))}, "HTTP 401: Organizations.1002: no", 1},
		"management only": {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(401, "Organizations.1001", "no"))}, "HTTP 401: Organizations.1001: no", 1},
		"denied":          {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(403, "Organizations.1007", "no"))}, "HTTP 403: Organizations.1007: no", 1},
		"unpublished":     {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE3(404, "APIG.0101", "no API"))}, "HTTP 404: APIG.0101: no API", 1},
		"no page":         {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE9(404))}, "HTTP 404: http_404", 1},
		"throttled":       {simulator.Fault{Answer: simulator.Instead(simulator.Throttled(simulator.PolicyUserPerMinute, "1")), Times: 1}, "", 2},
		"unavailable":     {simulator.Fault{Answer: simulator.Instead(simulator.Empty(503))}, "HTTP 503: http_503", 4},
		"empty answer":    {simulator.Fault{Answer: simulator.Instead(simulator.Text(200, ""))}, "HTTP 200: malformed: empty answer", 4},
		"nothing":         {simulator.Fault{Answer: simulator.Instead(simulator.Text(200, "{}"))}, "it is not said whose policy that is", 1},
		"an error":        {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(200, "Organizations.1007", "no"))}, "an error instead of an answer", 1},
		"another answer":  {simulator.Fault{Answer: simulator.Instead(simulator.Text(200, `{"policies":[]}`))}, "none of the documented members", 1},
		"another account": {simulator.Fault{Rewrite: simulator.MemberAs("entity_id", `"o"`)}, `the answer is about another one: "o"`, 1},
		"null account":    {simulator.Fault{Rewrite: simulator.MemberAs("entity_id", `null`)}, "it is not said whose policy that is", 1},
		"an object":       {simulator.Fault{Rewrite: simulator.MemberAs("policy_content", `{"tags":{}}`)}, "want a string, got an object", 1},
		"wrong types":     {simulator.Fault{Break: simulator.WrongJSON}, "none of the documented members", 1},
		"an odd time":     {simulator.Fault{Rewrite: simulator.MemberAs("last_updated_at", `"yesterday"`)}, "", 1},
		"no time":         {simulator.Fault{Rewrite: simulator.MemberAs("last_updated_at", `null`)}, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newOrganizationsRig(t, simulator.OrganizationsQuirks{})
				test.fault.Operation = simulator.OpShowEffectivePolicies
				r.Inject(test.fault)
				found, _, err := r.readPolicy(judgedAccount)
				switch {
				case test.want == "" && (err != nil || found.Content != testDocument):
					t.Errorf("got %+v, %v", found, err)
				case test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), path) || !strings.Contains(err.Error(), test.want) || found != EffectivePolicy{}):
					t.Errorf("got %+v, %v, want %s", found, err, test.want)
				}
				if n := r.Calls(simulator.OpShowEffectivePolicies); n != test.calls {
					t.Errorf("%d calls, want %d", n, test.calls)
				}
			})
		})
	}
}

// TestEffectivePolicyRights: that a member may not ask says nothing about its credential.
func TestEffectivePolicyRights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOrganizationsRig(t, simulator.OrganizationsQuirks{})
		r.UpdateAccount(testAccount, func(a *simulator.Account) { a.Role = simulator.Member })
		for range 9 {
			if _, _, err := r.readPolicy(judgedAccount); !huaweicloud.IsCode(err, "Organizations.1002") {
				t.Fatal(err)
			}
		}
		if _, err := r.listProjects(); err != nil {
			t.Errorf("with the same credential: %v", err)
		}
	})
}
