package docs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/testproc"
)

const sourcePage = "docs/adding-a-source.md"

// TestAddingASource does what the page says, on a copy of the code, and runs the
// test that the page has.
func TestAddingASource(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"collector", "internal", "deploy"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(root+name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(root + name)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), content)
	}
	files := 0
	for _, b := range pageOf(t, sourcePage).blocks {
		switch {
		case b.language == "diff":
			apply := testproc.Command(t, "git", "apply", "-C1", "-")
			apply.Dir, apply.Stdin = dir, strings.NewReader(b.text)
			apply.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir)) // no repository around it
			if output, err := apply.CombinedOutput(); err != nil {
				t.Errorf("%s:%d: %v: %s", b.page, b.line, err, output)
			}
		case b.language == "go" && len(b.flags) == 1:
			files++
			write(t, filepath.Join(dir, b.flags[0]), []byte(b.text))
		}
	}
	if files != 3 {
		t.Errorf("%d files, want a source, a simulator and a test", files)
	}
	run := testproc.Command(t, "go", "test", "-count=1", "-v", "-run", "^TestRDS$", "./collector")
	run.Dir = dir
	output, err := run.CombinedOutput()
	if err != nil || !strings.Contains(string(output), "--- PASS: TestRDS") {
		t.Errorf("%v\n%s", err, output)
	}
	testproc.Run(t, dir, "go", "vet", "./internal/config", "./internal/policy", "./internal/demo")
}
