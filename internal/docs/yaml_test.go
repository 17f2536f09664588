package docs

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/exporter-toolkit/web"
	"go.yaml.in/yaml/v3"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/testproc"
)

// kind is what a YAML text may be, which its top-level keys tell.
type kind struct {
	keys  []string
	check func(*testing.T, *world, block)
}

// kinds are all that the documentation may have. The first that fits is taken.
func kinds() []kind {
	return []kind{
		{[]string{"credentials", "projects", "accounts", "defaults", "policy", "tags", "ca_file"}, checkConfiguration},
		{[]string{"scrape_configs", "rule_files"}, checkWith("config")},
		{[]string{"groups"}, checkWith("rules")},
		{[]string{"tls_server_config", "basic_auth_users"}, checkWebConfig},
		{[]string{"inhibit_rules"}, checkAlertmanager},
		{[]string{"route"}, checkRoute},
		{[]string{"receivers"}, checkCollector},
		// Kubernetes, Compose, Helm values: only read as YAML, since these are parts
		// of files that are tried where they are.
		{[]string{"apiVersion", "services", "image", "serviceMonitor"}, func(*testing.T, *world, block) {}},
	}
}

func checkYAML(t *testing.T, w *world, b block) {
	switch {
	case b.has("bad"):
		checkConfiguration(t, w, b)
		return
	case b.has("vmagent"):
		checkVmagent(t, w, b)
		return
	}
	for decoder := yaml.NewDecoder(strings.NewReader(b.text)); ; {
		var members map[string]any
		err := decoder.Decode(&members)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		all := kinds()
		i := slices.IndexFunc(all, func(k kind) bool {
			return slices.ContainsFunc(k.keys, func(key string) bool { _, has := members[key]; return has })
		})
		if i < 0 {
			t.Fatalf("none of kinds() has these keys: %v", members)
		}
		all[i].check(t, w, b)
	}
}

// exampleVariables are set where examples are tried.
var exampleVariables = []string{"HUAWEICLOUD_ACCESS_KEY", "HUAWEICLOUD_SECRET_KEY", "SHOP_PROD_SK"}

// sandbox is a folder with the files that examples name.
func sandbox(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	cert, key := testproc.Certificate(t)
	document := []byte(`{"tags":{"businessunit":{"tag_key":{"@@assign":"BusinessUnit"}}}}`)
	for name, content := range map[string][]byte{
		"ca.pem": cert, "server.crt": cert, "server.key": key,
		"sk.txt": []byte("secret-key"), "token.txt": []byte("token-text"), "password.txt": []byte("password-text"),
		"rules.yml": []byte("groups: []"), "tag-policy.json": document, "root-policy.json": document,
	} {
		write(t, filepath.Join(dir, name), content)
	}
	return dir
}

// checkWith has promtool check a file.
func checkWith(what string) func(*testing.T, *world, block) {
	return func(t *testing.T, w *world, b block) {
		dir := sandbox(t)
		write(t, filepath.Join(dir, "example.yml"), []byte(b.text))
		testproc.Run(t, dir, w.promtool, "check", what, "example.yml")
	}
}

func checkWebConfig(t *testing.T, _ *world, b block) {
	path := filepath.Join(sandbox(t), "web.yml")
	write(t, path, []byte(b.text))
	if err := web.Validate(path); err != nil {
		t.Error(err)
	}
}

// checkAlertmanager reads what we write about Alertmanager strictly; the alerts
// that it names must exist.
func checkAlertmanager(t *testing.T, _ *world, b block) {
	var file struct {
		InhibitRules []struct {
			SourceMatchers []string `yaml:"source_matchers"`
			TargetMatchers []string `yaml:"target_matchers"`
			Equal          []string `yaml:"equal"`
		} `yaml:"inhibit_rules"`
	}
	decoder := yaml.NewDecoder(strings.NewReader(b.text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	runbooks := pageOf(t, "docs/runbooks.md")
	for _, r := range file.InhibitRules {
		for _, matcher := range append(r.SourceMatchers, r.TargetMatchers...) {
			if name, ok := strings.CutPrefix(matcher, "alertname = "); ok && !runbooks.anchors[strings.ToLower(name)] {
				t.Errorf("there is no alert %s", name)
			}
		}
	}
}

// completions are what a part of a configuration needs to become one. One that has accounts
// needs no projects.
var completions = map[string]string{
	"projects":    "\nprojects:\n  - name: shop-prod\n    region: cn-north-4\n    project_id: 0549b4a43100d4f32f51c01c2fe4acdb\n",
	"credentials": "\ncredentials: {default: {token: t-0123456789}}\n",
}

var mountedSecret = regexp.MustCompile(`_file: (\.\./secret/\S+)`)

// checkConfiguration puts a configuration, completed if it is a part of one,
// through the strict loader. A bad one must give the error that follows it.
func checkConfiguration(t *testing.T, _ *world, b block) {
	content := strings.ReplaceAll(b.text, "/run/credentials/huaweicloud_tag_exporter.service/", "../secret/")
	for key, completion := range completions {
		has := func(key string) bool { return strings.Contains("\n"+content, "\n"+key+":") }
		if !has(key) && (key != "projects" || !has("accounts")) {
			content += completion
		}
	}
	dir := sandbox(t)
	t.Chdir(dir)
	for _, mounted := range mountedSecret.FindAllStringSubmatch(content, -1) { // as a pod has them
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(mounted[1])), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, mounted[1], []byte("of-the-example"))
	}
	for _, variable := range exampleVariables {
		t.Setenv(variable, "of-the-example")
	}
	write(t, "huaweicloud_tag_exporter.yml", []byte(content))
	_, err := config.Load("huaweicloud_tag_exporter.yml")
	switch {
	case b.has("bad") && b.output == "":
		t.Error("a bad configuration, but no text block behind it tells the error")
	case b.has("bad") && fmt.Sprintln(err) != b.output:
		t.Errorf("documented:\n%sthe program:\n%v", b.output, err)
	case !b.has("bad") && err != nil:
		t.Error(err)
	}
}
