package simulator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

const iamURL = "https://iam.myhuaweicloud.com/v3/"

// listAuthProjects is GET /v3/auth/projects: the projects of whoever asks, without
// pages.
func (c *Cloud) listAuthProjects(q *call) (Answer, error) {
	var projects []Project
	c.mu.RLock()
	for _, s := range c.projects {
		if q.caller == "" || cmp.Or(s.project.Account, unsetAccount) == q.caller {
			projects = append(projects, s.project)
		}
	}
	c.mu.RUnlock()
	slices.SortFunc(projects, func(a, b Project) int { return strings.Compare(a.ID, b.ID) })
	b := appendItems([]byte{'{'}, "projects", len(projects), c.quirks.EmptyArrays, func(b []byte, i int) []byte {
		p := projects[i]
		account := cmp.Or(p.Account, unsetAccount)
		return fmt.Appendf(b, `{"description":"","domain_id":%s,"enabled":%t,"id":%s,"is_domain":false,"links":{"self":%s},"name":%s,"parent_id":%s}`,
			text(account), !p.Disabled, text(p.ID), text(iamURL+"projects/"+p.ID), text(p.name()), text(cmp.Or(p.Parent, account)))
	})
	return ok(append(appendMember(b, "links"), `{"self":"`+iamURL+`auth/projects"}}`...)), nil
}

// listAuthDomains is GET /v3/auth/domains: the account of whoever asks.
func (c *Cloud) listAuthDomains(q *call) (Answer, error) {
	var accounts []Account
	c.mu.RLock()
	for _, s := range c.accounts {
		if q.caller == "" || s.account.ID == q.caller {
			accounts = append(accounts, s.account)
		}
	}
	c.mu.RUnlock()
	slices.SortFunc(accounts, func(a, b Account) int { return strings.Compare(a.ID, b.ID) })
	b := appendItems([]byte{'{'}, "domains", len(accounts), c.quirks.EmptyArrays, func(b []byte, i int) []byte {
		a := accounts[i]
		return fmt.Appendf(b, `{"description":"","enabled":true,"id":%s,"links":{"self":%s},"name":%s}`, text(a.ID), text(iamURL+"domains/"+a.ID), text(a.Name))
	})
	return ok(append(appendMember(b, "links"), `{"self":"`+iamURL+`auth/domains"}}`...)), nil
}
