package simulator

import (
	"cmp"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

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
// name, or the domain; a domain's token opens no project.
func (c *Cloud) createToken(q *call) (Answer, error) {
	for name := range q.query {
		if name != "nocatalog" || q.query.Get(name) == "" {
			return Answer{}, fmt.Errorf("unknown or empty query parameter %s", name)
		}
	}
	if !q.isJSON() {
		return Answer{}, errors.New("content type is not application/json")
	}
	user, scope, err := decodeLogin(q.body)
	if err != nil {
		return Answer{}, err
	}
	if err := c.checkPassword(user); err != nil {
		return Answer{}, err
	}
	var p Project
	if scope != nil {
		var found bool
		if p, found = c.findProject(textOf(scope.ID), textOf(scope.Name)); !found {
			return Answer{}, unauthorized("the project of the scope does not exist")
		}
		q.project = p.ID
	}
	now := time.Now()
	expires := now.Add(c.identities.lifetime)
	status := http.StatusCreated
	if c.quirks.TokenStatusOK {
		status = http.StatusOK
	}
	return Answer{
		Status: status,
		Header: http.Header{"X-Subject-Token": {c.identities.issue(p.ID, now, expires)}},
		Body:   tokenBody(user, p, now, expires, !q.query.Has("nocatalog")),
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

// findProject prefers the lowest ID where several projects have the name.
func (c *Cloud) findProject(id, name string) (Project, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if s, found := c.projects[id]; found {
		return s.project, true
	}
	var named []string
	for _, s := range c.projects {
		if name != "" && s.project.name() == name {
			named = append(named, s.project.ID)
		}
	}
	if len(named) == 0 {
		return Project{}, false
	}
	return c.projects[slices.Min(named)].project, true
}

// decodeLogin returns who wants a token and for which project; nil is for the
// domain.
func decodeLogin(body []byte) (u User, project *idOrName, err error) {
	var login loginBody
	if decode(body, &login) != nil {
		// The error itself may quote a piece of the password.
		return u, nil, errors.New("body is not json of the documented members and types")
	}
	identity, scope := login.Auth.Identity, login.Auth.Scope
	user := identity.Password.User
	if !slices.Equal(identity.Methods, []string{"password"}) {
		return u, nil, errors.New(`methods is not ["password"]`)
	}
	if user.Name == nil || user.Password == nil || user.Domain.Name == nil {
		return u, nil, errors.New("the user's name, password or domain is missing")
	}
	if (scope.Project == nil) == (scope.Domain == nil) {
		return u, nil, errors.New("scope is not either a project or a domain")
	}
	if named := cmp.Or(scope.Project, scope.Domain); (named.ID == nil) == (named.Name == nil) {
		return u, nil, errors.New("scope names its project or domain not by either id or name")
	}
	return User{Domain: *user.Domain.Name, Name: *user.Name, Password: *user.Password}, scope.Project, nil
}

// tokenBody describes a token; the token itself is not in it.
func tokenBody(u User, p Project, issued, expires time.Time, catalog bool) []byte {
	b := []byte(`{"token":{"methods":["password"]`)
	b = appendTextMember(b, "expires_at", expires.UTC().Format(tokenTimeForm))
	b = appendTextMember(b, "issued_at", issued.UTC().Format(tokenTimeForm))
	domain := fmt.Appendf(nil, `"domain":{"id":"d0","name":%s}`, appendText(nil, u.Domain))
	if p.ID == "" {
		b = append(append(b, ','), domain...)
	} else {
		b = fmt.Appendf(b, `,"project":{"id":%s,"name":%s,%s}`, appendText(nil, p.ID), appendText(nil, p.name()), domain)
	}
	b = fmt.Appendf(b, `,"user":{"id":"u0","name":%s,"password_expires_at":"",%s}`, appendText(nil, u.Name), domain)
	b = append(b, `,"roles":[{"id":"0","name":"op_gated"}],"catalog":[`...)
	if catalog {
		b = append(b, `{"id":"c0","name":"dds","type":"dds","endpoints":[]}`...)
	}
	return append(b, `]}}`...)
}
