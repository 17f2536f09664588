package docs

import (
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/testproc"
)

var (
	goesOnBelow = regexp.MustCompile(`\\\n\s*`)
	remark      = regexp.MustCompile(`(?m)(^|\s)#.*$`)
	separator   = regexp.MustCompile(`&&|\|\||[|;\n]`)
)

// commandsOf takes a script apart into commands, and these into words. It is no shell: the
// documentation has nothing in quotes that looks like a command.
func commandsOf(script string) [][]string {
	script = remark.ReplaceAllString(goesOnBelow.ReplaceAllString(script, " "), "")
	var all [][]string
	for _, command := range separator.Split(script, -1) {
		if words := strings.Fields(command); len(words) > 0 {
			all = append(all, words)
		}
	}
	return all
}

// ours returns what our program is given by a command, also by one that runs it elsewhere: in a
// container, by go.
func ours(words []string) []string {
	for i, word := range words {
		if path.Base(word) == "huaweicloud_tag_exporter" || word == "." && i > 1 && slices.Equal(words[i-2:i], []string{"go", "run"}) {
			return words[i+1:]
		}
	}
	return nil
}

// checkShell runs nothing. It looks for what a script names and does not exist: flags of our program,
// targets of make, files of the repository.
func checkShell(t *testing.T, w *world, b block) {
	for _, words := range commandsOf(b.text) {
		for _, problem := range w.problemsOf(words) {
			t.Errorf("%s: %s", strings.Join(words, " "), problem)
		}
	}
}

var inRepository = regexp.MustCompile(`^(\./)?(collector|dashboards|deploy|docs|internal)(/|$)`)

func (w *world) problemsOf(words []string) []string {
	var problems []string
	for _, arg := range ours(words) {
		if name, _, _ := strings.Cut(arg, "="); strings.HasPrefix(name, "--") && !w.flags[name] {
			problems = append(problems, "the exporter has no flag "+name)
		}
	}
	for _, word := range words[1:] {
		if words[0] == "make" && !strings.HasPrefix(word, "-") && !strings.Contains(word, "=") && !w.targets[word] {
			problems = append(problems, "make has no target "+word)
		}
		file := word[strings.LastIndex(word, "=")+1:] // -rule=deploy/…
		if _, err := os.Stat(root + file); inRepository.MatchString(file) && err != nil {
			problems = append(problems, "there is no "+file)
		}
	}
	return problems
}

// TestCommandsNoticeMistakes shows that the check above can fail.
func TestCommandsNoticeMistakes(t *testing.T) {
	w := &world{flags: map[string]bool{"--demo": true}, targets: map[string]bool{"build": true}}
	for script, want := range map[string]string{
		"make build && bin/huaweicloud_tag_exporter --demo":         "",
		"go run . --demo # --nonsense":                              "",
		"make biuld":                                                "make has no target biuld",
		"make build VERSION=1":                                      "",
		"huaweicloud_tag_exporter --demmo=1 | head":                 "the exporter has no flag --demmo",
		"docker run --read-only \\\n  huaweicloud_tag_exporter --x": "the exporter has no flag --x",
		"go run . --x":                                              "the exporter has no flag --x",
		"go test ./internal/polcy":                                  "there is no ./internal/polcy",
		"vmalert -rule=deploy/nothing.yml":                          "there is no deploy/nothing.yml",
		"cat deploy/compose/compose.yaml; cat docs/nowhere.md":      "there is no docs/nowhere.md",
	} {
		var problems []string
		for _, words := range commandsOf(script) {
			problems = append(problems, w.problemsOf(words)...)
		}
		if got := strings.Join(problems, "; "); got != want {
			t.Errorf("%s: found %q, want %q", script, got, want)
		}
	}
}

// targetsOf returns the targets of the Makefile.
func targetsOf(t *testing.T) map[string]bool {
	t.Helper()
	content, err := os.ReadFile(root + "Makefile")
	if err != nil {
		t.Fatal(err)
	}
	targets := make(map[string]bool)
	for _, m := range regexp.MustCompile(`(?m)^([a-z]+):`).FindAllSubmatch(content, -1) {
		targets[string(m[1])] = true
	}
	return targets
}

// checkConsole runs the commands of a session, which are all of our program and may fail, and looks
// for what it shows of their output. A lone … stands for lines left out. The demo is that of the
// world, whose clock stands still.
func checkConsole(t *testing.T, w *world, b block) {
	commands := strings.Split("\n"+b.text, "\n$ ")
	if strings.TrimSpace(commands[0]) != "" || len(commands) < 2 {
		t.Fatal("a session begins with a command: $ …")
	}
	for _, part := range commands[1:] {
		command, shown, _ := strings.Cut(part, "\n")
		words := commandsOf(command)[0]
		args := ours(words)
		if args == nil {
			t.Fatalf("%s: not our program", command)
		}
		for i, arg := range args {
			if arg == "--demo" {
				args[i] = "--config.file=" + w.config
			}
		}
		output, err := testproc.Command(t, w.binary, args...).CombinedOutput()
		if err != nil && !errors.As(err, new(*exec.ExitError)) {
			t.Fatal(err)
		}
		rest := squeeze(string(output))
		for line := range strings.Lines(shown) {
			if line = strings.TrimSpace(squeeze(line)); line == "" || line == "…" {
				continue
			}
			_, after, found := strings.Cut(rest, line)
			if !found {
				t.Errorf("%s does not print %q, or not there:\n%s", command, line, output)
				break
			}
			rest = after
		}
	}
}

func squeeze(text string) string { return regexp.MustCompile(` +`).ReplaceAllString(text, " ") }

var address = regexp.MustCompile("(?:localhost|127\\.0\\.0\\.1|exporter|huaweicloud-tag-exporter):10240(/[^\\s`'\"<>|;)\\]]*)")

// wantPages fails for an address of the exporter, in the text of a page too, at which it has nothing.
func wantPages(t *testing.T, w *world, p *page) {
	t.Helper()
	for _, m := range address.FindAllStringSubmatch(p.source, -1) {
		resp, err := http.Get("http://" + w.exporter + m[1])
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusNotFound {
			t.Errorf("%s: the exporter has no %s", p.name, m[1])
		}
	}
}
