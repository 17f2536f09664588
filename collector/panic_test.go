package collector

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/policy"
	"huaweicloud_tag_exporter/internal/simulator"
)

// TestPanic: an answer that a reader or the judge panics about fails that service
// alone. The log says so once, and where.
func TestPanic(t *testing.T) {
	for _, test := range []struct {
		name    string
		says    string // before the panic
		prepare func(c *Collector, panics *bool)
	}{
		{"reading", "", func(c *Collector, panics *bool) {
			target := c.targets[0]
			reader := target.reader
			target.reader = readerFunc(func(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading) error {
				if *panics {
					into.Whole(time.Now())
					unforeseen(0)
				}
				return reader.Read(ctx, s, into)
			})
		}},
		{"deriving parts", "", func(c *Collector, panics *bool) {
			target := c.targets[0]
			reader := target.reader
			target.reader = readerFunc(func(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading) error {
				if *panics {
					into.Derive(func(time.Time) []inventory.Inventory { unforeseen(0); return nil })
				}
				return reader.Read(ctx, s, into)
			})
		}},
		{"judging", "judge tags: ", func(c *Collector, panics *bool) {
			evaluate := c.evaluate
			c.evaluate = func(p *policy.Policy, s policy.Scope, i inventory.Inventory, n int) policy.Verdict {
				if *panics && s.Service == "dds" {
					unforeseen(0)
				}
				return evaluate(p, s, i, n)
			}
		}},
	} {
		bubble(t, test.name, func(t *testing.T) {
			const services = "{dds: {}, fabric: {}}"
			w := newWorld(t, simulator.Options{}, simulator.Project{
				Instances: fleet(3), Workspaces: []simulator.Workspace{{ID: "w-1"}},
			}, services)
			w.configure(w.config(services, "policy: {rules: [{key: env, required: true}]}"))
			panics := true
			test.prepare(w.collector, &panics)
			for range 3 {
				w.scrape("").want(t, "collector_success|untagged_resources|policy_noncompliant_resources", `
					collector_success{cloud_service="dds"} 0
					`+map[string]string{"reading": `
					untagged_resources{cloud_service="dds"} 0
					policy_noncompliant_resources{cloud_service="dds"} 0`}[test.name]+`
					collector_success{cloud_service="fabric"} 1
					untagged_resources{cloud_service="fabric"} 1
					policy_noncompliant_resources{cloud_service="fabric"} 1
				`)
			}
			if err := w.collector.Last()[0].Err; err == nil || !strings.HasPrefix(err.Error(), test.says+"panic: runtime error: index out of range") {
				t.Errorf("the status page says %v", err)
			}
			synctest.Wait()
			panics = false
			w.scrape("").want(t, "collector_success", `
				collector_success{cloud_service="dds"} 1
				collector_success{cloud_service="fabric"} 1
			`)
			want := []string{"error: reading tags failed", "info: reading tags works again"}
			if got := w.messages(); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
			if n := strings.Count(w.log.String(), "collector.unforeseen("); n != 1 {
				t.Errorf("the stack is in the log %d times:\n%s", n, w.log)
			}
		})
	}
}

// TestPanicWhileReading: each reader has goroutines of its own. What panics there,
// here about any tag, fails that service alone, too.
func TestPanicWhileReading(t *testing.T) {
	for _, services := range []string{
		"{modelarts: {}}", "{dds: {}}", "{dds: {tags_from: instance_list}}", "{fabric: {}}", "{fabric: {selectors: [{key: env, values: [prod]}]}}",
	} {
		for name, quirks := range map[string]simulator.Quirks{"": {}, ", key by key": {Filterless: simulator.FilterlessRefused}} {
			bubble(t, services+name, func(t *testing.T) {
				w := newWorld(t, simulator.Options{Quirks: quirks}, simulator.Project{
					Instances:  fleet(250),
					Workspaces: []simulator.Workspace{{ID: "w-1", Tags: []simulator.Tag{simulator.T("env", "prod")}}},
					PoolTags:   []simulator.PoolTag{{Key: "env", Values: []string{"prod"}}},
				}, services)
				target := w.collector.targets[0]
				exclude := target.exclude
				target.exclude = new(regexp.Regexp) // panics when it is used
				success := fmt.Sprintf(`collector_success{cloud_service=%q} `, target.source.Service)
				w.scrape("").want(t, "collector_success", success+"0")
				if err := w.collector.Last()[0].Err; err == nil || !strings.Contains(err.Error(), "panic: ") {
					t.Errorf("the status page says %v", err)
				}
				target.exclude = exclude
				w.scrape("").want(t, "collector_success", success+"1")
			})
		}
	}
}

// unforeseen panics.
func unforeseen(index int) {
	var none []int
	_ = none[index]
}
