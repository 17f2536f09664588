package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"huaweicloud_tag_exporter/collector"
)

// comment shows a tag policy in force below the configuration, as a comment, so that what
// is shown stays a configuration.
func comment(known collector.InForce) []byte {
	when := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	var text string
	switch {
	case known.Read.IsZero():
		text = fmt.Sprintf("The tag policy in force of account %s has not been read yet.", known.Account)
	case known.Content == "":
		text = fmt.Sprintf("No tag policy is in force of account %s (read %s).", known.Account, when(known.Read))
	default:
		changed := ""
		if !known.Changed.IsZero() {
			changed = ", changed " + when(known.Changed)
		}
		text = fmt.Sprintf("The tag policy in force of account %s (read %s%s):\n%s", known.Account, when(known.Read), changed, indented(known.Content))
	}
	var b bytes.Buffer
	b.WriteByte('\n')
	for line := range strings.SplitSeq(text, "\n") {
		fmt.Fprintf(&b, "# %s\n", printable(line))
	}
	return b.Bytes()
}

// indented returns a document as people read it.
func indented(document string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(document), "", "  ") != nil {
		return document
	}
	return b.String()
}

// printable escapes what could end a comment: YAML knows more line breaks than one, and a
// document is a stranger's input.
func printable(line string) string {
	var b strings.Builder
	for _, r := range line {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
