package collector

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/tagapi"
)

// manySeries is how many series of tagged_resources manyTags has: 1,000
// keys with 100 values each.
const manySeries = 100_000

// manyTags gives each resource ten tags, so that of 10,000 resources one
// carries each key and value.
func manyTags(resources int) inventory.Inventory {
	inv := inventory.Inventory{Oldest: time.Unix(1, 0)}
	filter := inventory.NewFilter(nil)
	for i := range resources {
		r := inventory.Resource{ID: fmt.Sprintf("resource-%06d", i)}
		for j := range 10 {
			r.Tags = append(r.Tags, inventory.Tag{Key: fmt.Sprintf("key-%03d", i%100*10+j), Value: fmt.Sprintf("value-%02d", i/100%100)})
		}
		r.Tags = filter.Clean(r.Tags) // as a read does
		inv.Resources = append(inv.Resources, r)
	}
	return inv
}

// scrapeOf counts the tags of an inventory and returns what a scrape knows that
// has read it.
func scrapeOf(inv inventory.Inventory) *scrape {
	t := &target{is: inventory.Part{Project: "shop", Region: "cn-north-4", Service: "dds"}, origin: config.TagAPI, source: tagapi.Source{Service: "dds", ResourceType: "instance", Reach: inventory.All}}
	inv.Part, inv.Reach, inv.Whole = t.part(), inventory.All, true
	c := &Collector{Config: &config.Config{Tags: config.Tags{Include: regexp.MustCompile(`.*`), MaxKeys: 1000, MaxValuesPerKey: 1000}}}
	return &scrape{collector: c, view: new(view), results: []result{{target: t, parts: []part{{Inventory: inv, keys: inv.Keys()}}}}}
}

// expose answers a scrape and returns how many bytes that took.
func expose(c prometheus.Collector) int {
	answer := &sink{header: make(http.Header)}
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	(&Handler{Logger: log.NewNopLogger()}).encode(r, []prometheus.Collector{c}).send(answer, r)
	return answer.bytes
}

// sink takes an answer and counts its bytes.
type sink struct {
	header http.Header
	bytes  int
}

func (s *sink) Header() http.Header { return s.header }

func (*sink) WriteHeader(int) {}

func (s *sink) Write(p []byte) (int, error) {
	s.bytes += len(p)
	return len(p), nil
}

// TestExpositionWork holds the work for a series, from the inventory to the
// bytes, to few allocations. What gathers and encodes makes two of them.
func TestExpositionWork(t *testing.T) {
	inv := manyTags(10_000)
	if allocs := testing.AllocsPerRun(1, func() { expose(scrapeOf(inv)) }); allocs > 4*manySeries {
		t.Errorf("%.1f allocations for each series", allocs/manySeries)
	}
}

// TestNoUTF8: the sources make valid UTF-8 of what JSON says, and YAML is
// nothing else. Should a label be none nevertheless, its series is left out and
// logged, and takes no other one with it.
func TestNoUTF8(t *testing.T) {
	logged := new(logBuffer)
	handler := &Handler{Logger: log.NewLogfmtLogger(logged)}
	rec := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	handler.encode(r, []prometheus.Collector{scrapeOf(inventory.Inventory{
		Resources: []inventory.Resource{
			{ID: "1", Tags: []inventory.Tag{{Key: "a", Value: "\xff"}, {Key: "\xfe", Value: "b"}}},
			{ID: "2", Tags: []inventory.Tag{{Key: "a", Value: "prod"}, {Key: "z", Value: "last"}}},
		},
	})}).send(rec, r)
	if rec.Code != http.StatusOK {
		t.Errorf("status %d", rec.Code)
	}
	parse(rec.Body.String()).want(t, tagMetrics, `
		collector_success{cloud_service="dds"} 1
		keys{cloud_service="dds"} 3
		resources{cloud_service="dds"} 2
		untagged_resources{cloud_service="dds"} 0
		unreadable_resources{cloud_service="dds"} 0
		key_values{cloud_service="dds",key="a"} 2
		key_values{cloud_service="dds",key="z"} 1
		tagged_resources{cloud_service="dds",key="a",value="prod"} 1
		tagged_resources{cloud_service="dds",key="z",value="last"} 1
	`)
	if n := strings.Count(logged.String(), "whose value is not utf8"); n != 3 {
		t.Errorf("%d series are logged, want 3:\n%s", n, logged)
	}
}
