package docs

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/demo"
	"huaweicloud_tag_exporter/internal/testproc"
)

const (
	responsiblePage  = "docs/responsible.md"
	responsibleAlert = "HuaweiCloudTagResponsibleNoncompliant"
)

// checkRoute has amtool check a configuration of Alertmanager.
func checkRoute(t *testing.T, _ *world, b block) {
	dir := sandbox(t)
	write(t, filepath.Join(dir, "example.yml"), []byte(b.text))
	testproc.Run(t, dir, testproc.Tool(t, "amtool"), "check-config", "example.yml")
}

// routes returns the documented configuration of Alertmanager.
func routes(t *testing.T) string {
	t.Helper()
	blocks := pageOf(t, responsiblePage).blocks
	i := slices.IndexFunc(blocks, func(b block) bool { return strings.HasPrefix(b.text, "route:") })
	if i < 0 {
		t.Fatalf("%s has no route", responsiblePage)
	}
	return blocks[i].text
}

// TestRoutes asks amtool whom the documented route tells of what.
func TestRoutes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "alertmanager.yml")
	write(t, file, []byte(routes(t)))
	for labels, want := range map[string]string{
		"alertname=" + responsibleAlert + " responsible=liu.yang":   "data",
		"alertname=" + responsibleAlert + " responsible=retail":     "shop",
		"alertname=" + responsibleAlert + " responsible=retail-too": "tag-reviews",
		"alertname=" + responsibleAlert:                             "tag-reviews",
		"alertname=HuaweiCloudTagExporterDown responsible=retail":   "platform",
	} {
		args := append([]string{"config", "routes", "test", "--config.file=" + file}, strings.Fields(labels)...)
		output, err := testproc.Command(t, testproc.Tool(t, "amtool"), args...).CombinedOutput()
		if got := strings.TrimSpace(string(output)); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", labels, got, err, want)
		}
	}
}

// receiver is what all receivers of a test are told: by path, the names of parties.
type receiver struct {
	mu   sync.Mutex
	told map[string]map[string]bool
}

// ServeHTTP is a webhook of Alertmanager.
func (r *receiver) ServeHTTP(_ http.ResponseWriter, req *http.Request) {
	var message struct {
		Alerts []struct{ Labels map[string]string }
	}
	if json.NewDecoder(req.Body).Decode(&message) != nil {
		message.Alerts = nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, alert := range message.Alerts {
		if alert.Labels["alertname"] != responsibleAlert {
			continue
		}
		if r.told[req.URL.Path] == nil {
			r.told[req.URL.Path] = make(map[string]bool)
		}
		r.told[req.URL.Path][alert.Labels["responsible"]] = true
	}
}

// TestAlertsReachTheirParty: a violation of the demo reaches, by a real Prometheus with our
// rules and a real Alertmanager with the documented route, whoever is responsible for it,
// and nobody else.
func TestAlertsReachTheirParty(t *testing.T) {
	at := time.Date(2026, time.July, 15, 8, 8, 0, 0, time.UTC)
	shop, err := demo.Start(func() time.Time { return at })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shop.Close)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "demo.yml"), shop.Config())
	for name, content := range shop.Documents() {
		write(t, filepath.Join(dir, name), content)
	}
	exporter := testproc.Start(t, testproc.Exporter(t), "--config.file="+filepath.Join(dir, "demo.yml"), "--web.listen-address=127.0.0.1:0").Address
	people := &receiver{told: make(map[string]map[string]bool)}
	chat := httptest.NewServer(people)
	t.Cleanup(chat.Close)
	route := strings.NewReplacer("http://chat.example.com", chat.URL, "group_wait: 30s", "group_wait: 1s").Replace(routes(t))
	write(t, filepath.Join(dir, "alertmanager.yml"), []byte(route))
	alertmanager := testproc.Start(t, testproc.Tool(t, "alertmanager"), "--config.file="+filepath.Join(dir, "alertmanager.yml"),
		"--storage.path="+filepath.Join(dir, "alertmanager"), "--web.listen-address=127.0.0.1:0", "--cluster.listen-address=").Address
	rules, err := os.ReadFile(root + "deploy/prometheus/rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "rules.yml"), []byte(strings.ReplaceAll(string(rules), "for: 15m", "for: 0s")))
	write(t, filepath.Join(dir, "prometheus.yml"), fmt.Appendf(nil, scrapeConfig+"alerting: {alertmanagers: [{static_configs: [{targets: [%q]}]}]}\n",
		filepath.Join(dir, "rules.yml"), exporter, alertmanager))
	testproc.Start(t, testproc.Tool(t, "prometheus"), "--config.file="+filepath.Join(dir, "prometheus.yml"),
		"--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address=127.0.0.1:0")

	owned := map[string][]string{"/data": {"liu.yang", "he.xin", "data-platform"}, "/shop": {"li.wei", "sun.qian", "retail"}}
	testproc.Eventually(t, func() error {
		people.mu.Lock()
		defer people.mu.Unlock()
		if !people.told["/data"]["liu.yang"] || !people.told["/shop"]["retail"] || !people.told["/reviews"][""] {
			return errors.New("not everybody has been told")
		}
		return nil
	})
	people.mu.Lock()
	defer people.mu.Unlock()
	for path, names := range people.told {
		for name := range names {
			for whose, theirs := range owned {
				if slices.Contains(theirs, name) != (path == whose) {
					t.Errorf("%s was told of %q", path, name)
				}
			}
		}
	}
	if len(people.told["/platform"]) > 0 {
		t.Errorf("/platform was told of %v", people.told["/platform"])
	}
}
