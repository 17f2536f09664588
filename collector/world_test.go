package collector

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"
	"go.uber.org/goleak"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/memnet"
	"huaweicloud_tag_exporter/internal/simulator"
)

const (
	testProject = "5f3c9a7e21d84b60a1c2d3e4f5061728"
	testAK      = "SIMACCESSKEY0001"
	testSK      = "sim-secret-key-0001"

	testPassword = "sim-password-0001" // of the IAM user "exporter" in the account "sim"
)

// world is a simulated cloud, an exporter that reads it, and a scraper, all
// over HTTP, through a network in memory: so a test of time can run in a bubble of
// testing/synctest, where waiting takes none. Unless a test says otherwise, the cloud must not have refused
// any request by the time the test ends: a refusal is a request that the
// documentation forbids.
type world struct {
	t     *testing.T
	cloud *simulator.Cloud
	api   *httptest.Server // the cloud
	web   *httptest.Server // the exporter

	network *memnet.Network
	client  *http.Client // the scraper

	yaml           string               // the configuration
	change         func(*config.Config) // of every configuration; nil: none
	collector      *Collector
	handler        *Handler
	log            *logBuffer
	expectRefusals bool
}

// newWorld starts a cloud with one project. Its services are given in YAML, as
// the configuration has them.
func newWorld(t *testing.T, options simulator.Options, project simulator.Project, services string) *world {
	t.Helper()
	// Registered first, so that it runs after everything has been closed.
	ignore := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, ignore) })
	network := new(memnet.Network)
	w := &world{
		t: t, cloud: simulator.New(options), log: new(logBuffer), network: network,
		client: &http.Client{Transport: &http.Transport{DialContext: network.DialContext}},
	}
	w.api = w.serve(w.cloud)
	t.Cleanup(w.api.Close)
	t.Cleanup(w.cloud.Close)
	w.cloud.AddAccessKey(simulator.AccessKey{AK: testAK, SK: testSK})
	project.ID, project.Region = testProject, "cn-north-4"
	w.cloud.SetProject(project)
	w.configure(w.config(services, ""))
	w.handler = &Handler{Current: func() *Collector { return w.collector }, DefaultTimeout: 10 * time.Second, Logger: log.NewLogfmtLogger(w.log)}
	w.web = w.serve(w.handler)
	t.Cleanup(func() {
		w.web.Close()
		w.collector.Close()
		w.client.CloseIdleConnections()
		if refusals := w.cloud.Refusals(); !w.expectRefusals && len(refusals) > 0 {
			t.Errorf("the cloud refused requests:\n%s", strings.Join(refusals, "\n"))
		}
		w.keepsSecrets(w.log.String())
		if failed := "encoding metrics failed"; strings.Contains(w.log.String(), failed) {
			t.Errorf("%s:\n%s", failed, w.log)
		}
	})
	return w
}

// bubble runs a subtest in virtual time.
func bubble(t *testing.T, name string, test func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

// serve starts a server in the world's network.
func (w *world) serve(h http.Handler) *httptest.Server {
	server := httptest.NewUnstartedServer(h)
	server.Listener.Close()
	server.Listener = w.network.Listen()
	server.Start()
	return server
}

// config returns a configuration of the project "shop" with these services and
// more top-level YAML.
func (w *world) config(services, more string) string {
	return fmt.Sprintf(`
credentials: {default: {access_key: %s, secret_key: %s}}
defaults: {requests_per_second: 0, request_timeout: 2s}
projects:
  - name: shop
    region: cn-north-4
    project_id: %s
    endpoints: {dds: %[4]s, modelarts: %[4]s, fabric: %[4]s}
    services: %[5]s
%[6]s`, testAK, testSK, testProject, w.api.URL, services, more)
}

// configure makes a configuration the running one, as a reload does.
func (w *world) configure(yaml string) {
	w.t.Helper()
	w.yaml = yaml
	c, err := config.Parse("test.yml", []byte(yaml))
	if err != nil {
		w.t.Fatal(err)
	}
	if w.change != nil {
		w.change(c)
	}
	old := w.collector
	if w.collector, err = New(c, Options{UserAgent: "test/1", Logger: log.NewLogfmtLogger(w.log), Dial: w.network.DialContext}, old); err != nil {
		w.t.Fatal(err)
	}
	if old != nil {
		old.Close()
	}
}

// scrape returns the exposition without comments.
func (w *world) scrape(query string) exposition {
	w.t.Helper()
	return w.scrapeWithin(query, 0)
}

// scrapeWithin scrapes as a Prometheus with a scrape_timeout does.
func (w *world) scrapeWithin(query string, timeout time.Duration) exposition {
	w.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, w.web.URL+"/metrics?"+query, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if timeout > 0 {
		req.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", fmt.Sprint(timeout.Seconds()))
	}
	resp, err := w.client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		w.t.Fatalf("status %d: %s", resp.StatusCode, body)
	}
	w.keepsSecrets(string(body))
	return parse(string(body))
}

// keepsSecrets fails the test if a text for people or Prometheus holds a secret.
func (w *world) keepsSecrets(text string) {
	w.t.Helper()
	for _, secret := range []string{testSK, testPassword} {
		if strings.Contains(text, secret) {
			w.t.Errorf("%s is in:\n%s", secret, text)
		}
	}
}

// parse returns the lines of an exposition without comments.
func parse(body string) (lines exposition) {
	for line := range strings.Lines(body) {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// exposition is the lines of a scrape.
type exposition []string

// A regular expression would take most of the tests' time.
var withoutCommonLabels = strings.NewReplacer(
	`project="shop",`, ``, `project="shop"`, ``, `region="cn-north-4",`, ``, `region="cn-north-4"`, ``,
	`resource_type="pool",`, ``, `resource_type="pool"`, ``, `resource_type="instance",`, ``, `resource_type="instance"`, ``,
	`resource_type="workspace",`, ``, `resource_type="workspace"`, ``,
)

// about returns the lines of the metrics whose names match, shortened: without
// the namespace, the labels that are the same everywhere, and what is 0 of the
// error counters.
func (e exposition) about(names string) string {
	wanted := regexp.MustCompile(`^huaweicloud_tag_(` + names + `)[ {]`)
	var found []string
	for _, line := range e {
		if !wanted.MatchString(line) || (strings.Contains(line, "_total{") && strings.HasSuffix(line, " 0")) {
			continue
		}
		line = withoutCommonLabels.Replace(strings.TrimPrefix(line, "huaweicloud_tag_"))
		found = append(found, strings.ReplaceAll(line, ",}", "}"))
	}
	slices.Sort(found)
	return strings.Join(found, "\n")
}

// want fails the test unless the named metrics are exactly these lines.
func (e exposition) want(t *testing.T, names, lines string) {
	t.Helper()
	var sorted []string
	for line := range strings.Lines(lines) {
		if line = strings.TrimSpace(line); line != "" {
			sorted = append(sorted, line)
		}
	}
	slices.Sort(sorted)
	if got, want := e.about(names), strings.Join(sorted, "\n"); got != want {
		t.Errorf("metrics %s\ngot:\n%s\nwant:\n%s", names, got, want)
	}
}

// tagMetrics are the metrics that tell what a service's tags are.
const tagMetrics = "resources|untagged_resources|unreadable_resources|tagged_resources|info|keys|key_values|folded_values|collector_success"

// wantTruth fails the test unless the services show exactly what the cloud
// holds, with success. Keys that begin with _sys_ are no tags.
func (w *world) wantTruth(e exposition, services ...string) {
	w.t.Helper()
	var lines []string
	for _, service := range services {
		lines = append(lines, w.truth(service)...)
	}
	e.want(w.t, tagMetrics, strings.Join(lines, "\n"))
}

func (w *world) truth(service string) []string {
	count := map[string]func(string, func(string) bool) simulator.Truth{
		"dds": w.cloud.TruthDDS, "fabric": w.cloud.TruthFabric, "modelarts": w.cloud.TruthModelArts,
	}[service]
	return truthLines(service, count(testProject, func(key string) bool { return strings.HasPrefix(key, "_sys_") }))
}

func truthLines(service string, truth simulator.Truth) []string {
	var lines []string
	add := func(name string, value int, labels ...string) {
		all := fmt.Sprintf("cloud_service=%q", service)
		for i := 0; i < len(labels); i += 2 {
			all += fmt.Sprintf(`,%s="%s"`, labels[i], escapeLabel.Replace(labels[i+1]))
		}
		lines = append(lines, fmt.Sprintf("%s{%s} %d", name, all, value))
	}
	add("collector_success", 1)
	add("keys", truth.Keys())
	if service != "modelarts" {
		add("resources", truth.Resources)
		add("untagged_resources", truth.Untagged)
		add("unreadable_resources", 0)
	}
	for key, values := range truth.Values {
		add("key_values", len(values), "key", key)
		for _, value := range values {
			if service == "modelarts" {
				add("info", 1, "key", key, "value", value)
			} else {
				add("tagged_resources", truth.Tagged[key][value], "key", key, "value", value)
			}
		}
	}
	return lines
}

var escapeLabel = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
