package simulator

import (
	"crypto/rand"
	"maps"
	"sync"
	"time"
)

// AccessKey is a pair of keys, AK and SK. A temporary one has a security token.
type AccessKey struct {
	AK, SK        string
	SecurityToken string    // "": a permanent key
	Expires       time.Time // zero: never
	Account       string    // ID of its account; "": it opens all accounts and projects
}

// User is an IAM user of the account whose name the domain is.
type User struct {
	Domain, Name, Password string
}

// Principal is the name under which AuthFailures and Locked count the user.
func (u User) Principal() string { return u.Domain + "/" + u.Name }

// More than this many failures in a row lock the access key, or the user, for
// the lock time. See https://support.huaweicloud.com/intl/en-us/ocr_faq/ocr_01_0063.html.
const (
	maxAuthFailures = 5
	lockTime        = 5 * time.Minute
	// maxPrincipals bounds the memory that unknown access keys can take.
	maxPrincipals = 4096
)

// token is one of a project, or of an account as such where projectID is "".
type token struct {
	projectID, account string
	expires            time.Time
}

type failures struct {
	inRow       int
	lockedUntil time.Time
}

// identities are who may call the cloud, and who tried in vain.
type identities struct {
	lifetime time.Duration // of new tokens

	mu         sync.Mutex
	accessKeys map[string]AccessKey
	users      map[string]User // by principal
	tokens     map[string]token
	failures   map[string]failures // by AK or principal
}

func newIdentities(lifetime time.Duration) identities {
	return identities{
		lifetime:   lifetime,
		accessKeys: make(map[string]AccessKey),
		users:      make(map[string]User),
		tokens:     make(map[string]token),
		failures:   make(map[string]failures),
	}
}

// AddAccessKey makes the key valid for its account, or for all. It replaces the key
// of the same AK and forgets its failures and lock.
func (c *Cloud) AddAccessKey(k AccessKey) {
	c.identities.mu.Lock()
	defer c.identities.mu.Unlock()
	c.identities.accessKeys[k.AK] = k
	delete(c.identities.failures, k.AK)
}

// RemoveAccessKey makes the key unknown.
func (c *Cloud) RemoveAccessKey(ak string) {
	c.identities.mu.Lock()
	defer c.identities.mu.Unlock()
	delete(c.identities.accessKeys, ak)
}

// AddUser adds an IAM user who may get tokens for the account, its projects and
// those of no account, or changes the password, which leaves issued tokens valid.
func (c *Cloud) AddUser(u User) {
	c.identities.mu.Lock()
	defer c.identities.mu.Unlock()
	c.identities.users[u.Principal()] = u
	delete(c.identities.failures, u.Principal())
}

// IssueToken returns a new token of the project, valid for the lifetime.
func (c *Cloud) IssueToken(projectID string, lifetime time.Duration) string {
	t := token{projectID: projectID, expires: time.Now().Add(lifetime)}
	if s := c.snapshot(projectID); s != nil {
		t.account = s.project.Account
	}
	return c.identities.issue(t, time.Now())
}

// IssueAccountToken returns a new token of the account, valid for the lifetime.
func (c *Cloud) IssueAccountToken(accountID string, lifetime time.Duration) string {
	now := time.Now()
	return c.identities.issue(token{account: accountID, expires: now.Add(lifetime)}, now)
}

// ExpireTokens makes all tokens issued so far expire now. They answer 401
// APIG.0301 "token expires".
func (c *Cloud) ExpireTokens() {
	now := time.Now()
	c.identities.mu.Lock()
	defer c.identities.mu.Unlock()
	for id, t := range c.identities.tokens {
		if now.Before(t.expires) {
			t.expires = now
			c.identities.tokens[id] = t
		}
	}
}

// AuthFailures returns how many authentications have failed in a row with the
// access key, or the user's Principal. Attempts made while it is locked do not
// count.
func (c *Cloud) AuthFailures(principal string) int {
	c.identities.mu.Lock()
	defer c.identities.mu.Unlock()
	return c.identities.failures[principal].inRow
}

// Locked tells whether the access key, or the user's Principal, is locked now.
func (c *Cloud) Locked(principal string) bool {
	return c.identities.locked(principal, time.Now())
}

// find looks a key up in one of the maps of the identities.
func find[V any](ids *identities, in map[string]V, key string) (V, bool) {
	ids.mu.Lock()
	defer ids.mu.Unlock()
	v, found := in[key]
	return v, found
}

// issue forgets tokens that expired a day ago, to bound its memory.
func (ids *identities) issue(t token, now time.Time) string {
	id := "MIIsim" + rand.Text() + rand.Text()
	ids.mu.Lock()
	defer ids.mu.Unlock()
	maps.DeleteFunc(ids.tokens, func(_ string, old token) bool { return now.Sub(old.expires) > 24*time.Hour })
	ids.tokens[id] = t
	return id
}

// locked also ends a lock whose time is over.
func (ids *identities) locked(principal string, now time.Time) bool {
	ids.mu.Lock()
	defer ids.mu.Unlock()
	until := ids.failures[principal].lockedUntil
	if !until.IsZero() && !now.Before(until) {
		delete(ids.failures, principal)
	}
	return now.Before(until)
}

func (ids *identities) failed(principal string, now time.Time) {
	ids.mu.Lock()
	defer ids.mu.Unlock()
	f, known := ids.failures[principal]
	if !known && len(ids.failures) >= maxPrincipals {
		return
	}
	f.inRow++
	if f.inRow > maxAuthFailures {
		f.lockedUntil = now.Add(lockTime)
	}
	ids.failures[principal] = f
}

func (ids *identities) succeeded(principal string) {
	ids.mu.Lock()
	defer ids.mu.Unlock()
	delete(ids.failures, principal)
}
