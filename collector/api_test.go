package collector

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// An endpoint that makes up error codes does not grow the number of series for
// ever, and no failure goes uncounted.
func TestErrorCodesAreBounded(t *testing.T) {
	s := newAPISeries(seriesKey{"shop", "cn-north-4", "dds"}, []string{"ListInstances"})
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
