package collector

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/simulator"
)

// ofAccounts makes the projects, in their order, those of accounts.
func (w *world) ofAccounts(names ...string) {
	w.t.Helper()
	before := w.change
	w.change = func(c *config.Config) {
		if before != nil {
			before(c)
		}
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
			seen[name] = true
			if !strings.Contains(labels, "project=") || strings.Contains(labels, `account="acme"`) {
				continue
			}
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

// TestNarrowingByAccount: two accounts that both have a project of one name stay apart.
func TestNarrowingByAccount(t *testing.T) {
	const all = "{dds: {}, modelarts: {}, fabric: {}}"
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(3)}, all)
		w.configure(w.both("bank", w.password(), all))
		w.ofAccounts("corp", "lab")
		name := func(c *config.Config) { c.Projects[1].Name = "shop" }
		before := w.change
		w.change = func(c *config.Config) { before(c); name(c) }
		w.configure(w.yaml)
		corp, lab := []string{"corp shop modelarts", "corp shop dds", "corp shop fabric"}, []string{"lab shop modelarts", "lab shop dds", "lab shop fabric", "lab shop iam"}
		for _, test := range []struct {
			query string
			want  []string // account, project and service; nil: 400
			text  string   // of the 400
		}{
			{"", append(corp, lab...), ""},
			{"account=corp", corp, ""},
			{"account[]=lab", lab, ""},
			{"account=corp&account=lab", append(corp, lab...), ""},
			{"project=shop", append(corp, lab...), ""},
			{"account=lab&project=shop&collect=dds", []string{"lab shop dds"}, ""},
			{"account=", []string{}, ""},
			{"account=&account=corp", corp, ""},
			{"account=Corp", nil, `unknown account "Corp"`},
			{"account=corp&account=nobody", nil, `unknown account "nobody"`},
			{"account=corp&project=bank", nil, `unknown project "bank"`},
			{"account=corp&collect=none", nil, "collect=none"},
			{"account=&collect=none", nil, "collect=none"},
			{"account=none", nil, `unknown account "none"`},
		} {
			got := w.get(t.Context(), test.query)
			if test.want == nil {
				if got.status != http.StatusBadRequest || !strings.Contains(got.body, test.text) {
					t.Errorf("%q: status %d, %.200q, want 400, %q", test.query, got.status, got.body, test.text)
				}
				continue
			}
			targets := []string{}
			for _, line := range got.lines(t) {
				target := label(line, "account") + " " + label(line, "project") + " " + label(line, "cloud_service")
				if !slices.Contains(targets, target) {
					targets = append(targets, target)
				}
			}
			want := slices.Sorted(slices.Values(test.want))
			if slices.Sort(targets); !slices.Equal(targets, want) {
				t.Errorf("%q: series of %q, want %q", test.query, targets, want)
			}
		}
		w.change = func(c *config.Config) { c.Projects[0].Account = "corp" }
		w.configure(w.yaml)
		for query, want := range map[string]string{"account=": "bank", "account=corp": "shop"} {
			for _, line := range w.scrape(query) {
				if got := label(line, "project"); got != want {
					t.Errorf("%q: %s", query, line)
				}
			}
		}
	})
}
