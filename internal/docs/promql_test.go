package docs

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/testproc"
)

// variables are what a reader would put in their place.
var variables = strings.NewReplacer("$account", "", "$project", "lake-analytics", "$service", "fabric", "$rule", "owner-required",
	"$reason", "missing", "$key", "env", "$operation", "ListInstanceTags")

// aboutTrouble are pages whose queries are asked when something is wrong, which
// on the demo it is not.
var aboutTrouble = []string{"docs/runbooks.md", "docs/troubleshooting.md"}

// query is one query of a block, and what the block says it answers.
type query struct {
	text    string
	answers []string
	more    bool // the block leaves some out
}

var groupedByProject = regexp.MustCompile(`\b(?:by|on) \([^)]*\bproject\b[^)]*\)`)

var goesOn = regexp.MustCompile(`^(\s|[)\]}/*+-]|(and|or|unless|by|on)\b)`)

// queriesOf takes a block apart. A query begins at the start of a line; lines that
// are indented or begin with a bracket or an operator go on with it. Comments
// behind it that begin with a brace are its answers, a lone … stands for more.
func queriesOf(text string) []query {
	var all []query
	for line := range strings.Lines(text) {
		comment, isComment := strings.CutPrefix(line, "#")
		comment = strings.TrimSpace(comment)
		last := len(all) - 1
		switch {
		case strings.TrimSpace(line) == "":
		case isComment && last >= 0 && strings.HasPrefix(comment, "{"):
			all[last].answers = append(all[last].answers, comment)
		case isComment && last >= 0 && comment == "…":
			all[last].more = true
		case isComment:
		case last >= 0 && goesOn.MatchString(line):
			all[last].text += line
		default:
			all = append(all, query{text: line})
		}
	}
	return all
}

// checkQueries asks a real Prometheus each query.
func checkQueries(t *testing.T, w *world, b block) {
	all := queriesOf(variables.Replace(b.text))
	if len(all) == 0 {
		t.Fatal("no query")
	}
	for _, q := range all {
		for _, grouping := range groupedByProject.FindAllString(q.text, -1) {
			if !strings.Contains(grouping, "account, project") && !strings.Contains(q.text, `account="`) {
				t.Errorf("%s takes projects of one name in two accounts for one: %s", grouping, q.text)
			}
		}
		if err := w.catalogue.Check(w.prometheus, q.text, ""); err != nil {
			t.Errorf("%v: %s", err, q.text)
			continue
		}
		if b.has("empty") || slices.Contains(aboutTrouble, b.page) {
			if _, err := w.prometheus.Ask(q.text, true); err != nil {
				t.Errorf("%v: %s", err, q.text)
			}
			continue
		}
		testproc.Eventually(t, func() error {
			rows, err := w.prometheus.Ask(q.text, true)
			if err == nil {
				err = q.compare(rows)
			}
			if err != nil {
				err = fmt.Errorf("%w: %s", err, q.text)
			}
			return err
		})
	}
}

var (
	answerForm = regexp.MustCompile(`^\{(.*)\} +(≈ ?)?([0-9.]+)( +←.*)?$`)
	labelForm  = regexp.MustCompile(`\w+="(?:[^"\\]|\\.)*"`)
)

// compare compares rows with the answers that the block gives, if it gives any.
// A number after ≈ may be any other, since it changes with each scrape.
func (q query) compare(rows []testproc.Row) error {
	if len(rows) == 0 {
		return errors.New("no answer")
	}
	if len(q.answers) == 0 {
		return nil
	}
	real := testproc.Values(rows)
	for _, a := range q.answers {
		m := answerForm.FindStringSubmatch(a)
		if m == nil {
			return fmt.Errorf("not an answer: %s", a)
		}
		labels := labelForm.FindAllString(m[1], -1)
		slices.Sort(labels)
		key := "{" + strings.Join(labels, ", ") + "}"
		value, ok := real[key]
		if !ok || m[2] == "" && fmt.Sprint(value) != m[3] {
			return fmt.Errorf("%s is documented, got %v", a, real)
		}
		delete(real, key)
	}
	if len(real) > 0 && !q.more {
		return fmt.Errorf("not documented: %v", real)
	}
	return nil
}
