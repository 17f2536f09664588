package huaweicloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The error codes of failures that the cloud did not name itself.
const (
	CodeTimeout    = "timeout"    // no answer in time
	CodeConnection = "connection" // no whole answer
	CodeMalformed  = "malformed"  // an answer that is not the documented JSON, or empty
	CodeRedirect   = "redirect"   // 3xx: followed, it would carry the credential elsewhere
	CodeTooLarge   = "too_large"  // more than MaxBody
	CodePaused     = "paused"     // not sent: the credential was refused a moment ago
)

// OwnCodes are the error codes that need no answer to name them, so that their
// series can exist before the first failure.
var OwnCodes = [...]string{CodeTimeout, CodeConnection, CodeMalformed, CodeRedirect, CodeTooLarge, CodePaused}

// ErrNoTime says that a request was not begun, because it could not be expected
// to end before the scrape does. It is no attempt.
var ErrNoTime = errors.New("not begun: the scrape's time is up")

// Error is a failed attempt.
type Error struct {
	Operation string
	Status    int    // HTTP status, 0 where there was no answer
	Code      string // bounded, fit for a label: the cloud's own code, or one of ours
	Message   string // the cloud's words or the cause, one line, without secrets
	RequestID string

	retry      bool
	retryAfter time.Duration
	cause      error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Operation)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": HTTP %d", e.Status)
	}
	fmt.Fprintf(&b, ": %s", e.Code)
	if e.Message != "" {
		fmt.Fprintf(&b, ": %s", e.Message)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (request %s)", e.RequestID)
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.cause }

// IsCode reports whether err is a failed attempt with one of these codes.
func IsCode(err error, codes ...string) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	for _, c := range codes {
		if e.Code == c {
			return true
		}
	}
	return false
}

// transportError describes an attempt without a whole answer.
func transportError(err error) *Error {
	e := &Error{Code: CodeConnection, retry: true, cause: err, Message: oneLine(err.Error())}
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
		(errors.As(err, &timeout) && timeout.Timeout()) {
		e.Code = CodeTimeout
	}
	return e
}

// malformed describes an answer that is not the documented JSON.
func malformed(status int, cause error, retry bool) *Error {
	return &Error{Status: status, Code: CodeMalformed, Message: oneLine(cause.Error()), retry: retry, cause: cause}
}

// statusError reads an answer that is no success. Huawei Cloud has nine shapes
// of error bodies; what none of them explains is named by its status.
func statusError(status int, header http.Header, body []byte, now time.Time) *Error {
	e := &Error{Status: status, RequestID: label(header.Get("X-Request-Id"))}
	if status/100 == 3 {
		e.Code, e.Message = CodeRedirect, "redirects are not followed"
		return e
	}
	code, message, requestID := readErrorBody(body)
	if e.Code = label(code); e.Code == "" {
		e.Code = "http_" + strconv.Itoa(status)
	}
	e.Message = oneLine(message)
	if e.RequestID == "" {
		e.RequestID = label(requestID)
	}
	switch {
	case status == http.StatusTooManyRequests:
		// A daily quota is not back within any scrape.
		e.retry = !strings.Contains(strings.ToLower(message), "daily quota")
	case status == http.StatusRequestTimeout, status >= 500:
		e.retry = true
	}
	e.retryAfter = parseRetryAfter(header.Get("Retry-After"), now)
	return e
}

// readErrorBody finds code, message and request ID in any of the shapes that
// the services, the gateway and IAM use:
//
//	{"error_code", "error_msg"}, with "solution_msg", "request_id" or "details" besides
//	{"error": {"code", "message"}}, alone or beside a numeric "error_code"
//	{"code", "message"}
//	{"errCode", "externalMessage"}
//
// Codes may be strings or numbers. Anything else, such as a proxy's HTML,
// yields its beginning as the message.
func readErrorBody(body []byte) (code, message, requestID string) {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return "", string(body[:min(len(body), 200)]), ""
	}
	var nested map[string]json.RawMessage
	_ = json.Unmarshal(members["error"], &nested)
	code = firstText(members["error_code"], members["errCode"], members["code"], nested["code"])
	message = firstText(members["error_msg"], members["externalMessage"], members["message"], nested["message"], members["error"])
	return code, message, firstText(members["request_id"])
}

func firstText(candidates ...json.RawMessage) string {
	for _, raw := range candidates {
		var t Text
		if raw != nil && json.Unmarshal(raw, &t) == nil && t != "" {
			return string(t)
		}
	}
	return ""
}

// parseRetryAfter reads a Retry-After header: seconds or an HTTP date.
func parseRetryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(value); err == nil && seconds > 0 {
		return time.Duration(min(seconds, 24*3600)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}

var labelForm = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._:-]{0,63}$`)

// label returns a code if it may become a label value, else "": a body that is
// not ours to trust must not grow the number of series without bound.
func label(code string) string {
	if labelForm.MatchString(code) {
		return code
	}
	return ""
}

// oneLine makes a foreign text fit for a log line: valid UTF-8, no line breaks,
// bounded.
func oneLine(s string) string {
	const limit = 400
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
	if len(s) <= limit {
		return s
	}
	cut := limit
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
