package huaweicloud

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// ParseCertificates returns the PEM certificates of a file. Text around them is ignored.
// A damaged certificate is an error that names its first line. The standard library
// would leave it out, and nobody would know before a connection fails.
func ParseCertificates(file string, content []byte) ([]*x509.Certificate, error) {
	var certificates []*x509.Certificate
	var block []byte // the lines of the current PEM block so far
	begun := 0       // the number of its first line; 0: outside of a block
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

// isEdge reports whether a line looks like the first or the last of a PEM block, even if
// it has not the right number of dashes or blanks.
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
