package dashboards

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/testproc"
)

// accounts answers scrapes with testdata/accounts.prom and returns its address.
func accounts(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/accounts.prom")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = io.WriteString(w, strings.ReplaceAll(string(text), "NOW", strconv.FormatInt(time.Now().Unix(), 10)))
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// wantAccounts fails if accounts are mixed up, or if what has no project is left out.
func wantAccounts(t *testing.T, api testproc.Prometheus, boards []dashboard) {
	ask := func(title string, variables map[string]string) map[string]float64 {
		t.Helper()
		for _, d := range boards {
			for _, p := range d.Panels {
				if p.Title == title {
					rows, err := api.Ask(interpolate(t, p.Targets[0].Expr, variables), true)
					if err != nil {
						t.Fatal(err)
					}
					return testproc.Values(rows)
				}
			}
		}
		t.Fatalf("no panel %s", title)
		return nil
	}
	company := with(everything, "job", "company", "account", "(acme|bolt)")
	for _, c := range []struct {
		title     string
		variables map[string]string
		want      map[string]float64
	}{
		{"Resources", company, map[string]float64{"{}": 20}},
		{"Resources", with(company, "account", "acme"), map[string]float64{"{}": 13}},
		{"Resources", with(company, "region", "global"), map[string]float64{"{}": 3}},
		{"Resources", with(company, "project", "cn-north-4"), map[string]float64{"{}": 17}},
		{"Resources", with(company, "resource_type", "users"), map[string]float64{"{}": 3}},
		{"Untagged resources", company, map[string]float64{"{}": 7}},
		{"Services not fully read", company, map[string]float64{"{}": 2}},
		{"Services, worst first", company, map[string]float64{
			`{cloud_service="ecs"}`: 6, `{cloud_service="iam"}`: 3,
		}},
		{"Projects, worst first", company, map[string]float64{
			`{account="acme", project="cn-north-4", region="cn-north-4"}`: 5,
			`{account="acme", region="global"}`:                           3,
			`{account="bolt", project="cn-north-4", region="cn-north-4"}`: 1,
		}},
		{"Compliant resources, the ten worst projects", with(company, "account", "acme"), map[string]float64{
			`{account="acme", project="cn-north-4"}`: 0.5, `{account="acme", project="(global)"}`: 0,
		}},
		{"Accounts", company, map[string]float64{`{account="acme"}`: 1, `{account="bolt"}`: 0}},
	} {
		if got := ask(c.title, c.variables); !maps.Equal(got, c.want) {
			t.Errorf("%s, account %s, project %s: %v, want %v", c.title, c.variables["account"], c.variables["project"], got, c.want)
		}
	}
	// What else the exporter reads is there as well, of an account or of none.
	of := func(job string) float64 { return ask("Resources", with(everything, "job", job))["{}"] }
	if all, demo, alone := of("company"), of("tags"), of("alone"); all != demo+20 || demo < alone || alone < 50 {
		t.Errorf("%v resources with two more accounts, %v without, %v of no account", all, demo, alone)
	}
}
