package collector

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/simulator"
)

// ofAccounts makes the projects, in their order, those of accounts.
func (w *world) ofAccounts(names ...string) {
	w.t.Helper()
	w.change = func(c *config.Config) {
		for i, name := range names {
			c.Projects[i].Account = name
		}
	}
	w.configure(w.yaml)
}

// TestAccountLabel: every series about a project has the label of its account, and those
// about a project of no account have none, not an empty one.
func TestAccountLabel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := fullWorld(t)
		w.ofAccounts("corp")
		seen := make(map[string]bool)
		for _, line := range w.scrape("") {
			name, labels, _ := strings.Cut(line, "{")
			if !strings.Contains(labels, "project=") {
				continue
			}
			seen[name] = true
			want := strings.Contains(labels, `project="shop"`)
			if strings.HasPrefix(labels, `account="corp",`) != want || strings.Contains(labels, "account=") != want {
				t.Error(line)
			}
		}
		for _, m := range Metrics() {
			if m.Type == "histogram" {
				m.Name += "_count"
			}
			if !seen[m.Name] {
				t.Errorf("%s is not there", m.Name)
			}
		}
	})
}

// TestSourceInfo says where the tags of each service come from, as long as they are shown.
func TestSourceInfo(t *testing.T) {
	for from, want := range map[string]string{"tag_api": "tag_api", "instance_list": "instance_list"} {
		bubble(t, from, func(t *testing.T) {
			services := fmt.Sprintf("{dds: {tags_from: %s}, modelarts: {}, fabric: {}}", from)
			w := newWorld(t, simulator.Options{}, simulator.Project{}, services)
			w.scrape("").want(t, "source_info", `
				source_info{cloud_service="dds",source="`+want+`"} 1
				source_info{cloud_service="fabric",source="tag_api"} 1
				source_info{cloud_service="modelarts",source="tag_api"} 1
			`)
			w.cloud.Inject(simulator.Fault{Operation: "ListInstances", Answer: simulator.Instead(simulator.ErrorE9(500))})
			w.scrape("").want(t, "source_info", `
				source_info{cloud_service="fabric",source="tag_api"} 1
				source_info{cloud_service="modelarts",source="tag_api"} 1
			`)
		})
	}
}
