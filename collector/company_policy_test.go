package collector

import (
	"strings"
	"testing"
	"testing/synctest"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/policy"
)

// TestPolicyOfAccounts: what Config lists is judged by the names that series have, and by
// rules that are narrowed to accounts, to services and types that only Config knows, and to
// projects that are discovered.
func TestPolicyOfAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany(t)
		c.accounts = append(c.accounts, c.account("beta", beta))
		before := c.change
		c.change = func(to *config.Config) {
			before(to)
			var err error
			rule := func(name string, r policy.Rule) policy.Rule {
				r.Name, r.Key, r.Required = name, "owner-"+name, true
				return r
			}
			to.Policy, err = policy.New([]policy.Rule{
				rule("everywhere", policy.Rule{}),
				rule("acme", policy.Rule{Accounts: []string{"acme"}}),
				rule("servers", policy.Rule{Accounts: []string{"acme"}, ResourceTypes: []string{"ecs:cloudservers"}}),
				rule("ecs", policy.Rule{Accounts: []string{"acme"}, Services: []string{"ecs"}}),
				rule("project", policy.Rule{Accounts: []string{"acme"}, Projects: []string{"cn-north-4"}}),
			}, nil, policy.Known{Accounts: []string{"acme", "beta"}, AnyProject: true, AnyType: true})
			if err != nil {
				t.Fatal(err)
			}
			to.MaxViolationSeries = 10
		}
		c.reload()
		got := c.scrape("")
		rules := make(map[string][]string) // by part
		for _, line := range got {
			if strings.HasPrefix(line, namespace+"policy_violation_info{") {
				part := strings.Join([]string{label(line, "account"), label(line, "project"), label(line, "cloud_service"), label(line, "resource_id")}, " ")
				rules[part] = append(rules[part], label(line, "rule"))
			}
		}
		for part, want := range map[string]string{
			"acme cn-north-4 ecs server-1":                             "acme ecs everywhere project servers",
			"beta cn-north-4 ecs server-1":                             "everywhere",
			"acme  obs bucket-1":                                       "acme everywhere",
			"beta  obs bucket-1":                                       "everywhere",
			"acme cn-north-4 dds 00000000000000000000000000000001in02": "acme everywhere project",
			"beta cn-north-4 dds 00000000000000000000000000000001in02": "everywhere",
		} {
			if got := strings.Join(rules[part], " "); got != want {
				t.Errorf("%s breaks %q, want %q", part, got, want)
			}
			delete(rules, part)
		}
		if len(rules) > 0 {
			t.Errorf("and %v", rules)
		}
	})
}
