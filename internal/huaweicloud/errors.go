package huaweicloud

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Error codes of our own, for failures that have none from the cloud.
const (
	CodeTimeout    = "timeout"    // no answer in time
	CodeConnection = "connection" // no whole answer
	CodeMalformed  = "malformed"  // an answer that is not the documented JSON, or empty
	CodeRedirect   = "redirect"   // 3xx: not followed, that would carry the credential elsewhere
	CodeTooLarge   = "too_large"  // more than MaxBody
	CodePaused     = "paused"     // not sent: the credential was refused a moment ago
)

// OwnCodes are the error codes of our own. Since they are known beforehand, their series
// can exist, at 0, before the first failure.
var OwnCodes = [...]string{CodeTimeout, CodeConnection, CodeMalformed, CodeRedirect, CodeTooLarge, CodePaused}

// ErrNoTime says that a request was not sent, because no answer could be expected before
// the scrape's deadline. It does not count as an attempt.
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

// IsAbsent reports whether err may be the answer to a Guess that what was asked for is
// not there.
func IsAbsent(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Status == http.StatusBadRequest || e.Status == http.StatusNotFound)
}

// IsCode reports whether err is a failed attempt with one of these codes.
func IsCode(err error, codes ...string) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && slices.Contains(codes, e.Code)
}

// transportError describes an attempt without a whole answer.
func transportError(err error) *Error {
	e := &Error{Code: CodeConnection, retry: true, cause: err, Message: err.Error()}
	timeout, ok := errors.AsType[net.Error](err)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || (ok && timeout.Timeout()) {
		e.Code = CodeTimeout
	}
	return e
}

// malformed describes a 2xx answer that is not the documented JSON. It may be an error
// body with a code of the cloud's, which is then the code.
func malformed(status int, cause error) *Error {
	e := &Error{Status: status, Code: CodeMalformed, Message: cause.Error(), retry: isCut(cause), cause: cause}
	if inside, ok := errors.AsType[*answerError](cause); ok {
		e.Code = cmp.Or(label(inside.code), CodeMalformed)
	}
	return e
}

// clean makes the error fit to be shown. secrets are what the request was sent with: the
// cloud may echo them anywhere in an answer. They are removed before the message is
// shortened, because a cut through the middle of one would hide it from the search.
func (e *Error) clean(secrets []string) {
	e.Message = oneLine(scrub(e.Message, secrets))
	if scrub(e.Code, secrets) != e.Code {
		e.Code = "http_" + strconv.Itoa(e.Status)
	}
	if scrub(e.RequestID, secrets) != e.RequestID {
		e.RequestID = ""
	}
}

// scrub replaces secrets in a text, also as JSON, HTML and URLs escape them. It leaves
// very short ones, which would match much else and give nothing away.
func scrub(text string, secrets []string) string {
	for _, secret := range secrets {
		if len(secret) < 4 {
			continue
		}
		for _, form := range spellings(secret) {
			text = strings.ReplaceAll(text, form, redacted)
		}
	}
	return text
}

// spellings returns the ways in which an echo may spell a secret: plain, escaped for HTML
// or a URL, in the request's JSON, and in a JSON string that quotes this JSON; JSON
// with and without the escapes that make it safe within HTML.
func spellings(secret string) []string {
	forms := []string{secret, html.EscapeString(secret), url.QueryEscape(secret), url.PathEscape(secret)}
	for _, escapeHTML := range []bool{true, false} {
		once := jsonText(secret, escapeHTML)
		forms = append(forms, once, jsonText(once, true), jsonText(once, false))
	}
	// The longest first: the shorter ones may be parts of it.
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(forms)
}

// jsonText returns a string as JSON has it between the quotes.
func jsonText(s string, escapeHTML bool) string {
	quoted, err := json.Marshal(s, jsontext.EscapeForHTML(escapeHTML))
	if err != nil {
		return s
	}
	return string(quoted[1 : len(quoted)-1])
}

// statusError describes an answer that is not 2xx. Its code is the cloud's, or http_ and
// the status where the body has none.
func statusError(status int, header http.Header, body []byte, now time.Time) *Error {
	e := &Error{Status: status, RequestID: label(header.Get("X-Request-Id"))}
	if status/100 == 3 {
		e.Code, e.Message = CodeRedirect, "redirects are not followed"
		return e
	}
	code, message, requestID := readErrorBody(body)
	e.Code = cmp.Or(label(code), "http_"+strconv.Itoa(status))
	e.Message = message
	e.RequestID = cmp.Or(e.RequestID, label(requestID))
	switch {
	case status == http.StatusTooManyRequests:
		// A daily quota comes back the next day, so a retry is in vain.
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
//	{"error": {"error_code", "error_msg"}}
//	{"code", "message"}
//	{"errCode", "externalMessage"}
//
// Codes may be strings or numbers. Anything else, such as a proxy's HTML,
// yields its beginning as the message.
func readErrorBody(body []byte) (code, message, requestID string) {
	body = withoutMark(body)
	var members map[string]jsontext.Value
	if json.Unmarshal(body, &members, lenient) != nil {
		const longest = 128 << 10 // of what may be shown, plus a whole token
		return "", string(body[:min(len(body), longest)]), ""
	}
	var nested map[string]jsontext.Value
	_ = json.Unmarshal(members["error"], &nested, lenient)
	code = firstText(members["error_code"], members["errCode"], members["code"], nested["code"], nested["error_code"])
	message = firstText(members["error_msg"], members["externalMessage"], members["message"],
		nested["message"], nested["error_msg"], members["error"])
	return code, message, firstText(members["request_id"], nested["request_id"])
}

func firstText(candidates ...jsontext.Value) string {
	for _, raw := range candidates {
		var t Text
		if raw != nil && json.Unmarshal(raw, &t, lenient) == nil && t != "" {
			return string(t)
		}
	}
	return ""
}

// parseRetryAfter reads a Retry-After header: seconds or an HTTP date.
func parseRetryAfter(value string, now time.Time) time.Duration {
	const longest = 24 * time.Hour
	seconds, err := strconv.ParseUint(value, 10, 64)
	if err == nil || errors.Is(err, strconv.ErrRange) { // then it is the largest number
		return time.Duration(min(seconds, uint64(longest/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), longest)
	}
	return 0
}

var labelForm = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._:-]{0,63}$`)

// label returns a code if it may become a label value, else "". The answer may come from a
// proxy, which must not be able to put any text it likes into labels.
func label(code string) string {
	if labelForm.MatchString(code) {
		return code
	}
	return ""
}

// oneLine makes a foreign text fit for a log line: valid UTF-8, printable, without line
// breaks, and not long.
func oneLine(s string) string {
	const limit = 400
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) { // control characters, and those that turn the direction of a line
			return utf8.RuneError
		}
		return r
	}, strings.Join(strings.Fields(s), " "))
	if len(s) <= limit {
		return s
	}
	cut := limit
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
