package simulator

import (
	"cmp"
	"slices"
	"strconv"
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
		b = appendTextMember(append(b, '{'), "description", "")
		b = appendTextMember(b, "domain_id", account)
		b = strconv.AppendBool(appendMember(b, "enabled"), !p.Disabled)
		b = appendTextMember(b, "id", p.ID)
		b = append(appendMember(b, "is_domain"), "false"...)
		b = appendSelf(b, "projects/"+p.ID)
		b = appendTextMember(b, "name", p.name())
		return closeObject(appendTextMember(b, "parent_id", cmp.Or(p.Parent, account)))
	})
	return ok(closeObject(appendSelf(b, "auth/projects"))), nil
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
		b = append(b, `{"description":"","enabled":true`...)
		b = appendTextMember(b, "id", accounts[i].ID)
		b = appendSelf(b, "domains/"+accounts[i].ID)
		return closeObject(appendTextMember(b, "name", accounts[i].Name))
	})
	return ok(closeObject(appendSelf(b, "auth/domains"))), nil
}

func appendSelf(b []byte, path string) []byte {
	return closeObject(appendTextMember(append(appendMember(b, "links"), '{'), "self", iamURL+path))
}
