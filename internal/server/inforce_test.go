package server

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/simulator"
)

// governed is a company that asks for its own policy in force.
func (e *exporter) governed(more string) {
	e.t.Helper()
	e.company(fmt.Sprintf("policy: {effective: [{account: acme, credentials: acme, endpoint: %q, renew_after: 1m}]}\n%s", e.api.URL, more))
	e.inForce("")
}

func (e *exporter) inForce(content string) {
	e.cloud.UpdateAccount("acme-id", func(a *simulator.Account) {
		a.Role, a.EffectivePolicy = simulator.ManagementAccount, simulator.EffectivePolicy{Content: content, Updated: time.Now()}
	})
}

// TestConfigShowsWhatIsInForce, as a comment: what is shown stays a configuration.
func TestConfigShowsWhatIsInForce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, Options{TelemetryPath: "/metrics"})
		e.governed("")
		_, _, before := e.do(http.MethodGet, "/config")
		const heading = "\n# The tag policy in force of account acme "
		plain, _, _ := strings.Cut(before, heading)
		for _, step := range []struct {
			name, content string
			scraped       bool
			want          string
		}{
			{"nothing is known", "", false, heading + "has not been read yet.\n"},
			{"nothing is attached", "", true, "\n# No tag policy is in force of account acme (read 2000-01-01T00:01:00Z).\n"},
			{"a document", `{"tags":{"env":{"tag_value":["prod","d*"]}}}`, true, heading + `(read 2000-01-01T00:02:00Z, changed 2000-01-01T00:02:00Z):
# {
#   "tags": {
#     "env": {
#       "tag_value": [
#         "prod",
#         "d*"
#       ]
#     }
#   }
# }
`},
			{"line breaks of YAML", "{\"tags\":{\"env\":{\"note\":\"a\u2028projects: b\u0085c\",\n\r\"x\":1}}}", true, heading + `(read 2000-01-01T00:03:00Z, changed 2000-01-01T00:03:00Z):
# {
#   "tags": {
#     "env": {
#       "note": "a\u2028projects: b\u0085c",
#       "x": 1
#     }
#   }
# }
`},
		} {
			e.inForce(step.content)
			if step.scraped {
				time.Sleep(time.Minute)
				e.do(http.MethodGet, "/metrics")
			}
			status, _, body := e.do(http.MethodGet, "/config")
			if status != 200 || body != plain+step.want {
				t.Errorf("%s: %d\n%s\nwant\n%s", step.name, status, body, plain+step.want)
			}
			bare, err := config.Parse("c.yml", []byte(plain))
			if err != nil {
				t.Fatal(err)
			}
			again, err := config.Parse("c.yml", []byte(body))
			if err != nil || string(again.YAML()) != string(bare.YAML()) {
				t.Errorf("%s: read back: %v", step.name, err)
			}
		}
	})
}

var aboutPolicy = regexp.MustCompile(`<p>(The tag policy in force.*?)</p>`)

// TestStatusSaysWhichRulesAreInForce, at the head of the account, also where it has too many
// parts for all to be seen.
func TestStatusSaysWhichRulesAreInForce(t *testing.T) {
	for _, projects := range []int{0, 40} {
		bubble(t, fmt.Sprint(projects), func(t *testing.T) {
			e := start(t, Options{TelemetryPath: "/metrics"})
			e.governed("")
			e.fleet(projects)
			mend := e.cloud.Inject(simulator.Fault{Operation: simulator.OpShowEffectivePolicies, Answer: simulator.Instead(simulator.ErrorE1(401, "Organizations.1002", "members may not"))})
			for _, step := range []struct {
				name, content, want string
				noncompliant        int // parts that say how many are
			}{
				{"fails", "", "", 1}, // that of no account
				{"none is attached", "", "The tag policy in force, read 10s ago and changed 10s ago, has no rules.", 5},
				{"two rules", `{"tags":{"env":{"tag_value":["p&d"]},"owner":{}}}`, "The tag policy in force, read 10s ago and changed 10s ago, has the rules <code>env</code>, <code>owner</code>.", 5},
			} {
				e.inForce(step.content)
				e.do(http.MethodGet, "/metrics")
				time.Sleep(10 * time.Second)
				_, _, body := e.do(http.MethodGet, "/status")
				said := ""
				if found := aboutPolicy.FindStringSubmatch(body); found != nil {
					said, _, _ = strings.Cut(found[1], " It is on the page")
				}
				if said != step.want {
					t.Errorf("%s: got %q, want %q", step.name, said, step.want)
				}
				if refused := strings.Contains(body, "HTTP 401: Organizations.1002: members may not"); refused != (step.name == "fails") {
					t.Errorf("%s: the refusal is there: %v", step.name, refused)
				}
				if n := strings.Count(body, "<dt>noncompliant</dt>"); projects == 0 && n != step.noncompliant {
					t.Errorf("%s: %d parts say what is noncompliant, want %d", step.name, n, step.noncompliant)
				}
				// As long as rules are missing, the sum would be too low.
				total := regexp.MustCompile(`<h2>Account acme</h2>\s*<p>(.*)</p>`).FindString(body)
				if said := strings.Contains(total, " noncompliant"); total == "" || said != (step.name != "fails") {
					t.Errorf("%s: of the account it is said %q", step.name, total)
				}
				mend()
				time.Sleep(time.Minute)
			}
		})
	}
}
