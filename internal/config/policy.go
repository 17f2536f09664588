package config

import (
	"cmp"
	"fmt"
	"strings"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/policy"
)

// policy lets package policy judge the rules and the documents. Those with a problem are
// left out, so that the others are judged too.
func (d *decoder) policy(s *policySection, projects []Project) *policy.Policy {
	s.MaxViolationSeries = cmp.Or(s.MaxViolationSeries, new(1000))
	var documents []policy.Document
	for i, path := range s.Documents {
		if !d.at(&s.Documents[i]).bad {
			documents = append(documents, policy.Document{Name: path, Content: d.files[path]})
		}
	}
	var rules []policy.Rule
	for i := range s.Rules {
		r, at := &s.Rules[i], d.at(&s.Rules[i])
		r.Name = cmp.Or(r.Name, r.Key)
		r.Position = fmt.Sprintf("%s:%d: %s", d.name, at.line, at.path)
		if !at.bad {
			rules = append(rules, *r)
		}
	}
	known := policy.Known{Types: catalog.Types()}
	for _, p := range projects {
		known.Projects = append(known.Projects, p.Name)
	}
	made, err := policy.New(rules, documents, known)
	var problems []error
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		problems = joined.Unwrap()
	}
	for _, err := range problems {
		line := d.at(s).line // errors about documents begin with a line of theirs
		if rest, ours := strings.CutPrefix(err.Error(), d.name+":"); ours {
			_, _ = fmt.Sscanf(rest, "%d", &line)
		}
		d.note(line, err)
	}
	return made
}
