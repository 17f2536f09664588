package docs

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/collector"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/tagapi"
	"huaweicloud_tag_exporter/internal/testproc"
)

const permissionsPage = "docs/permissions.md"

// table returns the rows of the table that follows a comment, without its head:
// cells without the backquotes.
func table(t *testing.T, name, comment string) [][]string {
	t.Helper()
	_, rest, found := strings.Cut(pageOf(t, name).source, "<!-- "+comment+":")
	if !found {
		t.Fatalf("%s has no table %q", name, comment)
	}
	return firstTable(rest)
}

// firstTable returns the rows of the first table of a text, without its head.
func firstTable(text string) [][]string {
	var rows [][]string
	for line := range strings.Lines(text) {
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
	return rows[min(2, len(rows)):]
}

// wantSame fails for everything that is only in one of two lists.
func wantSame(t *testing.T, where string, documented, real []string) {
	t.Helper()
	for _, item := range documented {
		if !slices.Contains(real, item) {
			t.Errorf("%s has %s, the program has not", where, item)
		}
	}
	for _, item := range real {
		if !slices.Contains(documented, item) {
			t.Errorf("the program has %s, %s has not", item, where)
		}
	}
	if len(documented) != len(real) && !t.Failed() {
		t.Errorf("%s has something twice: %q", where, documented)
	}
}

func TestReadmeMetrics(t *testing.T) {
	var documented, real []string
	for _, row := range table(t, "README.md", "metrics") {
		labels := strings.Replace(row[1], "B", "account, project, region, cloud_service, resource_type", 1)
		documented = append(documented, row[0]+" "+labels)
	}
	for _, m := range collector.Metrics() {
		real = append(real, m.Name+" "+strings.Join(m.Labels, ", "))
	}
	wantSame(t, "README.md", documented, real)
}

// TestPermissions: every call has a row in the table of its kind.
func TestPermissions(t *testing.T) {
	var ofProjects []string
	for _, s := range tagapi.Sources() {
		if !isListed(s.Service) {
			ofProjects = append(ofProjects, s.Operations...)
		}
	}
	for comment, real := range map[string][]string{
		"permissions":               ofProjects,
		"permissions account":       tagapi.Config().Operations,
		"permissions organizations": tagapi.Organizations().Operations,
		"permissions eps":           tagapi.EnterpriseProjects().Operations,
		"permissions iam":           append(tagapi.IAMOperations(), huaweicloud.OpToken),
	} {
		var documented []string
		for _, row := range table(t, permissionsPage, comment) {
			documented = append(documented, row[0])
		}
		wantSame(t, permissionsPage+", "+comment, documented, real)
	}
}

func TestReadmeFlags(t *testing.T) {
	help, err := testproc.Command(t, testproc.Exporter(t), "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	var documented, real []string
	for _, row := range table(t, "README.md", "flags") {
		flag := row[0]
		if !strings.Contains(flag, "[no-]") {
			flag += `="` + row[1] + `"`
		}
		documented = append(documented, flag)
	}
	for _, m := range regexp.MustCompile(`(?m)^ +(?:-h, )?(--\S+)`).FindAllStringSubmatch(string(help), -1) {
		flag := strings.ReplaceAll(m[1], "...", "")
		if !slices.Contains([]string{"--[no-]help", "--[no-]version"}, flag) {
			real = append(real, regexp.MustCompile(`=([^"].*)?$`).ReplaceAllString(flag, `="$1"`))
		}
	}
	wantSame(t, "README.md", documented, real)
}
