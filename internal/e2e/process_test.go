// Package e2e runs the built exporter as its users do: with --demo, scraped by
// a real Prometheus.
package e2e

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait; nothing here takes a tenth of it.
const patience = time.Minute

// build returns the exporter, built from this tree.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "huaweicloud_tag_exporter")
	run(t, "", "go", "build", "-o", binary, "../..")
	return binary
}

// tool returns prometheus or promtool, built from the pinned tools module when
// it is first needed.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("../../bin", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		t.Logf("building %s, once", name)
		run(t, "../tools", "go", "build", "-tags", "remove_all_sd,netgo", "-o", path, "github.com/prometheus/prometheus/cmd/"+name)
	}
	return path
}

func command(t *testing.T, name string, args ...string) *exec.Cmd {
	return exec.CommandContext(t.Context(), name, args...)
}

func run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := command(t, name, args...)
	cmd.Dir = dir
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, output)
	}
}

var listening = regexp.MustCompile(`msg="?Listening on"? .*address=(\S+)`)

// start runs a program until the test ends, when it is asked to stop and must
// do so with exit code 0. It returns the address that the program says it
// listens on, and the process to send signals to.
func start(t *testing.T, path string, args ...string) (address string, process *os.Process) {
	t.Helper()
	cmd := exec.CommandContext(context.Background(), path, args...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	found := make(chan string, 1)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			t.Logf("%s: %s", filepath.Base(path), lines.Text())
			if m := listening.FindStringSubmatch(lines.Text()); m != nil {
				select {
				case found <- m[1]:
				default:
				}
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		kill := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
		defer kill.Stop()
		<-drained
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	})
	select {
	case address = <-found:
		return address, cmd.Process
	case <-drained:
		t.Fatalf("%s ended before it listened", path)
	case <-time.After(patience):
		t.Fatalf("%s does not listen", path)
	}
	return "", nil
}

// eventually calls f until it returns no error.
func eventually(t *testing.T, f func() error) {
	t.Helper()
	deadline := time.After(patience)
	for tick := time.NewTicker(200 * time.Millisecond); ; {
		err := f()
		if err == nil {
			tick.Stop()
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("still not after %v: %v", patience, err)
		}
	}
}
