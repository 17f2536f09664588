package server

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-kit/log/level"

	"huaweicloud_tag_exporter/collector"
	"huaweicloud_tag_exporter/internal/policy"
)

//go:embed status.html
var statusPage string

// statusTemplate escapes whatever tags and names hold: they are strangers'
// input.
var statusTemplate = template.Must(template.New("status").Funcs(template.FuncMap{
	"ago": func(t time.Time) string { return time.Since(t).Round(time.Second).String() },
	"ms":  func(d time.Duration) string { return d.Round(time.Millisecond).String() },
	"count": func(n int, of string) string {
		if n == 1 {
			return "1 " + of
		}
		return fmt.Sprintf("%d %ss", n, of)
	},
}).Parse(statusPage))

// fewParts is how many parts can be read from top to bottom. Of more than that, each shows
// a line until it is opened, those that need nothing are a table, and lists are cut.
const (
	fewParts = 12
	fewRows  = 20
)

// status is the page: what the last scrapes saw.
type status struct {
	Search     string
	All, Shown int // parts
	Accounts   bool
	Groups     []*group
}

// group is an account, or what is of none.
type group struct {
	Account                                   string
	Parts, Failed                             int
	Resources, Untagged, Noncompliant, Broken int
	RulesMissing                              bool               // of a part at least: more may be noncompliant
	InForce                                   *collector.InForce // nil: no policy in force is read
	Findings                                  []section          // what needs attention, or all of a few, worst first
	Rest                                      []section          // what does not
}

// section is what the page says of a report.
type section struct {
	collector.Report
	Broken     int // violations
	Violations []policy.Violation
	More       int // violations that are left out
	Open       bool
}

// serveStatus shows people what the last scrape of each project and service
// saw, what needs attention first; or those parts alone that they search for.
func (s *Server) serveStatus(w http.ResponseWriter, r *http.Request) {
	var page bytes.Buffer
	seen := newStatus(s.running.Load().Last(), r.FormValue("search"))
	if err := statusTemplate.Execute(&page, seen); err != nil {
		_ = level.Error(s.options.Logger).Log("msg", "rendering the status page failed", "err", err)
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")
	_, _ = w.Write(page.Bytes())
}

func newStatus(reports []collector.Report, search string) *status {
	s := &status{Search: strings.TrimSpace(search), All: len(reports)}
	var sections []section
	for _, r := range reports {
		s.Accounts = s.Accounts || r.Account != ""
		if found, is := find(r, strings.Fields(strings.ToLower(search))); is {
			sections = append(sections, found)
		}
	}
	s.Shown = len(sections)
	slices.SortStableFunc(sections, func(a, b section) int {
		if n := urgency(b.Report) - urgency(a.Report); n != 0 {
			return n
		}
		return b.Broken - a.Broken
	})
	for _, of := range sections {
		s.group(of.Account).add(of, s.Shown <= fewParts)
	}
	// Groups were begun by the worst of theirs, so they are in that order, too.
	return s
}

func (s *status) group(account string) *group {
	i := slices.IndexFunc(s.Groups, func(g *group) bool { return g.Account == account })
	if i < 0 {
		i = len(s.Groups)
		s.Groups = append(s.Groups, &group{Account: account})
	}
	return s.Groups[i]
}

func (g *group) add(of section, few bool) {
	g.Parts++
	g.Resources += of.Resources
	g.Untagged += of.Untagged
	g.Noncompliant += of.Verdict.Noncompliant
	g.Broken += of.Broken
	g.RulesMissing = g.RulesMissing || of.RulesMissing
	if of.Err != nil {
		g.Failed++
	}
	if of.InForce != nil {
		g.InForce = of.InForce
	}
	of.Open = few
	if !few && len(of.Violations) > fewRows {
		of.More += len(of.Violations) - fewRows
		of.Violations = of.Violations[:fewRows]
	}
	if few || urgency(of.Report) > 1 {
		g.Findings = append(g.Findings, of)
	} else {
		g.Rest = append(g.Rest, of)
	}
}

// find returns what a report says that has all of the words: all of it, if they are in its
// names; else the violations that have them.
func find(r collector.Report, words []string) (found section, is bool) {
	found = section{Report: r, Broken: r.Violations(), Violations: r.Verdict.Violations, More: r.Verdict.Dropped}
	has := func(texts ...string) bool {
		text := strings.ToLower(strings.Join(texts, "\n"))
		return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) })
	}
	names := strings.Join([]string{r.Account, found.Place(), r.Service, r.ResourceType, r.Region}, "\n")
	if r.Err != nil {
		names += "\n" + r.Err.Error()
	}
	if has(names) {
		return found, true
	}
	found.Violations = nil
	for _, v := range r.Verdict.Violations {
		if has(names, v.ResourceID, v.ResourceName, v.Rule, v.Key, v.Value, string(v.Reason)) {
			found.Violations = append(found.Violations, v)
		}
	}
	return found, len(found.Violations) > 0
}

// Place says which project a report is about.
func (s section) Place() string {
	switch {
	case s.Project != "":
		return s.Project
	case s.AnyProject:
		return "any project"
	case s.ResourceType == "":
		return s.Account
	}
	return "no project"
}

// Class says how urgent a section looks.
func (s section) Class() string {
	return [...]string{"good", "idle", "warn", "bad"}[urgency(s.Report)]
}

// State says the same in words.
func (s section) State() string {
	switch {
	case s.Err != nil:
		return "incomplete"
	case s.Begun.IsZero():
		return "not scraped yet"
	case s.Broken > 0:
		return "read, with violations"
	case s.Untagged > 0:
		return "read, with untagged resources"
	}
	return "read"
}

// urgency ranks what a person should look at first.
func urgency(r collector.Report) int {
	switch {
	case r.Err != nil:
		return 3
	case r.Violations() > 0 || r.Untagged > 0:
		return 2
	case r.Begun.IsZero():
		return 1
	default:
		return 0
	}
}
