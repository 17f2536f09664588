package docs

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/policy"
)

// language says how blocks of a language are tried, and which flags may follow
// its name.
type language struct {
	check func(*testing.T, *world, block)
	flags []string
}

// languages are all that the documentation may use. A block without a language
// would be tried by nobody, so it is an error.
func languages() map[string]language {
	return map[string]language{
		"console": {check: checkConsole},
		"json":    {check: checkJSON},
		"nginx":   {check: checkNginx},
		"promql":  {check: checkQueries, flags: []string{"empty"}}, // empty: may have no answer on the demo
		"sh":      {check: checkShell, flags: []string{"run"}},     // run: TestReviews runs it
		"text":    {check: func(*testing.T, *world, block) {}},     // pictures, and what programs print
		"toml":    {check: checkTelegraf},
		"yaml":    {check: checkYAML, flags: []string{"bad", "vmagent"}}, // bad: the text block behind it is the error
	}
}

// TestBlocks tries every block of the documentation.
func TestBlocks(t *testing.T) {
	w := newWorld(t)
	known := languages()
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			t.Run(fmt.Sprintf("%s:%d", b.page, b.line), func(t *testing.T) {
				l, ok := known[b.language]
				if !ok {
					t.Fatalf("language %q: not one of languages()", b.language)
				}
				for _, flag := range b.flags {
					if !slices.Contains(l.flags, flag) {
						t.Fatalf("unknown flag %q", flag)
					}
				}
				l.check(t, w, b)
			})
		}
		t.Run(p.name+" addresses", func(t *testing.T) { wantPages(t, w, p) })
	}
}

// checkJSON tells what a text is by its members.
func checkJSON(t *testing.T, _ *world, b block) {
	var anything any
	if err := json.Unmarshal([]byte(b.text), &anything); err != nil {
		t.Fatal(err)
	}
	members, _ := anything.(map[string]any)
	switch {
	case members["tags"] != nil:
		if _, err := policy.New(nil, []policy.Document{{Name: b.page, Content: []byte(b.text)}}, policy.Known{}); err != nil {
			t.Error(err)
		}
	case members["Statement"] != nil && b.page != servicesPage: // that one is written by a test
		wantActions(t, b.text)
	}
}

// wantActions fails unless an IAM policy allows what one of the tables of permissions
// says, and nothing else: that of Config or Organizations, if it allows anything of these,
// since IAM has no policy for services of projects and global ones.
func wantActions(t *testing.T, text string) {
	var document struct {
		Version   string
		Statement []struct {
			Effect string
			Action []string
		}
	}
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	comment := "permissions"
	switch {
	case strings.Contains(text, `"rms:`):
		comment = "permissions account"
	case strings.Contains(text, `"organizations:`):
		comment = "permissions organizations"
	}
	column := map[string]int{"1.1": 2, "5.0": 3}[document.Version]
	if column == 0 || len(document.Statement) != 1 || document.Statement[0].Effect != "Allow" {
		t.Fatalf("not a policy that allows something: %s", text)
	}
	var documented []string
	for _, row := range table(t, permissionsPage, comment) {
		if action := strings.TrimRight(row[column], " ¹²³"); action != "none" && !slices.Contains(documented, action) {
			documented = append(documented, action)
		}
	}
	wantSame(t, permissionsPage, documented, document.Statement[0].Action)
}
