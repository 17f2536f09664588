package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// document returns the one document that the content must hold, nil if it does not.
func (d *decoder) document(content []byte) *place {
	at := &place{line: 1}
	if len(content) > huaweicloud.MaxFileSize {
		d.errorf(at, "larger than %d MiB", huaweicloud.MaxFileSize>>20)
		return nil
	}
	lines := &lineReader{rest: content}
	stream := yaml.NewDecoder(lines)
	first, err := next(stream)
	var second *yaml.Node
	if err == nil {
		second, err = next(stream)
	}
	switch {
	case err == nil:
		d.errorf(at.with(second.Line, nil), "has more than one YAML document")
	case !errors.Is(err, io.EOF):
		line, message := syntaxError(err, content, lines.read)
		d.errorf(at.with(line, nil), "%s", message)
	case first == nil: // nothing but comments
		return at.with(1, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"})
	default:
		return at.with(first.Content[0].Line, first.Content[0])
	}
	return nil
}

// next returns the next document. The parser has panicked on malformed input
// before, and a reload must not end the exporter.
func next(stream *yaml.Decoder) (document *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			document, err = nil, fmt.Errorf("not YAML: %v", r)
		}
	}()
	document = new(yaml.Node)
	if err := stream.Decode(document); err != nil {
		return nil, err
	}
	return document, nil
}

// lineReader gives the parser one line at a time, so that we know where it was
// when it failed.
type lineReader struct {
	rest []byte
	read int // lines begun
}

func (r *lineReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	end := bytes.IndexByte(r.rest, '\n') + 1
	if end == 0 {
		end = len(r.rest)
	}
	n := copy(p, r.rest[:end])
	r.rest = r.rest[n:]
	if n == end {
		r.read++
	}
	return n, nil
}

// syntaxError takes the line out of an error of the parser. For some errors the
// parser says none, or the line before the block that the error is in; then it
// is the line that was read last.
//
// A value that begins with * is an alias to the parser, which prints it; it may
// well be a password that should have been quoted.
func syntaxError(err error, content []byte, lastLine int) (line int, message string) {
	message = strings.TrimPrefix(err.Error(), "yaml: ")
	if name, found := strings.CutPrefix(message, "unknown anchor '"); found {
		name = strings.TrimSuffix(name, "' referenced")
		before, _, _ := bytes.Cut(content, []byte("*"+name))
		return 1 + bytes.Count(before, []byte("\n")),
			"no such anchor (a value that begins with * must be quoted)"
	}
	line = lastLine
	if parts := lined.FindStringSubmatch(message); parts != nil {
		message = parts[2]
		if !blockError.MatchString(message) {
			line, _ = strconv.Atoi(parts[1])
		}
	}
	return max(line, 1), message
}

var (
	lined = regexp.MustCompile(`(?s)^line (\d+): (.*)`)
	// blockError tells the errors of the parser from those of its scanner.
	blockError = regexp.MustCompile(`^did not find expected (key|'|node content|<document)`)
)
