package server

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// fleet gives the account of the company many parts: projects with servers, of which one
// has as many violations as a page of few parts shows none of, and an untagged bucket.
func (e *exporter) fleet(projects int) {
	e.cloud.UpdateAccount("acme-id", func(a *simulator.Account) {
		for i := range projects {
			for j := range 1 + max(0, 30-30*i) {
				r := a.Resources[0]
				r.ID, r.Name, r.Project, r.ProjectName = fmt.Sprintf("s-%d-%d", i, j), fmt.Sprintf("Web-%d-%d", i, j), fmt.Sprint("p-", i), fmt.Sprint("cn-north-4_", i)
				if i == 0 {
					r.Tags = []simulator.Tag{simulator.T("env", "qa")}
				}
				a.Resources = append(a.Resources, r)
			}
		}
		b := a.Resources[1]
		b.ID, b.Name, b.Tags = "b2", "<untagged>", nil
		a.Resources = append(a.Resources, b)
	})
}

var (
	headings = regexp.MustCompile(`<h2>([^<]*)</h2>\s*<p>([^;]*);`)
	titles   = regexp.MustCompile(`<details( open)?>\s*<summary><h3>(.*?) <small>`)
	rows     = regexp.MustCompile(`<tr><td data-name="resource">`)
)

// TestStatusOfAccounts: parts are grouped by account, worst first. Of many, each that needs
// attention is a line that can be opened, and the others are a table.
func TestStatusOfAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, Options{TelemetryPath: "/metrics"})
		e.company("policy: {rules: [{key: env, values: [prod]}], max_violation_series: 25}\n")
		e.fleet(300)
		defer e.cloud.Inject(simulator.Fault{Operation: simulator.OpListInstances, Project: "a2", Answer: simulator.Instead(simulator.ErrorE1(403, "DBS.200001", "no"))})()
		e.do(http.MethodGet, "/metrics?account=acme")
		for _, test := range []struct {
			search string
			groups string // with what is in them
			first  string // findings
			rows   int    // resources that are listed
			shown  string
		}{
			{
				"", "Account acme: 306 parts, <strong>1 incomplete</strong>; Projects of no account: 1 part",
				"cn-north-4_team / dds, cn-north-4_0 / ecs, no project / obs, cn-north-4 / dds", 20, "",
			},
			{"cn-north-4_0", "Account acme: 1 part", "cn-north-4_0 / ecs open", 25, "1 of 307 parts"},
			{"ECS  cn-north-4_0", "Account acme: 1 part", "cn-north-4_0 / ecs open", 25, "1 of 307 parts"},
			{"web-0-17", "Account acme: 1 part", "cn-north-4_0 / ecs open", 1, "1 of 307 parts"},
			{"acme config", "Account acme: 1 part", "acme / config open", 0, "1 of 307 parts"},
			{"DBS.200001", "Account acme: 1 part, <strong>1 incomplete</strong>", "cn-north-4_team / dds open", 0, "1 of 307 parts"},
			{"instance", "Account acme: 2 parts, <strong>1 incomplete</strong>; Projects of no account: 1 part", "cn-north-4_team / dds open, cn-north-4 / dds open, cn-north-4 / dds open", 0, "3 of 307 parts"},
			{`"><script>`, "", "", 0, "0 of 307 parts"},
		} {
			_, _, body := e.do(http.MethodGet, "/status?search="+url.QueryEscape(test.search))
			var groups, found []string
			for _, g := range headings.FindAllStringSubmatch(body, -1) {
				groups = append(groups, g[1]+": "+g[2])
			}
			for _, title := range titles.FindAllStringSubmatch(body, -1) {
				found = append(found, title[2]+title[1])
			}
			if got := strings.Join(groups, "; "); got != test.groups {
				t.Errorf("%q: groups\n got %s\nwant %s", test.search, got, test.groups)
			}
			if got := strings.Join(found, ", "); got != test.first {
				t.Errorf("%q: findings\n got %s\nwant %s", test.search, got, test.first)
			}
			if n := len(rows.FindAllString(body, -1)); n != test.rows {
				t.Errorf("%q: %d resources are listed, want %d", test.search, n, test.rows)
			}
			if test.shown != "" && !strings.Contains(body, test.shown+" have ") {
				t.Errorf("%q: not %s", test.search, test.shown)
			}
			if strings.Contains(body, "<script>") {
				t.Errorf("%q is not escaped", test.search)
			}
			if test.search == "" && (!strings.Contains(body, "… and 11 more.") || !strings.Contains(body, "<summary>302 other parts</summary>") || len(body) > 200_000) {
				t.Errorf("%d bytes:\n%.20000s", len(body), body)
			}
		}
	})
}

// TestStatusSearchForm: the search is a form, which works without scripts and behind a
// proxy, and keeps what was asked.
func TestStatusSearchForm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, Options{TelemetryPath: "/metrics"})
		_, header, body := e.do(http.MethodGet, "/status?search="+url.QueryEscape(`a "b" <c>`))
		for _, want := range []string{`<form action="status" method="get"`, `name="search" value="a &#34;b&#34; &lt;c&gt;"`, `<a href="status">`} {
			if !strings.Contains(body, want) {
				t.Errorf("no %s in\n%s", want, body)
			}
		}
		if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self'") {
			t.Error(policy)
		}
		if strings.Contains(body, "<h2>") {
			t.Error("there is a heading for projects of no account where there are no accounts")
		}
	})
}

// TestStatusOrderOfAccounts: the account that needs attention comes first.
func TestStatusOrderOfAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, Options{TelemetryPath: "/metrics"})
		e.company("")
		var groups [][]string
		for _, fail := range []string{"p1", "a1"} {
			remove := e.cloud.Inject(simulator.Fault{Operation: simulator.OpListInstances, Project: fail, Answer: simulator.Instead(simulator.ErrorE1(403, "DBS.200001", "no"))})
			e.do(http.MethodGet, "/metrics")
			remove()
			_, _, body := e.do(http.MethodGet, "/status")
			var names []string
			for _, g := range headings.FindAllStringSubmatch(body, -1) {
				names = append(names, g[1])
			}
			groups = append(groups, names)
			time.Sleep(time.Minute)
		}
		if !slices.Equal(groups[0], []string{"Projects of no account", "Account acme"}) || !slices.Equal(groups[1], []string{"Account acme", "Projects of no account"}) {
			t.Errorf("%q", groups)
		}
	})
}
