package simulator

import (
	"cmp"
	"crypto/subtle"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// unsetAccount is the ID of all accounts that were not set.
const unsetAccount = "d0"

const tokenTimeForm = "2006-01-02T15:04:05.000000Z"

// loginBody is the body of a login. What must be there is a pointer.
type loginBody struct {
	Auth struct {
		Identity struct {
			Methods  []string `json:"methods"`
			Password struct {
				User struct {
					Name     *string `json:"name"`
					Password *string `json:"password"`
					Domain   struct {
						Name *string `json:"name"`
					} `json:"domain"`
				} `json:"user"`
			} `json:"password"`
		} `json:"identity"`
		Scope struct {
			Project *idOrName `json:"project"`
			Domain  *idOrName `json:"domain"`
		} `json:"scope"`
	} `json:"auth"`
}

type idOrName struct {
	ID   *string `json:"id"`
	Name *string `json:"name"`
}

// createToken is POST /v3/auth/tokens, query nocatalog (any value but an empty
// one). The token is in the X-Subject-Token header. Scopes are a project's id or
// name, or the user's account; a token of that opens no project.
func (c *Cloud) createToken(q *call) (Answer, error) {
	for name := range q.query {
		if name != "nocatalog" || q.query.Get(name) == "" {
			return Answer{}, fmt.Errorf("unknown or empty query parameter %s", name)
		}
	}
	if !q.isJSON() {
		return Answer{}, errors.New("content type is not application/json")
	}
	user, project, domain, err := decodeLogin(q.body)
	if err != nil {
		return Answer{}, err
	}
	if err := c.checkPassword(user); err != nil {
		return Answer{}, err
	}
	a := c.accountNamed(user.Domain)
	var p Project
	if project != nil {
		var found bool
		if p, found = c.findProject(a.ID, textOf(project.ID), textOf(project.Name)); !found {
			return Answer{}, unauthorized("the project of the scope does not exist")
		}
		q.project = p.ID
	} else if textOf(domain.ID) != a.ID && textOf(domain.Name) != a.Name {
		return Answer{}, unauthorized("the domain of the scope is not the user's")
	}
	q.caller = a.ID
	now := time.Now()
	expires := now.Add(c.identities.lifetime)
	status := http.StatusCreated
	if c.quirks.TokenStatusOK {
		status = http.StatusOK
	}
	return Answer{
		Status: status,
		Header: http.Header{"X-Subject-Token": {c.identities.issue(token{projectID: p.ID, account: a.ID, expires: expires}, now)}},
		Body:   tokenBody(user, a, p, now, expires, !q.query.Has("nocatalog")),
	}, nil
}

func unauthorized(reason string) *refusal {
	return &refusal{answer: ErrorE7(http.StatusUnauthorized, reason), reason: reason}
}

// checkPassword counts failures and locks the user, as it is done for access keys.
func (c *Cloud) checkPassword(given User) error {
	now, principal := time.Now(), given.Principal()
	if c.identities.locked(principal, now) {
		return unauthorized("The account is locked")
	}
	known, found := find(&c.identities, c.identities.users, principal)
	if !found || subtle.ConstantTimeCompare([]byte(known.Password), []byte(given.Password)) == 0 {
		c.identities.failed(principal, now)
		return unauthorized("The username or password is wrong.")
	}
	c.identities.succeeded(principal)
	return nil
}

// accountNamed is an account by its name. One that was not set has an ID too.
func (c *Cloud) accountNamed(name string) Account {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, s := range c.accounts {
		if s.account.Name == name {
			return s.account
		}
	}
	return Account{ID: unsetAccount, Name: name}
}

// findProject looks among those of the account and of none. It prefers the lowest
// ID where several projects have the name.
func (c *Cloud) findProject(account, id, name string) (Project, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var named []string
	for _, s := range c.projects {
		if s.project.Account != "" && s.project.Account != account {
			continue
		}
		if s.project.ID == id {
			return s.project, true
		}
		if name != "" && s.project.name() == name {
			named = append(named, s.project.ID)
		}
	}
	if len(named) == 0 {
		return Project{}, false
	}
	return c.projects[slices.Min(named)].project, true
}

// decodeLogin returns who wants a token, and either for which project or for which
// domain.
func decodeLogin(body []byte) (u User, project, domain *idOrName, err error) {
	var login loginBody
	if decode(body, &login) != nil {
		// The error itself may quote a piece of the password.
		return u, nil, nil, errors.New("body is not json of the documented members and types")
	}
	identity, scope := login.Auth.Identity, login.Auth.Scope
	user := identity.Password.User
	if !slices.Equal(identity.Methods, []string{"password"}) {
		return u, nil, nil, errors.New(`methods is not ["password"]`)
	}
	if user.Name == nil || user.Password == nil || user.Domain.Name == nil {
		return u, nil, nil, errors.New("the user's name, password or domain is missing")
	}
	if (scope.Project == nil) == (scope.Domain == nil) {
		return u, nil, nil, errors.New("scope is not either a project or a domain")
	}
	if named := cmp.Or(scope.Project, scope.Domain); (named.ID == nil) == (named.Name == nil) {
		return u, nil, nil, errors.New("scope names its project or domain not by either id or name")
	}
	return User{Domain: *user.Domain.Name, Name: *user.Name, Password: *user.Password}, scope.Project, scope.Domain, nil
}

// tokenBody describes a token; the token itself is not in it.
func tokenBody(u User, a Account, p Project, issued, expires time.Time, catalog bool) []byte {
	domain := fmt.Sprintf(`"domain":{"id":%s,"name":%s}`, text(a.ID), text(a.Name))
	scope, endpoints := domain, ""
	if p.ID != "" {
		scope = fmt.Sprintf(`"project":{"id":%s,"name":%s,%s}`, text(p.ID), text(p.name()), domain)
	}
	if catalog {
		endpoints = `{"id":"c0","name":"dds","type":"dds","endpoints":[]}`
	}
	return fmt.Appendf(nil, `{"token":{"methods":["password"],"expires_at":"%s","issued_at":"%s",%s,`+
		`"user":{"id":"u0","name":%s,"password_expires_at":"",%s},"roles":[{"id":"0","name":"op_gated"}],"catalog":[%s]}}`,
		expires.UTC().Format(tokenTimeForm), issued.UTC().Format(tokenTimeForm), scope, text(u.Name), domain, endpoints)
}

const iamURL = "https://iam.myhuaweicloud.com/v3/"

// listAuthProjects is GET /v3/auth/projects: the projects of whoever asks, without
// pages.
func (c *Cloud) listAuthProjects(q *call) (Answer, error) {
	c.mu.RLock()
	projects := slices.SortedFunc(maps.Values(c.projects), func(a, b *snapshot) int { return strings.Compare(a.project.ID, b.project.ID) })
	c.mu.RUnlock()
	projects = slices.DeleteFunc(projects, func(s *snapshot) bool {
		return q.caller != "" && cmp.Or(s.project.Account, unsetAccount) != q.caller
	})
	b := appendItems([]byte{'{'}, "projects", len(projects), c.quirks.EmptyArrays, func(b []byte, i int) []byte {
		p := projects[i].project
		account := cmp.Or(p.Account, unsetAccount)
		return fmt.Appendf(b, `{"description":"","domain_id":%s,"enabled":%t,"id":%s,"is_domain":false,"links":{"self":%s},"name":%s,"parent_id":%s}`,
			text(account), !p.Disabled, text(p.ID), text(iamURL+"projects/"+p.ID), text(p.name()), text(cmp.Or(p.Parent, account)))
	})
	return ok(append(appendMember(b, "links"), `{"self":"`+iamURL+`auth/projects"}}`...)), nil
}

// listAuthDomains is GET /v3/auth/domains: the account of whoever asks.
func (c *Cloud) listAuthDomains(q *call) (Answer, error) {
	c.mu.RLock()
	accounts := slices.SortedFunc(maps.Values(c.accounts), func(a, b *inventory) int { return strings.Compare(a.account.ID, b.account.ID) })
	c.mu.RUnlock()
	accounts = slices.DeleteFunc(accounts, func(s *inventory) bool { return q.caller != "" && s.account.ID != q.caller })
	b := appendItems([]byte{'{'}, "domains", len(accounts), c.quirks.EmptyArrays, func(b []byte, i int) []byte {
		a := accounts[i].account
		return fmt.Appendf(b, `{"description":"","enabled":true,"id":%s,"links":{"self":%s},"name":%s}`, text(a.ID), text(iamURL+"domains/"+a.ID), text(a.Name))
	})
	return ok(append(appendMember(b, "links"), `{"self":"`+iamURL+`auth/domains"}}`...)), nil
}
