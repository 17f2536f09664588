package docs

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/demo"
	"huaweicloud_tag_exporter/internal/testproc"
)

const auditPage = "docs/audit.md"

// reviewer runs the scripts of the page about audits, against a demo whose clock stands
// still.
type reviewer struct {
	*testing.T
	dir string
}

// run runs a script as documented, and returns what it printed.
func (r *reviewer) run(script string, code int) string {
	r.Helper()
	cmd := testproc.Command(r, "sh", "-c", script)
	cmd.Dir, cmd.Env = r.dir, append(os.Environ(), "PATH="+r.dir+":"+os.Getenv("PATH"))
	output, err := cmd.CombinedOutput()
	if err != nil && !errors.As(err, new(*exec.ExitError)) {
		r.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		r.Errorf("exit code %d, want %d, of\n%s\n%s", got, code, script, output)
	}
	return string(output)
}

// forget takes a violation out of the baseline, and returns the name of its resource.
func (r *reviewer) forget() string {
	r.Helper()
	file := filepath.Join(r.dir, "baseline.json")
	content, err := os.ReadFile(file)
	if err != nil {
		r.Fatal(err)
	}
	first := regexp.MustCompile(`(?s)\n    \{[^}]*"resource_name": "([^"]+)"[^}]*\},`).FindSubmatch(content)
	if first == nil {
		r.Fatalf("no violation in %s", content)
	}
	write(r.T, file, []byte(strings.Replace(string(content), string(first[0]), "", 1)))
	return string(first[1])
}

// TestReviews runs the documented scripts: they fail on new violations, and on nothing else
// that was there before.
func TestReviews(t *testing.T) {
	at := time.Date(2026, time.July, 15, 8, 8, 0, 0, time.UTC)
	shop, err := demo.Start(func() time.Time { return at })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shop.Close)
	r := &reviewer{t, t.TempDir()}
	write(t, filepath.Join(r.dir, "huaweicloud_tag_exporter.yml"), shop.Config())
	for name, content := range shop.Documents() {
		write(t, filepath.Join(r.dir, name), content)
	}
	if err := os.Symlink(testproc.Exporter(t), filepath.Join(r.dir, "huaweicloud_tag_exporter")); err != nil {
		t.Fatal(err)
	}
	scripts := slices.DeleteFunc(pageOf(t, auditPage).blocks, func(b block) bool { return !b.has("run") })
	if len(scripts) != 3 {
		t.Fatalf("%d scripts", len(scripts))
	}
	pipeline, accept, cron := scripts[0].text, scripts[1].text, scripts[2].text

	if output := r.run(pipeline, 1); !strings.Contains(output, "baseline.json: no such file") {
		t.Errorf("without a baseline:\n%s", output)
	}
	r.run(accept, 0)
	if output := r.run(pipeline, 0); !strings.Contains(output, "**0 new**") {
		t.Errorf("nothing has changed:\n%s", output)
	}
	name := r.forget()
	if output := r.run(pipeline, 2); !strings.Contains(output, "**1 new**") || !strings.Contains(output, "| "+name+" |") {
		t.Errorf("%s is new:\n%s", name, output)
	}
	name = r.forget()
	if output := r.run(cron, 2); !strings.Contains(output, "**2 new**") || !strings.Contains(output, "| "+name+" |") {
		t.Errorf("%s is new:\n%s", name, output)
	}
	if output := r.run(cron, 0); output != "" {
		t.Errorf("nothing is new, and cron sends:\n%s", output)
	}
	shop.Close()
	write(t, filepath.Join(r.dir, "huaweicloud_tag_exporter.yml"), []byte("projects: []"))
	r.run(accept, 1)
	r.run(cron, 1)
	if _, err := os.Stat(filepath.Join(r.dir, "baseline.json")); err != nil {
		t.Errorf("nothing could be read, and the baseline is gone: %v", err)
	}
}
