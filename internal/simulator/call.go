package simulator

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// maxBodyBytes is what the gateway takes of a request's body (12 MB).
const maxBodyBytes = 12 << 20

// call is a request on its way through the cloud.
type call struct {
	r                            *http.Request
	operation, project, instance string
	requestID                    string
	body                         []byte
	query                        url.Values
	data                         *snapshot // of the project; nil for the token API
}

func (q *call) isFabric() bool {
	return q.operation == OpListFabricWorkspaces || q.operation == OpListFabricProjectTags
}

func (q *call) isJSON() bool {
	mediaType, _, err := mime.ParseMediaType(q.r.Header.Get("Content-Type"))
	return err == nil && mediaType == "application/json"
}

// route finds the API that a request names; OpUnknown if there is none.
func route(r *http.Request) (operation, project, instance string) {
	s := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	is := func(method, pattern string) bool {
		p := strings.Split(pattern, "/")
		if r.Method != method || len(p) != len(s) {
			return false
		}
		for i := range p {
			if p[i] != s[i] && p[i] != "*" || s[i] == "" {
				return false
			}
		}
		return true
	}
	switch {
	case is(http.MethodGet, "v3/*/instances/*/tags"):
		return OpListInstanceTags, s[1], s[3]
	case is(http.MethodGet, "v3/*/instances"):
		return OpListInstances, s[1], ""
	case is(http.MethodGet, "v1/*/pools/tags"):
		return OpListPoolTags, s[1], ""
	case is(http.MethodPost, "v1/*/fabric-workspace/resource-instances/filter"):
		return OpListFabricWorkspaces, s[1], ""
	case is(http.MethodGet, "v1/*/fabric-workspace/tags"):
		return OpListFabricProjectTags, s[1], ""
	case is(http.MethodPost, "v3/auth/tokens"):
		return OpCreateToken, "", ""
	default:
		return OpUnknown, "", ""
	}
}

// answer runs the request as the cloud would, and records a refusal.
func (c *Cloud) answer(q *call) Answer {
	a, err := c.handle(q)
	var refused *refusal
	if !errors.As(err, &refused) {
		return a
	}
	if refused.reason != "" {
		c.stats.refused(fmt.Sprintf("%s %s %s: %d: %s", q.operation, q.r.Method, q.r.URL.RequestURI(), refused.answer.Status, refused.reason))
	}
	if c.quirks.GatewayRecorded {
		return refused.answer.recorded()
	}
	return refused.answer
}

// handle does what the gateway does first: find the API, limit the body,
// authenticate. Only then the service sees the request.
func (c *Cloud) handle(q *call) (Answer, error) {
	if err := q.readBody(); err != nil {
		return Answer{}, err
	}
	if q.operation == OpUnknown {
		return Answer{}, &refusal{
			answer: ErrorE3(http.StatusNotFound, "APIG.0101", "The API does not exist or has not been published in the environment"),
			reason: "no such method and path",
		}
	}
	query, err := url.ParseQuery(q.r.URL.RawQuery)
	if err != nil {
		return Answer{}, &refusal{answer: ErrorE3(http.StatusBadRequest, "APIG.0201", "Bad request"), reason: err.Error()}
	}
	q.query = query
	if q.operation == OpCreateToken {
		return c.createToken(q)
	}
	if err := c.authenticate(q); err != nil {
		return Answer{}, err
	}
	if q.data = c.snapshot(q.project); q.data == nil {
		return Answer{}, &refusal{
			answer: ErrorE3(http.StatusForbidden, "APIG.0306", "API access denied"),
			reason: fmt.Sprintf("unknown project %q", q.project),
		}
	}
	return c.serve(q)
}

// serve hands the call to its service.
func (c *Cloud) serve(q *call) (Answer, error) {
	if q.r.Method == http.MethodGet && len(q.body) > 0 {
		return Answer{}, c.badRequest(q, "a body of %d bytes on a GET", len(q.body))
	}
	if err := c.checkProjectID(q); err != nil {
		return Answer{}, err
	}
	switch q.operation {
	case OpListInstanceTags:
		return c.listInstanceTags(q)
	case OpListInstances:
		return c.listInstances(q)
	case OpListPoolTags:
		return c.listPoolTags(q)
	case OpListFabricWorkspaces:
		return c.listFabricWorkspaces(q)
	default:
		return c.listFabricProjectTags(q)
	}
}

func (q *call) readBody() error {
	body, err := io.ReadAll(io.LimitReader(q.r.Body, maxBodyBytes+1))
	if err != nil {
		// The client left in the middle of it, which no page forbids.
		return &refusal{answer: ErrorE3(http.StatusBadRequest, "APIG.0201", "Bad request")}
	}
	if len(body) > maxBodyBytes {
		return &refusal{
			answer: ErrorE3(http.StatusRequestEntityTooLarge, "APIG.0201", "Request entity too large"),
			reason: "body of more than 12 MB",
		}
	}
	q.body = body
	return nil
}

// badRequest is the service's own 400, with the reason in its message.
func (c *Cloud) badRequest(q *call, format string, args ...any) *refusal {
	reason := fmt.Sprintf(format, args...)
	r := &refusal{reason: reason}
	switch {
	case q.operation == OpListPoolTags:
		r.answer = ErrorE1(http.StatusBadRequest, "ModelArts.50004000", "invalid request: "+reason)
	case q.isFabric():
		message := []rune("request could not be parsed, " + reason)
		message = message[:min(len(message), maxFabricMessage)]
		r.answer = ErrorE2(http.StatusBadRequest, "common.01000001", string(message), "check the request parameters")
	default:
		r.answer = c.ddsError(http.StatusBadRequest, "DBS.280001", "parameter error: "+reason)
	}
	return r
}
