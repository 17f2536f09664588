package collector

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/simulator"
)

// TestNamesOfParts: what the project of a part is called that Config has read.
func TestNamesOfParts(t *testing.T) {
	server := func(n int, name string) simulator.AccountResource {
		return resource(acme, "server-"+projectOf(acme, n), "ecs.cloudServers", of(projectOf(acme, n), name))
	}
	for name, test := range map[string]struct {
		change    func(*company)
		resources []simulator.AccountResource
		want      []string
	}{
		"as Config calls it": {
			func(c *company) { c.accounts[0].Discover = nil },
			[]simulator.AccountResource{server(7, "cn-north-4_old")},
			[]string{"acme/config ok", "acme/cn-north-4_old/cn-north-4/ecs ok", "acme/cn-north-4_old/cn-north-4/ecs/cloudservers=1"},
		},
		"by its ID": {
			func(c *company) { c.accounts[0].Discover = nil },
			[]simulator.AccountResource{server(7, "")},
			[]string{"acme/config ok", "acme/" + projectOf(acme, 7) + "/cn-north-4/ecs ok", "acme/" + projectOf(acme, 7) + "/cn-north-4/ecs/cloudservers=1"},
		},
		"none, it is global": {
			func(c *company) { c.accounts[0].Discover = nil },
			[]simulator.AccountResource{resource(acme, "b", "obs.buckets", global)},
			[]string{"acme/config ok", "acme/global/obs ok", "acme/global/obs/buckets=1"},
		},
		"as it is discovered": {
			func(*company) {},
			[]simulator.AccountResource{server(1, "what Config remembers")},
			[]string{"acme/config ok", "acme/iam ok", ok1, one, "acme/cn-north-4/cn-north-4/ecs ok", "acme/cn-north-4/cn-north-4/ecs/cloudservers=1"},
		},
		"as it is configured": {
			func(c *company) {
				c.accounts[0].Discover = nil
				c.projects = []config.Project{{Account: "acme", ProjectConfig: c.configured("own", "acme", projectOf(acme, 1)).ProjectConfig}}
			},
			[]simulator.AccountResource{server(1, "cn-north-4")},
			[]string{"acme/config ok", "acme/own/cn-north-4/ecs ok", "acme/own/cn-north-4/ecs/cloudservers=1"},
		},
		"as it is configured for no account": {
			func(c *company) {
				c.accounts[0].Discover = nil
				c.projects = []config.Project{{ProjectConfig: c.configured("own", "", projectOf(acme, 1)).ProjectConfig}}
			},
			[]simulator.AccountResource{server(1, "cn-north-4")},
			[]string{"acme/config ok", "acme/own/cn-north-4/ecs ok", "acme/own/cn-north-4/ecs/cloudservers=1"},
		},
		"another project has the name": {
			func(*company) {},
			[]simulator.AccountResource{server(1, "cn-north-4"), server(7, "cn-north-4")},
			[]string{
				"acme/config ok", "acme/iam ok", ok1, one, "acme/cn-north-4/cn-north-4/ecs ok", "acme/cn-north-4/cn-north-4/ecs/cloudservers=1",
				"acme/" + projectOf(acme, 7) + "/cn-north-4/ecs ok", "acme/" + projectOf(acme, 7) + "/cn-north-4/ecs/cloudservers=1",
			},
		},
		"another project has the name, and a later ID": {
			func(*company) {},
			[]simulator.AccountResource{server(1, "cn-north-4"), server(0, "cn-north-4")},
			[]string{
				"acme/config ok", "acme/iam ok", ok1, one, "acme/cn-north-4/cn-north-4/ecs ok", "acme/cn-north-4/cn-north-4/ecs/cloudservers=1",
				"acme/" + projectOf(acme, 0) + "/cn-north-4/ecs ok", "acme/" + projectOf(acme, 0) + "/cn-north-4/ecs/cloudservers=1",
			},
		},
		"several that only Config knows": {
			func(c *company) { c.accounts[0].Discover = nil },
			[]simulator.AccountResource{server(6, "old"), server(8, "old"), server(7, "old"), server(9, "old")},
			[]string{
				"acme/config ok", "acme/old/cn-north-4/ecs ok", "acme/old/cn-north-4/ecs/cloudservers=1", // it is number 6
				"acme/" + projectOf(acme, 7) + "/cn-north-4/ecs ok", "acme/" + projectOf(acme, 7) + "/cn-north-4/ecs/cloudservers=1",
				"acme/" + projectOf(acme, 8) + "/cn-north-4/ecs ok", "acme/" + projectOf(acme, 8) + "/cn-north-4/ecs/cloudservers=1",
				"acme/" + projectOf(acme, 9) + "/cn-north-4/ecs ok", "acme/" + projectOf(acme, 9) + "/cn-north-4/ecs/cloudservers=1",
			},
		},
		"a project of no account has the name": {
			func(c *company) {
				c.accounts[0].Discover = nil
				c.projects = []config.Project{{ProjectConfig: c.configured("old", "", projectOf(beta, 1)).ProjectConfig}}
			},
			[]simulator.AccountResource{server(7, "old")},
			[]string{"acme/config ok", "acme/old/cn-north-4/ecs ok", "acme/old/cn-north-4/ecs/cloudservers=1"},
		},
	} {
		bubble(t, name, func(t *testing.T) {
			c := newCompany(t)
			c.cloud.UpdateAccount(acme, func(a *simulator.Account) { a.Resources = test.resources })
			test.change(c)
			c.reload()
			for range 5 { // in whatever order Go goes through its maps
				c.wants("", c.scrape(""), test.want...)
			}
		})
	}
}

// TestTwoAccounts: what has the same names in two accounts stays apart.
func TestTwoAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany(t)
		c.accounts = append(c.accounts, c.account("beta", beta))
		c.reload()
		both := func(acmeECS, betaECS string) (lines []string) {
			for _, account := range []string{"acme", "beta"} {
				lines = append(lines, account+"/config ok", account+"/iam ok", account+"/global/obs ok", account+"/global/obs/buckets=1",
					account+"/cn-north-4/cn-north-4/dds ok", account+"/cn-north-4/cn-north-4/dds/instance=1")
			}
			return append(lines, "acme/cn-north-4/cn-north-4/ecs ok", acmeECS, "beta/cn-north-4/cn-north-4/ecs ok", betaECS)
		}
		c.wants("both", c.scrape(""), both("acme/cn-north-4/cn-north-4/ecs/cloudservers=1", "beta/cn-north-4/cn-north-4/ecs/cloudservers=1")...)
		c.scrape("account=acme").want(t, "source_info", `
			source_info{account="acme",cloud_service="dds",project="cn-north-4",source="instance_list"} 1
			source_info{account="acme",cloud_service="ecs",project="cn-north-4",resource_type="cloudservers",source="config"} 1
			source_info{account="acme",cloud_service="obs",region="global",resource_type="buckets",source="config"} 1
		`)
		c.cloud.UpdateAccount(beta, func(a *simulator.Account) {
			a.Resources = append(a.Resources, resource(beta, "server-2", "ecs.cloudServers"))
		})
		time.Sleep(5 * time.Minute)
		c.wants("one of them changes", c.scrape(""), both("acme/cn-north-4/cn-north-4/ecs/cloudservers=1", "beta/cn-north-4/cn-north-4/ecs/cloudservers=2")...)
		c.wants("one project of one account", c.scrape("account=beta&project=cn-north-4"), "beta/cn-north-4/cn-north-4/dds ok", "beta/cn-north-4/cn-north-4/dds/instance=1")
		c.wants("what one account lists", c.scrape("account=acme&collect=config"), "acme/config ok", "acme/global/obs ok", "acme/global/obs/buckets=1",
			"acme/cn-north-4/cn-north-4/ecs ok", "acme/cn-north-4/cn-north-4/ecs/cloudservers=1")
		c.reload()
		var kept []string
		for _, r := range c.collector.Last() {
			if r.Service == "dds" {
				kept = append(kept, r.Account+"/"+r.ProjectID)
			}
		}
		if got, want := strings.Join(kept, " "), "acme/"+projectOf(acme, 1)+" beta/"+projectOf(beta, 1); got != want {
			t.Errorf("after a reload the status page has %s, want %s", got, want)
		}
		c.wants("what one service says", c.scrape("collect=dds"), ok1, one, "beta/cn-north-4/cn-north-4/dds ok", "beta/cn-north-4/cn-north-4/dds/instance=1")
	})
}

var (
	dds403 = simulator.Fault{Operation: simulator.OpListInstances, Answer: simulator.Instead(simulator.ErrorE1(403, "DBS.200001", "no"))}
	// What Config knows beside the DDS instance, which has a source of its own.
	others = []string{"acme/cn-north-4/cn-north-4/ecs ok", "acme/cn-north-4/cn-north-4/ecs/cloudservers=1", "acme/global/obs ok", "acme/global/obs/buckets=1"}
)

// TestPrecedence: what has a source of its own is never taken from Config, not even while
// that source fails; and as long as nobody knows whether it has one, it is taken from none.
func TestPrecedence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany(t)
		var mend func()
		const inConfig = "acme/cn-north-4/cn-north-4/dds/instance=1"
		for _, step := range []struct {
			name   string
			change func()
			want   []string
		}{
			{"IAM has never answered", func() { mend = c.askIAM(iamFails) }, []string{"acme/config ok", "acme/iam failed"}},
			{"it answers", func() { mend() }, []string{"acme/config ok", "acme/iam ok", ok1, one}},
			{"the dedicated source fails", func() { mend = c.cloud.Inject(dds403) }, []string{"acme/config ok", "acme/iam ok", "acme/cn-north-4/cn-north-4/dds failed"}},
			{"no DDS is discovered", func() { c.accounts[0].Discover.Services = []config.Service{{ServiceConfig: c.service("fabric")}} }, []string{
				"acme/config ok", "acme/iam ok", ok1, inConfig, "acme/cn-north-4/cn-north-4/fabric ok", "acme/cn-north-4/cn-north-4/fabric/workspace=0",
			}},
			{"it is configured, for no account", func() {
				mend()
				c.accounts[0].Discover = nil
				c.projects = []config.Project{c.configured("own", "", projectOf(acme, 1))}
			}, []string{"acme/config ok", "own/cn-north-4/dds ok", "own/cn-north-4/dds/instance=1"}},
			{"another type of it fails, of which IAM may say anything", func() {
				c.accounts[0] = c.account("acme", acme)
				c.accounts[0].Name, c.projects[0].Account = "other", "other"
				c.askIAM(iamFails)
				c.cloud.UpdateAccount(acme, func(a *simulator.Account) {
					a.Resources = append(a.Resources, resource(acme, "backup-1", "dds.backups"))
				})
				c.cloud.Inject(c.listing("dds.backups", "cn-north-4"))
			}, []string{"other/config failed", "other/iam failed", "other/own/cn-north-4/dds ok", "other/own/cn-north-4/dds/instance=1"}},
		} {
			step.change()
			c.reload()
			want := others
			if len(c.projects) > 0 {
				name := c.accounts[0].Name
				want = []string{name + "/own/cn-north-4/ecs ok", name + "/own/cn-north-4/ecs/cloudservers=1", name + "/global/obs ok", name + "/global/obs/buckets=1"}
			}
			c.wants(step.name, c.scrape(""), append(step.want, want...)...)
		}
	})
}

// TestSharedSuccess: a service of a project of which one type has a source of its own, and
// Config lists another, has one series of success, which is 1 only if both are read.
func TestSharedSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany(t)
		const backups = "acme/cn-north-4/cn-north-4/dds/backups=1"
		c.cloud.UpdateAccount(acme, func(a *simulator.Account) {
			a.Resources = append(a.Resources, resource(acme, "backup-1", "dds.backups"), resource(acme, "backup-2", "dds.backups", inRegion("cn-south-1"), of(projectOf(acme, 5), "cn-south-1")))
		})
		all := append([]string{"acme/iam ok", "acme/cn-south-1/cn-south-1/dds ok", "acme/cn-south-1/cn-south-1/dds/backups=1"}, others...)
		c.wants("both are read", c.scrape(""), append(all, "acme/config ok", ok1, one, backups)...)
		mend := c.cloud.Inject(dds403)
		c.wants("the dedicated source fails", c.scrape(""), append(all, "acme/config ok", "acme/cn-north-4/cn-north-4/dds failed", backups)...)
		mend()
		mend = c.cloud.Inject(c.listing("dds.backups", "cn-north-4"))
		time.Sleep(time.Hour + time.Minute)
		c.wants("Config fails", c.scrape(""), append(all, "acme/config failed", "acme/cn-north-4/cn-north-4/dds failed", one)...)
		c.wants("in a scrape of the dedicated source", c.scrape("collect=dds"), ok1, one)
		mend()
		mend = c.cloud.Inject(c.listing("dds.instances", "cn-north-4"))
		time.Sleep(time.Hour + time.Minute)
		c.wants("what is read elsewhere fails", c.scrape(""), append(all, "acme/config failed", ok1, one, backups)...)
		mend()
	})
}

// listing is a fault of listing a type in a region.
func (c *company) listing(kind, region string) simulator.Fault {
	return simulator.Fault{
		Operation: simulator.OpListAllResources, Answer: simulator.Instead(simulator.ErrorE1(http.StatusInternalServerError, "RMS.1", "no")),
		Match: func(r *http.Request) bool {
			return r.URL.Query().Get("type") == kind && r.URL.Query().Get("region_id") == region
		},
	}
}
