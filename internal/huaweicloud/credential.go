package huaweicloud

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strings"
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
	config  CredentialConfig
	breaker *breaker
	chain   *chain // Environment only

	mu       sync.Mutex
	revealed proof  // the configured secrets as last read; not for Environment
	password string // Password only
	tokens   map[tokenScope]*tokenSlot
}

func newCredential(c CredentialConfig, now func() time.Time) *credential {
	cred := &credential{config: c, breaker: newBreaker(now), tokens: make(map[tokenScope]*tokenSlot)}
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

// proof returns what a request of this session proves its identity with. It
// may have to obtain a token first.
func (c *credential) proof(ctx context.Context, s *Session) (proof, error) {
	if c.config.Kind == Password {
		token, err := c.token(ctx, s)
		return proof{token: token}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.revealed, nil
}

// authorize adds the proof to a request: a token, or an SDK-HMAC-SHA256
// signature over method, path, query, body and the X-… headers. The User-Agent
// is left out of the signature, so that a proxy may rewrite it.
// https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm.html
func (p proof) authorize(req *http.Request, projectID string, body []byte) error {
	if p.token != "" {
		req.Header.Set("X-Auth-Token", p.token)
		return nil
	}
	b := request.NewHttpRequestBuilder().
		WithMethod(req.Method).
		WithPath(req.URL.Path).
		AddHeaderParam("X-Project-Id", projectID)
	req.Header.Set("X-Project-Id", projectID)
	if p.securityKey != "" {
		b.AddHeaderParam("X-Security-Token", p.securityKey)
		req.Header.Set("X-Security-Token", p.securityKey)
	}
	for key, values := range req.URL.Query() {
		b.AddQueryParam(key, reflect.ValueOf(values[0]))
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

// scrub takes the secrets out of a text that the cloud may have echoed.
func (p proof) scrub(text string) string {
	for _, secret := range p.secrets() {
		if len(secret) >= 8 {
			text = strings.ReplaceAll(text, secret, redacted)
		}
	}
	return text
}
