package tagapi

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/simulator"
)

// listProjects asks IAM for the projects of the rig's account.
func (r *accountRig) listProjects(regions ...string) ([]Project, error) {
	r.t.Helper()
	service, err := r.client.AccountService(r.account, r.iam, r.iam)
	if err != nil {
		r.t.Fatal(err)
	}
	session, err := service.Session(r.t.Context(), new(attempts))
	if err != nil {
		r.t.Fatal(err)
	}
	return ListProjects(r.t.Context(), session, regions...)
}

// TestListProjects: an account's projects are those that are enabled and belong to a
// region.
func TestListProjects(t *testing.T) {
	for name, use := range map[string]func(*accountRig){
		"keys":                  func(*accountRig) {},
		"keys, account unknown": func(r *accountRig) { r.account.ID = "" },
		"password":              (*accountRig).usePassword,
		"password, no ID":       func(r *accountRig) { r.usePassword(); r.account.ID = "" },
		"one request at a time": func(r *accountRig) { r.usePassword(); r.account.ID, r.iam.Limits.MaxConcurrency = "", 1 },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newAccountRig(t, simulator.Quirks{})
				use(r)
				for id, project := range map[string]simulator.Project{
					"p1": {Region: "cn-north-4"},
					"p2": {Region: "cn-north-4", Name: "cn-north-4_team-a"},
					"p3": {Region: "lab-1", Name: "lab-1"},
					"p4": {Region: "lab-1", Name: "lab-1_team-b"},
					"p5": {Name: "MOS"},
					"p6": {Region: "cn-north-4", Name: "cn-north-4_off", Disabled: true},
					"p7": {Region: "nowhere"},
				} {
					project.ID, project.Account = id, testAccount
					r.SetProject(project)
				}
				r.SetProject(simulator.Project{ID: "p8", Region: "cn-north-4", Account: "other"})
				projects, err := r.listProjects("lab-1")
				if got, want := fmt.Sprint(projects), "[{p1 cn-north-4 cn-north-4} {p2 cn-north-4_team-a cn-north-4} {p3 lab-1 lab-1} {p4 lab-1_team-b lab-1}]"; err != nil || got != want {
					t.Errorf("%v, got %s, want %s", err, got, want)
				}
				r.wantNoRefusals()
				if _, err := r.listProjects(); err != nil {
					t.Error(err)
				}
				known := map[bool]int{true: 0, false: 1}[r.account.ID != ""]
				if n := r.Calls(huaweicloud.OpAuthDomains); n != known {
					t.Errorf("IAM was asked %d times which account it is, want %d", n, known)
				}
			})
		})
	}
}

func TestListProjectsAnswers(t *testing.T) {
	for body, want := range map[string]string{
		`{"projects":[]}`: "[]",
		`{"projects":{"id":"p1","name":"cn-north-4","enabled":true}}`:                                                  "[{p1 cn-north-4 cn-north-4}]",
		`{"projects":[{"id":"p1","name":"cn-north-4","enabled":true},{"id":"p1","name":"cn-north-4","enabled":true}]}`: "[{p1 cn-north-4 cn-north-4}]",
		`{"projects":[{"id":"p1","name":"cn-north-4","enabled":true,"domain_id":"other"}]}`:                            "[]",
		`{"projects":[{"id":"p1","name":"cn-north-4","enabled":"false"}]}`:                                             "[]",
		`{"projects":[{"id":"../p1","name":"cn-north-4","enabled":true}]}`:                                             "malformed",
		`{"projects":[{"id":"p1","name":"cn-north-4"}]}`:                                                               "malformed",
		`{"projects":[{"id":"p1","enabled":true}]}`:                                                                    "malformed",
		`{"projects":[{"name":"cn-north-4","enabled":true}]}`:                                                          "malformed",
		`{"domains":[]}`: "malformed",
		`[]`:             "malformed",
	} {
		t.Run(body, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newAccountRig(t, simulator.Quirks{})
				r.Inject(simulator.Fault{Operation: opAuthProjects, Answer: simulator.Instead(simulator.Text(200, body))})
				projects, err := r.listProjects()
				got := fmt.Sprint(projects)
				if huaweicloud.IsCode(err, huaweicloud.CodeMalformed) {
					got = "malformed"
				} else if err != nil {
					got = err.Error()
				}
				if got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			})
		})
	}
}

// TestConfigByPassword: a user's tokens are of the account, and of its projects.
func TestConfigByPassword(t *testing.T) {
	for _, id := range []string{testAccount, ""} {
		synctest.Test(t, func(t *testing.T) {
			r := newAccountRig(t, simulator.Quirks{}, company()...)
			r.usePassword()
			r.account.ID = id
			s := r.read(0)
			r.wantTruth(s)
			if n := r.Calls(simulator.OpCreateToken); n != 1 {
				t.Errorf("%d tokens", n)
			}
			r.SetProject(simulator.Project{ID: "p1", Region: "cn-north-4", Account: testAccount})
			if _, err := r.listProjects(); err != nil {
				t.Error(err)
			}
			if n := r.Calls(simulator.OpCreateToken); n != 1 {
				t.Errorf("%d tokens: IAM as a service needs no other", n)
			}
		})
	}
}

func TestIAMOperations(t *testing.T) {
	if got, want := IAMOperations(), []string{simulator.OpListAuthProjects, simulator.OpListAuthDomains}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := Config().Operations, []string{simulator.OpShowTrackerConfig, simulator.OpSummarizeAllResources, simulator.OpListAllResources}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
