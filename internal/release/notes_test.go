package release

import (
	"os"
	"path/filepath"
	"testing"

	"huaweicloud_tag_exporter/internal/testproc"
)

// TestNotes: a release tells what is new in it, and there is none without that.
func TestNotes(t *testing.T) {
	const changelog = "# Changelog\n\n## 0.2.0 / 2026-12-01\n\n- [FEATURE] two\n\n## 0.1.0 / 2026-11-22\n\n- [FEATURE] one\n"
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "CHANGELOG.md"), []byte(changelog), 0o600); err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string]string{
		"0.2.0": "\n- [FEATURE] two\n\n",
		"0.1.0": "\n- [FEATURE] one\n",
		"0.3.0": "",
	} {
		cmd := testproc.Command(t, "make", "-s", "-f", filepath.Join(testproc.Root(t), "Makefile"), "notes", "VERSION="+version)
		cmd.Dir = dir
		output, err := cmd.Output()
		if string(output) != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v; want %q", version, output, err, want)
		}
	}
}
