package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

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
	synctest.Test(t, func(t *testing.T) {
		e := startDrifting(t)
		if _, _, body := e.do(http.MethodGet, "/status"); strings.Count(body, "not scraped yet") != 2 {
			t.Errorf("before the first scrape:\n%s", body)
		}
		e.do(http.MethodGet, "/metrics")
		_, header, body := e.do(http.MethodGet, "/status")
		if got := header.Get("Content-Type"); got != "text/html; charset=utf-8" {
			t.Errorf("Content-Type %q", got)
		}
		if got := header.Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'none'") {
			t.Errorf("Content-Security-Policy %q: what a tag holds might run", got)
		}
		for _, want := range []string{
			"shop / fabric", "incomplete", "Fabric.0403: no &lt;b&gt;permission&lt;/b&gt;", "<dd>2 <small>(2 failed)", "<dt>API calls</dt><dd>3</dd>",
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
		// What is read again replaces it.
		e.cloud.UpdateProject("p1", func(p *simulator.Project) { p.Instances = nil })
		e.do(http.MethodGet, "/metrics?collect=dds")
		if _, _, body := e.do(http.MethodGet, "/status"); !strings.Contains(body, "<dt>resources</dt><dd>0</dd>") || strings.Contains(body, "scratch") {
			t.Errorf("old results in\n%s", body)
		}
	})
}

// TestStatusOrder: what needs attention most comes first, and what is alike stays in
// the order of the configuration.
func TestStatusOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, Options{TelemetryPath: "/metrics"})
		tagged, untagged := simulator.Instance{Tags: []simulator.Tag{simulator.T("env", "prod")}}, simulator.Instance{}
		wrong := simulator.Instance{Tags: []simulator.Tag{simulator.T("env", "dev")}}
		fleets := []struct {
			project   string
			instances []simulator.Instance
		}{
			{"good", []simulator.Instance{tagged}},
			{"unscraped", nil},
			{"untagged", []simulator.Instance{untagged}},
			{"one-violation", []simulator.Instance{tagged, wrong}},
			{"two-violations", []simulator.Instance{untagged, untagged}},
			{"empty", nil},
			{"also-untagged", []simulator.Instance{untagged}},
			{"failed", nil},
		}
		projects, query := "", ""
		for i, f := range fleets {
			for j := range f.instances {
				f.instances[j].ID = simulator.InstanceID(j)
			}
			id := fmt.Sprint("p", i)
			e.cloud.SetProject(simulator.Project{ID: id, Region: "cn-north-4", Instances: f.instances})
			if f.project == "failed" {
				e.cloud.Inject(simulator.Fault{Project: id, Answer: simulator.Instead(simulator.ErrorE1(403, "DBS.200001", "no"))})
			}
			if f.project != "unscraped" {
				query += "&project=" + f.project
			}
			projects += fmt.Sprintf("  - {name: %s, region: cn-north-4, project_id: %s, endpoints: {dds: %q}, services: {dds: {}}}\n", f.project, id, e.api.URL)
		}
		e.mu.Lock()
		e.config = fmt.Sprintf("credentials: {default: {access_key: %s, secret_key: %s}}\nprojects:\n%s", testAK, testSK, projects) +
			"policy: {rules: [{key: env, required: true, values: [prod], projects: [good, one-violation, two-violations]}]}\n"
		e.mu.Unlock()
		if err := e.server.Reload(); err != nil {
			t.Fatal(err)
		}
		e.do(http.MethodGet, "/metrics?"+query)
		_, _, body := e.do(http.MethodGet, "/status")
		var order []string
		for _, found := range regexp.MustCompile(`<section class="(\w+)">\s*<details open>\s*<summary><h3>(\S+) /`).FindAllStringSubmatch(body, -1) {
			order = append(order, found[2]+" "+found[1])
		}
		want := []string{
			"failed bad", "two-violations warn", "one-violation warn", "untagged warn", "also-untagged warn",
			"unscraped idle", "good good", "empty good",
		}
		if !slices.Equal(order, want) {
			t.Errorf("got  %q\nwant %q", order, want)
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
