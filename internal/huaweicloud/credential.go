package huaweicloud

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"sync"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/signer"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/request"
)

// proof is what one request proves its identity with: either a token or keys.
type proof struct {
	token                             string
	accessKey, secretKey, securityKey string
}

// secrets lists what must not appear in an error.
func (p proof) secrets() []string { return []string{p.token, p.secretKey, p.securityKey} }

// credential is the state of one configured credential, shared by everything
// that uses it.
type credential struct {
	config     CredentialConfig
	breaker    *breaker
	chain      *chain        // Environment only
	refreshing chan struct{} // holds one token, so that no older reading overtakes a newer one

	mu       sync.Mutex
	revealed proof  // the configured secrets as last read; not for Environment
	password string // Password only
	tokens   map[tokenScope]*tokenSlot
}

func newCredential(c CredentialConfig) *credential {
	cred := &credential{
		config: c, breaker: newBreaker(),
		refreshing: make(chan struct{}, 1), tokens: make(map[tokenScope]*tokenSlot),
	}
	if c.Kind == Environment {
		cred.chain = newChain()
	}
	return cred
}

// refresh reads the secrets again, at the beginning of each read. When one has
// changed, nothing that was learnt about the old ones holds any more. A secret
// that cannot be read keeps its last value, since files are often replaced in
// two steps.
func (c *credential) refresh(ctx context.Context) error {
	select {
	case c.refreshing <- struct{}{}:
		defer func() { <-c.refreshing }()
	case <-ctx.Done():
		return ErrNoTime
	}
	read, password, err := c.reveal(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		if c.revealed == (proof{}) && c.password == "" {
			return err
		}
		return nil
	}
	if c.revealed != read || c.password != password {
		c.revealed, c.password = read, password
		c.tokens = make(map[tokenScope]*tokenSlot)
		c.breaker.reset()
	}
	return nil
}

func (c *credential) reveal(ctx context.Context) (p proof, password string, err error) {
	if c.config.Kind == Environment {
		if c.keys() != (proof{}) { // the SDK renews keys long before they expire
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, c.chain.patience)
			defer cancel()
		}
		p, err = c.chain.proof(ctx)
		return p, "", err
	}
	for secret, to := range map[*Secret]*string{
		&c.config.AccessKey: &p.accessKey, &c.config.SecretKey: &p.secretKey,
		&c.config.SecurityToken: &p.securityKey, &c.config.Token: &p.token, &c.config.Password: &password,
	} {
		if *to, err = secret.Reveal(); err != nil {
			return proof{}, "", err
		}
	}
	return p, password, nil
}

// keys returns what the credential proves its identity with, unless it needs
// a token for that.
func (c *credential) keys() proof {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.revealed
}

// authorize adds the proof to a request: a token, or an SDK-HMAC-SHA256
// signature over method, path, query, body and the X-… headers. The User-Agent
// is left out of the signature, so that a proxy may rewrite it.
// https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm.html
func (p proof) authorize(req *http.Request, projectID string, body []byte, now time.Time) error {
	if p.token != "" {
		req.Header.Set("X-Auth-Token", p.token)
		return nil
	}
	b := request.NewHttpRequestBuilder().
		WithMethod(req.Method).
		WithPath(req.URL.Path).
		AddHeaderParam("X-Project-Id", projectID).
		AddHeaderParam(signer.HeaderXDate, now.UTC().Format(signer.BasicDateFormat))
	req.Header.Set("X-Project-Id", projectID)
	if p.securityKey != "" {
		b.AddHeaderParam("X-Security-Token", p.securityKey)
		req.Header.Set("X-Security-Token", p.securityKey)
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
