package huaweicloud

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"reflect"
	"sync"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/signer"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/request"
)

// proof is what one request proves its identity with: a token, keys to sign it with, or
// in a request to IAM a password.
type proof struct {
	token                               string
	accessKey, secretKey, securityToken string
	password                            string
}

// secrets returns what must not appear in an error.
func (p proof) secrets() []string { return []string{p.token, p.secretKey, p.securityToken, p.password} }

// credential is the state of one configured credential. All services that use it share
// it.
type credential struct {
	config     CredentialConfig
	breakers   *breakers
	chain      *chain // Environment only
	refreshing slots  // one, so that no older reading of the secrets overtakes a newer one

	mu       sync.Mutex
	standing *standing                   // of the secrets as last read; nil until they have been read once
	tokens   map[tokenScope]*cachedToken // Password only
}

func newCredential(c CredentialConfig, all *breakers) *credential {
	cred := &credential{config: c, breakers: all, refreshing: make(slots, 1)}
	if c.Kind == Environment {
		cred.chain = newChain()
	}
	return cred
}

// refresh reads the secrets again, at the beginning of each session. If one has changed,
// the pause and the tokens of the old ones are dropped. If one cannot be read, all keep
// their last values, because files are often replaced by deleting them first.
func (c *credential) refresh(ctx context.Context) error {
	if err := c.refreshing.acquire(ctx); err != nil {
		return err
	}
	defer c.refreshing.release()
	read, err := c.reveal(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		if c.standing == nil {
			return fmt.Errorf("credential %s: %w", c.config.Name, err)
		}
		return nil
	}
	b := c.breakers.of(c.identity(read))
	if c.standing != nil && c.standing.secrets == read && c.standing.breaker == b {
		return nil
	}
	if c.standing != nil {
		c.standing.revoke()
		b.reset()
	}
	c.standing, c.tokens = &standing{breaker: b, secrets: read}, make(map[tokenScope]*cachedToken)
	return nil
}

// identity names what the cloud would lock after too many refusals.
func (c *credential) identity(p proof) string {
	switch {
	case c.config.Kind == Password:
		return fmt.Sprintf("user %q of %q", c.config.Username, c.config.DomainName)
	case p.token != "":
		return fmt.Sprintf("token %x", sha256.Sum256([]byte(p.token)))
	}
	return "access key " + p.accessKey
}

func (c *credential) reveal(ctx context.Context) (p proof, err error) {
	if c.config.Kind == Environment {
		if c.current() != nil { // its secrets are good for a while: the SDK renews keys long before they expire
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, c.chain.maxWait)
			defer cancel()
		}
		return c.chain.proof(ctx)
	}
	for _, secret := range []struct {
		from Secret
		to   *string
	}{
		{c.config.AccessKey, &p.accessKey},
		{c.config.SecretKey, &p.secretKey},
		{c.config.SecurityToken, &p.securityToken},
		{c.config.Token, &p.token},
		{c.config.Password, &p.password},
	} {
		if *secret.to, err = secret.from.Reveal(); err != nil {
			return proof{}, err
		}
	}
	return p, nil
}

// current returns the secrets as last read, and what the breaker knows about them.
func (c *credential) current() *standing {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.standing
}

// authorize adds the proof to a request: a token, or an SDK-HMAC-SHA256
// signature over method, path, query, body and the X-… headers. The User-Agent
// is left out of the signature, so that a proxy may rewrite it.
// https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm.html
func (p proof) authorize(req *http.Request, about subject, body []byte, now time.Time) error {
	if p.token != "" {
		req.Header.Set("X-Auth-Token", p.token)
		return nil
	}
	b := request.NewHttpRequestBuilder().
		WithMethod(req.Method).
		WithPath(req.URL.Path).
		AddHeaderParam(signer.HeaderXDate, now.UTC().Format(signer.BasicDateFormat))
	if about.id != "" {
		b.AddHeaderParam(about.header, about.id)
		req.Header.Set(about.header, about.id)
	}
	if p.securityToken != "" {
		b.AddHeaderParam("X-Security-Token", p.securityToken)
		req.Header.Set("X-Security-Token", p.securityToken)
	}
	for key, values := range req.URL.Query() {
		b.AddQueryParam(key, reflect.ValueOf(values))
	}
	if body != nil {
		b.WithBody("", string(body))
	}
	signed, err := signer.Sign(b.Build(), p.accessKey, p.secretKey)
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	for key, value := range signed {
		req.Header.Set(key, value)
	}
	return nil
}
