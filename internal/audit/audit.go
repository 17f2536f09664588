// Package audit prints what breaks the tagging policy, for people and
// pipelines.
package audit

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"

	"huaweicloud_tag_exporter/collector"
	"huaweicloud_tag_exporter/internal/inventory"
)

// The exit codes of an audit. What could not be read outweighs what was found,
// since there may be more of it.
const (
	Compliant  = 0
	Incomplete = 1
	Violations = 2
)

// ExitCode returns the exit code of an audit.
func ExitCode(reports []collector.Report) int {
	code := Compliant
	for _, r := range reports {
		if r.Err != nil {
			return Incomplete
		}
		if r.Violations() > 0 {
			code = Violations
		}
	}
	return code
}

// Row is one violation. Where the API names no resources, it stands for Count
// key/value pairs and has no resource and no value.
type Row struct {
	Account      string `json:"account"` // "": the project names none
	Project      string `json:"project"` // "": a resource of no project
	Service      string `json:"service"`
	ResourceID   string `json:"resource_id"`
	ResourceName string `json:"resource_name"`
	Rule         string `json:"rule"`
	Key          string `json:"key"`
	Value        string `json:"value"`
	Reason       string `json:"reason"`
	Count        int    `json:"count"`

	part inventory.Part // that has the resource
}

var header = []string{"account", "project", "service", "resource_id", "resource_name", "rule", "key", "value", "reason", "count"}

func (r Row) cells() []string {
	return []string{r.Account, r.Project, r.Service, r.ResourceID, r.ResourceName, r.Rule, r.Key, r.Value, r.Reason, strconv.Itoa(r.Count)}
}

// Rows lists all violations, those of the resources that have most of them
// first.
func Rows(reports []collector.Report) []Row {
	rows := []Row{}
	type resource struct {
		part inventory.Part
		id   string
	}
	perResource := make(map[resource]int)
	of := func(r Row) resource { return resource{r.part, r.ResourceID} }
	for _, report := range reports {
		row := Row{Account: report.Account, Project: report.Project, Service: report.Service, part: report.Part}
		for _, v := range report.Verdict.Violations {
			r := row
			r.ResourceID, r.ResourceName, r.Rule, r.Key, r.Value, r.Reason, r.Count = v.ResourceID, v.ResourceName, v.Rule, v.Key, v.Value, string(v.Reason), 1
			rows = append(rows, r)
		}
		for _, c := range report.Verdict.Counts {
			if !report.Named() && c.Resources > 0 {
				r := row
				r.Rule, r.Key, r.Reason, r.Count = c.Rule, c.Key, string(c.Reason), c.Resources
				rows = append(rows, r)
			}
		}
	}
	for _, r := range rows {
		perResource[of(r)] += r.Count
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		if (a.ResourceID == "") != (b.ResourceID == "") { // pairs after resources
			if a.ResourceID == "" {
				return 1
			}
			return -1
		}
		if n := perResource[of(b)] - perResource[of(a)]; n != 0 {
			return n
		}
		return slices.Compare(a.cells(), b.cells())
	})
	return rows
}

// Summary is what there is to say about a project, or about what an account has beside
// its projects.
type Summary struct {
	Account      string   `json:"account"`
	Project      string   `json:"project"`
	Resources    int      `json:"resources"`
	Noncompliant int      `json:"noncompliant"`
	Untagged     int      `json:"untagged"`
	Unreadable   int      `json:"unreadable"`
	Violations   int      `json:"violations"`
	Errors       []string `json:"errors"` // what could not be read
}

func (s Summary) String() string {
	text := fmt.Sprintf("%s: %d resources, %d noncompliant, %d untagged, %d unreadable, %d violations",
		s.name(), s.Resources, s.Noncompliant, s.Untagged, s.Unreadable, s.Violations)
	for _, err := range s.Errors {
		text += "\n  could not be read: " + printable(err)
	}
	return text
}

func (s Summary) name() string {
	switch {
	case s.Account == "":
		return printable(s.Project)
	case s.Project == "":
		return printable(s.Account) + ", beside its projects"
	}
	return printable(s.Account) + "/" + printable(s.Project)
}

// Summaries returns one summary for each project of each account, in the order of the
// reports.
func Summaries(reports []collector.Report) []Summary {
	summaries := []Summary{}
	for _, r := range reports {
		i := slices.IndexFunc(summaries, func(s Summary) bool { return s.Account == r.Account && s.Project == r.Project })
		if i < 0 {
			i = len(summaries)
			summaries = append(summaries, Summary{Account: r.Account, Project: r.Project, Errors: []string{}})
		}
		s := &summaries[i]
		s.Resources += r.Resources
		s.Noncompliant += r.Verdict.Noncompliant
		s.Untagged += r.Untagged
		s.Unreadable += r.Unreadable
		s.Violations += r.Violations()
		if r.Err != nil {
			s.Errors = append(s.Errors, r.Service+": "+r.Err.Error())
		}
	}
	return summaries
}

// Write prints the reports as a table, as JSON or as CSV. CSV holds the violations
// alone, and is for spreadsheets; JSON is exact.
func Write(w io.Writer, format string, reports []collector.Report) error {
	rows, summaries := Rows(reports), Summaries(reports)
	switch format {
	case "json":
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(struct {
			Violations []Row     `json:"violations"`
			Projects   []Summary `json:"projects"`
		}{rows, summaries})
	case "csv":
		out := csv.NewWriter(w)
		_ = out.Write(header) // its error is out.Error's
		for _, r := range rows {
			cells := r.cells()
			for i := range cells {
				cells[i] = inert(cells[i])
			}
			_ = out.Write(cells)
		}
		out.Flush()
		return out.Error()
	default:
		return writeTable(w, rows, summaries)
	}
}

func writeTable(w io.Writer, rows []Row, summaries []Summary) error {
	if len(rows) > 0 {
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		first := 0 // the first of the columns that are shown: who has no account needs none for it
		if !slices.ContainsFunc(summaries, func(s Summary) bool { return s.Account != "" }) {
			first = 1
		}
		columns := []string{"ACCOUNT", "PROJECT", "SERVICE", "RESOURCE", "RULE", "KEY", "VALUE", "REASON"}
		fmt.Fprintln(table, strings.Join(columns[first:], "\t"))
		for _, r := range rows {
			resource := r.ResourceName
			switch {
			case r.ResourceID == "":
				resource = fmt.Sprintf("(%d key/value pairs)", r.Count)
			case resource == "":
				resource = r.ResourceID
			}
			cells := []string{r.Account, r.Project, r.Service, resource, r.Rule, r.Key, r.Value, r.Reason}
			for i := range cells {
				cells[i] = printable(cells[i])
			}
			fmt.Fprintln(table, strings.Join(cells[first:], "\t"))
		}
		if err := table.Flush(); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	for _, s := range summaries {
		if _, err := fmt.Fprintln(w, s); err != nil {
			return err
		}
	}
	return nil
}

// inert puts an apostrophe before what a spreadsheet would take for a formula and
// run: a tag's value is a stranger's input. Full-width signs are formulas to some
// spreadsheets, too.
// https://owasp.org/www-community/attacks/CSV_Injection
func inert(cell string) string {
	first, _ := utf8.DecodeRuneInString(cell)
	if strings.ContainsRune("=+-@＝＋－＠\t\r\n", first) {
		return "'" + cell
	}
	return cell
}

// printable escapes what could drive a terminal: tags are strangers' input.
func printable(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}
