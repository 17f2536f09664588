package policy

import (
	"errors"
	"fmt"
	"strings"
)

// operators is a set of the operators that set a value.
type operators uint8

const (
	opAssign operators = 1 << iota
	opAppend
	opRemove

	opNone operators = 0
	opAll            = opAssign | opAppend | opRemove
)

// childControl limits the operators of later documents.
const childControl = "@@operators_allowed_for_child_policies"

// document is a tag policy as it is written.
type document struct {
	allowed    operators // for later documents, in everything
	statements []statement
}

// statement is what a document says under one policy key.
type statement struct {
	key      string // the policy key
	position string // "file:line: tags.key", for errors
	allowed  operators
	tagKey   setting
	tagValue setting
}

// setting is what a document does to one inherited setting. A nil list means
// that the operator is not there.
type setting struct {
	allowed                operators
	assign, append, remove []string
}

// documentReader reads one document and keeps all that is wrong with it.
type documentReader struct {
	file     string
	problems []error
}

// readDocument reads a document. If it returns problems, the document is not
// to be used.
func readDocument(from Document) (document, []error) {
	r := &documentReader{file: from.Name}
	d := document{allowed: opAll}
	root, err := parseJSON(from.Content)
	if err != nil {
		return d, []error{fmt.Errorf("%s:%w", from.Name, err)}
	}
	found := false
	for _, m := range r.object(root, "", "tags") {
		if m.name != "tags" {
			r.report(m.line, pathTo("", m.name), unknownMember(m.name, "", "tags"))
			continue
		}
		found = true
		for _, k := range r.object(m.value, "tags", "a policy key") {
			path := pathTo("tags", k.name)
			switch {
			case k.name == childControl:
				d.allowed = r.control(k.value, path)
			case strings.HasPrefix(k.name, "@@"):
				r.report(k.line, path, unknownMember(k.name, childControl, ""))
			default:
				d.statements = append(d.statements, r.statement(k, path))
			}
		}
	}
	if !found && root.isObject {
		r.report(root.line, "tags", errors.New("missing: a tag policy is an object with the member tags"))
	}
	r.checkDuplicates(d.statements)
	return d, r.problems
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

// object returns the members of an object, and reports if it is none or if it
// has a member twice.
func (r *documentReader) object(n node, path, with string) []member {
	if !n.isObject {
		r.report(n.line, path, fmt.Errorf("must be an object with %s", with))
		return nil
	}
	seen := make(map[string]bool)
	for _, m := range n.members {
		if seen[m.name] {
			r.report(m.line, pathTo(path, m.name), errors.New("is there twice"))
		}
		seen[m.name] = true
	}
	return n.members
}

// checkDuplicates reports policy keys that differ only in case: they are one
// policy key, and which of the two the platform keeps is not documented.
func (r *documentReader) checkDuplicates(statements []statement) {
	first := make(map[string]string)
	for _, s := range statements {
		folded := fold(s.key)
		earlier, twice := first[folded]
		if twice && earlier != s.key {
			r.problems = append(r.problems, fmt.Errorf("%s: differs from the policy key %q only in case", s.position, earlier))
		}
		if !twice {
			first[folded] = s.key
		}
	}
}

func (r *documentReader) statement(from member, path string) statement {
	s := statement{
		key: from.name, position: fmt.Sprintf("%s:%d: %s", r.file, from.line, path),
		allowed: opAll, tagKey: setting{allowed: opAll}, tagValue: setting{allowed: opAll},
	}
	r.report(from.line, path, checkKey(from.name))
	for _, m := range r.object(from.value, path, "tag_key, tag_value or enforced_for") {
		path := pathTo(path, m.name)
		switch m.name {
		case childControl:
			s.allowed = r.control(m.value, path)
		case "tag_key":
			s.tagKey = r.setting(m.value, path, false, func(key string) error {
				if fold(key) != fold(s.key) {
					return fmt.Errorf("%q differs from the policy key %q in more than case", key, s.key)
				}
				return nil
			})
		case "tag_value":
			s.tagValue = r.setting(m.value, path, true, checkDocumentValue)
		case "enforced_for":
			// Checked, but not used: it says what is blocked, not what is judged.
			r.setting(m.value, path, true, checkEnforced)
		default:
			r.report(m.line, path, unknownMember(m.name, childControl, "tag_key, tag_value, enforced_for"))
		}
	}
	return s
}

// setting reads one setting, which has one value or many. An authored document has
// operators in it; the effective one that the platform returns has the value itself,
// which means the same as assigning it.
func (r *documentReader) setting(n node, path string, many bool, check func(string) error) setting {
	s := setting{allowed: opAll}
	value, known := "a string", "@@assign, "+childControl
	if many {
		value, known = "a list of strings", "@@assign, @@append, @@remove, "+childControl
	}
	switch {
	case n.isList && many, n.isString && !many:
		s.assign = r.assigned(n, path, many, check)
		return s
	case !n.isObject:
		r.report(n.line, path, fmt.Errorf(`must be %s, or an object with operators, such as {"@@assign": …}`, value))
		return s
	}
	for _, m := range r.object(n, path, "operators") {
		path := pathTo(path, m.name)
		switch {
		case m.name == childControl:
			s.allowed = r.control(m.value, path)
		case m.name == "@@assign":
			s.assign = r.assigned(m.value, path, many, check)
		case m.name == "@@append" && many:
			s.append = r.list(m.value, path, check)
		case m.name == "@@remove" && many:
			s.remove = r.list(m.value, path, check)
		case m.name == "@@append", m.name == "@@remove":
			r.report(m.line, path, fmt.Errorf("%s is only for settings with many values", m.name))
		default:
			r.report(m.line, path, unknownMember(m.name, known, ""))
		}
	}
	return s
}

// assigned returns the value, or the values, of a setting.
func (r *documentReader) assigned(n node, path string, many bool, check func(string) error) []string {
	if many {
		return r.list(n, path, check)
	}
	if !n.isString {
		r.report(n.line, path, errors.New("must be a string"))
		return nil
	}
	r.report(n.line, path, check(n.text))
	return []string{n.text}
}

// list returns the strings of a list, never nil.
func (r *documentReader) list(n node, path string, check func(string) error) []string {
	list := []string{}
	if !n.isList {
		r.report(n.line, path, errors.New("must be a list of strings"))
	}
	for i, item := range n.items {
		path := fmt.Sprintf("%s[%d]", path, i)
		if !item.isString {
			r.report(item.line, path, errors.New("must be a string"))
			continue
		}
		r.report(item.line, path, check(item.text))
		list = append(list, item.text)
	}
	return list
}

// control reads the operators that later documents may use.
func (r *documentReader) control(n node, path string) operators {
	set := opNone
	r.list(n, path, func(name string) error {
		switch name {
		case "@@all":
			set |= opAll
		case "@@none":
		case "@@assign":
			set |= opAssign
		case "@@append":
			set |= opAppend
		case "@@remove":
			set |= opRemove
		default:
			return unknownMember(name, "@@all, @@none, @@assign, @@append, @@remove", "")
		}
		return nil
	})
	return set
}

// unknownMember names a member that has no place where it is. A name that
// begins with @@ is an operator, any other a setting.
func unknownMember(name, knownOperators, knownSettings string) error {
	what, known := "setting", knownSettings
	if strings.HasPrefix(name, "@@") || knownSettings == "" {
		what, known = "operator", knownOperators
	}
	if known == "" {
		known = "none"
	}
	return fmt.Errorf("unknown %s %q; known here: %s", what, name, known)
}

// checkDocumentValue checks a value with at most one *, anywhere.
func checkDocumentValue(value string) error {
	if strings.Count(value, "*") > 1 {
		return fmt.Errorf("%q: only one * is allowed in a value", value)
	}
	return checkValue(strings.Replace(value, "*", "", 1), value)
}

// checkEnforced checks "service:type" or "service:*". Which services and types
// exist is not asked: documents are about all of them.
func checkEnforced(name string) error {
	service, kind, found := strings.Cut(name, ":")
	if !found || service == "" || kind == "" || strings.Contains(service, "*") ||
		(strings.Contains(kind, "*") && kind != "*") || strings.Contains(kind, ":") {
		return fmt.Errorf(`%q is neither "service:type" nor "service:*"`, name)
	}
	return nil
}

// pathTo appends a member to a path. A name that is not plain is quoted.
func pathTo(path, name string) string {
	if name == "" || strings.ContainsFunc(name, func(c rune) bool { return c <= ' ' || c == '.' || c == '[' || c == '"' || c == 0x7f }) {
		name = fmt.Sprintf("%q", name)
	}
	if path == "" {
		return name
	}
	return path + "." + name
}
