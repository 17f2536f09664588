package e2e

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"huaweicloud_tag_exporter/internal/testproc"
)

// TestHangup reloads the configuration by SIGHUP; a bad one leaves the old one
// in force. That SIGTERM ends the program with exit code 0 is checked wherever
// one is started.
func TestHangup(t *testing.T) {
	path := filepath.Join(t.TempDir(), "huaweicloud_tag_exporter.yml")
	write := func(project string) {
		content := fmt.Sprintf(`
credentials: {default: {token: t-0123456789}}
defaults: {max_retries: 0}
projects: [{name: %s, region: cn-north-4, project_id: p1, endpoints: {dds: "http://127.0.0.1:1"}, services: {dds: {}}}]
`, project)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("before")
	program := testproc.Start(t, testproc.Exporter(t), "--config.file="+path, "--web.listen-address=127.0.0.1:0")
	for _, reload := range []struct {
		project string
		want    []string
	}{
		{"after", []string{"name: after", "huaweicloud_tag_config_last_reload_successful 1"}},
		{"[]", []string{"name: after", "huaweicloud_tag_config_last_reload_successful 0"}},
		{"mended", []string{"name: mended", "huaweicloud_tag_config_last_reload_successful 1"}},
	} {
		write(reload.project)
		if err := program.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		testproc.Eventually(t, func() error {
			page := get(t, "http://"+program.Address+"/config") + get(t, "http://"+program.Address+"/metrics")
			for _, want := range reload.want {
				if !strings.Contains(page, want) {
					return errors.New("no " + want)
				}
			}
			return nil
		})
	}
}

// TestSecondSignal: the first SIGTERM lets a scrape in progress go on, the second
// ends the program at once.
func TestSecondSignal(t *testing.T) {
	cloud, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0") // says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	path := filepath.Join(t.TempDir(), "huaweicloud_tag_exporter.yml")
	content := fmt.Sprintf(`
credentials: {default: {token: t-0123456789}}
projects: [{region: cn-north-4, project_id: p1, endpoints: {dds: "http://%s"}, services: {dds: {}}}]
`, cloud.Addr())
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := testproc.Command(t, testproc.Exporter(t), "--config.file="+path, "--web.listen-address=127.0.0.1:0")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stderr)
	until := func(form string) []string {
		wanted := regexp.MustCompile(form)
		for lines.Scan() {
			if found := wanted.FindStringSubmatch(lines.Text()); found != nil {
				return found
			}
		}
		t.Fatalf("no line %s", form)
		return nil
	}
	address := until(`Listening on.* address=(\S+)`)[1]
	go func() {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/metrics", nil)
		if err == nil {
			if resp, err := http.DefaultClient.Do(req); err == nil { // it is cut off
				resp.Body.Close()
			}
		}
	}()
	asked, err := cloud.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer asked.Close()
	for _, then := range []string{"msg=stopping", ""} {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if then != "" {
			until(then)
		}
	}
	for lines.Scan() { // to the end
	}
	err = cmd.Wait()
	if ended, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !ended.Signaled() || ended.Signal() != syscall.SIGTERM {
		t.Errorf("it ended by itself: %v", err)
	}
}
