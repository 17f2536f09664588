package collector

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/simulator"
)

// An endpoint that makes up error codes does not grow the number of series for
// ever, and no failure goes uncounted.
func TestErrorCodesAreBounded(t *testing.T) {
	s := newAPISeries(seriesKey{"", "shop", "cn-north-4", "dds"})
	s.foresee([]string{"ListInstances"})
	const made = 3 * maxCodes
	for n := range made {
		s.observe(huaweicloud.Attempt{Operation: "ListInstances", Status: 500, ErrorCode: fmt.Sprint("X.", n)})
	}
	s.observe(huaweicloud.Attempt{Operation: "ListInstances", ErrorCode: huaweicloud.CodeTimeout})
	registry := prometheus.NewRegistry()
	if err := registry.Register(s.errors); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	body := w.Body.String()
	if got, want := strings.Count(body, "\nhuaweicloud_tag_api_errors_total{"), len(huaweicloud.OwnCodes)+maxCodes+1; got != want {
		t.Errorf("%d series, want %d", got, want)
	}
	for code, want := range map[string]int{"http_500": made - maxCodes, "timeout": 1, "X.0": 1} {
		line := fmt.Sprintf(`huaweicloud_tag_api_errors_total{cloud_service="dds",error_code=%q,operation="ListInstances",project="shop",region="cn-north-4"} %d`, code, want)
		if !strings.Contains(body, line+"\n") {
			t.Errorf("no %s in\n%s", line, body)
		}
	}
}

// TestGuessInVain: a page that was only guessed to be there, and is given up when the
// listing has ended before it, is no attempt.
func TestGuessInVain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{Quirks: simulator.Quirks{TotalCount: simulator.Absent}},
			simulator.Project{Instances: fleet(200)}, "{dds: {tags_from: instance_list}}")
		at := func(offset string) func(*http.Request) bool {
			return func(r *http.Request) bool { return r.URL.Query().Get("offset") == offset }
		}
		w.cloud.Inject(simulator.Fault{Match: at("198"), Latency: 10 * time.Millisecond})
		w.cloud.Inject(simulator.Fault{Match: at("297"), Break: simulator.Hang})
		begun := time.Now()
		w.scrape("").want(t, "api_requests_total|api_errors_total", `api_requests_total{cloud_service="dds",code="200",operation="ListInstances"} 3`)
		if n, took := w.cloud.Calls(""), time.Since(begun); n != 4 || took > time.Second {
			t.Errorf("%d calls within %s, want one in vain that nobody waits for", n, took)
		}
	})
}
