package huaweicloud

import (
	"fmt"
	"os"
	"strings"
)

// redacted is what every way of printing a Secret shows.
const redacted = "<secret>"

// Secret is a value that cannot be printed, logged or marshalled by accident.
// It is given as it is, or as a file that is read again on each use, so that a
// rotated secret is taken up without a reload. The zero Secret is unset.
//
// The value is behind a pointer since fmt prints what is in the unexported
// fields of a struct around it without asking.
type Secret struct {
	value *string
	file  string
}

// NewSecret returns a secret with a fixed value.
func NewSecret(value string) Secret { return Secret{value: &value} }

// NewSecretFile returns a secret whose value is the content of a file, without
// trailing newlines.
func NewSecretFile(path string) Secret { return Secret{file: path} }

// IsZero reports whether the secret is unset.
func (s Secret) IsZero() bool { return s == Secret{} }

// File returns the path of the file the secret is read from, or "".
func (s Secret) File() string { return s.file }

// Reveal returns the value in clear text. Errors name the file, never its
// content.
func (s Secret) Reveal() (string, error) {
	if s.file == "" {
		if s.value == nil {
			return "", nil
		}
		return *s.value, nil
	}
	content, err := os.ReadFile(s.file)
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	value := strings.TrimRight(string(content), "\r\n")
	if value == "" {
		return "", fmt.Errorf("read secret: %s is empty", s.file)
	}
	if strings.ContainsAny(value, "\r\n\x00") {
		return "", fmt.Errorf("read secret: %s has more than one line", s.file)
	}
	return value, nil
}

func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

// Format covers every verb, %x and %#v too.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// MarshalText covers JSON and other encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalYAML covers the configuration page.
func (s Secret) MarshalYAML() (any, error) { return s.String(), nil }
