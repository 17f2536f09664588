package e2e

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/demo"
	"huaweicloud_tag_exporter/internal/server"
	"huaweicloud_tag_exporter/internal/testproc"
)

var update = flag.Bool("update", false, "write the golden file anew")

const golden = "testdata/demo.metrics"

// TestGolden compares the whole of the demo's first scrape, at a fixed time of
// its fleet. What depends on the machine is cut out: durations, clocks, the
// process.
func TestGolden(t *testing.T) {
	at := time.Date(2026, 11, 22, 8, 7, 0, 0, time.UTC)
	d, err := demo.Start(func() time.Time { return at })
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	s, err := server.New(server.Options{
		Load:           func() (*config.Config, error) { return config.ParseWith("demo.yml", d.Config(), d.ReadFile) },
		UserAgent:      "golden",
		Logger:         log.NewNopLogger(),
		TelemetryPath:  "/metrics",
		DefaultTimeout: testproc.Patience,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	routes, err := s.Routes()
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	routes.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if n := seriesOfProjects(w.Body.String()); n >= 5000 {
		t.Errorf("the three projects have %d series; a demo should not be that big", n)
	}
	got := reproducible(w.Body.String())
	if refusals := d.Cloud().Refusals(); len(refusals) > 0 {
		t.Errorf("the cloud refused requests: %q", refusals)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the metrics of the demo changed; look at the difference, then: make golden\n%s", difference(string(want), got))
	}
}

var (
	ofProcess = regexp.MustCompile(`^(# (HELP|TYPE) )?(go|process|promhttp)_`)
	volatile  = regexp.MustCompile(`(?m)^(\S*_seconds(_bucket|_sum)?\{.*\}|\S*_timestamp_seconds|huaweicloud_tag_exporter_build_info\{.*\}) \S+$`)
)

// seriesOfProjects counts what is of projects of no account.
func seriesOfProjects(metrics string) (n int) {
	for line := range strings.Lines(metrics) {
		if strings.Contains(line, `{project="`) {
			n++
		}
	}
	return n
}

func reproducible(metrics string) string {
	var kept strings.Builder
	for line := range strings.Lines(metrics) {
		if !ofProcess.MatchString(line) && !strings.Contains(line, "_bucket{") {
			kept.WriteString(line)
		}
	}
	return volatile.ReplaceAllString(kept.String(), "$1 …")
}

// difference lists the lines that only one of two texts has.
func difference(want, got string) string {
	var b strings.Builder
	for _, side := range []struct{ sign, text, other string }{{"-", want, got}, {"+", got, want}} {
		has := make(map[string]bool)
		for line := range strings.Lines(side.other) {
			has[line] = true
		}
		for line := range strings.Lines(side.text) {
			if !has[line] {
				b.WriteString(side.sign + line)
			}
		}
	}
	return b.String()
}
