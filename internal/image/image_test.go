package image

import (
	"debug/buildinfo"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/testproc"
)

const certificates = "a stand-in for certificates\n"

// builder is a stand-in for the image that has Go, which cannot be pulled
// everywhere: it has nothing of its own but what the final stage takes from it,
// and sees this machine's Go, shell and make.
const builder = `FROM scratch
COPY ca-certificates.crt /etc/ssl/certs/
WORKDIR /tmp
ENV PATH=/goroot/bin:/usr/bin:/bin GOROOT=/goroot GOMODCACHE=/gomodcache GOCACHE=/gocache
`

// tool is a builder of images with a storage of its own.
type tool struct {
	t    *testing.T
	dir  string
	args []string
}

// buildah returns the tool, or skips the test.
func buildah(t *testing.T) tool {
	t.Helper()
	if _, err := testproc.Command(t, "buildah", "--version").Output(); err != nil {
		t.Skipf("needs buildah: %v", err)
	}
	if output, err := testproc.Command(t, "unshare", "--mount", "true").CombinedOutput(); err != nil {
		t.Skipf("may not mount: %v\n%s", err, output)
	}
	dir := t.TempDir()
	return tool{t, dir, []string{"--storage-driver", "vfs", "--root", filepath.Join(dir, "root"), "--runroot", filepath.Join(dir, "run")}}
}

// run returns what buildah prints.
func (b tool) run(args ...string) string {
	b.t.Helper()
	cmd := testproc.Command(b.t, "buildah", append(slices.Clone(b.args), args...)...)
	cmd.Env = append(os.Environ(), "TMPDIR="+b.dir) // for its caches too
	var complaints strings.Builder
	cmd.Stderr = &complaints
	output, err := cmd.Output()
	if err != nil {
		b.t.Fatalf("buildah %s: %v\n%s%s", strings.Join(args, " "), err, output, &complaints)
	}
	return strings.TrimSpace(string(output))
}

// build builds the whole Dockerfile, upon the stand-in, and returns the image's
// user and the directory of its files.
func (b tool) build() (user, dir string) {
	b.t.Helper()
	testproc.Run(b.t, root, "go", "mod", "download") // the builder has no certificates to do so
	context := filepath.Join(b.dir, "builder")
	for name, content := range map[string]string{"Dockerfile": builder, "ca-certificates.crt": certificates} {
		if err := os.MkdirAll(context, 0o755); err != nil {
			b.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(context, name), []byte(content), 0o644); err != nil {
			b.t.Fatal(err)
		}
	}
	b.run("bud", "--isolation", "chroot", "--tag", "builder", context)

	args := []string{
		"bud", "--isolation", "chroot", "--tag", "exporter", "--build-arg", "GO_IMAGE=localhost/builder",
		"--build-arg", "VERSION=1.2.3", "--build-arg", "REVISION=abc", "--build-arg", "BRANCH=main", "--build-arg", "DATE=2026-11-22T10:00:00Z",
	}
	for _, path := range []string{"/usr", "/bin", "/lib", "/lib64"} {
		if _, err := os.Stat(path); err == nil {
			args = append(args, "--volume", path+":"+path+":ro")
		}
	}
	for variable, path := range map[string]string{"GOROOT": "/goroot", "GOMODCACHE": "/gomodcache", "GOCACHE": "/gocache"} {
		output, err := testproc.Command(b.t, "go", "env", variable).Output()
		if err != nil {
			b.t.Fatal(err)
		}
		args = append(args, "--volume", strings.TrimSpace(string(output))+":"+path)
	}
	b.run(append(args, root)...)
	user = b.run("inspect", "--type", "image", "--format", "{{.OCIv1.Config.User}}", "localhost/exporter")
	return user, b.run("mount", b.run("from", "--pull-never", "localhost/exporter"))
}

// TestImage builds the image and runs it as strictly as a platform may: with a
// root that is read-only and nothing mounted into it, as its own user, with an
// empty environment.
func TestImage(t *testing.T) {
	user, dir := buildah(t).build()
	wantFiles(t, dir)
	wantLicenses(t, dir)
	confined := func(args ...string) []string {
		script := `mount --bind -o ro "$1" "$1" && shift && exec env -i "$(command -v chroot)" --userspec "$@"`
		return append([]string{"--mount", "sh", "-c", script, "sh", dir, user, dir, "/bin/huaweicloud_tag_exporter"}, args...)
	}
	output, err := testproc.Command(t, "unshare", confined("--version")...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	for _, want := range []string{"version 1.2.3 (branch: main, revision: abc)", "2026-11-22T10:00:00Z", "timetzdata"} {
		if !strings.Contains(string(output), want) {
			t.Errorf("--version lacks %q:\n%s", want, output)
		}
	}
	exporter := testproc.Start(t, "unshare", confined("--demo", "--web.listen-address=127.0.0.1:0")...)
	resp, err := http.Get("http://" + exporter.Address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	metrics, err := io.ReadAll(resp.Body)
	read, failed := 0, 0
	for line := range strings.Lines(string(metrics)) {
		if strings.HasPrefix(line, "huaweicloud_tag_collector_success{") {
			read++
			if !strings.HasSuffix(line, "} 1\n") {
				failed++
			}
		}
	}
	if err != nil || read < 9 || failed > 0 { // three services of three projects, and an account
		t.Errorf("%d of %d services of the demo were not read: %v\n%s", failed, read, err, metrics)
	}
	exporter.Stop()
}

// wantFiles fails if the image has more in it than it needs, such as a shell, or
// if its user might change any of it.
func wantFiles(t *testing.T, dir string) {
	t.Helper()
	want := []string{
		"-rw-r--r-- LICENSE",
		"-rwxr-xr-x bin/huaweicloud_tag_exporter",
		"-rw-r--r-- etc/group",
		"drwxr-xr-x etc/huaweicloud_tag_exporter",
		"-rw-r--r-- etc/passwd",
		"-rw-r--r-- etc/ssl/certs/ca-certificates.crt",
	}
	var found []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		license := strings.HasPrefix(name, "licenses/") && info.Mode() == 0o644 // see wantLicenses
		if children, _ := os.ReadDir(path); len(children) == 0 && !license {
			found = append(found, info.Mode().String()+" "+name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(found, want) {
		t.Errorf("the image has\n%s\nwant\n%s", strings.Join(found, "\n"), strings.Join(want, "\n"))
	}
	for name, want := range map[string]string{
		"etc/passwd":                        "nonroot:x:65532:65532:nonroot:/:/sbin/nologin\n",
		"etc/group":                         "nonroot:x:65532:\n",
		"etc/ssl/certs/ca-certificates.crt": certificates,
	} {
		if content := read(t, filepath.Join(dir, name)); content != want {
			t.Errorf("%s: %q, want %q", name, content, want)
		}
	}
}

// wantLicenses fails if the licence of something in the binary is missing.
func wantLicenses(t *testing.T, dir string) {
	t.Helper()
	info, err := buildinfo.ReadFile(filepath.Join(dir, "bin/huaweicloud_tag_exporter"))
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{"go.dev", "github.com/prometheus/client_golang/internal/github.com/golang/gddo"}
	for _, module := range info.Deps {
		paths = append(paths, module.Path)
	}
	for _, path := range paths {
		license, err := filepath.Glob(filepath.Join(dir, "licenses", path, "[LC][IO][CP][EY]*")) // LICENSE, COPYING
		if err != nil || len(license) == 0 {
			t.Errorf("the image lacks the licence of %s: %v", path, err)
		}
	}
}
