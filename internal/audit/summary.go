package audit

import (
	"cmp"
	"slices"

	"huaweicloud_tag_exporter/collector"
)

// Tally counts violations.
type Tally struct {
	Violations int `json:"violations"` // known ones, too
	Known      int `json:"known"`      // of these, those that the baseline has
	Mended     int `json:"mended"`     // of the baseline, those that are gone
	Uncompared int `json:"uncompared"` // likewise, those of which that is not known
}

// New counts the violations that the baseline does not have.
func (t Tally) New() int { return t.Violations - t.Known }

// Summary is what there is to say about a project, or about what an account has beside
// its projects.
type Summary struct {
	Account      string `json:"account"`
	Project      string `json:"project"`
	Resources    int    `json:"resources"`
	Noncompliant int    `json:"noncompliant"`
	Untagged     int    `json:"untagged"`
	Unreadable   int    `json:"unreadable"`
	Tally
	Errors []string `json:"errors"` // what could not be read
}

// Party is what there is to say about who is responsible.
type Party struct {
	Responsible  string `json:"responsible"` // "": nobody is named
	Resources    int    `json:"resources"`
	Noncompliant int    `json:"noncompliant"`
	Tally
}

// count adds up, in the tally that one returns, what each row says.
func (a *Audit) count(one func(Row) *Tally) {
	for _, r := range a.Violations {
		t := one(r)
		t.Violations += r.Count
		if r.Known {
			t.Known += r.Count
		}
	}
	for _, r := range a.Mended {
		one(r).Mended += r.Count
	}
	for _, r := range a.Uncompared {
		one(r).Uncompared += r.Count
	}
}

// summarize makes one summary for each project of each account, in the order of the
// reports, and one for each party. What cannot be read is everybody's.
func (a *Audit) summarize(reports []collector.Report, responsible []string) {
	a.Projects, a.Parties = []Summary{}, []Party{}
	named := false // who is responsible
	for _, r := range reports {
		s := a.project(r.Account, r.Project)
		if len(responsible) == 0 {
			s.Resources += r.Resources
			s.Noncompliant += r.Verdict.Noncompliant
			s.Untagged += r.Untagged
		}
		s.Unreadable += r.Unreadable
		if r.Err != nil {
			s.Errors = append(s.Errors, r.Service+": "+r.Err.Error())
		}
		for _, party := range r.Verdict.Parties {
			named = true
			if len(responsible) > 0 && !slices.Contains(responsible, party.Name) {
				continue
			}
			p := a.party(party.Name)
			p.Resources += party.Resources
			p.Noncompliant += party.Noncompliant
			if len(responsible) > 0 {
				s.Resources += party.Resources
				s.Noncompliant += party.Noncompliant
				if r.NamesUntagged() {
					s.Untagged += party.Untagged
				}
			}
		}
	}
	a.count(func(r Row) *Tally { return &a.project(r.Account, r.Project).Tally })
	if named {
		a.count(func(r Row) *Tally { return &a.party(r.Responsible).Tally })
	}
	for _, name := range responsible {
		if name != "" && !slices.ContainsFunc(a.Parties, func(p Party) bool { return p.Responsible == name }) {
			a.Strangers = append(a.Strangers, name)
		}
	}
	slices.SortStableFunc(a.Parties, func(x, y Party) int {
		return cmp.Or(y.New()-x.New(), y.Violations-x.Violations, cmp.Compare(x.Responsible, y.Responsible))
	})
}

func (a *Audit) project(account, project string) *Summary {
	i := slices.IndexFunc(a.Projects, func(s Summary) bool { return s.Account == account && s.Project == project })
	if i < 0 {
		i = len(a.Projects)
		a.Projects = append(a.Projects, Summary{Account: account, Project: project, Errors: []string{}})
	}
	return &a.Projects[i]
}

func (a *Audit) party(name string) *Party {
	i := slices.IndexFunc(a.Parties, func(p Party) bool { return p.Responsible == name })
	if i < 0 {
		i = len(a.Parties)
		a.Parties = append(a.Parties, Party{Responsible: name})
	}
	return &a.Parties[i]
}

// total adds up all projects.
func (a *Audit) total() (all Summary) {
	for _, s := range a.Projects {
		all.Resources += s.Resources
		all.Noncompliant += s.Noncompliant
		all.Untagged += s.Untagged
		all.Unreadable += s.Unreadable
	}
	a.count(func(Row) *Tally { return &all.Tally })
	return all
}

func (s Summary) name() string {
	switch {
	case s.Account == "":
		return s.Project
	case s.Project == "":
		return s.Account + ", beside its projects"
	}
	return s.Account + "/" + s.Project
}
