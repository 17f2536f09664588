package huaweicloud

import (
	"cmp"
	"context"
	"crypto/x509"
	"fmt"
	"maps"
	"net"
	"os"
	"sync"
)

// ClientConfig is what applies to all projects of a configuration.
type ClientConfig struct {
	UserAgent string
	CAFile    string   // PEM, trusted beside the system's roots; optional
	Dial      DialFunc // nil: TCP; tests have a network in memory
}

// DialFunc connects to an address, as that of a net.Dialer does.
type DialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// Client holds what the services of one configuration share: connections, the state of
// credentials, and how fast each service may be called. It is safe for concurrent use.
type Client struct {
	userAgent      string
	connections    *connections
	previousPacers map[pacerKey]*pacer // of the client before a reload
	breakers       *breakers

	mu          sync.Mutex
	credentials map[string]*credential
	pacers      map[pacerKey]*pacer
}

// NewClient returns a client. previous is the client before a reload, or nil. Both
// are used until the last read of the old one ends; so that the cloud does not see twice
// the requests, services whose limits stay share one pacer and their connections.
func NewClient(config ClientConfig, previous *Client) (*Client, error) {
	roots, err := trust(config.CAFile)
	if err != nil {
		return nil, err
	}
	var kept *connections
	if previous != nil {
		kept = previous.connections
	}
	c := &Client{
		userAgent:   config.UserAgent,
		connections: newConnections(roots, config.Dial, kept),
		credentials: make(map[string]*credential),
		pacers:      make(map[pacerKey]*pacer),
		breakers:    newBreakers(),
	}
	if previous != nil {
		previous.mu.Lock()
		defer previous.mu.Unlock()
		c.previousPacers = maps.Clone(previous.pacers)
		c.breakers = previous.breakers
		c.breakers.reset()
	}
	return c, nil
}

func trust(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil // the system's
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read CA file: %w", err)
	}
	certificates, err := ParseCertificates(file, content)
	if err != nil {
		return nil, fmt.Errorf("read CA file: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	for _, certificate := range certificates {
		roots.AddCert(certificate)
	}
	return roots, nil
}

// Close closes the idle connections. Those in use are closed when they become idle.
func (c *Client) Close() { c.connections.close() }

// Service returns one service of a project. Services with a credential of the
// same name share its state.
func (c *Client) Service(p ProjectConfig, s ServiceConfig) (*Service, error) {
	key := pacerKey{project: p.Name, region: p.Region, id: p.ID, service: s.Name}
	return c.service(key, s, ServiceConfig{Name: IAM, Endpoint: IAMEndpoint(p.Region), Limits: s.Limits}, p.Credential, projectSubject(p.ID))
}

// AccountService returns one service of an account. iam is the account's IAM: it says
// which account it is where that is not configured, and issues tokens for it. The
// service may be that IAM itself.
func (c *Client) AccountService(a AccountConfig, iam, s ServiceConfig) (*Service, error) {
	about := accountSubject(a.ID)
	if a.ID == "" {
		about.name = a.Credential.DomainName // a token can be had without the ID
	}
	key := pacerKey{account: a.Name, id: a.ID, service: s.Name}
	made, err := c.service(key, s, iam, a.Credential, about)
	if err != nil {
		return nil, err
	}
	key.service = IAM
	made.account, err = c.service(key, iam, iam, a.Credential, about)
	return made, err
}

// service returns a service, and with it the IAM that issues its tokens, if its credential
// needs some.
func (c *Client) service(key pacerKey, s, iam ServiceConfig, with CredentialConfig, about subject) (*Service, error) {
	endpoint, err := ParseEndpoint(s.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("the endpoint of %s %w", s.Name, err)
	}
	c.connections.allow(endpoint.Host, key, s.Limits.MaxConcurrency)
	c.mu.Lock()
	cred := c.credentials[with.Name]
	if cred == nil {
		cred = newCredential(with, c.breakers)
		c.credentials[with.Name] = cred
	}
	made := &Service{
		client: c, name: s.Name, endpoint: endpoint, pacer: c.pacer(key, s.Limits), maxRetries: s.Limits.MaxRetries,
		credential: cred, subject: about,
	}
	c.mu.Unlock()
	if with.Kind != Password || key.tokens {
		return made, nil
	}
	// Requests for tokens have places in flight of their own, also where the service is
	// IAM: a request holds its place while it waits for its token.
	key.service, key.tokens = IAM, true
	iam.Endpoint = cmp.Or(with.IAMEndpoint, iam.Endpoint)
	if made.iam, err = c.service(key, iam, iam, with, about); err == nil {
		made.iam.maxRetries = made.maxRetries
	}
	return made, err
}
