package simulator

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

const tokenTimeForm = "2006-01-02T15:04:05.000000Z"

// credentials are what a password login says.
type credentials struct {
	user                   User
	projectID, projectName string // at most one
	domainScope            bool
}

// createToken is POST /v3/auth/tokens, query nocatalog (any value but an empty
// one). The token is in the X-Subject-Token header. Scopes are a project's id or
// name, or the domain; a domain's token opens no project.
// See https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html.
func (c *Cloud) createToken(q *call) (Answer, error) {
	for name := range q.query {
		if name != "nocatalog" || q.query.Get(name) == "" {
			return Answer{}, iamRefusal(http.StatusBadRequest, "unknown or empty query parameter "+name)
		}
	}
	if !q.isJSON() {
		return Answer{}, iamRefusal(http.StatusBadRequest, "content type is not application/json")
	}
	login, err := decodeLogin(q.body)
	if err != nil {
		return Answer{}, iamRefusal(http.StatusBadRequest, err.Error())
	}
	if err := c.checkPassword(login.user); err != nil {
		return Answer{}, err
	}
	var p Project
	if !login.domainScope {
		var found bool
		if p, found = c.findProject(login.projectID, login.projectName); !found {
			return Answer{}, iamRefusal(http.StatusUnauthorized, "the project of the scope does not exist")
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
		Body:   tokenBody(login.user, p, now, expires, !q.query.Has("nocatalog")),
	}, nil
}

func iamRefusal(status int, reason string) *refusal {
	return &refusal{answer: ErrorE7(status, reason), reason: reason}
}

// checkPassword counts failures and locks the user, as it is done for access keys.
func (c *Cloud) checkPassword(given User) error {
	now, principal := time.Now(), given.Principal()
	if c.identities.locked(principal, now) {
		return iamRefusal(http.StatusUnauthorized, "The account is locked")
	}
	known, found := c.identities.user(principal)
	if !found || subtle.ConstantTimeCompare([]byte(known.Password), []byte(given.Password)) == 0 {
		c.identities.failed(principal, now)
		return iamRefusal(http.StatusUnauthorized, "The username or password is wrong.")
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

func decodeLogin(body []byte) (credentials, error) {
	var login credentials
	root, err := decodeBody(body, "auth")
	if err != nil {
		return login, err
	}
	auth, err := root.object("auth", "identity", "scope")
	if err != nil {
		return login, err
	}
	identity, err := auth.object("identity", "methods", "password")
	if err != nil {
		return login, err
	}
	if methods, err := identity.texts("methods"); err != nil || !slices.Equal(methods, []string{"password"}) {
		return login, errors.New(`methods is not ["password"]`)
	}
	password, err := identity.object("password", "user")
	if err != nil {
		return login, err
	}
	if login.user, err = decodeUser(password); err != nil {
		return login, err
	}
	return login, login.decodeScope(auth)
}

func decodeUser(password object) (User, error) {
	var u User
	user, err := password.object("user", "name", "password", "domain")
	if err != nil {
		return u, err
	}
	domain, err := user.object("domain", "name")
	if err != nil {
		return u, err
	}
	if u.Domain, err = domain.text("name"); err != nil {
		return u, err
	}
	if u.Name, err = user.text("name"); err != nil {
		return u, err
	}
	u.Password, err = user.text("password")
	return u, err
}

func (login *credentials) decodeScope(auth object) error {
	scope, err := auth.object("scope", "project", "domain")
	if err != nil {
		return err
	}
	if scope.has("project") == scope.has("domain") {
		return errors.New("scope is not either a project or a domain")
	}
	kind := "project"
	if login.domainScope = scope.has("domain"); login.domainScope {
		kind = "domain"
	}
	named, err := scope.object(kind, "id", "name")
	if err != nil {
		return err
	}
	if len(named) != 1 {
		return fmt.Errorf("scope names its %s not by either id or name", kind)
	}
	var id, name string
	if named.has("id") {
		id, err = named.text("id")
	} else {
		name, err = named.text("name")
	}
	if !login.domainScope {
		login.projectID, login.projectName = id, name
	}
	return err
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
