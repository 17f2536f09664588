package huaweicloud

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// ParseCertificates returns the PEM certificates of a file; text around them does
// not matter. The standard library leaves out what it cannot read, so that a damaged
// certificate is missed only when a connection fails: here it is an error, with the
// line at which it begins.
func ParseCertificates(file string, content []byte) ([]*x509.Certificate, error) {
	var certificates []*x509.Certificate
	var block []byte // what there is of the current one
	begun := 0       // its first line; 0: there is none
	number := 0
	for line := range bytes.Lines(bytes.TrimPrefix(content, []byte("\ufeff"))) {
		number++
		begins, ends := isEdge(line, "BEGIN "), isEdge(line, "END ")
		switch {
		case begins && begun > 0:
			return nil, fmt.Errorf("%s:%d: this PEM block has no end", file, begun)
		case ends && begun == 0:
			return nil, fmt.Errorf("%s:%d: this end of a PEM block has no beginning", file, number)
		case begins:
			begun, block = number, nil
		}
		if begun > 0 {
			block = append(block, line...)
		}
		if ends {
			certificate, err := parseCertificate(block)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", file, begun, err)
			}
			certificates, begun = append(certificates, certificate), 0
		}
	}
	if begun > 0 {
		return nil, fmt.Errorf("%s:%d: this PEM block has no end", file, begun)
	}
	if len(certificates) == 0 {
		return nil, fmt.Errorf("%s holds no PEM certificate", file)
	}
	return certificates, nil
}

// isEdge reports whether a line looks like the first or the last of a PEM block,
// even if its dashes or blanks are not as they should be.
func isEdge(line []byte, word string) bool {
	line = bytes.TrimSpace(line)
	return bytes.HasPrefix(line, []byte("-")) && bytes.HasPrefix(bytes.TrimLeft(line, "- "), []byte(word))
}

func parseCertificate(text []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(text)
	switch {
	case block == nil:
		return nil, errors.New("this PEM block is damaged")
	case block.Type != "CERTIFICATE" || len(block.Headers) > 0:
		return nil, fmt.Errorf("this PEM block is no plain certificate, but %q", block.Type)
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("this certificate is damaged: %w", err)
	}
	return certificate, nil
}
