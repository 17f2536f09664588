// Package release holds what a release is made of to the code: what builds it,
// what starts it, and what it depends on.
package release

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"huaweicloud_tag_exporter/internal/testproc"
)

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(testproc.Root(t), path))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// found returns what the pattern's group matches, sorted.
func found(pattern, text string) []string {
	var all []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	slices.Sort(all)
	return all
}

func wantSame(t *testing.T, what string, got, want []string) {
	t.Helper()
	if len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("%s:\n%s\nwant:\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestGoreleaser(t *testing.T) {
	text := read(t, ".goreleaser.yml")
	var c struct {
		Builds []struct {
			Goos, Goarch, Ldflags []string
		}
		Nfpms []struct {
			Scripts  map[string]string
			Contents []struct{ Src string }
		}
	}
	if err := yaml.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Builds) != 1 || len(c.Nfpms) != 1 {
		t.Fatalf("%d builds and %d packages, want one of each", len(c.Builds), len(c.Nfpms))
	}
	wantSame(t, "systems", c.Builds[0].Goos, []string{"linux", "darwin", "windows"})
	wantSame(t, "architectures", c.Builds[0].Goarch, []string{"amd64", "arm64"})
	const variable = `-X \S*\.(\w+)=`
	wantSame(t, "variables that the linker sets", found(variable, strings.Join(c.Builds[0].Ldflags, " ")),
		found(variable, read(t, "Makefile")))
	for when, script := range c.Nfpms[0].Scripts {
		if !strings.HasPrefix(read(t, script), "#!/bin/sh\n") {
			t.Errorf("%s: %s is no script", when, script)
		}
	}
	for _, content := range c.Nfpms[0].Contents {
		if !strings.HasPrefix(content.Src, "bin/") { // made by make licenses
			read(t, content.Src)
		}
	}
}

// TestWorkflows: a tag of an action can be moved, a commit cannot.
func TestWorkflows(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testproc.Root(t), ".github/workflows/*.yml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no workflows: %v", err)
	}
	pinned := regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	for _, file := range files {
		uses := found(`(?m)\buses:\s*(.*?)\s*$`, read(t, ".github/workflows/"+filepath.Base(file)))
		if len(uses) == 0 {
			t.Errorf("%s uses no action", filepath.Base(file))
		}
		for _, use := range uses {
			if local, ok := strings.CutPrefix(use, "./"); ok {
				read(t, local) // of the same commit
			} else if !pinned.MatchString(use) {
				t.Errorf("%s: %s is not pinned as owner/action@commit # version", filepath.Base(file), use)
			}
		}
	}
}

func TestDependencies(t *testing.T) {
	cmd := testproc.Command(t, "go", "mod", "edit", "-json")
	cmd.Dir = testproc.Root(t)
	output, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(output, &mod); err != nil {
		t.Fatal(err)
	}
	var direct []string
	for _, r := range mod.Require {
		if !r.Indirect {
			direct = append(direct, r.Path)
		}
	}
	slices.Sort(direct)
	wantSame(t, "docs/dependencies.md", found("(?m)^\\| `(\\S+)` \\| \\S", read(t, "docs/dependencies.md")), direct)
}
