package simulator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// maxRefusals bounds how many refusals are kept.
const maxRefusals = 1000

// Request is one request that was received.
type Request struct {
	Operation   string
	Project     string // of the path; of the scope for the token API
	Account     string // of the path, of the token or key, or of the scope
	Instance    string // of the path
	Method      string
	URL         string // path and query
	Proto       string
	Body        []byte
	Time        time.Time // when it was received
	UserAgent   string
	ContentType string
	Credential  string // "aksk", "token" or ""
	AccessKey   string // of a signed request
	RemoteAddr  string
	Status      int // as answered; 0 while it is running, or if it got no answer
}

type counters struct {
	calls, inFlight, maxInFlight int
	statuses                     map[int]int
}

// stats count, by operation and for "", which is all of them.
type stats struct {
	mu       sync.Mutex
	byName   map[string]*counters
	refusals []string
	more     int // refusals beyond maxRefusals
	log      []*Request
	capacity int
}

func newStats(capacity int) stats {
	return stats{byName: make(map[string]*counters), capacity: max(capacity, 0)}
}

func (s *stats) counters(operation string) *counters {
	c, known := s.byName[operation]
	if !known {
		c = &counters{statuses: make(map[int]int)}
		s.byName[operation] = c
	}
	return c
}

// of is a copy of what was counted of an operation.
func (s *stats) of(operation string) counters {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := *s.counters(operation)
	c.statuses = maps.Clone(c.statuses)
	return c
}

// begin counts a request and returns its number among those of its operation.
func (s *stats) begin(operation string, r *Request) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range []string{operation, ""} {
		c := s.counters(name)
		c.calls++
		c.inFlight++
		c.maxInFlight = max(c.maxInFlight, c.inFlight)
	}
	if s.capacity > 0 {
		s.log = append(s.log[max(0, len(s.log)+1-s.capacity):], r)
	}
	return s.counters(operation).calls
}

// end counts the answer, and adds to the log what is known by now. A request that no log
// keeps drops its body.
func (s *stats) end(q *call, r *Request, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.Project, r.Account, r.Status = q.project, cmp.Or(q.domain, q.caller), status
	if s.capacity > 0 {
		r.Body = q.body
	}
	for _, name := range []string{q.operation, ""} {
		c := s.counters(name)
		c.inFlight--
		c.statuses[status]++
	}
}

func (s *stats) refused(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.refusals) == maxRefusals {
		s.more++
		return
	}
	s.refusals = append(s.refusals, what)
}

// Refusals returns every request that was refused because it broke the
// documentation or failed authentication, with the reason; not those that an
// injected fault or a quirk refused. After the first 1000 it only says how many
// more there were.
func (c *Cloud) Refusals() []string {
	c.stats.mu.Lock()
	defer c.stats.mu.Unlock()
	refusals := slices.Clone(c.stats.refusals)
	if c.stats.more > 0 {
		refusals = append(refusals, fmt.Sprintf("and %d more", c.stats.more))
	}
	return refusals
}

// Calls returns how many requests of the operation were received, faults
// included; "" is all operations.
func (c *Cloud) Calls(operation string) int { return c.stats.of(operation).calls }

// Answers returns how many requests of the operation ended with which status,
// 0 being no answer at all; "" is all operations.
func (c *Cloud) Answers(operation string) map[int]int { return c.stats.of(operation).statuses }

// InFlight returns how many requests of the operation are being served; "" is all
// operations.
func (c *Cloud) InFlight(operation string) int { return c.stats.of(operation).inFlight }

// MaxInFlight returns the highest number of requests of the operation that were
// served at one time; "" is all operations.
func (c *Cloud) MaxInFlight(operation string) int { return c.stats.of(operation).maxInFlight }

// Requests returns the latest requests, as many as Options.Log, oldest first.
func (c *Cloud) Requests() []Request {
	c.stats.mu.Lock()
	defer c.stats.mu.Unlock()
	requests := make([]Request, 0, len(c.stats.log))
	for _, r := range c.stats.log {
		requests = append(requests, *r)
	}
	return requests
}

// ResetStats forgets refusals, requests and counts, except of what is in flight.
func (c *Cloud) ResetStats() {
	c.stats.mu.Lock()
	defer c.stats.mu.Unlock()
	for _, counted := range c.stats.byName {
		*counted = counters{inFlight: counted.inFlight, maxInFlight: counted.inFlight, statuses: make(map[int]int)}
	}
	c.stats.refusals, c.stats.more = nil, 0
	c.stats.log = nil
}
