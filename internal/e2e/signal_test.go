package e2e

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
