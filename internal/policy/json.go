package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// documentReader reads one document in one pass, and keeps all that is wrong with it.
type documentReader struct {
	file     string
	inForce  bool // passes over settings that are not known
	content  []byte
	tokens   *jsontext.Decoder
	line     int   // of the last token
	read     int   // the bytes whose lines are counted
	broken   error // what is no JSON; nothing more is read
	problems []error
}

// member is a member of an object whose value is to be read next.
type member struct {
	name, path string
	line       int
}

// newDocumentReader begins to read a document.
func newDocumentReader(from Document, inForce bool) *documentReader {
	content := bytes.TrimPrefix(from.Content, []byte("\xef\xbb\xbf")) // Windows editors write it
	return &documentReader{
		file: from.Name, inForce: inForce, content: content, line: 1,
		tokens: jsontext.NewDecoder(bytes.NewReader(content), jsontext.AllowDuplicateNames(true)), // all are reported
	}
}

// next returns the next token, and sets the line. No token spans lines.
func (r *documentReader) next() jsontext.Token {
	token, err := r.tokens.ReadToken()
	if err != nil && r.broken == nil {
		before := r.content
		if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
			before, err = r.content[:syntax.ByteOffset], syntax.Err
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err, before = errors.New("unexpected end of JSON input"), bytes.TrimRight(before, " \t\r\n")
		}
		r.broken = fmt.Errorf("%s:%d: %w", r.file, 1+bytes.Count(before, []byte("\n")), err)
	}
	end := int(r.tokens.InputOffset())
	r.line += bytes.Count(r.content[r.read:end], []byte("\n"))
	r.read = end
	return token
}

// more reports whether something comes before the end of an object or a list.
func (r *documentReader) more(end jsontext.Kind) bool {
	return r.broken == nil && r.tokens.PeekKind() != end
}

// skip passes over a value, and returns the line in which it begins.
func (r *documentReader) skip() (line int) {
	depth := r.tokens.StackDepth()
	r.next()
	line = r.line
	for r.broken == nil && r.tokens.StackDepth() > depth {
		r.next()
	}
	return line
}

// end checks that nothing follows.
func (r *documentReader) end() {
	rest := r.content[r.read:]
	text := bytes.TrimLeft(rest, " \t\r\n")
	if r.broken == nil && len(text) > 0 {
		line := r.line + bytes.Count(rest[:len(rest)-len(text)], []byte("\n"))
		r.broken = fmt.Errorf("%s:%d: invalid character %q after top-level value", r.file, line, text[0])
	}
}

func (r *documentReader) report(line int, path string, err error) {
	if err == nil {
		return
	}
	if path == "" {
		path = "document"
	}
	r.problems = append(r.problems, fmt.Errorf("%s:%d: %s: %w", r.file, line, path, err))
}

// unknown reports a member that has no place where it is, and passes over it. An operator
// would change what is known; so it is never let pass.
func (r *documentReader) unknown(m member, knownOperators, knownSettings string) {
	if !r.inForce || strings.HasPrefix(m.name, "@@") {
		r.report(m.line, m.path, unknownMember(m.name, knownOperators, knownSettings))
	}
	r.skip()
}

// object reads an object: each reads the value of a member. It reports if there is no
// object, or a member twice, and returns the line in which the object begins.
func (r *documentReader) object(path, with string, each func(m member)) (line int, ok bool) {
	if r.tokens.PeekKind() != '{' {
		line = r.skip()
		r.report(line, path, fmt.Errorf("must be an object with %s", with))
		return line, false
	}
	r.next()
	line = r.line
	seen := make(map[string]bool)
	for r.more('}') {
		m := member{name: r.next().String(), line: r.line}
		m.path = pathTo(path, m.name)
		if seen[m.name] {
			r.report(m.line, m.path, errors.New("is there twice"))
		}
		seen[m.name] = true
		each(m)
	}
	r.next()
	return line, true
}

// list returns the strings of a list, never nil.
func (r *documentReader) list(path string, check func(string) error) []string {
	list := []string{}
	if r.tokens.PeekKind() != '[' {
		r.report(r.skip(), path, errors.New("must be a list of strings"))
		return list
	}
	r.next()
	for i := 0; r.more(']'); i++ {
		if text, ok := r.text(fmt.Sprintf("%s[%d]", path, i), check); ok {
			list = append(list, text)
		}
	}
	r.next()
	return list
}

func (r *documentReader) text(path string, check func(string) error) (text string, ok bool) {
	if r.tokens.PeekKind() != '"' {
		r.report(r.skip(), path, errors.New("must be a string"))
		return "", false
	}
	text = r.next().String()
	r.report(r.line, path, check(text))
	return text, true
}
