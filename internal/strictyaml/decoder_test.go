package strictyaml

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// The farm is a schema with every tag that there is.
type farm struct {
	Usual  habits            `yaml:"usual" default:"{}"`
	Barns  map[string]*barn  `yaml:"barns" or:"none"`
	Fields []string          `yaml:"fields" need:"true" is:"colour"`
	Owner  *string           `yaml:"owner" also:"_of"`
	Codes  onlyThese         `yaml:"codes"`
	Notes  map[string]string `yaml:"-"`
}

type habits struct {
	Feedings int           `yaml:"feedings" inherit:"usual" default:"2" least:"1" most:"9"`
	Rest     time.Duration `yaml:"rest" inherit:"usual" default:"8h"`
}

type barn struct {
	habits `yaml:"-"`
	Open   bool             `yaml:"open"`
	Share  float64          `yaml:"share" most:"1"`
	Hens   *int             `yaml:"hens" of:"henhouse"`
	Boxes  map[string]*boxe `yaml:"boxes"`
}

type boxe struct{ habits }

type onlyThese map[string]*string

func (onlyThese) Keys() []string { return []string{"gate", "shed"} }

// Has reports whether a barn of that name has what only some have.
func (*barn) Has(name, of string) bool { return name == of }

func decode(content string) (*farm, *Decoder, bool) {
	f, d := new(farm), &Decoder{
		Name: "farm.yml", MaxSize: 2000,
		Check: func(is string, text *string) error {
			if is == "colour" && *text != strings.ToLower(*text) {
				return errors.New("must be a colour")
			}
			*text = strings.TrimSpace(*text)
			return nil
		},
		Own: func(*Place, any) bool { return false },
	}
	return f, d, d.Decode([]byte(content), f)
}

// TestDecode: what is given, else what is inherited, else the default.
func TestDecode(t *testing.T) {
	f, d, whole := decode(`
usual: {rest: 1h}
fields: [green, ' red ']
owner_of: it
codes: {gate: 12}
barns:
  henhouse: &one
    feedings: 5
    hens: 30
    boxes: {left: {rest: 2h}, right: }
  other: {share: 0.5, open: true, boxes: {left: {feedings: 1}}}
  again: {<<: {open: true}, share: 1}
`)
	if problems := d.Problems(); !whole || len(problems) > 0 {
		t.Fatal(whole, problems)
	}
	hens, it, gate := 30, "it", "12"
	left, right, alone := &boxe{habits{5, 2 * time.Hour}}, &boxe{habits{5, time.Hour}}, &boxe{habits{1, time.Hour}}
	want := &farm{
		Usual: habits{2, time.Hour}, Fields: []string{"green", "red"}, Owner: &it, Codes: onlyThese{"gate": &gate},
		Barns: map[string]*barn{
			"henhouse": {habits: habits{5, time.Hour}, Hens: &hens, Boxes: map[string]*boxe{"left": left, "right": right}},
			"other":    {habits: habits{2, time.Hour}, Share: 0.5, Open: true, Boxes: map[string]*boxe{"left": alone}},
			"again":    {habits: habits{2, time.Hour}, Share: 1, Open: true},
		},
	}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("got  %+v\nwant %+v", f, want)
	}
	if at := d.At(&f.Owner); at.Key != "owner_of" || at.Line != 4 || !at.Given() || at.Value() != "it" {
		t.Errorf("the owner is at %+v", at)
	}
	if !d.At(new(int)).Bad {
		t.Error("a field that was not filled has a place")
	}
}

// TestProblems: each with its line and its path, all of them, by line.
func TestProblems(t *testing.T) {
	for content, want := range map[string]string{
		"fields: [a]\nbarns: none":             "",
		"fields: [a]\nbarns: some":             "2: barns: must be a mapping or none, not text",
		"fields: []":                           "1: fields: must not be empty",
		"":                                     "1: fields: missing",
		"fields: [A, b, C]":                    "1: fields[0]: must be a colour\n1: fields[2]: must be a colour",
		"fields: [a]\nowner: me\nowner_of: it": "3: owner_of: given beside owner: give one of them",
		"fields: [a]\ncodes: {gat: 1, b: 2}":   "2: codes.gat: unknown key (did you mean gate?)\n2: codes.b: unknown key (known: gate, shed)",
		"fields: [a]\nfields: [b]":             "2: fields: given twice, first in line 1",
		"fields: [a]\nbarns: {x: {hens: 3}}":   "2: barns.x.hens: unknown key (known: feedings, rest, open, share, boxes)",
		// What is wrong once is said once, not by each that inherits it.
		"fields: [a]\nusual: {feedings: 10}\nbarns: {x: , y: }": "2: usual.feedings: must be at most 9: 10",
		"fields: [a]\nbarns: {x: {share: 1.5, open: 1, rest: 5}}": "2: barns.x.rest: not a duration: \"5\" has no unit, such as \"5s\"\n" +
			"2: barns.x.open: must be true or false: \"1\"\n2: barns.x.share: must be at most 1: \"1.5\"",
		"fields: [a]\nusual: {<<: 3}":            "2: usual: << must name a mapping, not a number",
		"fields: [a":                             "1: did not find expected ',' or ']'",
		"fields: [a]\n---\nfields: [b]":          "2: has more than one YAML document",
		"# " + strings.Repeat("x", 2000):         "1: larger than 0 MiB",
		"fields: [a]\nusual: {[a]: 1, b: *none}": "2: no such anchor (a value that begins with * must be quoted)",
	} {
		_, d, _ := decode(content)
		var lines []string
		for _, problem := range d.Problems() {
			lines = append(lines, strings.TrimPrefix(problem.Error(), "farm.yml:"))
		}
		if got := strings.Join(lines, "\n"); got != want {
			t.Errorf("%s\ngot:\n%s\nwant:\n%s", content, got, want)
		}
	}
}

// TestBombs: aliases of aliases end the walk, and then nothing is said to be missing.
func TestBombs(t *testing.T) {
	content := "barns:\n  b0: &b0 {open: true}\n"
	for i := 1; i < 30; i++ {
		content += fmt.Sprintf("  b%d: &b%d {<<: [*b%d, *b%d]}\n", i, i, i-1, i-1)
	}
	_, d, whole := decode(content)
	if problems := d.Problems(); whole || len(problems) == 0 || !strings.HasSuffix(problems[len(problems)-1].Error(), "too much, or too many aliases") {
		t.Errorf("whole %v, %q", whole, problems)
	}
}
