package huaweicloud

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"
)

// newCertificate returns a CA certificate as PEM, at least 7 lines.
func newCertificate(t *testing.T, name string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func TestParseCertificates(t *testing.T) {
	a, b := newCertificate(t, "a"), newCertificate(t, "b")
	line := func(text string, n int, with string) string {
		lines := strings.SplitAfter(text, "\n")
		lines[n] = with
		return strings.Join(lines, "")
	}
	inner := func(kind string) string {
		block, _ := pem.Decode([]byte(a))
		block.Type = kind
		return string(pem.EncodeToMemory(block))
	}
	for name, test := range map[string]struct {
		content, want string // names of the certificates, or the error
	}{
		"one":                       {a, "a"},
		"two":                       {a + b, "a b"},
		"text around them":          {"# CA of the proxy\n" + a + "\n- not an END of anything\nsubject=b\n" + b + "the end", "a b"},
		"byte order mark":           {"\ufeff" + a, "a"},
		"Windows":                   {strings.ReplaceAll(a+b, "\n", "\r\n"), "a b"},
		"no newline at the end":     {strings.TrimSpace(a), "a"},
		"nothing":                   {"", "ca.pem holds no PEM certificate"},
		"text alone":                {"hello\n", "ca.pem holds no PEM certificate"},
		"the first is damaged":      {line(a, 2, "oops!\n") + b, "ca.pem:1: this PEM block is damaged"},
		"the second is damaged":     {"\n" + b + "\n" + line(a, 2, "oops!\n"), fmt.Sprintf("ca.pem:%d: this PEM block is damaged", 3+strings.Count(b, "\n"))},
		"a line is missing":         {line(a, 2, "") + b, "ca.pem:1: this certificate is damaged: x509: malformed certificate"},
		"its first line is missing": {line(a, 0, "") + b, fmt.Sprintf("ca.pem:%d: this end of a PEM block has no beginning", strings.Count(a, "\n")-1)},
		"its first line is damaged": {line(a, 0, "----BEGIN CERTIFICATE-----\n") + b, "ca.pem:1: this PEM block is damaged"},
		"its last line is missing":  {line(a, strings.Count(a, "\n")-1, "") + b, "ca.pem:1: this PEM block has no end"},
		"cut off":                   {a + b[:len(b)/2], fmt.Sprintf("ca.pem:%d: this PEM block has no end", 1+strings.Count(a, "\n"))},
		"indented":                  {"  " + strings.ReplaceAll(a, "\n", "\n  ") + "\n" + b, "ca.pem:1: this PEM block is damaged"},
		"OpenSSL's trusted kind":    {inner("TRUSTED CERTIFICATE") + b, `ca.pem:1: this PEM block is no plain certificate, but "TRUSTED CERTIFICATE"`},
		"a key":                     {inner("EC PRIVATE KEY") + b, `ca.pem:1: this PEM block is no plain certificate, but "EC PRIVATE KEY"`},
	} {
		certificates, err := ParseCertificates("ca.pem", []byte(test.content))
		var names []string
		for _, c := range certificates {
			names = append(names, c.Subject.CommonName)
		}
		got := strings.Join(names, " ")
		if err != nil {
			got = err.Error()
		}
		want(t, name, got, test.want)
	}
}
