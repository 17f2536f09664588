// Package simulator is a Huawei Cloud in one http.Handler: IAM's tokens and lists,
// the tag calls of ModelArts, DDS and DataArts Fabric, Huawei Cloud Config, the policies
// of Organizations, enterprise projects, and the API gateway before them.
//
// It is a second witness of the wire format: it imports nothing of this module,
// verifies signatures with code of its own, refuses whatever the public pages
// refuse and records each refusal. Where the pages are silent or contradict each
// other, [Quirks] offers both readings. [Fault] breaks answers on purpose.
package simulator

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// The operations, under the official SDK's names.
const (
	OpCreateToken           = "KeystoneCreateUserTokenByPassword"
	OpListPoolTags          = "ListPoolTags"
	OpListInstances         = "ListInstances"
	OpListInstanceTags      = "ListInstanceTags"
	OpListFabricWorkspaces  = "ListTagFabricWorkspaces"
	OpListFabricProjectTags = "ListFabricProjectTags"
	OpListAllResources      = "ListAllResources"
	OpCountAllResources     = "CountAllResources"
	OpSummarizeAllResources = "CollectAllResourcesSummary"
	OpShowTrackerConfig     = "ShowTrackerConfig"
	OpListAuthProjects      = "KeystoneListAuthProjects"
	OpListAuthDomains       = "KeystoneListAuthDomains"
	OpShowEffectivePolicies = "ShowEffectivePolicies"
	OpListEnterpriseProject = "ListEnterpriseProject"
	// OpUnknown is the operation of a request whose method and path name no API.
	OpUnknown = "unknown"
)

// Options of a Cloud. The zero value is ready to use.
type Options struct {
	// Quirks choose a reading of what the documentation leaves open.
	Quirks Quirks
	// Log is how many of the latest requests are kept for Requests; 0 keeps none.
	Log int
	// TokenLifetime of tokens from the token API; 0 means the documented 24 hours.
	TokenLifetime time.Duration
}

// Cloud is a simulated Huawei Cloud. All methods may be called at any time from
// any goroutine. Use New; the zero value does not work.
type Cloud struct {
	quirks   Quirks
	services []*service

	requestIDs atomic.Uint64
	closed     chan struct{}
	closeOnce  sync.Once

	mu       sync.RWMutex // guards both maps; what they hold never changes
	projects map[string]*snapshot
	accounts map[string]*inventory

	identities identities
	faults     faults
	stats      stats
}

// New returns a cloud without projects, accounts, keys and users.
func New(opts Options) *Cloud {
	if opts.TokenLifetime == 0 {
		opts.TokenLifetime = 24 * time.Hour
	}
	return &Cloud{
		quirks:     opts.Quirks,
		services:   services,
		closed:     make(chan struct{}),
		projects:   make(map[string]*snapshot),
		accounts:   make(map[string]*inventory),
		identities: newIdentities(opts.TokenLifetime),
		stats:      newStats(opts.Log),
	}
}

// Close releases every hanging or delayed request; later ones do not hang or
// wait. It does not stop servers. Closing twice is fine.
func (c *Cloud) Close() {
	c.closeOnce.Do(func() { close(c.closed) })
}

// Listen serves the cloud over plain HTTP on addr ("127.0.0.1:0" picks a free
// port) and returns its base URL without a trailing slash. The returned function
// stops the server, cuts its connections and releases what hangs on them; other
// servers of the same cloud go on.
func (c *Cloud) Listen(addr string) (url string, stop func(), err error) {
	return c.ListenAs("", addr)
}

// ListenAs serves it as Host does.
func (c *Cloud) ListenAs(label, addr string) (url string, stop func(), err error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{
		Handler:           c.Host(label),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0), // injected faults would fill it
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			// Nothing is left to do about a listener that does not close.
			if err := server.Close(); err == nil || errors.Is(err, http.ErrServerClosed) {
				<-served //nolint:errcheck // that it was closed
			}
		})
	}
	return "http://" + listener.Addr().String(), stop, nil
}

// SetProject adds the project or replaces the one with its ID. It keeps a deep
// copy. It panics if the project could not exist: an instance ID that is not 32
// hex digits and "in02", or two resources with one ID.
func (c *Cloud) SetProject(p Project) {
	c.UpdateProject(p.ID, func(old *Project) { *old = p })
}

// UpdateProject lets f change a copy of the project and then replaces the project
// by it, for all requests at once. An unknown ID starts an empty project. Updates
// run one after the other; f must not call methods of the cloud. It panics as
// SetProject does.
func (c *Cloud) UpdateProject(id string, f func(*Project)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := Project{ID: id}
	if s, ok := c.projects[id]; ok {
		p = s.project.clone()
	}
	f(&p)
	c.projects[id] = c.newSnapshot(p.clone())
}

// RemoveProject deletes the project; its calls then answer 403.
func (c *Cloud) RemoveProject(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.projects, id)
}

func (c *Cloud) snapshot(projectID string) *snapshot {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.projects[projectID]
}
