package docs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"huaweicloud_tag_exporter/internal/testproc"
)

func checkShell(t *testing.T, w *world, b block) {
	if output, err := script(t, w, b.text); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

// checkConsole runs the commands of a session, which may fail, and looks for
// what it shows of their output. A lone … stands for lines left out.
func checkConsole(t *testing.T, w *world, b block) {
	commands := strings.Split("\n"+b.text, "\n$ ")
	if strings.TrimSpace(commands[0]) != "" || len(commands) < 2 {
		t.Fatal("a session begins with a command: $ …")
	}
	for _, part := range commands[1:] {
		command, shown, _ := strings.Cut(part, "\n")
		output, err := script(t, w, command)
		if err != nil && !errors.As(err, new(interp.ExitStatus)) {
			t.Fatal(err)
		}
		rest := squeeze(output)
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

// exampleVariables are set where examples are tried.
var exampleVariables = []string{"HUAWEICLOUD_ACCESS_KEY", "HUAWEICLOUD_SECRET_KEY", "SHOP_PROD_SK"}

// script interprets a shell script in a sandbox. Programs are those of
// programs(), whatever the machine has.
func script(t *testing.T, w *world, text string) (output string, err error) {
	t.Helper()
	file, err := syntax.NewParser().Parse(strings.NewReader(text), "")
	if err != nil {
		return "", err
	}
	dir := sandbox(t, w)
	environment := os.Environ()
	for _, variable := range exampleVariables {
		environment = append(environment, variable+"=of-the-example")
	}
	known := programs()
	var out bytes.Buffer
	runner, err := interp.New(
		interp.Dir(dir), interp.StdIO(strings.NewReader(""), &out, &out), interp.Params("-e", "-o", "pipefail"),
		interp.Env(expand.ListEnviron(environment...)),
		interp.OpenHandler(func(ctx context.Context, path string, flag int, perm os.FileMode) (io.ReadWriteCloser, error) {
			// The sandbox holds links into the repository.
			if flag&(os.O_WRONLY|os.O_RDWR) != 0 && path != os.DevNull && filepath.Dir(filepath.Join(interp.HandlerCtx(ctx).Dir, path)) != dir {
				return nil, fmt.Errorf("writes outside of its folder: %s", path)
			}
			return interp.DefaultOpenHandler()(ctx, path, flag, perm)
		}),
		interp.ExecHandlers(func(interp.ExecHandlerFunc) interp.ExecHandlerFunc {
			return func(ctx context.Context, args []string) error {
				p, ok := known[args[0]]
				if !ok {
					return fmt.Errorf("%s: not one of programs()", args[0])
				}
				return p(ctx, t, w, args)
			}
		}),
	)
	if err != nil {
		return "", err
	}
	err = runner.Run(t.Context(), file)
	return out.String(), err
}

// sandbox is a folder that looks like the repository, with a configuration and
// the files that examples name.
func sandbox(t *testing.T, w *world) string {
	t.Helper()
	dir := t.TempDir()
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	cert, key := certificate(t)
	shop, err := os.ReadFile(w.config)
	if err != nil {
		t.Fatal(err)
	}
	document := []byte(`{"tags":{"businessunit":{"tag_key":{"@@assign":"BusinessUnit"}}}}`)
	files := map[string][]byte{
		"huaweicloud_tag_exporter.yml": shop,
		"ca.pem":                       cert, "server.crt": cert, "server.key": key,
		"sk.txt": []byte("secret-key"), "token.txt": []byte("token-text"), "password.txt": []byte("password-text"),
		"rules.yml": []byte("groups: []"), "tag-policy.json": document, "root-policy.json": document,
	}
	for _, e := range entries {
		if files[e.Name()] != nil {
			continue // a developer's own
		}
		if err := os.Symlink(filepath.Join(testproc.Root(t), e.Name()), filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range files {
		write(t, filepath.Join(dir, name), content)
	}
	return dir
}
