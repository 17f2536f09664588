package release

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/testproc"
)

const units = "deploy/systemd/"

// TestUnits lets systemd judge the units. It exits with 0 even where it does not
// know a key, but complains.
func TestUnits(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed: the units are not checked")
	}
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	// It looks whether the programs exist.
	service := write("huaweicloud_tag_exporter.service",
		strings.ReplaceAll(read(t, units+"huaweicloud_tag_exporter.service"), "/usr/bin/huaweicloud_tag_exporter", "/bin/true"))
	socket := write("huaweicloud_tag_exporter.socket", read(t, units+"huaweicloud_tag_exporter.socket"))
	write("huaweicloud_tag_exporter.service.d/credentials.conf", read(t, units+"credentials.conf"))
	output, err := testproc.Command(t, analyze, "--man=no", "verify", service, socket).CombinedOutput()
	if err != nil || len(output) > 0 {
		t.Errorf("verify: %v\n%s", err, output)
	}
	// Tenths: 15 leaves room for versions that weigh differently, 11 is what it has.
	output, err = testproc.Command(t, analyze, "security", "--no-pager", "--offline=true", "--threshold=15", service).CombinedOutput()
	if err != nil {
		t.Errorf("security: %v\n%s", err, output)
	}
}

// TestEnvironmentFile holds the example to the program: one variable for each
// flag, with its default.
func TestEnvironmentFile(t *testing.T) {
	program := testproc.Exporter(t)
	help, err := testproc.Command(t, program, "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	flags := slices.DeleteFunc(found(`\(\$(HUAWEICLOUD_TAG_EXPORTER_\w+)\)`, string(help)), func(name string) bool {
		return regexp.MustCompile(`_(HELP|VERSION|CONFIG_CHECK)$`).MatchString(name) // these end the program
	})
	example := read(t, units+"huaweicloud_tag_exporter.default")
	wantSame(t, "variables of the environment file", found(`(?m)^#(\w+)=`, example), flags)
	for _, m := range regexp.MustCompile(`(?m)^#\w+?_EXPORTER_(\w+)=(\S+)$`).FindAllStringSubmatch(example, -1) {
		flag := strings.ToLower(strings.ReplaceAll(m[1], "_", "."))
		line := regexp.MustCompile(`(?m)^ +--` + strings.NewReplacer(".", "[.-]").Replace(flag) + `="?([^"\s]+?)"?(\.\.\.)?(\s|$)`).FindStringSubmatch(string(help))
		if line != nil && flag != "config.file" && line[1] != m[2] {
			t.Errorf("%s=%s, but the flag's default is %s", m[1], m[2], line[1])
		}
	}
	config := filepath.Join(testproc.Root(t), units, "huaweicloud_tag_exporter.yml")
	testproc.Run(t, testproc.Root(t), program, "--config.check", "--config.file="+config)
}

// TestDisable runs the script that runs before a package goes, with the arguments that deb and rpm
// give it, as on a machine with systemd: a folder stands for systemd's, and a script for systemctl.
func TestDisable(t *testing.T) {
	dir := t.TempDir()
	script := strings.Replace(read(t, units+"disable.sh"), "/run/systemd/system", dir, 1)
	// It fails, which must not keep the package from going.
	if err := os.WriteFile(filepath.Join(dir, "systemctl"), []byte("#!/bin/sh\necho systemctl \"$@\"\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	const disabled = "systemctl disable --now huaweicloud_tag_exporter.socket huaweicloud_tag_exporter.service\n"
	for arguments, want := range map[string]string{
		"remove":                   disabled,
		"0":                        disabled,
		"upgrade 0.2.0":            "",
		"1":                        "",
		"deconfigure in-favour x":  "",
		"failed-upgrade 0.1.0 0.2": "",
	} {
		cmd := testproc.Command(t, "sh", append([]string{"-e", "-u", "-c", script, "disable.sh"}, strings.Fields(arguments)...)...)
		cmd.Env = []string{"PATH=" + dir + ":" + os.Getenv("PATH")}
		if output, err := cmd.CombinedOutput(); err != nil || string(output) != want {
			t.Errorf("%s: ran %q, %v; want %q", arguments, output, err, want)
		}
	}
}
