package strictyaml

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// null is what stands where nothing does.
var null = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: 1}

// document returns the one document that the content must hold, nil if it does not.
func (d *Decoder) document(content []byte) (document *Place) {
	at := &Place{Line: 1}
	defer func() {
		// The parser has panicked before, and a reload must not end the exporter.
		if r := recover(); r != nil {
			d.Errorf(at, "not YAML: %v", r)
		}
	}()
	if len(content) > d.MaxSize {
		d.Errorf(at, "larger than %d MiB", d.MaxSize>>20)
		return nil
	}
	source := &byteReader{bytes.NewReader(content)}
	stream := yaml.NewDecoder(source)
	var first, second yaml.Node
	err := stream.Decode(&first)
	root := null // there may be nothing but comments
	if err == nil {
		root = first.Content[0]
		err = stream.Decode(&second)
	}
	switch {
	case err == nil:
		d.Errorf(at.with(second.Line, nil), "has more than one YAML document")
	case !errors.Is(err, io.EOF):
		line, message := syntaxError(err, content, content[:len(content)-source.Len()])
		d.Errorf(at.with(line, nil), "%s", message)
	default:
		return at.with(root.Line, root)
	}
	return nil
}

// byteReader gives the parser one byte at a time, so that we know where it was when it
// failed.
type byteReader struct{ *bytes.Reader }

func (r byteReader) Read(p []byte) (int, error) { return r.Reader.Read(p[:min(len(p), 1)]) }

// syntaxError takes the line out of an error of the parser. For some errors the
// parser says none, or the line before the block that the error is in; then it
// is the line to which it has read.
//
// A value that begins with * is an alias to the parser, which prints it; it may
// well be a password that should have been quoted.
func syntaxError(err error, content, read []byte) (line int, message string) {
	message = strings.TrimPrefix(err.Error(), "yaml: ")
	if name, found := strings.CutPrefix(message, "unknown anchor '"); found {
		name = strings.TrimSuffix(name, "' referenced")
		read, _, _ = bytes.Cut(content, []byte("*"+name))
		message = "no such anchor (a value that begins with * must be quoted)"
	}
	line = 1 + bytes.Count(bytes.TrimSuffix(read, []byte("\n")), []byte("\n"))
	if parts := lined.FindStringSubmatch(message); parts != nil {
		message = parts[2]
		if !blockError.MatchString(message) {
			line, _ = strconv.Atoi(parts[1])
		}
	}
	return line, message
}

var (
	lined = regexp.MustCompile(`(?s)^line (\d+): (.*)`)
	// blockError tells the errors of the parser from those of its scanner.
	blockError = regexp.MustCompile(`^did not find expected (key|'|node content|<document)`)
)
