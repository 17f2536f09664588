package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/collector"
	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/testproc"
)

const readme = "../../README.md"

// table returns the rows of the README's table that follows a comment, without
// its head: cells without the backquotes.
func table(t *testing.T, comment string) [][]string {
	t.Helper()
	content, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(content), "<!-- "+comment+":")
	if !found {
		t.Fatalf("README.md has no table %q", comment)
	}
	var rows [][]string
	for line := range strings.Lines(rest) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			if len(rows) > 0 {
				break
			}
			continue
		}
		cells := strings.Split(strings.Trim(strings.ReplaceAll(line, "`", ""), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	return rows[2:]
}

func wantSame(t *testing.T, what string, documented, real []string) {
	t.Helper()
	slices.Sort(documented)
	slices.Sort(real)
	if !slices.Equal(documented, real) {
		t.Errorf("%s in README.md:\n%s\nin the program:\n%s", what, strings.Join(documented, "\n"), strings.Join(real, "\n"))
	}
}

func TestReadmeMetrics(t *testing.T) {
	var documented, real []string
	for _, row := range table(t, "metrics") {
		labels := strings.Replace(row[1], "B", "project, region, cloud_service, resource_type", 1)
		documented = append(documented, row[0]+" "+labels)
	}
	for _, m := range collector.Metrics() {
		real = append(real, m.Name+" "+strings.Join(m.Labels, ", "))
	}
	wantSame(t, "metrics", documented, real)
}

func TestReadmePermissions(t *testing.T) {
	real := []string{huaweicloud.OpToken}
	for _, s := range collector.Sources() {
		real = append(real, s.Operations...)
	}
	var documented []string
	for _, row := range table(t, "permissions") {
		documented = append(documented, row[0])
	}
	wantSame(t, "operations", documented, real)
}

func TestReadmeFlags(t *testing.T) {
	help, err := testproc.Command(t, testproc.Exporter(t), "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	var documented, real []string
	for _, row := range table(t, "flags") {
		flag := row[0]
		if !strings.Contains(flag, "[no-]") {
			flag += `="` + row[1] + `"`
		}
		documented = append(documented, flag)
	}
	for _, m := range regexp.MustCompile(`(?m)^ +(?:-h, )?(--\S+)`).FindAllStringSubmatch(string(help), -1) {
		flag := strings.ReplaceAll(m[1], "...", "")
		if !slices.Contains([]string{"--[no-]help", "--[no-]version"}, flag) {
			real = append(real, regexp.MustCompile(`=([^"].*)$`).ReplaceAllString(flag, `="$1"`))
		}
	}
	wantSame(t, "flags", documented, real)
}

// TestReadmeConfiguration checks both examples.
func TestReadmeConfiguration(t *testing.T) {
	content, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("HUAWEICLOUD_ACCESS_KEY", "AKEXAMPLE")
	t.Setenv("HUAWEICLOUD_SECRET_KEY", "secret-of-the-example")
	dir := t.TempDir()
	for _, file := range []string{"sk.txt", "token.txt", "password.txt"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte("secret-of-"+file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	examples := 0
	for _, m := range regexp.MustCompile("(?s)( *)```yaml\n(.*?)```").FindAllStringSubmatch(string(content), -1) {
		text := strings.ReplaceAll("\n"+m[2], "\n"+m[1], "\n")
		text = strings.Replace(text, "ca_file: ca.pem", "", 1) // needs a real certificate
		if !strings.HasPrefix(text, "\ncredentials:") {
			continue
		}
		examples++
		if _, err := config.Parse(filepath.Join(dir, "example.yml"), []byte(text)); err != nil {
			t.Errorf("an example is no valid configuration: %v", err)
		}
	}
	if examples != 2 {
		t.Errorf("%d examples found, want 2", examples)
	}
}
