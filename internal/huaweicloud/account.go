package huaweicloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
)

// OpAuthDomains is the operation that says which account a credential belongs to.
const OpAuthDomains = "KeystoneListAuthDomains"

// accountID is that of the account to which an identity belongs, an access key or a user.
// That never changes, so IAM is asked once, and a reload does not forget the answer.
type accountID struct {
	lock  slots  // one, held while IAM is asked, so that one request serves all who wait; guards value
	value string // "": IAM has not been asked
}

// AccountID returns the ID that the paths of the account's requests have: the configured
// one, or the one that IAM names. Requests of the session are sent in the name of that
// account from then on. It must not be called by who holds up other requests of the
// session.
func (s *Session) AccountID(ctx context.Context) (string, error) {
	if id := s.about().id; id != "" {
		return id, nil
	}
	known := &s.credential.current().breaker.account
	if err := known.lock.acquire(ctx); err != nil {
		return "", err
	}
	defer known.lock.release()
	if known.value == "" {
		answer, err := Call[authDomains](ctx, s.account, Request{
			Operation: OpAuthDomains, Method: http.MethodGet, Path: "/v3/auth/domains",
		})
		if err == nil {
			known.value, err = answer.choose(s.credential.config.DomainName)
		}
		if err != nil {
			return "", fmt.Errorf("ask IAM for the ID of the account: %w", err)
		}
	}
	found := known.value
	s.foundID.Store(&found)
	return found, nil
}

// authDomains is the answer of KeystoneListAuthDomains.
// https://support.huaweicloud.com/intl/en-us/api-iam/iam_06_0001.html
type authDomains struct {
	Domains ListOrOne[authDomain] `json:"domains"`
}

type authDomain struct {
	ID   Text `json:"id"`
	Name Text `json:"name"`
}

// Absent implements Answer.
func (a *authDomains) Absent() bool { return a.Domains.List == nil }

// Members implements Answer.
func (*authDomains) Members() []string { return []string{"domains"} }

// domainID is the form of an ID that may become part of a path.
var domainID = regexp.MustCompile(`^[\w-]{1,36}$`)

// Check refuses an account whose ID no request could name.
func (d *authDomain) Check() error {
	if !domainID.MatchString(string(d.ID)) {
		return fmt.Errorf("not an account ID: %.80q", d.ID)
	}
	return nil
}

// choose returns the ID of the only account; or of the one with a name, if there are
// several.
func (a *authDomains) choose(name string) (string, error) {
	domains := a.Domains.List
	if len(domains) > 1 {
		domains = slices.DeleteFunc(domains, func(d authDomain) bool { return string(d.Name) != name })
	}
	if len(domains) != 1 {
		return "", errors.New("IAM names no account, or several: domain_id must be given")
	}
	return string(domains[0].ID), nil
}
