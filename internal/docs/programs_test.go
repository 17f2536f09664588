package docs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"

	"huaweicloud_tag_exporter/internal/testproc"
)

// program does what a command of the documentation says, or checks it as far as
// a test can.
type program func(ctx context.Context, t *testing.T, w *world, args []string) error

// programs are all that commands may call. Whoever names another one decides here
// how it is tried.
func programs() map[string]program {
	all := map[string]program{
		"huaweicloud_tag_exporter":     runExporter,
		"bin/huaweicloud_tag_exporter": runExporter,
		"go":                           runGo,
		"make":                         dryRun,
		"curl":                         fetch,
		"promtool":                     runPromtool,
		"grep":                         func(ctx context.Context, _ *testing.T, _ *world, args []string) error { return execute(ctx, args) },
	}
	for _, trusted := range []struct{ reason, names string }{
		{"needs an engine or a cluster", "docker podman buildah helm kubectl kustomize"},
		{"changes the machine", "apt-get systemctl journalctl systemd-analyze useradd install chown chmod kill"},
		{"needs the network", "git cosign"},
		{"says nothing about the exporter", "ls cat head sort jq sha256sum tar mkdir mv cp openssl htpasswd"},
	} {
		for _, name := range strings.Fields(trusted.names) {
			all[name] = unseen
		}
	}
	return all
}

// unseen stands for a program that a test cannot run.
func unseen(ctx context.Context, _ *testing.T, _ *world, _ []string) error {
	_, err := io.Copy(io.Discard, interp.HandlerCtx(ctx).Stdin)
	return err
}

// execute runs a command and hands its exit code on.
func execute(ctx context.Context, args []string) error {
	h := interp.HandlerCtx(ctx)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = h.Dir, h.Stdin, h.Stdout, h.Stderr
	h.Env.Each(func(name string, v expand.Variable) bool {
		if v.Exported {
			cmd.Env = append(cmd.Env, name+"="+v.String())
		}
		return true
	})
	err := cmd.Run()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return interp.ExitStatus(failed.ExitCode())
	}
	return err
}

// runExporter runs what ends by itself. In place of the demo of now, it audits
// that of the world. Of what serves, only the flags are checked.
func runExporter(ctx context.Context, _ *testing.T, w *world, args []string) error {
	ends := false
	for i, arg := range args[1:] {
		name, _, _ := strings.Cut(arg, "=")
		switch {
		case strings.HasPrefix(arg, "--") && !w.flags[name]:
			return fmt.Errorf("the exporter has no flag %s", name)
		case slices.Contains([]string{"audit", "--config.check", "--version", "--help"}, arg):
			ends = true
		case arg == "--demo":
			args[i+1] = "--config.file=" + w.config
		}
	}
	if !ends {
		return nil
	}
	return execute(ctx, append([]string{w.binary}, args[1:]...))
}

// runGo takes "go run ." for the exporter. Of other commands it checks that their
// packages exist.
func runGo(ctx context.Context, t *testing.T, w *world, args []string) error {
	if len(args) > 2 && args[1] == "run" && args[2] == "." {
		return runExporter(ctx, t, w, args[2:])
	}
	if len(args) < 2 || !slices.Contains([]string{"build", "test", "vet", "install"}, args[1]) {
		return fmt.Errorf("%s: nobody tries this", strings.Join(args, " "))
	}
	for _, arg := range args[2:] {
		if strings.HasPrefix(arg, "./") {
			testproc.Run(t, testproc.Root(t), "go", "list", arg)
		}
	}
	return nil
}

// dryRun fails for a target that does not exist.
func dryRun(_ context.Context, t *testing.T, _ *world, args []string) error {
	testproc.Run(t, testproc.Root(t), "make", append([]string{"-n"}, args[1:]...)...)
	return nil
}

func runPromtool(ctx context.Context, _ *testing.T, w *world, args []string) error {
	return execute(ctx, append([]string{w.promtool}, args[1:]...))
}

// fetch is as much of curl as the documentation needs. The exporter or Prometheus
// must answer with success.
func fetch(ctx context.Context, _ *testing.T, w *world, args []string) error {
	method, url := http.MethodGet, ""
	for i := 1; i < len(args); i++ {
		switch arg := args[i]; {
		case arg == "-X" && i+1 < len(args):
			i++
			method = args[i]
		case slices.Contains([]string{"-s", "-f", "-fs", "-fsS"}, arg):
		case strings.HasPrefix(arg, "-"):
			return fmt.Errorf("curl %s: nobody tries this", arg)
		default:
			url = arg
		}
	}
	host, path, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
	base, ok := map[string]string{"localhost:10240": "http://" + w.exporter, "localhost:9090": string(w.prometheus)}[host]
	if !ok {
		return fmt.Errorf("curl %s: nobody serves this", url)
	}
	req, err := http.NewRequestWithContext(ctx, method, base+"/"+path, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s", method, url, resp.Status)
	}
	_, err = io.Copy(interp.HandlerCtx(ctx).Stdout, resp.Body)
	return err
}
