package simulator

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
)

// Answer is an HTTP answer. "{request_id}" in its body becomes the value of the
// X-Request-Id header that every answer carries.
type Answer struct {
	Status int
	Header http.Header // added to the usual ones; may be nil
	Body   []byte
}

// The error bodies of the cloud and its gateway, as ten shapes. A reader has to
// understand all of them.

// ErrorE1 is {"error_code","error_msg"}, of ModelArts, DDS, Config and TMS.
// See https://support.huaweicloud.com/intl/en-us/api-modelarts/ListPoolTags.html.
func ErrorE1(status int, code, message string) Answer {
	return errorAnswer(status, `{"error_code":%s,"error_msg":%s}`, code, message)
}

// ErrorE2 is ErrorE1 with "solution_msg", of DataArts Fabric.
// See https://support.huaweicloud.com/intl/en-us/api-fabric/ListTagFabricWorkspaces.html.
func ErrorE2(status int, code, message, solution string) Answer {
	return errorAnswer(status, `{"error_code":%s,"error_msg":%s,"solution_msg":%s}`, code, message, solution)
}

// ErrorE3 is {"error_msg","error_code","request_id"}, of the API gateway before
// any service; codes begin with APIG. or APIGW.
// See https://support.huaweicloud.com/intl/en-us/ocr_faq/ocr_01_0063.html.
func ErrorE3(status int, code, message string) Answer {
	return errorAnswer(status, `{"error_msg":%s,"error_code":%s,"request_id":"{request_id}"}`, message, code)
}

// ErrorE3Recorded is ErrorE3 to the byte as hosts of services send it, with a
// newline behind the object. Their codes begin with APIGW., and a 401 repeats the
// access key ID: "Incorrect IAM authentication information: ak … not exist".
func ErrorE3Recorded(status int, code, message string) Answer {
	a := ErrorE3(status, code, message)
	a.Body = append(a.Body, '\n')
	return a
}

// ErrorE4 is the 403 of DataArts Fabric: a numeric "error_code", and an object
// "error" with the code as a string.
func ErrorE4(status int, message string) Answer {
	title := http.StatusText(status)
	code := strconv.Itoa(status)
	return errorAnswer(status, `{"error":{"code":%s,"message":%s,"title":%s},"error_code":`+code+`,"error_msg":%s,"title":%s}`,
		code, message, title, message, title)
}

// ErrorE5 is {"code","message"}, of some services.
func ErrorE5(status int, code, message string) Answer {
	return errorAnswer(status, `{"code":%s,"message":%s}`, code, message)
}

// ErrorE6 is {"errCode","externalMessage"}, of the database family.
func ErrorE6(status int, code, message string) Answer {
	return errorAnswer(status, `{"errCode":%s,"externalMessage":%s}`, code, message)
}

// ErrorE7 is IAM's {"error":{"code","message","title"}}, with a numeric code.
func ErrorE7(status int, message string) Answer {
	return errorAnswer(status, `{"error":{"code":`+strconv.Itoa(status)+`,"message":%s,"title":%s}}`,
		message, http.StatusText(status))
}

// ErrorE8 is the denial of an identity policy: ErrorE1 with
// "encoded_authorization_message" and "details".
func ErrorE8(status int, code, message string) Answer {
	return errorAnswer(status, `{"error_code":%s,"error_msg":%s,"encoded_authorization_message":"c2ltdWxhdG9y","details":[{"error_code":%s,"error_msg":%s}]}`,
		code, message, code, message)
}

// ErrorE9 is an HTML page of a proxy or load balancer.
func ErrorE9(status int) Answer {
	title := fmt.Sprintf("%d %s", status, http.StatusText(status))
	return Answer{
		Status: status,
		Header: http.Header{"Content-Type": {"text/html"}},
		Body:   fmt.Appendf(nil, "<html>\r\n<head><title>%s</title></head>\r\n<body><h1>%s</h1></body>\r\n</html>\r\n", title, title),
	}
}

// ErrorE10 is {"error":{"error_code","error_msg"}}, of services for whole accounts.
// See https://support.huaweicloud.com/intl/en-us/api-em/en-us_topic_0121230880.html.
func ErrorE10(status int, code, message string) Answer {
	return errorAnswer(status, `{"error":{"error_code":%s,"error_msg":%s}}`, code, message)
}

// Empty is an answer without a body: a 200 that says nothing, or a bare error.
func Empty(status int) Answer { return Answer{Status: status} }

// Text is an answer with the given body and the JSON content type, whatever it holds.
func Text(status int, body string) Answer { return Answer{Status: status, Body: []byte(body)} }

// Redirect is a 302 to the location.
func Redirect(location string) Answer {
	return Answer{Status: http.StatusFound, Header: http.Header{"Location": {location}}}
}

// The policies that a throttled request is told of, as users report them.
const (
	PolicyUserPerMinute      = "policy user over ratelimit,limit:100,time:1 minute"
	PolicyUserPerFiveMinutes = "policy user over ratelimit,limit:200,time:5 minute"
	PolicyAPIPerMinute       = "policy api over ratelimit,limit:2000,time:1 minute"
	PolicyIPPerFiveSeconds   = "policy ip over ratelimit,limit:5,time:5 second"
)

// Throttled is the gateway's 429 APIG.0308 for one of the policies. retryAfter,
// in seconds or as an HTTP date, is its Retry-After header; "" is none, which is
// all that is documented.
func Throttled(policy, retryAfter string) Answer {
	a := ErrorE3(http.StatusTooManyRequests, "APIG.0308", "The throttling threshold has been reached: "+policy)
	if retryAfter != "" {
		a.Header = http.Header{"Retry-After": {retryAfter}}
	}
	return a
}

// QuotaExhausted is the 429 APIG.0308 of a daily quota, which no retry helps.
func QuotaExhausted() Answer {
	return ErrorE3(http.StatusTooManyRequests, "APIG.0308", "Daily quota exhausted")
}

// errorAnswer fills in the texts, as JSON, in order.
func errorAnswer(status int, format string, texts ...string) Answer {
	quoted := make([]any, len(texts))
	for i, t := range texts {
		quoted[i] = text(t)
	}
	return Answer{Status: status, Body: fmt.Appendf(nil, format, quoted...)}
}

func ok(body []byte) Answer { return Answer{Status: http.StatusOK, Body: body} }

// recorded turns ErrorE3 into ErrorE3Recorded, and leaves other answers alone.
func (a Answer) recorded() Answer {
	if code := []byte(`"error_code":"APIG.`); bytes.Contains(a.Body, code) {
		a.Body = append(bytes.Replace(a.Body, code, []byte(`"error_code":"APIGW.`), 1), '\n')
	}
	return a
}

// prepare sets the headers of the answer and fills in the request ID.
func (a Answer) prepare(h http.Header, requestID string) []byte {
	h.Set("X-Request-Id", requestID)
	h.Set("Content-Type", "application/json;charset=UTF-8")
	for name, values := range a.Header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	if a.Status < 400 {
		return a.Body
	}
	return bytes.ReplaceAll(a.Body, []byte("{request_id}"), []byte(requestID))
}

// refusal is an answer to a request that breaks the documentation or fails
// authentication, with the reason that is recorded. An empty reason records nothing.
type refusal struct {
	answer Answer
	reason string
}

// Error makes a refusal an error, so that checks read like any other Go code.
func (r *refusal) Error() string { return r.reason }

// quietly is a refusal that a client has no way to foresee.
func quietly(a Answer) *refusal { return &refusal{answer: a} }

// refuse is a refusal of the gateway.
func refuse(status int, code, message, reason string) *refusal {
	return &refusal{answer: ErrorE3(status, code, message), reason: reason}
}
