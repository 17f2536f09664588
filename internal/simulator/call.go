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
	service                      *service // nil, like api, for OpUnknown
	api                          *api
	body                         []byte
	query                        url.Values
	offset, limit                int
	data                         *snapshot // of the project; nil for an open service
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
			if q.api != nil && s.host() != host || q.r.Method != a.method {
				continue
			}
			if project, resource, found := match(a.path, strings.TrimPrefix(q.r.URL.Path, "/")); found {
				q.service, q.api, q.operation, q.project, q.instance = s, a, a.operation, project, resource
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
		return Answer{}, refuse(http.StatusNotFound, "APIG.0101", "The API does not exist or has not been published in the environment", "no such method and path")
	}
	query, err := url.ParseQuery(q.r.URL.RawQuery)
	if err != nil {
		return Answer{}, refuse(http.StatusBadRequest, "APIG.0201", "Bad request", err.Error())
	}
	q.query = query
	if q.service.open {
		return q.api.serve(c, q)
	}
	if err := c.authenticate(q); err != nil {
		return Answer{}, err
	}
	if q.data = c.snapshot(q.project); q.data == nil {
		return Answer{}, refuse(http.StatusForbidden, "APIG.0306", "API access denied", fmt.Sprintf("unknown project %q", q.project))
	}
	if err := q.check(); err != nil {
		return Answer{}, err
	}
	return q.api.serve(c, q)
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

// malformed is the service's own 400, with the reason in its message.
func (c *Cloud) malformed(q *call, reason string) Answer {
	e := q.service.errors
	return e.answer(c.quirks, http.StatusBadRequest, e.malformed, e.prefix+reason)
}
