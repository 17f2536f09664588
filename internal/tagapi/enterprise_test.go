package tagapi

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"huaweicloud_tag_exporter/internal/simulator"
)

// TestListEnterpriseProjects: all pages are read, whoever asks, whether the default project
// is listed or not.
func TestListEnterpriseProjects(t *testing.T) {
	for _, n := range []int{0, 1, 999, 1000, 1001, 2500} {
		for name, quirks := range map[string]simulator.EPSQuirks{"default": {}, "default unlisted": {DefaultUnlisted: true}} {
			t.Run(fmt.Sprint(n, " ", name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := newAccountRig(t, simulator.Quirks{EPSQuirks: quirks})
					if n%2 == 1 {
						r.usePassword()
					}
					if n == 1 {
						r.account.ID = "" // IAM knows it
					}
					var projects []simulator.EnterpriseProject
					for i := range n {
						projects = append(projects, simulator.EnterpriseProject{ID: fmt.Sprint("ep-", i), Name: fmt.Sprint("team ", i), Disabled: i%3 == 0})
					}
					r.UpdateAccount(testAccount, func(a *simulator.Account) { a.EnterpriseProjects = projects })
					names, allowed, err := r.enterpriseProjects()
					if err != nil || !allowed {
						t.Fatal(allowed, err)
					}
					delete(names, "0")
					if len(names) != n || n > 0 && names[fmt.Sprint("ep-", n-1)] != fmt.Sprint("team ", n-1) {
						t.Errorf("%d names", len(names))
					}
					if refusals := r.Refusals(); len(refusals) > 0 {
						t.Error(refusals)
					}
				})
			})
		}
	}
}

// TestEnterpriseProjectsRefused: who may see none learns that, and it is no failure.
func TestEnterpriseProjectsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newAccountRig(t, simulator.Quirks{})
		r.UpdateAccount(testAccount, func(a *simulator.Account) { a.Denied = []string{opListEnterpriseProjects} })
		if names, allowed, err := r.enterpriseProjects(); names != nil || allowed || err != nil {
			t.Error(names, allowed, err)
		}
		r.Inject(simulator.Fault{Operation: opListEnterpriseProjects, Answer: simulator.Instead(simulator.ErrorE9(400))})
		if _, _, err := r.enterpriseProjects(); err == nil || !strings.HasPrefix(err.Error(), "list the enterprise projects of the account: ") {
			t.Error(err)
		}
	})
}

func (r *accountRig) enterpriseProjects() (names map[string]string, allowed bool, err error) {
	r.t.Helper()
	at := r.iam
	at.Name = "eps"
	service, err := r.client.AccountService(r.account, r.iam, at)
	if err != nil {
		r.t.Fatal(err)
	}
	var seen attempts
	session, err := service.Session(r.t.Context(), &seen)
	if err != nil {
		r.t.Fatal(err)
	}
	names, allowed, err = ListEnterpriseProjects(r.t.Context(), session)
	if err == nil && len(seen.failed) > 0 {
		r.t.Errorf("failed attempts: %q", seen.failed)
	}
	return names, allowed, err
}
