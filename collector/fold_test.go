package collector

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"huaweicloud_tag_exporter/internal/simulator"
)

// TestFoldedScrape: the sum over values stays exact, key_values counts what was
// folded too, and include_keys hides keys without making them untagged.
func TestFoldedScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var instances []simulator.Instance
		for i, value := range []string{"a", "a", "a", "b", "b", "c", "d", "__other__"} {
			instances = append(instances, simulator.Instance{
				ID: simulator.InstanceID(i), Tags: []simulator.Tag{simulator.T("env", value), simulator.T("secret", value)},
			})
		}
		instances[7].Tags = append(instances[7].Tags, simulator.T("_sys_id", "x"))
		instances = append(instances, simulator.Instance{ID: simulator.InstanceID(8), Tags: []simulator.Tag{simulator.T("secret", "x")}})
		instances = append(instances, simulator.Instance{ID: simulator.InstanceID(9), Tags: []simulator.Tag{simulator.T("_sys_id", "x")}})
		w := newWorld(t, simulator.Options{}, simulator.Project{
			Instances: instances,
			PoolTags:  []simulator.PoolTag{{Key: "env", Values: []string{"a", "b", "c", "d"}}},
		}, "{dds: {}}")
		w.configure(w.config("{dds: {}, modelarts: {}}", "tags: {include_keys: 'e.*', max_values_per_key: 2}"))
		w.scrape("").want(t, "tagged_resources|resources|untagged_resources|info|folded_values|keys|key_values", `
			resources{cloud_service="dds"} 10
			untagged_resources{cloud_service="dds"} 1
			keys{cloud_service="dds"} 2
			key_values{cloud_service="dds",key="env"} 5
			folded_values{cloud_service="dds",key="env"} 3
			tagged_resources{cloud_service="dds",key="env",value="a"} 3
			tagged_resources{cloud_service="dds",key="env",value="b"} 2
			tagged_resources{cloud_service="dds",key="env",value="__other__"} 3
			keys{cloud_service="modelarts"} 1
			key_values{cloud_service="modelarts",key="env"} 4
			folded_values{cloud_service="modelarts",key="env"} 2
			info{cloud_service="modelarts",key="env",value="a"} 1
			info{cloud_service="modelarts",key="env",value="b"} 1
			info{cloud_service="modelarts",key="env",value="__other__"} 1
		`)
	})
}

// TestFoldedKeys: the sum over all keys and values stays exact, and so do the
// numbers of keys and of their values.
func TestFoldedKeys(t *testing.T) {
	var instances []simulator.Instance
	for i, keys := range []string{"a b c", "a b d", "a", "a b", "c __other__", ""} {
		instance := simulator.Instance{ID: simulator.InstanceID(i)}
		for _, key := range strings.Fields(keys) {
			instance.Tags = append(instance.Tags, simulator.T(key, fmt.Sprint(i%2)))
		}
		instances = append(instances, instance)
	}
	const services = "{dds: {}, modelarts: {}}"
	for _, test := range []struct {
		name, tags string
		pools      []simulator.PoolTag
		want       string
	}{
		{"two of five stay", "{max_keys: 2}", []simulator.PoolTag{{Key: "a", Values: []string{"x"}}, {Key: "b", Values: []string{"x", "y"}}, {Key: "c", Values: []string{"x", "y"}}, {Key: "d"}}, `
			keys{cloud_service="dds"} 5
			key_values{cloud_service="dds",key="a"} 2
			key_values{cloud_service="dds",key="b"} 2
			key_values{cloud_service="dds",key="__other__"} 3
			folded_values{cloud_service="dds",key="__other__"} 3
			tagged_resources{cloud_service="dds",key="a",value="0"} 2
			tagged_resources{cloud_service="dds",key="a",value="1"} 2
			tagged_resources{cloud_service="dds",key="b",value="0"} 1
			tagged_resources{cloud_service="dds",key="b",value="1"} 2
			tagged_resources{cloud_service="dds",key="__other__",value="__other__"} 4
			keys{cloud_service="modelarts"} 4
			key_values{cloud_service="modelarts",key="a"} 1
			key_values{cloud_service="modelarts",key="b"} 2
			key_values{cloud_service="modelarts",key="__other__"} 2
			folded_values{cloud_service="modelarts",key="__other__"} 2
			info{cloud_service="modelarts",key="a",value="x"} 1
			info{cloud_service="modelarts",key="b",value="x"} 1
			info{cloud_service="modelarts",key="b",value="y"} 1
			info{cloud_service="modelarts",key="__other__",value="__other__"} 1
		`},
		{"of those that are included, and values too", "{include_keys: '[b-d]', max_keys: 1, max_values_per_key: 1}", []simulator.PoolTag{{Key: "b"}, {Key: "d"}}, `
			keys{cloud_service="dds"} 5
			key_values{cloud_service="dds",key="b"} 2
			key_values{cloud_service="dds",key="__other__"} 2
			folded_values{cloud_service="dds",key="b"} 1
			folded_values{cloud_service="dds",key="__other__"} 2
			tagged_resources{cloud_service="dds",key="b",value="1"} 2
			tagged_resources{cloud_service="dds",key="b",value="__other__"} 1
			tagged_resources{cloud_service="dds",key="__other__",value="__other__"} 3
			keys{cloud_service="modelarts"} 2
			key_values{cloud_service="modelarts",key="b"} 0
			key_values{cloud_service="modelarts",key="__other__"} 0
		`},
	} {
		bubble(t, test.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{}, simulator.Project{Instances: instances, PoolTags: test.pools}, services)
			w.configure(w.config(services, "tags: "+test.tags))
			w.scrape("").want(t, "tagged_resources|info|folded_values|keys|key_values", test.want)
		})
	}
}
