package simulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Break is a way of breaking the connection or the body of an answer.
type Break int

// What is sent instead of the answer.
const (
	Intact    Break = iota // the answer as it is
	Hang                   // no answer until the client leaves or the cloud is closed
	Stall                  // the header and half of the body, and then as Hang
	Reset                  // a TCP RST without an answer (over HTTP/2: of the stream)
	Hangup                 // the connection is closed without an answer
	Truncated              // the connection is closed after half of the body
	HalfJSON               // half of the body, as if it were whole
	WrongJSON              // JSON in which every member has a wrong type
	Huge                   // 17 MiB of white space before the body
)

// Fault breaks answers on purpose. The request is judged first, so that a wrong
// one is recorded even where a fault hides its refusal. Of several faults for one
// request the latencies add up, and the first one injected says what is answered.
type Fault struct {
	// Which requests. Empty fields are all.
	Operation    string
	Project      string
	Account      string // of the path, or of whoever asks
	Instance     string
	BodyContains string
	// Match may read the request's body. It is called by one request at a time, and
	// must not inject or remove faults.
	Match func(*http.Request) bool

	// Which of those, all conditions together, counted from 1.
	After       int     // not the first n
	Times       int     // at most n altogether; 0 is no limit
	Every       int     // only each n-th after those; 0 and 1 are each
	Probability float64 // 0 is 1: each
	Seed        uint64  // of the probability
	// PerWindow lets so many requests through per Window of the cloud's clock, as
	// flow control does. 0 lets none through.
	PerWindow int
	Window    time.Duration

	// What happens.
	Latency     time.Duration             // before the answer, in real time
	LatencyFunc func(n int) time.Duration // added to it; n counts this fault's hits from 1
	Answer      *Answer                   // instead of the true one
	// Rewrite changes the body of the answer, true or not. All faults that hit do so,
	// one after the other. See ByteOrderMark and MemberAs.
	Rewrite func(body []byte) []byte
	Break   Break
}

// Instead returns the answer for a Fault.
func Instead(a Answer) *Answer { return &a }

type hook struct {
	operation string
	f         func(n int)
}

// faults are the injected faults and hooks, in order.
type faults struct {
	mu       sync.Mutex
	injected []*injectedFault
	hooks    []*hook
}

type injectedFault struct {
	Fault
	random      *rand.Rand
	seen, hits  int
	windowStart time.Time
	inWindow    int
}

// effect is what the faults for one request come to.
type effect struct {
	latency  time.Duration
	answer   *Answer
	rewrites []func(body []byte) []byte
	broken   Break
}

// Inject adds a fault. The returned function removes it; requests that it holds
// go on as they are.
func (c *Cloud) Inject(f Fault) (remove func()) {
	return addTo(&c.faults.injected, &c.faults.mu, &injectedFault{Fault: f, random: rand.New(rand.NewPCG(f.Seed, f.Seed))})
}

// OnCall has f run before the n-th call of the operation (from 1, as Calls counts;
// "" is any operation, counted by its own) is judged and answered. f may change
// the cloud, so that lists shift between their pages. Calls at one time run f at
// one time. The returned function removes it.
func (c *Cloud) OnCall(operation string, f func(n int)) (remove func()) {
	return addTo(&c.faults.hooks, &c.faults.mu, &hook{operation: operation, f: f})
}

// addTo adds to a list that the mutex guards. The returned function removes it.
func addTo[T comparable](list *[]T, mu *sync.Mutex, added T) (remove func()) {
	mu.Lock()
	defer mu.Unlock()
	*list = append(*list, added)
	return func() {
		mu.Lock()
		defer mu.Unlock()
		*list = slices.DeleteFunc(*list, func(other T) bool { return other == added })
	}
}

// runHooks holds no lock while they run.
func (c *Cloud) runHooks(operation string, n int) {
	c.faults.mu.Lock()
	hooks := slices.Clone(c.faults.hooks)
	c.faults.mu.Unlock()
	for _, h := range hooks {
		if h.operation == "" || h.operation == operation {
			h.f(n)
		}
	}
}

// strike asks each fault whether it hits the request.
func (c *Cloud) strike(q *call) effect {
	now := time.Now()
	c.faults.mu.Lock()
	defer c.faults.mu.Unlock()
	var e effect
	for _, f := range c.faults.injected {
		if !f.concerns(q) || !f.due(now) {
			continue
		}
		f.hits++
		e.latency += f.Latency
		if f.LatencyFunc != nil {
			e.latency += f.LatencyFunc(f.hits)
		}
		if f.Rewrite != nil {
			e.rewrites = append(e.rewrites, f.Rewrite)
		}
		if e.answer == nil && e.broken == Intact {
			e.answer, e.broken = f.Answer, f.Break
		}
	}
	return e
}

func (f *injectedFault) concerns(q *call) bool {
	if f.Operation != "" && f.Operation != q.operation ||
		f.Project != "" && f.Project != q.project ||
		f.Account != "" && f.Account != cmp.Or(q.domain, q.caller) ||
		f.Instance != "" && f.Instance != q.instance ||
		!bytes.Contains(q.body, []byte(f.BodyContains)) {
		return false
	}
	if f.Match == nil {
		return true
	}
	r := *q.r
	r.Body = io.NopCloser(bytes.NewReader(q.body))
	return f.Match(&r)
}

// due keeps the schedule.
func (f *injectedFault) due(now time.Time) bool {
	f.seen++
	turn := f.seen - f.After
	if turn <= 0 || f.Times > 0 && f.hits >= f.Times || f.Every > 1 && turn%f.Every != 0 {
		return false
	}
	if f.PerWindow > 0 {
		if f.windowStart.IsZero() || now.Sub(f.windowStart) >= f.Window {
			f.windowStart, f.inWindow = now, 0
		}
		f.inWindow++
		if f.inWindow <= f.PerWindow {
			return false
		}
	}
	return f.Probability == 0 || f.random.Float64() < f.Probability
}

// ByteOrderMark is a Fault.Rewrite that puts U+FEFF before the body.
func ByteOrderMark(body []byte) []byte { return append([]byte("\ufeff"), body...) }

// MemberAs returns a Fault.Rewrite that gives every member of that name, at any
// depth, the value that the JSON text spells; "{value}" in it becomes the true
// value. MemberAs("total_count", "{value}.0") spells counts oddly, and
// MemberAs("tags", `{"env":"prod"}`) serves tags in a shape nobody documents.
// Bodies that are no JSON stay as they are.
func MemberAs(name, text string) func(body []byte) []byte {
	return func(body []byte) []byte {
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber() // so that counts stay whole numbers
		var answer any
		if d.Decode(&answer) != nil {
			return body
		}
		setMember(answer, name, text)
		return mustEncode(answer)
	}
}

func setMember(value any, name, text string) {
	switch v := value.(type) {
	case map[string]any:
		for member, inner := range v {
			if member == name {
				v[member] = json.RawMessage(strings.ReplaceAll(text, "{value}", string(mustEncode(inner))))
			} else {
				setMember(inner, name, text)
			}
		}
	case []any:
		for _, item := range v {
			setMember(item, name, text)
		}
	}
}

// mustEncode panics where the text of MemberAs is no JSON: the test is wrong.
func mustEncode(value any) []byte {
	b, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("simulator: rewriting an answer: %s", err))
	}
	return b
}
