package policy

import (
	"bytes"
	"errors"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// With returns a policy that has the rules of p and, beside them, those of a document
// that the platform says is in force, whose names it returns too. An empty document has
// none. It changes nothing of p, which may be nil.
//
// The two are not merged: what is in force says already what is inherited, and what our
// own file says stands whatever the platform does. A rule in force whose name one of p
// has too gets a name of its own. What contradicts itself is judged as it is: the
// document comes while the exporter runs, when nobody is there to be told.
func (p *Policy) With(inForce Document) (both *Policy, names []string, err error) {
	both = new(Policy)
	if p != nil {
		both.rules, both.responsible = slices.Clone(p.rules), p.responsible
	}
	if len(bytes.TrimSpace(inForce.Content)) == 0 {
		return both, nil, nil
	}
	d, problems := readDocument(inForce, true)
	if len(problems) > 0 {
		return nil, nil, errors.Join(problems...)
	}
	for _, in := range mergeDocument(nil, d, opAll) {
		r := in.rule()
		for slices.ContainsFunc(both.rules, func(ours *rule) bool { return ours.name == r.name }) {
			r.name += inForceMark
		}
		both.rules = append(both.rules, r)
		names = append(names, r.name)
	}
	return both, names, nil
}

// Same reports whether two documents are the same, whatever their layout and the order of
// their members.
func Same(a, b string) bool { return canonical(a) == canonical(b) }

func canonical(document string) string {
	value := jsontext.Value(document)
	if value.Canonicalize() != nil { // none that can be judged
		return document
	}
	return string(value)
}

// inForceMark tells a rule of the platform from one of ours that has its name.
const inForceMark = " (in force)"
