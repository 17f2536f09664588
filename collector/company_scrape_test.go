package collector

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// TestAccountFailures: what a failure of Config moves, and what it does not.
func TestAccountFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany(t)
		var mend func()
		fail := func(operation string, status int) func() {
			return func() {
				mend = c.cloud.Inject(simulator.Fault{Operation: operation, Answer: simulator.Instead(simulator.ErrorE1(status, "RMS.1", "no"))})
			}
		}
		off := func(is bool) func() {
			return func() { c.cloud.UpdateAccount(acme, func(a *simulator.Account) { a.Recorder.Off = is }) }
		}
		own := []string{"acme/iam ok", ok1, one}
		failed := []string{"acme/config failed", "acme/cn-north-4/cn-north-4/ecs failed", "acme/global/obs failed"}
		fine := append([]string{"acme/config ok"}, others...)
		for _, step := range []struct {
			name     string
			wait     time.Duration
			change   func()
			want     []string
			recorder string
		}{
			{"all is well", 0, func() {}, fine, "1"},
			{"the summary fails", 5 * time.Minute, fail(simulator.OpSummarizeAllResources, 500), append([]string{"acme/config failed"}, others...), "1"},
			{"it has failed for longer than max_tag_age", time.Hour, func() {}, failed, "1"},
			{"it answers again", 0, func() { mend() }, fine, "1"},
			{"the recorder is off", 5 * time.Minute, off(true), failed, "0"},
			{"it has been for a day", 24*time.Hour - 6*time.Minute, func() {}, failed, "0"},
			{"and longer", 2 * time.Minute, func() {}, []string{"acme/config failed"}, "0"},
			{"it is on", 0, off(false), fine, "1"},
			{"Config calls a project by another name, and not all answers", 5 * time.Minute, func() {
				fail(simulator.OpShowTrackerConfig, 500)()
				c.cloud.UpdateAccount(acme, func(a *simulator.Account) { a.Resources[0].ProjectName = "renamed" })
			}, append([]string{"acme/config failed"}, others...), ""},
			{"all answers", 0, func() { mend() }, fine, "1"},
			{"the recorder may not be asked", 5 * time.Minute, fail(simulator.OpShowTrackerConfig, 403), fine, ""},
			{"a type cannot be listed, but is young", 5 * time.Minute, func() { mend(); mend = c.cloud.Inject(c.listing("ecs.cloudServers", "cn-north-4")) }, fine, "1"},
			{"it is too old", time.Hour, func() {}, []string{"acme/config failed", "acme/cn-north-4/cn-north-4/ecs failed", others[2], others[3]}, "1"},
			{"the resources are gone", 5 * time.Minute, func() {
				mend()
				c.cloud.UpdateAccount(acme, func(a *simulator.Account) { a.Resources = a.Resources[1:] })
			}, append([]string{"acme/config ok"}, others[2:]...), "1"},
			{
				"Config hangs", time.Hour, func() {
					mend = c.cloud.Inject(simulator.Fault{Operation: simulator.OpListAllResources, Break: simulator.Hang})
				},
				[]string{"acme/config failed", "acme/global/obs failed"},
				"1",
			},
		} {
			time.Sleep(step.wait)
			step.change()
			got := c.scrapeWithin("", 10*time.Second)
			c.wants(step.name, got, append(step.want, own...)...)
			want := ""
			if step.recorder != "" {
				want = `config_recorder_on{account="acme"} ` + step.recorder
			}
			got.want(t, "config_recorder_on", want)
		}
	})
}

// TestFailureOfAnyProject: what cannot be listed of a region may be of any project that has
// a series of that service there, and of no other.
func TestFailureOfAnyProject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany(t)
		c.accounts = append(c.accounts, c.account("beta", beta))
		c.cloud.UpdateAccount(acme, func(a *simulator.Account) {
			a.Resources = append(a.Resources,
				resource(acme, "server-2", "ecs.cloudServers", of(projectOf(acme, 7), "cn-north-4_old")),
				resource(acme, "server-3", "ecs.cloudServers", inRegion("cn-south-1"), of(projectOf(acme, 8), "cn-south-1")),
				resource(acme, "group-1", "ecs.groups"), resource(acme, "backup-1", "dds.backups"))
		})
		c.reload()
		defer c.cloud.Inject(c.listing("ecs.groups", "cn-north-4"))()
		c.cloud.UpdateAccount(beta, func(a *simulator.Account) { a.Resources = a.Resources[:2] })
		defer c.cloud.Inject(c.listing("dds.backups", "cn-north-4"))()
		c.wants("", c.scrape(""),
			"acme/config failed", "acme/iam ok", "acme/global/obs ok", "acme/global/obs/buckets=1",
			"acme/cn-north-4/cn-north-4/ecs failed", "acme/cn-north-4/cn-north-4/ecs/cloudservers=1",
			"acme/cn-north-4_old/cn-north-4/ecs failed", "acme/cn-north-4_old/cn-north-4/ecs/cloudservers=1",
			"acme/cn-south-1/cn-south-1/ecs ok", "acme/cn-south-1/cn-south-1/ecs/cloudservers=1",
			"acme/cn-north-4/cn-north-4/dds failed", one, // Config knows of backups there that nobody else reads
			"beta/config ok", "beta/iam ok", "beta/global/obs ok", "beta/global/obs/buckets=1",
			"beta/cn-north-4/cn-north-4/ecs ok", "beta/cn-north-4/cn-north-4/ecs/cloudservers=1",
			"beta/cn-north-4/cn-north-4/dds ok", "beta/cn-north-4/cn-north-4/dds/instance=1",
		)
		if text := `account=acme service=config msg="reading tags failed"`; strings.Count(c.log.String(), text) != 1 || !strings.Contains(c.log.String(), "2 of 7 parts failed, the first dds backups of any project in cn-north-4: ") {
			t.Errorf("log:\n%s", c.log)
		}
	})
}

// TestAccountReports: the status page and the audit have what a scrape shows, by the same
// names.
func TestAccountReports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany(t)
		defer c.cloud.Inject(c.listing("obs.buckets", "global"))()
		c.scrape("")
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		want := "acme  config , acme cn-north-4 ecs cloudservers, acme  obs buckets failed, acme  iam , acme cn-north-4 dds instance"
		for name, reports := range map[string][]Report{"status": c.collector.Last(), "audit": c.collector.Audit(ctx, func() {})} {
			var lines []string
			for _, r := range reports {
				line := strings.Join([]string{r.Account, r.Project, r.Service, r.ResourceType}, " ")
				if r.Err != nil {
					line += " failed"
				}
				lines = append(lines, line)
			}
			if got := strings.Join(lines, ", "); got != want {
				t.Errorf("%s:\n got %s\nwant %s", name, got, want)
			}
		}
	})
}

// TestAccountCost: a second scrape within renew_after asks nothing, and one that IAM and
// Config hang up on is over in time.
func TestAccountCost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany(t)
		c.scrape("")
		calls := c.cloud.Calls(simulator.OpListAllResources) + c.cloud.Calls(simulator.OpSummarizeAllResources) +
			c.cloud.Calls(simulator.OpShowTrackerConfig) + c.cloud.Calls(simulator.OpListAuthProjects)
		c.scrape("")
		again := c.cloud.Calls(simulator.OpListAllResources) + c.cloud.Calls(simulator.OpSummarizeAllResources) +
			c.cloud.Calls(simulator.OpShowTrackerConfig) + c.cloud.Calls(simulator.OpListAuthProjects)
		if calls != 6 || again != calls {
			t.Errorf("%d calls, and %d for the second scrape", calls, again-calls)
		}
	})
}
