// Package dashboards holds the dashboards to their schema, to the metrics, and
// to a real Prometheus. It has no code of its own.
package dashboards

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// dashboard is as much of Grafana's JSON as these tests look at.
type dashboard struct {
	file, text string

	UID, Title, Description string
	Links                   []struct {
		URL                   string
		IncludeVars, KeepTime bool
	}
	Templating struct{ List []variable }
	Panels     []panel
}

type variable struct {
	Name, Type, Definition, AllValue string
	Query                            any
	Datasource                       source
	Multi, IncludeAll                bool
}

type source struct{ Type, UID string }

type panel struct {
	ID                       int
	Type, Title, Description string
	Datasource               source
	GridPos                  struct{ X, Y, W, H int }
	Targets                  []target
	FieldConfig              struct {
		Defaults struct {
			Unit       string
			Thresholds json.RawMessage
		}
		Overrides []struct {
			Matcher    struct{ ID, Options string }
			Properties []struct{ ID string }
		}
	}
	Options struct {
		SortBy []struct{ DisplayName string }
	}
	Transformations []transformation
}

type target struct {
	Datasource         source
	Expr, RefID        string
	Format             string
	LegendFormat       string
	Instant, Range     bool
	EditorMode, Legend string
}

type transformation struct {
	ID      string
	Options struct {
		StringField  string
		Fields       map[string]struct{ Operation string }
		RenameByName map[string]string
	}
}

// load reads all dashboards.
func load(t *testing.T) []dashboard {
	t.Helper()
	files, err := filepath.Glob("../../dashboards/*.json")
	if err != nil || len(files) != 4 {
		t.Fatalf("%d dashboards, %v; want 4", len(files), err)
	}
	var all []dashboard
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d := dashboard{file: filepath.Base(file), text: string(text)}
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, d)
	}
	return all
}

// TestSchema decodes the dashboards strictly, by Grafana's own types. These stand
// in a module of their own.
func TestSchema(t *testing.T) {
	args := []string{"run", "-C", "strict", "."}
	for _, d := range load(t) {
		path, err := filepath.Abs(filepath.Join("../../dashboards", d.file))
		if err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	if output, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

var prometheusSource = source{"prometheus", "${datasource}"}

func TestStructure(t *testing.T) {
	uids := make(map[string]bool)
	for _, d := range load(t) {
		if uids[d.UID] || d.UID == "" || len(d.UID) > 40 {
			t.Errorf("%s: uid %q is not unique, or too long", d.file, d.UID)
		}
		uids[d.UID] = true
	}
	for _, d := range load(t) {
		t.Run(d.file, func(t *testing.T) {
			wantLinks(t, d, uids)
			wantVariables(t, d)
			ids := make(map[int]bool)
			cells := make(map[[2]int]string)
			for _, p := range d.Panels {
				if ids[p.ID] {
					t.Errorf("%s: id %d twice", p.Title, p.ID)
				}
				ids[p.ID] = true
				for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
					for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
						if other := cells[[2]int{x, y}]; other != "" || x > 23 {
							t.Fatalf("%s: overlaps %q at %d,%d, or ends right of the screen", p.Title, other, x, y)
						}
						cells[[2]int{x, y}] = p.Title
					}
				}
				wantPanel(t, p)
			}
		})
	}
}

func wantPanel(t *testing.T, p panel) {
	t.Helper()
	if p.Title == "" || !strings.HasSuffix(p.Description, ".") {
		t.Errorf("panel %d (%s): no title, or no description that is a sentence", p.ID, p.Title)
	}
	if p.Type != "table" && p.FieldConfig.Defaults.Unit == "" { // a table's columns have their own
		t.Errorf("%s: no unit", p.Title)
	}
	if len(p.FieldConfig.Defaults.Thresholds) == 0 {
		t.Errorf("%s: no thresholds", p.Title)
	}
	if p.Datasource != prometheusSource {
		t.Errorf("%s: data source %v", p.Title, p.Datasource)
	}
	refs := make(map[string]bool)
	for _, q := range p.Targets {
		if q.Datasource != prometheusSource || refs[q.RefID] || q.RefID == "" {
			t.Errorf("%s %s: data source %v, or a refId twice", p.Title, q.RefID, q.Datasource)
		}
		refs[q.RefID] = true
		if q.Instant == q.Range || q.Instant == (p.Type == "timeseries") {
			t.Errorf("%s %s: instant %t, range %t", p.Title, q.RefID, q.Instant, q.Range)
		}
	}
	if p.Type == "table" {
		wantColumns(t, p, refs)
	}
}

// wantColumns fails if a table formats or sorts a column that it does not have.
func wantColumns(t *testing.T, p panel, refs map[string]bool) {
	t.Helper()
	var columns []string
	for _, tr := range p.Transformations {
		for from, to := range tr.Options.RenameByName {
			if ref, ok := strings.CutPrefix(from, "Value #"); ok && (!refs[ref] || len(refs) == 1) {
				t.Errorf("%s: renames %q, which no query has", p.Title, from)
			}
			columns = append(columns, to)
		}
	}
	for _, o := range p.FieldConfig.Overrides {
		// One helper formats the columns of several tables.
		if !slices.Contains(columns, o.Matcher.Options) {
			t.Errorf("%s: formats %q, which it does not have", p.Title, o.Matcher.Options)
		}
	}
	for _, s := range p.Options.SortBy {
		if !slices.Contains(columns, s.DisplayName) {
			t.Errorf("%s: sorts by %q, which it does not have", p.Title, s.DisplayName)
		}
	}
}

var dashboardURL = regexp.MustCompile(`"/d/([^"?]*)`)

func wantLinks(t *testing.T, d dashboard, uids map[string]bool) {
	t.Helper()
	others := make(map[string]bool)
	for _, link := range d.Links {
		if !link.IncludeVars || !link.KeepTime {
			t.Errorf("the link to %s loses variables or the time", link.URL)
		}
		others[strings.TrimPrefix(link.URL, "/d/")] = true
	}
	for uid := range uids {
		if others[uid] != (uid != d.UID) {
			t.Errorf("link to %s: %t", uid, others[uid])
		}
	}
	for _, m := range dashboardURL.FindAllStringSubmatch(d.text, -1) {
		if !uids[m[1]] {
			t.Errorf("a link to %s, which does not exist", m[1])
		}
	}
}

func wantVariables(t *testing.T, d dashboard) {
	t.Helper()
	names := make(map[string]bool)
	for _, v := range d.Templating.List {
		names[v.Name] = true
		// Two jobs may scrape one exporter: their sums would be double.
		if several := v.Multi || v.IncludeAll; v.Name == "job" && several {
			t.Errorf("several jobs can be chosen")
		}
		// A label that is absent, as account and project may be, is an empty one.
		if v.IncludeAll && v.AllValue != ".*" {
			t.Errorf("variable %s: all is %q, which leaves out what has no such label", v.Name, v.AllValue)
		}
		if v.Type == "query" && (v.Datasource != prometheusSource || v.Definition == "") {
			t.Errorf("variable %s: data source %v, definition %q", v.Name, v.Datasource, v.Definition)
		}
	}
	for _, name := range []string{"datasource", "job", "account", "project", "region", "cloud_service"} {
		if !names[name] {
			t.Errorf("no variable %s", name)
		}
	}
	for _, m := range reference.FindAllStringSubmatch(d.text, -1) {
		if name := m[1] + m[2]; !names[name] && !strings.HasPrefix(name, "__") {
			t.Errorf("variable %s is not declared", name)
		}
	}
}

// reference matches ${name}, ${name:format}, ${__data.fields.Name} and $name.
var reference = regexp.MustCompile(`\$\{(\w+)[^}]*\}|\$([a-zA-Z_]\w*)`)
