package collector

import (
	"regexp"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/tagapi"
)

// FuzzExposition: whatever tags are called, their series pass a registry, which
// refuses duplicates. Package tagapi sees to it that they are UTF-8.
func FuzzExposition(f *testing.F) {
	f.Add("env", "prod", "Env", "", "env", "dev", "le", "1", true)
	f.Add("__other__", "__other__", "a", "__other__", "b", "c", "", "", true)
	f.Add("key", "value", "rule", "a", "_sys_x", "b", "__name__", "c", false)
	exclude := regexp.MustCompile(`^(?:_sys_.*)$`)
	f.Fuzz(func(t *testing.T, k1, v1, k2, v2, k3, v3, k4, v4 string, named bool) {
		reach := inventory.Pairs
		if named {
			reach = inventory.All
		}
		reading := inventory.NewReading(inventory.Part{ResourceType: "type"}, reach, inventory.NewFilter(exclude))
		text := func(s string) string { return string([]rune(s)) } // valid UTF-8
		pairs := []inventory.Tag{{Key: text(k1), Value: text(v1)}, {Key: text(k2), Value: text(v2)}, {Key: text(k3), Value: text(v3)}, {Key: text(k4), Value: text(v4)}}
		for i, pair := range pairs {
			if named {
				reading.Read(inventory.Resource{ID: string(rune('a' + i)), Tags: append([]inventory.Tag(nil), pairs[i:]...)}, time.Unix(1, 0))
			} else {
				reading.AddValues(pair.Key, pair.Value, "other")
			}
		}
		reading.Whole(time.Unix(1, 0))
		inv, _ := reading.Snapshot(time.Time{})
		s := &scrape{
			collector: &Collector{Config: &config.Config{Tags: config.Tags{Include: regexp.MustCompile(`.*`), MaxKeys: 2, MaxValuesPerKey: 1}}},
			results:   []result{{target: &target{source: tagapi.Source{ResourceType: "type"}}, parts: []part{{Inventory: inv, keys: inv.Keys()}}}},
		}
		registry := prometheus.NewPedanticRegistry()
		registry.MustRegister(s)
		if families, err := registry.Gather(); err != nil || len(families) < 3 {
			t.Errorf("%d metrics, %v", len(families), err)
		}
	})
}
