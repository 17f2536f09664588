package collector

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/simulator"
	"huaweicloud_tag_exporter/internal/tagapi"
)

// TestGoneCounters: the counters of a project that is gone are scraped for another hour,
// and go on if it comes back by then.
func TestGoneCounters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := discovering(t)
		c.expectRefusals = true // of a project that is deleted
		c.add(acme, 2, "cn-north-4_team")
		count := func(query string) string {
			got := c.scrape(query).about("api_requests_total")
			for line := range strings.Lines(got) {
				if strings.Contains(line, `code="200",operation="ListInstances",project="cn-north-4_team"`) {
					return strings.TrimSpace(line[strings.Index(line, "} ")+2:])
				}
			}
			return "none"
		}
		begun := time.Now()
		for _, step := range []struct {
			at     time.Duration
			change func()
			query  string
			want   string
		}{
			{0, func() {}, "", "1"},
			{time.Second, func() { c.cloud.RemoveProject(projectOf(acme, 2)) }, "collect=none", "1"},
			{10 * time.Minute, func() {}, "", "1"},
			{11 * time.Minute, func() {}, "account=acme", "1"},
			{11 * time.Minute, func() {}, "collect=dds", "1"},
			{11 * time.Minute, func() {}, "collect=fabric", "none"},
			{11 * time.Minute, func() {}, "account=", "none"},
			{11 * time.Minute, func() { c.reload() }, "", "1"},
			{69 * time.Minute, func() { c.add(acme, 2, "cn-north-4_team") }, "", "2"},
			{70 * time.Minute, func() { c.cloud.RemoveProject(projectOf(acme, 2)) }, "", "2"},
			{80 * time.Minute, func() {}, "", "2"},
			{139 * time.Minute, func() {}, "collect=none", "2"},
			{140 * time.Minute, func() {}, "collect=none", "none"},
			{141 * time.Minute, func() { c.add(acme, 2, "cn-north-4_team") }, "", "1"},
			{142 * time.Minute, func() { c.accounts[0].Discover.Regions = nil; c.reload() }, "", "none"},
			{143 * time.Minute, func() { c.accounts[0].Discover.Regions = []string{"*"}; c.reload() }, "", "1"},
			{144 * time.Minute, func() { c.cloud.RemoveProject(projectOf(acme, 2)) }, "", "1"},
			{160 * time.Minute, func() {}, "", "1"},
			{161 * time.Minute, func() { // now it is configured
				c.add(acme, 2, "cn-north-4_team")
				c.projects = append(c.projects, c.configured("cn-north-4_team", "acme", projectOf(acme, 2)))
				c.reload()
			}, "", "2"},
			{300 * time.Minute, func() {}, "", "3"},
		} {
			time.Sleep(time.Until(begun.Add(step.at)))
			step.change()
			if got := count(step.query); got != step.want {
				t.Errorf("after %s, ?%s: %s requests, want %s", step.at, step.query, got, step.want)
			}
		}
	})
}

// TestDiscoveryOverReload: a new configuration goes on with what IAM has said, and with
// what is known of the projects.
func TestDiscoveryOverReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := discovering(t)
		services := c.accounts[0].Discover.Services
		services[0].TagsFrom, services[0].RenewAfter = "tag_api", 5*time.Minute
		c.reload()
		for _, step := range []struct {
			name   string
			change func()
			asked  int
			tags   int // requests for the tags of instances
			want   []string
		}{
			{"first", func() {}, 1, 1, []string{"acme/iam ok", ok1, one}},
			{"a reload", func() {}, 0, 0, []string{"acme/iam ok", ok1, one}},
			{"IAM fails, and the projects are known", func() { c.askIAM(iamFails); time.Sleep(10 * time.Minute) }, 2, 1, []string{"acme/iam failed", ok1, one}},
			{"other projects are chosen", func() { c.accounts[0].Discover.Regions = []string{"eu-*"} }, 2, 0, []string{"acme/iam failed"}},
			{"the same again", func() { c.accounts[0].Discover.Regions = []string{"*"} }, 2, 1, []string{"acme/iam failed", ok1, one}},
			{"another account by this name", func() {
				c.accounts[0].AccountConfig = c.account("beta", beta).AccountConfig
				c.accounts[0].Name = "acme"
			}, 2, 0, []string{"acme/iam failed"}},
		} {
			step.change()
			c.reload()
			asked, tags := c.cloud.Calls(simulator.OpListAuthProjects), c.cloud.Calls(simulator.OpListInstanceTags)
			c.wants(step.name, c.scrape(""), step.want...)
			if n := c.cloud.Calls(simulator.OpListAuthProjects) - asked; n != step.asked {
				t.Errorf("%s: IAM is asked %d times, want %d", step.name, n, step.asked)
			}
			if n := c.cloud.Calls(simulator.OpListInstanceTags) - tags; n != step.tags {
				t.Errorf("%s: %d requests for tags, want %d", step.name, n, step.tags)
			}
		}
		if n := strings.Count(c.log.String(), `account=acme service=iam msg="reading tags failed"`); n != 1 {
			t.Errorf("%d times in the log that IAM fails:\n%s", n, c.log)
		}
	})
}

// TestTargets: service discovery is told of the projects that IAM names, for whom it waits
// as long as the context allows.
func TestTargets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany(t)
		c.projects = append(c.projects, c.configured("own", "", projectOf(beta, 1)))
		c.reload()
		hang := simulator.Fault{Break: simulator.Hang}
		mend := func() {}
		known := "/own/dds acme//config acme//iam acme/cn-north-4/dds"
		for _, step := range []struct {
			name   string
			change func()
			want   string
			waits  bool
		}{
			{"IAM hangs", func() { mend = c.askIAM(hang) }, "/own/dds acme//config acme//iam", true},
			{"it answers", func() { mend() }, known, false},
			{"it is not asked again", func() { mend = c.askIAM(hang) }, known, false},
			{"the last answer", func() { time.Sleep(10 * time.Minute) }, known, true},
			{"a new project", func() { mend(); c.add(acme, 2, "cn-north-4_team") }, known + " acme/cn-north-4_team/dds", false},
		} {
			step.change()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			begun := time.Now()
			targets, accounts := c.collector.Targets(ctx)
			took := time.Since(begun)
			cancel()
			var names []string
			for _, target := range targets {
				if target.Discovered != (target.Account != "" && target.Project != "") {
					t.Errorf("%+v", target)
				}
				names = append(names, target.Account+"/"+target.Project+"/"+target.Service)
			}
			if got := strings.Join(names, " "); got != step.want || !accounts || took > 5*time.Second || (took > 0) != step.waits {
				t.Errorf("%s: %s (accounts: %t) after %s, want %s (waits: %t)", step.name, got, accounts, took, step.want, step.waits)
			}
		}
		c.projects, c.accounts = c.projects[:1], nil
		c.reload()
		if _, accounts := c.collector.Targets(t.Context()); accounts {
			t.Error("there are accounts, of none that is configured")
		}
	})
}

// TestDiscoveryHungUp: the question ends with the last scraper that waits for it.
func TestDiscoveryHungUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := discovering(t)
		defer c.askIAM(simulator.Fault{Break: simulator.Hang})()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		c.get(ctx, "")
		synctest.Wait()
		if n := c.cloud.InFlight(""); n != 0 {
			t.Errorf("%d requests are in flight", n)
		}
		if c.log.String() != "" {
			t.Errorf("logged:\n%s", c.log)
		}
	})
}

// TestLateAnswer: an answer that comes after that to a later question is too old.
func TestLateAnswer(t *testing.T) {
	var adopted [][]tagapi.Project
	d := &held[[]tagapi.Project]{adopt: func(_, answer []tagapi.Project) ([]tagapi.Project, error) {
		adopted = append(adopted, answer)
		return answer, nil
	}}
	early := time.Now()
	for _, question := range []struct {
		begun  time.Time
		answer string
	}{{early.Add(time.Second), "new"}, {early, "old"}} {
		if err := d.take([]tagapi.Project{{ID: question.answer}}, question.begun); err != nil {
			t.Error(err)
		}
	}
	if answer := d.last(); len(adopted) != 1 || answer[0].ID != "new" || !d.asked.After(early) {
		t.Errorf("adopted %v, in force %v of %s", adopted, answer, d.asked)
	}
}

// TestAccountIsAsked: IAM says which account it is where that is not configured. That is
// foreseen, and nothing else where nothing is discovered.
func TestAccountIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany(t)
		one := c.account("acme", "")
		one.Name, one.Discover = "one", nil
		c.accounts = []config.Account{one}
		c.reload()
		got := c.scrape("collect=none")
		for operation, want := range map[string]bool{"KeystoneListAuthDomains": true, "KeystoneListAuthProjects": false} {
			line := namespace + `api_errors_total{account="one",cloud_service="iam",error_code="timeout",operation="` + operation + `"} 0`
			if slices.Contains(got, line) != want {
				t.Errorf("%s is foreseen: %t", operation, !want)
			}
		}
		c.wants("", c.scrape(""), "one/config ok", "one/cn-north-4/cn-north-4/ecs ok", "one/cn-north-4/cn-north-4/ecs/cloudservers=1",
			"one/cn-north-4/cn-north-4/dds ok", "one/cn-north-4/cn-north-4/dds/instance=1", "one/global/obs ok", "one/global/obs/buckets=1")
	})
}

// TestPasswordOfAccount: with a password, Config and IAM need a token of the account, and
// projects one of theirs; and IAM says which account it is where that is not configured.
func TestPasswordOfAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany(t)
		c.cloud.AddUser(simulator.User{Domain: "acme", Name: "exporter", Password: testPassword})
		c.accounts[0].ID = ""
		c.accounts[0].Credential = huaweicloud.CredentialConfig{
			Name: "user", Kind: huaweicloud.Password, DomainName: "acme", Username: "exporter",
			Password: huaweicloud.NewPassword(testPassword), IAMEndpoint: c.api.URL,
		}
		c.reload()
		got := c.scrape("")
		c.wants("", got, append(others, "acme/config ok", "acme/iam ok", ok1, one)...)
		got.want(t, "api_requests_total", `
			api_requests_total{account="acme",cloud_service="config",code="200",operation="CollectAllResourcesSummary"} 1
			api_requests_total{account="acme",cloud_service="config",code="200",operation="ListAllResources"} 3
			api_requests_total{account="acme",cloud_service="config",code="200",operation="ShowTrackerConfig"} 1
			api_requests_total{account="acme",cloud_service="dds",code="200",operation="ListInstances",project="cn-north-4"} 1
			api_requests_total{account="acme",cloud_service="iam",code="200",operation="KeystoneListAuthDomains"} 1
			api_requests_total{account="acme",cloud_service="iam",code="200",operation="KeystoneListAuthProjects"} 1
			api_requests_total{account="acme",cloud_service="iam",code="201",operation="KeystoneCreateUserTokenByPassword"} 1
			api_requests_total{account="acme",cloud_service="iam",code="201",operation="KeystoneCreateUserTokenByPassword",project="cn-north-4"} 1
		`)
		for _, operation := range []string{"KeystoneListAuthDomains", "KeystoneListAuthProjects", "KeystoneCreateUserTokenByPassword"} {
			line := namespace + `api_errors_total{account="acme",cloud_service="iam",error_code="timeout",operation="` + operation + `"} 0`
			if !slices.Contains(got, line) {
				t.Errorf("missing: %s", line)
			}
		}
	})
}
