package collector

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/prometheus/client_golang/prometheus"

	"huaweicloud_tag_exporter/internal/simulator"
)

func TestNarrowing(t *testing.T) {
	const all = "{dds: {}, modelarts: {}, fabric: {}}"
	shop := []string{"shop/modelarts", "shop/dds", "shop/fabric"}
	bank := []string{"bank/modelarts", "bank/dds", "bank/fabric", "bank/iam"}
	tests := []struct {
		query string
		want  []string // project/service; nil: 400
		text  string   // of the 400
	}{
		{"", append(shop, bank...), ""},
		{"project=shop", shop, ""},
		{"project[]=shop", shop, ""},
		{"project%5B%5D=bank", bank, ""},
		{"project=shop&project=bank", append(shop, bank...), ""},
		{"project=shop&project[]=bank", append(shop, bank...), ""},
		{"project=shop&project=shop", shop, ""},
		{"collect=dds", []string{"shop/dds", "bank/dds"}, ""},
		{"collect[]=dds&collect=fabric", []string{"shop/dds", "shop/fabric", "bank/dds", "bank/fabric"}, ""},
		{"collect=modelarts&collect=dds&collect=fabric", append(shop, bank[:3]...), ""},
		{"project=bank&collect[]=modelarts", []string{"bank/modelarts"}, ""},
		{"project=Shop", nil, `unknown project "Shop"`},
		{"project=", nil, `unknown project ""`},
		{"project=shop&project=nobody", nil, `unknown project "nobody"`},
		{"collect=obs", nil, `unknown service "obs"`},
		{"collect=iam", nil, `unknown service "iam"`},
		{"collect=dds,fabric", nil, `unknown service "dds,fabric"`},
		{"collect=none", append(shop, bank...), ""}, // the counters as they stand
		{"collect=none&collect[]=none", append(shop, bank...), ""},
		{"collect=none&collect=dds", nil, "collect=none"},
		{"collect[]=dds&collect=none", nil, "collect=none"},
		{"collect=none&project=shop", nil, "collect=none"},
		{"collect=None", nil, `unknown service "None"`},
		{"project=none", nil, `unknown project "none"`},
		{"project=shop;collect=dds", nil, "invalid semicolon"}, // must not widen to everything
		{"project=%zz", nil, "invalid URL escape"},
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{
			Instances: fleet(3), PoolTags: []simulator.PoolTag{{Key: "env", Values: []string{"prod"}}},
		}, all)
		w.configure(w.both("bank", w.password(), all))
		for _, test := range tests {
			calls := w.cloud.Calls("")
			got := w.get(t.Context(), test.query)
			if test.want == nil {
				if got.status != http.StatusBadRequest || !strings.Contains(got.body, test.text) || w.cloud.Calls("") != calls {
					t.Errorf("%q: status %d, %.200q, %d requests, want 400, %q, none", test.query, got.status, got.body, w.cloud.Calls("")-calls, test.text)
				}
				continue
			}
			var targets []string
			for _, line := range got.lines(t) {
				target := label(line, "project") + "/" + label(line, "cloud_service")
				if !slices.Contains(targets, target) {
					targets = append(targets, target)
				}
			}
			want := slices.Sorted(slices.Values(test.want))
			if slices.Sort(targets); !slices.Equal(targets, want) {
				t.Errorf("%q: series of %q, want %q", test.query, targets, want)
			}
		}
	})
}

// label returns the value of a label in a line without escapes, "" if it has
// none.
func label(line, name string) string {
	for _, before := range []string{"{", ","} {
		if _, rest, found := strings.Cut(line, before+name+`="`); found {
			value, _, _ := strings.Cut(rest, `"`)
			return value
		}
	}
	return ""
}

// TestNone: a scrape that reads nothing has what is about the exporter itself, and
// the counters as they stand; also of IAM, which no narrowed scrape has.
func TestNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(1)}, "{dds: {}}")
		w.configure(w.both("bank", w.password(), "{dds: {}}"))
		w.handler.Process = []prometheus.Collector{prometheus.NewGauge(prometheus.GaugeOpts{Name: "process_ok", Help: "About the exporter itself."})}
		w.scrape("")
		calls := w.cloud.Calls("")
		got := w.scrape("collect=none")
		if n := w.cloud.Calls(""); n != calls {
			t.Errorf("%d requests", n-calls)
		}
		if !slices.Contains(got, "process_ok 0") {
			t.Error("no process_ok")
		}
		got.want(t, "[a-z_]+", got.about("api_requests_total|api_errors_total|api_request_duration_seconds_.*"))
		got.want(t, "api_requests_total", `
			api_requests_total{cloud_service="dds",code="200",operation="ListInstances"} 1
			api_requests_total{cloud_service="dds",code="200",operation="ListInstanceTags"} 1
			api_requests_total{cloud_service="dds",code="200",operation="ListInstances",project="bank",region="eu-west-101"} 1
			api_requests_total{cloud_service="dds",code="200",operation="ListInstanceTags",project="bank",region="eu-west-101"} 3
			api_requests_total{cloud_service="iam",code="201",operation="KeystoneCreateUserTokenByPassword",project="bank",region="eu-west-101"} 1
		`)
	})
}

// TestNarrowedFirst: the first scrape of a project is the one that asks IAM. If it is
// narrowed, IAM's ratio is not in it all the same.
func TestNarrowedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{}, "{dds: {}}")
		w.configure(w.both("bank", w.password(), "{dds: {}}"))
		got := w.scrape("project=bank&collect=dds")
		if w.cloud.Calls(simulator.OpCreateToken) != 1 {
			t.Error("IAM was not asked")
		}
		got.want(t, "api_error_ratio", `
			api_error_ratio{cloud_service="dds",key="",operation="ListInstances",project="bank",region="eu-west-101",value=""} 0
			api_error_ratio{cloud_service="dds",key="",operation="ListInstanceTags",project="bank",region="eu-west-101",value=""} 0
		`)
	})
}
