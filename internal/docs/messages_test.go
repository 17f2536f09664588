package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const troubleshootingPage = "docs/troubleshooting.md"

// foreign are messages that are not the program's own.
var foreign = map[string]bool{
	"context deadline exceeded":               true, // of Prometheus
	"certificate signed by unknown authority": true, // of Go
}

// TestMessages: what a page gives as a message of the program is one. An … stands for what differs.
func TestMessages(t *testing.T) {
	program := sources(t)
	quoted := regexp.MustCompile("`([^`]+ [^`]+)`")
	tried := 0
	for line := range strings.Lines(pageOf(t, troubleshootingPage).source) {
		cells := strings.Split(line, "|")
		if len(cells) < 3 {
			continue
		}
		for _, message := range quoted.FindAllStringSubmatch(cells[1], -1) {
			for _, part := range strings.Split(message[1], "…") {
				if part = strings.TrimSpace(part); part == "" || foreign[part] {
					continue
				}
				tried++
				if !strings.Contains(program, part) {
					t.Errorf("%s quotes %q, which the program does not say", troubleshootingPage, part)
				}
			}
		}
	}
	if tried < 15 {
		t.Errorf("only %d parts of messages were found", tried)
	}
}

// sources returns the program's own text, all files at once.
func sources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(root, func(path string, file fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		content, err := os.ReadFile(path)
		all.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
