package huaweicloud

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// redacted is what every way of printing a Secret shows.
const redacted = "<secret>"

// Secret is a value that cannot be printed, logged or marshalled by accident. It is
// either a value, or a file that is read on each use, so that a new content is used
// without a reload. The zero Secret is unset.
//
// The value is behind a pointer because fmt cannot call the methods of unexported
// fields: of a struct that has a Secret in one, it would print a plain string.
type Secret struct {
	value  *string
	file   string
	spaces bool // are allowed inside: it is a password
}

// NewSecret returns a secret with a fixed value.
func NewSecret(value string) Secret { return Secret{value: &value} }

// NewSecretFile returns a secret whose value is the content of a file, without
// trailing newlines.
func NewSecretFile(path string) Secret { return Secret{file: path} }

// NewPassword is NewSecret for a password, which may have spaces inside.
func NewPassword(value string) Secret { return Secret{value: &value, spaces: true} }

// NewPasswordFile is NewSecretFile for a password.
func NewPasswordFile(path string) Secret { return Secret{file: path, spaces: true} }

// IsZero reports whether the secret is unset.
func (s Secret) IsZero() bool { return s == Secret{} }

// File returns the path of the file the secret is read from, or "".
func (s Secret) File() string { return s.file }

// Reveal returns the value in clear text, without a byte order mark. Errors name the
// file, if it is one, and the place of what is wrong in it, never its content.
func (s Secret) Reveal() (string, error) {
	if s.file == "" {
		if s.value == nil {
			return "", nil
		}
		return cleanSecret(*s.value, s.spaces)
	}
	content, err := os.ReadFile(s.file)
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	value := strings.TrimRight(string(content), "\r\n")
	if strings.ContainsAny(value, "\r\n") {
		return "", fmt.Errorf("read secret: %s has more than one line", s.file)
	}
	if value, err = cleanSecret(value, s.spaces); err != nil {
		return "", fmt.Errorf("read secret: %s %w", s.file, err)
	}
	return value, nil
}

// cleanSecret removes a byte order mark, which some editors add, and fails on blanks and
// invisible characters. They come from copying a secret out of a terminal or a web page,
// and the cloud would refuse it. The error goes on behind the name of the secret.
func cleanSecret(text string, spaces bool) (string, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	switch {
	case text == "":
		return "", errors.New("is empty")
	case spaces && strings.Trim(text, " ") != text:
		return "", errors.New("begins or ends with white space")
	}
	position := 0
	for _, r := range text {
		position++
		if what := unfit(r, spaces); what != "" {
			return "", fmt.Errorf("holds %s, at character %d", what, position)
		}
	}
	return text, nil
}

// unfit says what is wrong with a character in a secret, "" if nothing is.
func unfit(r rune, spaces bool) string {
	switch {
	case r == ' ' && spaces:
		return ""
	case r == utf8.RuneError:
		return "what is no UTF-8 text"
	case unicode.IsControl(r):
		return "a line break or another control character"
	case unicode.IsSpace(r):
		return "white space"
	case !unicode.IsPrint(r), unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point):
		return "an invisible character"
	}
	return ""
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
