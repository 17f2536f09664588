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

// readDocument reads a document. If it returns problems, the document is not
// to be used. The platform has checked itself what it says is in force: settings in it
// that are not known here are no slips of a finger, and what is known can be judged all
// the same.
func readDocument(from Document, inForce bool) (document, []error) {
	r := newDocumentReader(from, inForce)
	d := document{allowed: opAll}
	found := false
	line, ok := r.object("", "tags", func(m member) {
		if m.name != "tags" {
			r.unknown(m, "", "tags")
			return
		}
		found = true
		r.tags(m.path, &d)
	})
	if ok && !found && !inForce {
		r.report(line, "tags", errors.New("missing: a tag policy is an object with the member tags"))
	}
	if r.end(); r.broken != nil {
		return d, []error{r.broken}
	}
	return d, r.problems
}

// tags reads what a document says under each policy key. Keys that differ only in case
// are one, and which of the two the platform keeps is not documented.
func (r *documentReader) tags(path string, d *document) {
	first := make(map[string]string) // by the folded key
	r.object(path, "a policy key", func(m member) {
		switch {
		case m.name == childControl:
			d.allowed = r.control(m.path)
			return
		case strings.HasPrefix(m.name, "@@"):
			r.unknown(m, childControl, "")
			return
		}
		if other, twice := first[fold(m.name)]; !twice {
			first[fold(m.name)] = m.name
		} else if other != m.name {
			r.report(m.line, m.path, fmt.Errorf("differs from the policy key %q only in case", other))
		}
		d.statements = append(d.statements, r.statement(m))
	})
}

func (r *documentReader) statement(from member) statement {
	s := statement{
		key: from.name, position: fmt.Sprintf("%s:%d: %s", r.file, from.line, from.path),
		allowed: opAll, tagKey: setting{allowed: opAll}, tagValue: setting{allowed: opAll},
	}
	r.report(from.line, from.path, CheckKey(from.name))
	r.object(from.path, "tag_key, tag_value or enforced_for", func(m member) {
		switch m.name {
		case childControl:
			s.allowed = r.control(m.path)
		case "tag_key":
			s.tagKey = r.setting(m.path, false, func(key string) error {
				if fold(key) != fold(s.key) {
					return fmt.Errorf("%q differs from the policy key %q in more than case", key, s.key)
				}
				return nil
			})
		case "tag_value":
			s.tagValue = r.setting(m.path, true, checkDocumentValue)
		case "enforced_for":
			// Checked, but not used: it says what is blocked, not what is judged.
			if r.inForce {
				r.skip()
			} else {
				r.setting(m.path, true, checkEnforced)
			}
		default:
			r.unknown(m, childControl, "tag_key, tag_value, enforced_for")
		}
	})
	return s
}

// setting reads one setting, which has one value or many. An authored document has
// operators in it; the effective one that the platform returns has the value itself,
// which means the same as assigning it.
func (r *documentReader) setting(path string, many bool, check func(string) error) setting {
	s := setting{allowed: opAll}
	value, known := "a string", "@@assign, "+childControl
	if many {
		value, known = "a list of strings", "@@assign, @@append, @@remove, "+childControl
	}
	switch kind := r.tokens.PeekKind(); {
	case kind == '[' && many, kind == '"' && !many:
		s.assign = r.assigned(path, many, check)
		return s
	case kind != '{':
		r.report(r.skip(), path, fmt.Errorf(`must be %s, or an object with operators, such as {"@@assign": …}`, value))
		return s
	}
	r.object(path, "operators", func(m member) {
		switch {
		case m.name == childControl:
			s.allowed = r.control(m.path)
		case m.name == "@@assign":
			s.assign = r.assigned(m.path, many, check)
		case m.name == "@@append" && many:
			s.append = r.list(m.path, check)
		case m.name == "@@remove" && many:
			s.remove = r.list(m.path, check)
		case m.name == "@@append", m.name == "@@remove":
			r.report(m.line, m.path, fmt.Errorf("%s is only for settings with many values", m.name))
			r.skip()
		default:
			r.unknown(m, known, "")
		}
	})
	return s
}

// assigned returns the value, or the values, of a setting.
func (r *documentReader) assigned(path string, many bool, check func(string) error) []string {
	if many {
		return r.list(path, check)
	}
	if text, ok := r.text(path, check); ok {
		return []string{text}
	}
	return nil
}

// control reads the operators that later documents may use.
func (r *documentReader) control(path string) (set operators) {
	names := map[string]operators{"@@all": opAll, "@@none": opNone, "@@assign": opAssign, "@@append": opAppend, "@@remove": opRemove}
	r.list(path, func(name string) error {
		set |= names[name]
		if _, known := names[name]; !known {
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
