package audit

import (
	"bytes"
	"cmp"
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
)

// Formats are those that Write knows.
func Formats() []string { return []string{"table", "json", "csv", "markdown"} }

// Write prints the audit in a format. CSV holds the violations alone, and is for
// spreadsheets; JSON is exact, and may be the baseline of a later audit; Markdown is a
// report for a ticket.
func (a *Audit) Write(w io.Writer, format string) error {
	var text bytes.Buffer // which takes everything, so the only error is that of w
	switch format {
	case "json":
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(a); err != nil {
			return err
		}
	case "csv":
		writeCSV(&text, a.Violations)
	case "markdown":
		a.writeMarkdown(&text)
	default:
		a.writeTable(&text)
	}
	_, err := w.Write(text.Bytes())
	return err
}

func writeCSV(w io.Writer, rows []Row) {
	out := csv.NewWriter(w)
	_ = out.Write(header)
	for _, r := range rows {
		cells := r.cells()
		for i := range cells {
			cells[i] = inert(cells[i])
		}
		_ = out.Write(cells)
	}
	out.Flush()
}

func (a *Audit) writeTable(w io.Writer) {
	if len(a.Violations) > 0 {
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		columns := a.columns()
		fmt.Fprintln(table, strings.ToUpper(strings.Join(columns, "\t")))
		for _, r := range a.Violations {
			cells := r.shown(columns)
			for i := range cells {
				cells[i] = printable(cells[i])
			}
			fmt.Fprintln(table, strings.Join(cells, "\t"))
		}
		_ = table.Flush()
		fmt.Fprintln(w)
	}
	for _, s := range a.Projects {
		fmt.Fprintf(w, "%s: %d resources, %d noncompliant, %d untagged, %d unreadable, %d violations",
			printable(s.name()), s.Resources, s.Noncompliant, s.Untagged, s.Unreadable, s.Violations)
		if a.compared {
			fmt.Fprintf(w, " (%d new, %d known, %d mended, %d not compared)", s.New(), s.Known, s.Mended, s.Uncompared)
		}
		fmt.Fprintln(w)
		for _, err := range s.Errors {
			fmt.Fprintln(w, "  could not be read: "+printable(err))
		}
	}
}

// columns returns those of a table of violations for people that say something: who has no
// account needs none for it.
func (a *Audit) columns() []string {
	all := []string{"account", "project", "service", "resource", "rule", "key", "value", "reason", "responsible", "state"}
	return slices.DeleteFunc(all, func(name string) bool {
		switch name {
		case "account":
			return !slices.ContainsFunc(a.Projects, func(s Summary) bool { return s.Account != "" })
		case "responsible":
			return len(a.Parties) == 0
		case "state":
			return !a.compared
		}
		return false
	})
}

// shown returns what a row has in such columns.
func (r Row) shown(columns []string) (shown []string) {
	cells := r.cells()
	for _, name := range columns {
		var cell string
		switch name {
		case "resource":
			cell = r.resource()
		case "state":
			cell = "new"
			if r.Known {
				cell = "known"
			}
		default:
			cell = cells[slices.Index(header, name)]
		}
		shown = append(shown, cell)
	}
	return shown
}

// resource says what breaks the policy.
func (r Row) resource() string {
	if r.ResourceID == "" {
		return fmt.Sprintf("(%d key/value pairs)", r.Count)
	}
	return cmp.Or(r.ResourceName, r.ResourceID)
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
