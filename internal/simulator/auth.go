package simulator

import (
	"cmp"
	"crypto/hmac"
	"fmt"
	"net/http"
	"slices"
	"time"
)

const (
	maxClockSkew   = 15 * time.Minute
	maxTokenLength = 65534 // characters of X-Auth-Token
	sdkDateForm    = "20060102T150405Z"
)

// authenticate checks the signature or the token of a request to an API of a project
// or an account.
func (c *Cloud) authenticate(q *call) error {
	token, signed := q.r.Header.Get("X-Auth-Token"), q.r.Header.Get("Authorization")
	switch {
	case token != "" && signed != "":
		return unauthenticated("APIG.0305", "Incorrect authentication information", "both a token and a signature")
	case token != "":
		return c.checkToken(q, token)
	case signed != "":
		return c.checkSignature(q, signed)
	default:
		return incorrect("x-auth-token not found", "neither a token nor a signature")
	}
}

func unauthenticated(code, message, reason string) *refusal {
	return refuse(http.StatusUnauthorized, code, message, reason)
}

func incorrect(what, reason string) *refusal {
	return unauthenticated("APIG.0301", "Incorrect IAM authentication information: "+what, reason)
}

func (c *Cloud) checkToken(q *call, id string) error {
	if len(id) > maxTokenLength {
		return refuse(494, "APIG.0201", "Request header too large", fmt.Sprintf("token of %d characters", len(id)))
	}
	t, found := find(&c.identities, c.identities.tokens, id)
	switch {
	case !found && q.service.incorrectToken:
		return unauthenticated("APIG.1002", "Incorrect token or token resolution failed", "unknown token")
	case !found:
		return incorrect("decrypt token fail", "unknown token")
	case !time.Now().Before(t.expires):
		expired := t.expires.UTC().Format(tokenTimeForm)
		return incorrect("token expires, expires_at: "+expired, "token expired at "+expired)
	case q.service.scope == ofProject && q.project == "": // the path names none
		q.project = t.projectID
	case q.service.scope != ofCaller && t.projectID != q.project, q.service.scope == ofAccount && t.account != q.domain:
		return unauthenticated("APIG.0307", "The token must be updated", fmt.Sprintf("token of project %q, account %q", t.projectID, t.account))
	}
	q.caller = t.account
	if header := q.r.Header.Get("X-Project-Id"); header != "" && header != t.projectID {
		return unauthenticated("APIG.0305", "Incorrect authentication information", fmt.Sprintf("x-project-id %q is not of the token", header))
	}
	if header := q.r.Header.Get("X-Domain-Id"); header != "" && header != t.account {
		return unauthenticated("APIG.0305", "Incorrect authentication information", fmt.Sprintf("x-domain-id %q is not of the token", header))
	}
	return nil
}

// checkSignature counts failures, and refuses a locked key before looking further.
func (c *Cloud) checkSignature(q *call, header string) error {
	auth, err := parseAuthorization(header)
	if err != nil {
		return incorrect("verify aksk signature fail", err.Error())
	}
	now := time.Now()
	if c.identities.locked(auth.access, now) {
		return incorrect("AK access failed to reach the limit,forbidden", "access key is locked")
	}
	if err := c.verify(q, auth, now); err != nil {
		c.identities.failed(auth.access, now)
		return err
	}
	c.identities.succeeded(auth.access)
	return nil
}

// verify checks, in this order: the key, the time, the project, the account and the
// security token, and the signature over all of them.
func (c *Cloud) verify(q *call, auth authorization, now time.Time) error {
	key, found := find(&c.identities, c.identities.accessKeys, auth.access)
	date, project, securityToken := q.r.Header.Get("X-Sdk-Date"), q.r.Header.Get("X-Project-Id"), q.r.Header.Get("X-Security-Token")
	at, err := time.Parse(sdkDateForm, date)
	skew := now.Sub(at).Abs()
	switch {
	case !found:
		return incorrect("ak "+auth.access+" not exist", "unknown access key")
	case err != nil:
		return incorrect("x-sdk-date is invalid", fmt.Sprintf("x-sdk-date %q", date))
	case skew > maxClockSkew:
		return incorrect("client clock skew is too large", fmt.Sprintf("clock skew %s", skew))
	case project != q.project:
		return incorrect("project id does not match", fmt.Sprintf("x-project-id %q is not of the path", project))
	}
	if err := q.checkDomain(key); err != nil {
		return err
	}
	switch {
	case securityToken != key.SecurityToken:
		return incorrect("security token is invalid", "wrong or missing security token")
	case !key.Expires.IsZero() && !now.Before(key.Expires):
		return incorrect("security token expires", "temporary access key has expired")
	}
	for _, name := range []string{"x-sdk-date", "x-project-id", "x-domain-id", "x-security-token"} {
		if q.r.Header.Get(name) != "" && !slices.Contains(auth.signedHeaders, name) {
			return incorrect("verify aksk signature fail", name+" is not signed")
		}
	}
	want, err := sign(q.r, auth.signedHeaders, q.body, key.SK)
	if err != nil {
		return incorrect("verify aksk signature fail", err.Error())
	}
	if !hmac.Equal([]byte(want), []byte(auth.signature)) {
		return incorrect("verify aksk signature fail", "wrong signature")
	}
	return nil
}

// checkDomain holds X-Domain-Id to the path of an account's API, and to the account
// that the key is of. IAM's lists do without it.
func (q *call) checkDomain(key AccessKey) error {
	header := q.r.Header.Get("X-Domain-Id")
	q.caller = cmp.Or(key.Account, header)
	missing := header == "" && q.service.scope == ofCallersAccount
	if missing || q.service.scope == ofAccount && header != q.domain || header != "" && header != q.caller {
		return incorrect("domain id does not match",
			fmt.Sprintf("x-domain-id %q is not of the path or the key", header))
	}
	return nil
}
