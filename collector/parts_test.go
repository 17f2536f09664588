package collector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/simulator"
	"huaweicloud_tag_exporter/internal/tagapi"
)

// many is a reader of three parts of two services. It is what a source that reads an
// account would be, without the calls.
type many struct {
	fails   map[string]error // by resource type
	failure error            // of the whole read, after what is not failing
	hangs   bool             // likewise
	gone    map[string]bool  // by resource type
	kept    map[string]time.Time
}

func (m *many) Read(ctx context.Context, _ *huaweicloud.Session, into *inventory.Reading) error {
	begun := time.Now()
	for _, p := range []struct {
		service, kind string
		reach         inventory.Reach
		tags          []inventory.Tag
	}{
		{"ecs", "server", inventory.All, nil},
		{"ecs", "disk", inventory.Tagged, []inventory.Tag{{Key: "env", Value: "prod"}}},
		{"vpc", "network", inventory.All, []inventory.Tag{{Key: "owner", Value: "a"}}},
	} {
		if m.gone[p.kind] {
			continue
		}
		if m.failure != nil && p.kind == "network" {
			return m.failure // before it is named
		}
		one := into.Part(inventory.Part{Project: "web", Region: "eu-west-101", Service: p.service, ResourceType: p.kind}, p.reach)
		if err := m.fails[p.kind]; err != nil {
			one.Fail(err)
			continue
		}
		at, old := m.kept[p.kind]
		if !old {
			at = begun
		}
		one.Keep(inventory.Resource{ID: p.kind + "-1", Tags: p.tags}, at)
		one.Whole(at)
	}
	into.Whole(begun)
	if m.hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

// become makes the only target one of many parts.
func (w *world) become(m many) {
	target := w.collector.targets[0]
	target.source = tagapi.Source{Service: target.source.Service}
	target.reader = &m
}

const partMetrics = "collector_success|resources|untagged_resources|policy_violations|policy_noncompliant_resources"

// shown are the series of these parts, and the success of services.
func shown(success map[string]int, kinds ...string) string {
	var lines []string
	for service, ok := range success {
		where := `,project="web",region="eu-west-101"`
		if service == "dds" { // this is where it was asked
			where = ""
		}
		lines = append(lines, fmt.Sprintf(`collector_success{cloud_service=%q%s} %d`, service, where, ok))
	}
	for _, kind := range kinds {
		lines = append(lines, strings.TrimSpace(map[string]string{
			"server": `
				resources{cloud_service="ecs",project="web",region="eu-west-101",resource_type="server"} 1
				untagged_resources{cloud_service="ecs",project="web",region="eu-west-101",resource_type="server"} 1
				policy_noncompliant_resources{cloud_service="ecs",project="web",region="eu-west-101",resource_type="server"} 1
				policy_violations{cloud_service="ecs",key="owner",project="web",reason="key_case",region="eu-west-101",resource_type="server",rule="owner"} 0
				policy_violations{cloud_service="ecs",key="owner",project="web",reason="missing",region="eu-west-101",resource_type="server",rule="owner"} 1`,
			"disk": `
				resources{cloud_service="ecs",project="web",region="eu-west-101",resource_type="disk"} 1
				policy_noncompliant_resources{cloud_service="ecs",project="web",region="eu-west-101",resource_type="disk"} 0
				policy_violations{cloud_service="ecs",key="owner",project="web",reason="key_case",region="eu-west-101",resource_type="disk",rule="owner"} 0`,
			"network": `
				resources{cloud_service="vpc",project="web",region="eu-west-101",resource_type="network"} 1
				untagged_resources{cloud_service="vpc",project="web",region="eu-west-101",resource_type="network"} 0
				policy_noncompliant_resources{cloud_service="vpc",project="web",region="eu-west-101",resource_type="network"} 0
				policy_violations{cloud_service="vpc",key="owner",project="web",reason="key_case",region="eu-west-101",resource_type="network",rule="owner"} 0
				policy_violations{cloud_service="vpc",key="owner",project="web",reason="missing",region="eu-west-101",resource_type="network",rule="owner"} 0`,
		}[kind]))
	}
	return strings.Join(lines, "\n")
}

// TestParts: what one read learns of many services is shown, judged and reported part
// by part, and each part fails alone.
func TestParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{}, "{dds: {max_tag_age: 1m}}")
		yaml := w.config("{dds: {max_tag_age: 1m}}", "policy: {rules: [{key: owner, required: true}]}")
		w.configure(yaml)
		var m many
		no := errors.New("no permission")
		for _, step := range []struct {
			name    string
			change  func()
			want    string
			reports string // the service and type of those that have failed
			audit   int    // errors
		}{
			{"all is well", func() {}, shown(map[string]int{"dds": 1, "ecs": 1, "vpc": 1}, "server", "disk", "network"), "", 0},
			{"one part fails", func() { m.fails = map[string]error{"disk": no} }, shown(map[string]int{"dds": 0, "ecs": 0, "vpc": 1}, "server", "network"), "ecs disk", 1},
			{"another part of its service fails", func() { m.fails = map[string]error{"server": no} }, shown(map[string]int{"dds": 0, "ecs": 0, "vpc": 1}, "disk", "network"), "ecs server", 1},
			{"the read fails before one is named", func() { m.fails, m.failure = nil, no }, shown(map[string]int{"dds": 0, "ecs": 1, "vpc": 0}, "server", "disk"), "dds , vpc network", 2},
			{"a day later it is forgotten", func() { time.Sleep(25 * time.Hour) }, shown(map[string]int{"dds": 0, "ecs": 1}, "server", "disk"), "dds ", 1},
			{"it comes back", func() { m.failure = nil }, shown(map[string]int{"dds": 1, "ecs": 1, "vpc": 1}, "server", "disk", "network"), "", 0},
			{"a young part is kept", func() { m.kept = map[string]time.Time{"disk": time.Now().Add(-50 * time.Second)} }, shown(map[string]int{"dds": 1, "ecs": 1, "vpc": 1}, "server", "disk", "network"), "", 0},
			{"the rest takes too long, and all is young", func() { m.hangs = true }, shown(map[string]int{"dds": 1, "ecs": 1, "vpc": 1}, "server", "disk", "network"), "", 0},
			{"an old one is not", func() { m.hangs = false; time.Sleep(time.Minute) }, shown(map[string]int{"dds": 0, "ecs": 0, "vpc": 1}, "server", "network"), "ecs disk", 1},
		} {
			step.change()
			w.become(m)
			w.scrapeWithin("", 2*time.Second).want(t, partMetrics, step.want)
			var failed []string
			reports := w.collector.Last()
			for _, r := range reports {
				if r.Err != nil {
					failed = append(failed, r.Service+" "+r.ResourceType)
				}
			}
			if got := strings.Join(failed, ", "); got != step.reports {
				t.Errorf("%s: the status page says that %q failed, want %q", step.name, got, step.reports)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			audit := w.collector.Audit(ctx, func() {})
			cancel()
			if n := len(slices.DeleteFunc(audit, func(r Report) bool { return r.Err == nil })); n != step.audit {
				t.Errorf("%s: %d errors in the audit, want %d", step.name, n, step.audit)
			}
			w.configure(yaml) // a reload forgets no part
		}
		if text := `level=error project=shop service=dds msg="reading tags failed" duration_seconds=0 err="1 of 3 parts failed, the first ecs disk of web in eu-west-101: no permission"`; strings.Count(w.log.String(), text) != 1 {
			t.Errorf("log:\n%s", w.log)
		}
	})
}

// TestPartGone: a part that a good read does not name any more is gone, at once and from
// all that is shown.
func TestPartGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{}, "{dds: {max_tag_age: 1m}}")
		for _, step := range []struct {
			gone map[string]bool
			want string // the services and types on the status page
		}{
			{nil, "dds , ecs server, ecs disk, vpc network"},
			{map[string]bool{"network": true}, "dds , ecs server, ecs disk"},
		} {
			w.become(many{gone: step.gone})
			series := w.scrapeWithin("", 2*time.Second)
			if step.gone != nil {
				series.want(t, "collector_success", shown(map[string]int{"dds": 1, "ecs": 1}))
			}
			var names []string
			for _, r := range w.collector.Last() {
				names = append(names, r.Service+" "+r.ResourceType)
			}
			if got := strings.Join(names, ", "); got != step.want {
				t.Errorf("the status page shows %q, want %q", got, step.want)
			}
		}
	})
}
