package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxBodyBytes is what the gateway takes of a request's body (12 MB).
const maxBodyBytes = 12 << 20

// call is a request on its way through the cloud.
type call struct {
	r                            *http.Request
	operation, project, instance string
	domain, caller               string // account of the path, and of the key or token; "" is all
	requestID                    string
	service                      *service // nil, like api, for OpUnknown
	api                          *api
	body                         []byte
	query                        url.Values
	offset, limit                int
	data                         *snapshot  // of the project, or nil
	inventory                    *inventory // of the domain, or of the caller; or nil
}

func (q *call) isJSON() bool {
	mediaType, _, err := mime.ParseMediaType(q.r.Header.Get("Content-Type"))
	return err == nil && mediaType == "application/json"
}

// route finds the API that a request to a host names; none makes it OpUnknown.
func (c *Cloud) route(q *call, host string) {
	q.operation = OpUnknown
	for _, s := range c.services {
		for i := range s.apis {
			a := &s.apis[i]
			if q.api != nil && s.host() != host || q.r.Method != cmp.Or(a.method, http.MethodGet) {
				continue
			}
			if project, resource, found := match(a.path, strings.TrimPrefix(q.r.URL.Path, "/")); found {
				if project == "" && s.scope == ofProject {
					project = q.r.Header.Get("X-Project-Id") // or the one of the token
				}
				q.service, q.api, q.operation, q.project, q.instance = s, a, a.operation, project, resource
				if s.scope == ofAccount {
					q.project, q.domain = "", project
				}
			}
		}
	}
}

// match compares a path with that of an API, part by part, and returns what stands
// where that has a "*". No part may be empty.
func match(pattern, path string) (project, resource string, found bool) {
	for more := true; more; {
		var want, got string
		var wantMore bool
		want, pattern, wantMore = strings.Cut(pattern, "/")
		got, path, more = strings.Cut(path, "/")
		switch {
		case got == "" || more != wantMore || want != "*" && want != got:
			return "", "", false
		case want == "*" && project == "":
			project = got
		case want == "*":
			resource = got
		}
	}
	return project, resource, true
}

// answer runs the request as the cloud would, and records a refusal.
func (c *Cloud) answer(q *call) Answer {
	a, err := c.handle(q)
	if err == nil {
		return a
	}
	var refused *refusal
	if !errors.As(err, &refused) {
		refused = &refusal{answer: c.malformed(q, err.Error()), reason: err.Error()}
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
// authenticate. Only then the service sees the request. An error that is no refusal
// is one of the service's own, that the request is malformed.
func (c *Cloud) handle(q *call) (Answer, error) {
	if err := q.readBody(); err != nil {
		return Answer{}, err
	}
	if q.api == nil {
		return Answer{}, unpublished("no such method and path")
	}
	query, err := url.ParseQuery(q.r.URL.RawQuery)
	if err != nil {
		return Answer{}, refuse(http.StatusBadRequest, "APIG.0201", "Bad request", err.Error())
	}
	q.query = query
	if q.service.scope == open {
		return q.api.serve(c, q)
	}
	if err := c.authenticate(q); err != nil {
		return Answer{}, err
	}
	if err := c.enter(q); err != nil {
		return Answer{}, err
	}
	if err := c.check(q); err != nil {
		return Answer{}, err
	}
	if q.api.serve == nil {
		return c.list(q)
	}
	return q.api.serve(c, q)
}

// enter finds what the request is about, and whether its account may.
func (c *Cloud) enter(q *call) error {
	c.mu.RLock()
	defer c.mu.RUnlock()
	q.inventory = c.accounts[cmp.Or(q.domain, q.caller)]
	switch {
	case q.service.scope == ofAccount && (q.inventory == nil || q.caller != "" && q.caller != q.domain):
		return refuse(http.StatusForbidden, "APIG.0306", "API access denied", fmt.Sprintf("account %q is unknown or not %q", q.domain, q.caller))
	case q.service.scope == ofCallersAccount && q.inventory == nil:
		return refuse(http.StatusForbidden, "APIG.0306", "API access denied", fmt.Sprintf("account %q is unknown", q.caller))
	case q.inventory != nil && slices.Contains(q.inventory.account.Denied, q.operation):
		return &refusal{answer: q.service.errors.answer(c.quirks, http.StatusForbidden, q.service.errors.denied, "no permission")}
	}
	if q.service.scope != ofProject {
		return nil
	}
	q.data = c.projects[q.project]
	switch {
	case q.data == nil:
		return refuse(http.StatusForbidden, "APIG.0306", "API access denied", fmt.Sprintf("unknown project %q", q.project))
	case q.caller != "" && q.data.project.Account != "" && q.data.project.Account != q.caller:
		return refuse(http.StatusForbidden, "APIG.0306", "API access denied", fmt.Sprintf("project %q is not of account %q", q.project, q.caller))
	case q.data.project.Disabled:
		return refuse(http.StatusForbidden, "APIG.0310", "The project is unavailable", fmt.Sprintf("project %q is disabled", q.project))
	}
	return nil
}

func (q *call) readBody() error {
	body, err := io.ReadAll(io.LimitReader(q.r.Body, maxBodyBytes+1))
	if err != nil {
		// The client left in the middle of it, which no page forbids.
		return refuse(http.StatusBadRequest, "APIG.0201", "Bad request", "")
	}
	if len(body) > maxBodyBytes {
		return refuse(http.StatusRequestEntityTooLarge, "APIG.0201", "Request entity too large", "body of more than 12 MB")
	}
	q.body = body
	return nil
}

func unpublished(reason string) *refusal {
	return refuse(http.StatusNotFound, "APIG.0101", "The API does not exist or has not been published in the environment", reason)
}

// malformed is the service's own 400, with the reason in its message.
func (c *Cloud) malformed(q *call, reason string) Answer {
	e := q.service.errors
	return e.answer(c.quirks, http.StatusBadRequest, e.malformed, e.prefix+reason)
}
