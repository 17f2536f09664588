// Package image tests the container image, and the Compose file that runs it. It
// has no code of its own.
package image

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/testproc"
)

const root = "../../"

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// understood has a file, or several as one, read by the program that it is written for. These
// readers stand in a module of their own.
func understood(t *testing.T, into any, kind string, paths ...string) {
	t.Helper()
	args := []string{"run", "-C", "strict", ".", kind}
	for _, path := range paths {
		path, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	cmd := testproc.Command(t, "go", args...)
	output, err := cmd.Output()
	if refused := new(exec.ExitError); errors.As(err, &refused) {
		t.Fatalf("%s: %s", paths, refused.Stderr)
	} else if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(output, into); err != nil {
		t.Fatal(err)
	}
}

// settings are those of an image.
type settings struct {
	User, WorkingDir string
	Entrypoint, Cmd  []string
	ExposedPorts     map[string]struct{}
	Labels           map[string]string
	Healthcheck      any
}

// TestDockerfile holds the Dockerfile to BuildKit's rules, and to what the image
// is to be, whichever builder builds it.
func TestDockerfile(t *testing.T) {
	var build struct {
		Warnings []string
		Image    settings
		Runs     []struct {
			Platform  string
			Env, Args []string
		}
	}
	understood(t, &build, "dockerfile", root+"Dockerfile")
	for _, warning := range build.Warnings {
		t.Error(warning)
	}
	want := settings{
		User:         "65532:65532", // Kubernetes cannot tell of a name that it is not root
		WorkingDir:   "/etc/huaweicloud_tag_exporter",
		Entrypoint:   []string{"/bin/huaweicloud_tag_exporter"},
		ExposedPorts: map[string]struct{}{"10240/tcp": {}},
		Labels: map[string]string{
			"org.opencontainers.image.title":       "huaweicloud_tag_exporter",
			"org.opencontainers.image.description": "Prometheus exporter for the tags of Huawei Cloud resources",
			"org.opencontainers.image.licenses":    "Apache-2.0",
			"org.opencontainers.image.version":     "version",
			"org.opencontainers.image.revision":    "revision",
			"org.opencontainers.image.created":     "date",
		},
	}
	if !reflect.DeepEqual(build.Image, want) {
		t.Errorf("the image has\n%+v\nwant\n%+v", build.Image, want)
	}
	compiled := false
	for _, run := range build.Runs {
		command := strings.Join(run.Args, " ")
		if run.Platform != "linux/amd64" {
			t.Errorf("%s: runs on %s, which has to be emulated", command, run.Platform)
		}
		if strings.Contains(command, "make build") {
			compiled = strings.Contains(command, "GOARCH=$TARGETARCH") && slices.Contains(run.Env, "TARGETARCH=arm64")
			for _, name := range []string{"VERSION", "REVISION", "BRANCH", "DATE"} {
				if !slices.Contains(run.Env, name+"="+strings.ToLower(name)) {
					t.Errorf("%s: does not know %s", command, name)
				}
			}
		}
	}
	if !compiled {
		t.Error("nothing is compiled for the target's platform")
	}
}

func TestStages(t *testing.T) {
	text := read(t, root+"Dockerfile")
	download, copied := strings.Index(text, "\nRUN go mod download\n"), strings.Index(text, "\nCOPY . .\n")
	if download < 0 || copied < download {
		t.Error("modules are downloaded again whenever a source changes")
	}
	stages := regexp.MustCompile(`(?m)^FROM .*`).FindAllString(text, -1)
	if len(stages) != 2 || stages[1] != "FROM scratch" {
		t.Errorf("stages %q, want two, of which the last is FROM scratch", stages)
	}
	// The workflows take this version of Go, so that a release is not built by one
	// with known holes.
	toolchain := regexp.MustCompile(`(?m)^toolchain go(\S+)$`).FindStringSubmatch(read(t, root+"go.mod"))
	if toolchain == nil {
		t.Fatal("go.mod names no toolchain")
	}
	if builder := "\nARG GO_IMAGE=golang:" + toolchain[1] + "-"; !strings.Contains(text, builder) {
		t.Errorf("go.mod's toolchain is Go %s, the builder is another", toolchain[1])
	}
}
