// Package testproc runs programs for tests: the exporter, built from this tree, and
// Prometheus and its tools. It holds queries to what the exporter exports.
package testproc

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Patience bounds every wait; nothing here takes a tenth of it.
const Patience = time.Minute

// Root returns the directory of the module that the test belongs to.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod here or above")
		}
		dir = filepath.Dir(dir)
	}
}

// Exporter returns the exporter, built from this tree.
func Exporter(t testing.TB) string {
	t.Helper()
	return once(t, "exporter-of-tests", "go", "build", "-o", "bin/exporter-of-tests", ".")
}

// Tool returns a program that the Makefile builds into bin/, such as prometheus.
func Tool(t testing.TB, name string) string {
	t.Helper()
	return once(t, name, "make", "-s", "bin/"+name)
}

// once has a command build a program in bin/, unless it is up to date, which the
// command must know. The tests of several packages run at the same time: the
// others wait, since two cold builds of Prometheus take twice as long as one.
func once(t testing.TB, name, command string, args ...string) string {
	t.Helper()
	bin := filepath.Join(Root(t), "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	lock, err := os.Create(filepath.Join(bin, ".building"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	Run(t, Root(t), command, args...)
	return filepath.Join(bin, name)
}

// Command returns a command that ends with the test.
func Command(t testing.TB, name string, args ...string) *exec.Cmd {
	return exec.CommandContext(t.Context(), name, args...)
}

// Run runs a program in a directory and fails the test if it fails.
func Run(t testing.TB, dir, name string, args ...string) {
	t.Helper()
	cmd := Command(t, name, args...)
	cmd.Dir = dir
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, output)
	}
}

var listening = regexp.MustCompile(`msg="?Listening on"? .*address=(\S+)`)

// Program is a running program.
type Program struct {
	Address string // where it says that it listens
	// Stop asks it to stop, which it must do with exit code 0.
	Stop    func()
	process *os.Process
}

// Signal sends a signal.
func (p *Program) Signal(s os.Signal) error { return p.process.Signal(s) }

// PeakMiB returns the highest resident memory so far, as Linux counts it.
func (p *Program) PeakMiB(t testing.TB) float64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.process.Pid))
	if err != nil {
		t.Skip("needs /proc: ", err)
	}
	m := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if m == nil {
		t.Fatal("no VmHWM")
	}
	kib, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return kib / 1024
}

// Start runs a program until it is stopped or the test ends.
func Start(t testing.TB, path string, args ...string) *Program {
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
	p := &Program{process: cmd.Process}
	p.Stop = sync.OnceFunc(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		kill := time.AfterFunc(Patience, func() { _ = cmd.Process.Kill() })
		defer kill.Stop()
		<-drained
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	})
	t.Cleanup(p.Stop)
	select {
	case p.Address = <-found:
	case <-drained:
		t.Fatalf("%s ended before it listened", path)
	case <-time.After(Patience):
		t.Fatalf("%s does not listen", path)
	}
	return p
}

// Eventually calls f until it returns no error.
func Eventually(t testing.TB, f func() error) {
	t.Helper()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(Patience)
	for {
		err := f()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("still not after %v: %v", Patience, err)
		}
	}
}
