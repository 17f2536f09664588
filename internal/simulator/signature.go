package simulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const signingAlgorithm = "SDK-HMAC-SHA256"

// authorization is a parsed Authorization header of an AK/SK signature.
type authorization struct {
	access        string
	signedHeaders []string // lower case, sorted
	signature     string   // hex
}

// parseAuthorization reads "SDK-HMAC-SHA256 Access=…, SignedHeaders=a;b, Signature=…".
func parseAuthorization(header string) (authorization, error) {
	rest, ok := strings.CutPrefix(header, signingAlgorithm+" ")
	if !ok {
		return authorization{}, errors.New("authorization is not " + signingAlgorithm)
	}
	var a authorization
	for part := range strings.SplitSeq(rest, ", ") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "Access":
			a.access = value
		case "SignedHeaders":
			a.signedHeaders = strings.Split(value, ";")
		case "Signature":
			a.signature = value
		default:
			return authorization{}, fmt.Errorf("authorization has an unknown part %q", name)
		}
	}
	if a.access == "" || a.signature == "" || len(a.signedHeaders) == 0 {
		return authorization{}, errors.New("authorization lacks a part")
	}
	if !slices.IsSorted(a.signedHeaders) {
		return authorization{}, errors.New("signed headers are not sorted")
	}
	return a, nil
}

// sign returns the SDK-HMAC-SHA256 signature of the request, in hex.
// See https://support.huaweicloud.com/devg-apisign/.
func sign(r *http.Request, signedHeaders []string, body []byte, secretKey string) (string, error) {
	canonical, err := canonicalRequest(r, signedHeaders, body)
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256([]byte(canonical))
	mac := hmac.New(sha256.New, []byte(secretKey))
	mac.Write([]byte(signingAlgorithm + "\n" + r.Header.Get("X-Sdk-Date") + "\n" + hex.EncodeToString(hash[:])))
	return hex.EncodeToString(mac.Sum(nil)), nil
}

func canonicalRequest(r *http.Request, signedHeaders []string, body []byte) (string, error) {
	var b strings.Builder
	b.WriteString(r.Method + "\n" + canonicalPath(r.URL.Path) + "\n" + canonicalQuery(r.URL.Query()) + "\n")
	for _, name := range signedHeaders {
		values := r.Header.Values(name)
		if name == "host" {
			values = []string{r.Host}
		}
		if len(values) == 0 {
			return "", fmt.Errorf("header %s is signed but absent", name)
		}
		for _, v := range slices.Sorted(slices.Values(values)) {
			b.WriteString(name + ":" + strings.TrimSpace(v) + "\n")
		}
	}
	b.WriteString("\n" + strings.Join(signedHeaders, ";") + "\n" + contentHash(r, body))
	return b.String(), nil
}

// contentHash is the hash of the body, or what the client says it is: only a body
// that is not JSON may go unsigned.
func contentHash(r *http.Request, body []byte) string {
	declared := r.Header.Get("X-Sdk-Content-Sha256")
	if declared == "UNSIGNED-PAYLOAD" && !strings.Contains(r.Header.Get("Content-Type"), "application/json") {
		return declared
	}
	hash := sha256.Sum256(body)
	return hex.EncodeToString(hash[:])
}

// canonicalPath ends in a slash, which is not on the wire.
func canonicalPath(path string) string {
	segments := strings.Split(strings.TrimSuffix(path, "/"), "/")
	for i, s := range segments {
		segments[i] = percentEncode(s)
	}
	return strings.Join(segments, "/") + "/"
}

// canonicalQuery is sorted by names and then values. One that cannot be read has been
// refused before anybody looks at the signature.
func canonicalQuery(query url.Values) string {
	var pairs []string
	for name, values := range query {
		for _, v := range values {
			pairs = append(pairs, percentEncode(name)+"\x00"+percentEncode(v)) // '=' sorts after '-' and '.'
		}
	}
	slices.Sort(pairs)
	return strings.ReplaceAll(strings.Join(pairs, "&"), "\x00", "=")
}

// percentEncode encodes all but A-Z a-z 0-9 - _ . and ~; a space becomes %20.
func percentEncode(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
