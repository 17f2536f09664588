package audit

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// mostRows bounds each list of violations: a ticket holds no more than some ten thousand
// characters.
const mostRows = 100

// writeMarkdown writes a report that can be pasted into a ticket.
func (a *Audit) writeMarkdown(w io.Writer) {
	all := a.total()
	fmt.Fprint(w, "## Audit of tags\n\n")
	fmt.Fprintf(w, "%d resources, %d noncompliant, %d untagged, %d unreadable. **%d violations**", all.Resources, all.Noncompliant, all.Untagged, all.Unreadable, all.Violations)
	if a.compared {
		fmt.Fprintf(w, ": **%d new**, %d known; %d mended, %d not compared", all.New(), all.Known, all.Mended, all.Uncompared)
	}
	fmt.Fprint(w, ".\n")
	for _, s := range a.Projects {
		for _, err := range s.Errors {
			fmt.Fprintf(w, "\n- %s could not be read: %s", quoted(s.name()), quoted(err))
		}
	}
	if a.incomplete {
		fmt.Fprint(w, "\n\nThere may be more violations in what could not be read.\n")
	}
	a.markdownTallies(w, "Projects", []string{"Project", "Resources", "Noncompliant"}, a.projectLines())
	a.markdownTallies(w, "Responsible", []string{"Responsible", "Resources", "Noncompliant"}, a.partyLines())
	a.markdownTallies(w, "Rules", []string{"Rule", "Key", "Reason"}, a.ruleLines())
	fresh := slices.DeleteFunc(slices.Clone(a.Violations), func(r Row) bool { return r.Known })
	title := "Violations"
	if a.compared {
		title = "New violations"
	}
	a.markdownRows(w, title, fresh)
	a.markdownRows(w, "Mended", a.Mended)
	a.markdownRows(w, "Not compared, since they could not be read", a.Uncompared)
}

// tallied is a line about some violations.
type tallied struct {
	cells []string
	Tally
}

func (a *Audit) projectLines() (lines []*tallied) {
	for _, s := range a.Projects {
		lines = append(lines, &tallied{[]string{s.name(), strconv.Itoa(s.Resources), strconv.Itoa(s.Noncompliant)}, s.Tally})
	}
	return lines
}

func (a *Audit) partyLines() (lines []*tallied) {
	for _, p := range a.Parties {
		name := cmp.Or(p.Responsible, "nobody is named")
		lines = append(lines, &tallied{[]string{name, strconv.Itoa(p.Resources), strconv.Itoa(p.Noncompliant)}, p.Tally})
	}
	return lines
}

// ruleLines has the rules that are broken, or that were: the worst first.
func (a *Audit) ruleLines() (lines []*tallied) {
	a.count(func(r Row) *Tally {
		cells := []string{r.Rule, r.Key, r.Reason}
		i := slices.IndexFunc(lines, func(t *tallied) bool { return slices.Equal(t.cells, cells) })
		if i < 0 {
			i = len(lines)
			lines = append(lines, &tallied{cells: cells})
		}
		return &lines[i].Tally
	})
	slices.SortFunc(lines, func(x, y *tallied) int {
		return cmp.Or(y.New()-x.New(), y.Violations-x.Violations, slices.Compare(x.cells, y.cells))
	})
	return lines
}

func (a *Audit) markdownTallies(w io.Writer, title string, columns []string, lines []*tallied) {
	if len(lines) == 0 {
		return
	}
	columns = append(columns, "Violations")
	if a.compared {
		columns = append(columns, "New", "Mended")
	}
	markdownHead(w, title, columns)
	for _, t := range lines {
		cells := slices.Concat(t.cells, []string{strconv.Itoa(t.Violations)})
		if a.compared {
			cells = append(cells, strconv.Itoa(t.New()), strconv.Itoa(t.Mended))
		}
		markdownLine(w, cells)
	}
}

func (a *Audit) markdownRows(w io.Writer, title string, rows []Row) {
	if len(rows) == 0 {
		return
	}
	columns := slices.DeleteFunc(a.columns(), func(name string) bool { return name == "state" })
	var titles []string
	for _, name := range columns {
		titles = append(titles, strings.ToUpper(name[:1])+name[1:])
	}
	markdownHead(w, title, titles)
	for _, r := range rows[:min(mostRows, len(rows))] {
		markdownLine(w, r.shown(columns))
	}
	if more := len(rows) - mostRows; more > 0 {
		fmt.Fprintf(w, "\nand %d more, which `--format=json` lists.\n", more)
	}
}

func markdownHead(w io.Writer, title string, columns []string) {
	fmt.Fprintf(w, "\n### %s\n\n| %s |\n|%s\n", title, strings.Join(columns, " | "), strings.Repeat(" --- |", len(columns)))
}

func markdownLine(w io.Writer, cells []string) {
	for _, cell := range cells {
		fmt.Fprintf(w, "| %s ", quoted(cell))
	}
	fmt.Fprint(w, "|\n")
}

// quoted writes a text so that Markdown shows it as it is. Tags are strangers' input: a
// sign that could end a cell, become a link or HTML is written as its number. What could
// call somebody, or name another ticket, is code besides.
func quoted(s string) string {
	var b strings.Builder
	plain := " -,+=%/()'"
	if !strings.Contains(strings.ToLower(s), "www.") { // which some make a link of
		plain += "."
	}
	runes := []rune(printable(s))
	for i, r := range runes {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), strings.ContainsRune(plain, r),
			r == '_' && i > 0 && i < len(runes)-1 && isWord(runes[i-1]) && isWord(runes[i+1]): // emphasizes nothing there
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "&#%d;", r)
		}
	}
	if strings.ContainsAny(s, "@#!") {
		return "<code>" + b.String() + "</code>"
	}
	return b.String()
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
