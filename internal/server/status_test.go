package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/simulator"
)

// hostile is what a stranger may write into a tag.
const hostile = `<script>document.title="owned"</script>`

// startDrifting returns an exporter of two services: one reads violations, the
// tags of the other cannot be read.
func startDrifting(t *testing.T) *exporter {
	t.Helper()
	e := start(t, Options{TelemetryPath: "/metrics"})
	e.cloud.SetProject(simulator.Project{
		ID: "p1", Region: "cn-north-4",
		Instances: []simulator.Instance{
			{ID: simulator.InstanceID(1), Name: "orders", Tags: []simulator.Tag{simulator.T("env", hostile)}},
			{ID: simulator.InstanceID(2), Name: "scratch"},
		},
	})
	e.cloud.Inject(simulator.Fault{
		Operation: simulator.OpListFabricWorkspaces,
		Answer:    simulator.Instead(simulator.ErrorE2(http.StatusForbidden, "Fabric.0403", "no <b>permission</b>", "")),
	})
	e.mu.Lock()
	e.config += "policy: {rules: [{key: env, required: true, values: [prod]}]}\n"
	e.mu.Unlock()
	if err := e.server.Reload(); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestStatus(t *testing.T) {
	e := startDrifting(t)
	if _, _, body := e.do(http.MethodGet, "/status"); strings.Count(body, "not scraped yet") != 2 {
		t.Errorf("before the first scrape:\n%s", body)
	}
	e.do(http.MethodGet, "/metrics")
	_, header, body := e.do(http.MethodGet, "/status")
	if got := header.Get("Content-Type"); got != "text/html; charset=utf-8" {
		t.Errorf("Content-Type %q", got)
	}
	for _, want := range []string{
		"shop / fabric", "incomplete", "Fabric.0403: no &lt;b&gt;permission&lt;/b&gt;", "(2 failed)",
		"shop / dds", "read, with violations", "<dt>untagged</dt><dd>1</dd>", "<dt>noncompliant</dt><dd>2</dd>",
		"&lt;script&gt;document.title=", simulator.InstanceID(2), "missing",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in\n%s", want, body)
		}
	}
	if strings.Contains(body, hostile) {
		t.Error("a tag's value is not escaped")
	}
	if strings.Index(body, "shop / fabric") > strings.Index(body, "shop / dds") {
		t.Error("what could not be read does not come first")
	}
	t.Run("what is read again replaces it", func(t *testing.T) {
		e.cloud.UpdateProject("p1", func(p *simulator.Project) { p.Instances = nil })
		e.do(http.MethodGet, "/metrics?collect=dds")
		if _, _, body := e.do(http.MethodGet, "/status"); !strings.Contains(body, "<dt>resources</dt><dd>0</dd>") || strings.Contains(body, "scratch") {
			t.Errorf("old results in\n%s", body)
		}
	})
}

// TestStatusInChromium opens the page as a person does.
func TestStatusInChromium(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no chromium; on Debian: apt-get install chromium")
		}
		t.Skip("no chromium; on Debian: apt-get install chromium")
	}
	e := startDrifting(t)
	e.do(http.MethodGet, "/metrics")
	web := httptest.NewServer(e.routes)
	defer web.Close()
	cmd := exec.CommandContext(t.Context(), chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--user-data-dir="+t.TempDir(), "--dump-dom", web.URL+"/status")
	dom, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"<title>Status – Huawei Cloud tag exporter</title>", // not "owned"
		fmt.Sprintf("<code>%s</code>", strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(hostile)),
	} {
		if !strings.Contains(string(dom), want) {
			t.Errorf("no %s in\n%s", want, dom)
		}
	}
}
