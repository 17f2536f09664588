package collector

import (
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/simulator"
)

// TestDiscoveryKeepsProjects: which keys are tags is nothing to IAM, so that a reload which
// changes that does not forget which projects there are.
func TestDiscoveryKeepsProjects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := discovering(t)
		c.scrape("")
		c.askIAM(iamFails)
		before := c.change
		c.change = func(to *config.Config) {
			before(to)
			to.Tags.Exclude = regexp.MustCompile("^(?:internal)$")
		}
		c.reload()
		c.wants("the last answer is in force", c.scrape(""), "acme/iam ok", ok1, one)
		if n := c.cloud.Calls(simulator.OpListAuthProjects); n != 1 {
			t.Errorf("IAM is asked %d times", n)
		}
	})
}

// TestCredentialOfAnotherAccount: where the account is not given by its ID, a credential
// of another account makes it another account, and nothing of the one before is shown.
func TestCredentialOfAnotherAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany(t)
		c.accounts[0].ID, c.accounts[0].Discover = "", nil
		c.reload()
		dds := []string{"acme/config ok", ok1, one}
		c.wants("acme", c.scrape(""), append(dds, others...)...)
		c.cloud.UpdateAccount(beta, func(a *simulator.Account) { a.Resources = a.Resources[:1] })
		c.accounts[0].Credential.AccessKey = huaweicloud.NewSecret(accessKey("beta"))
		c.reload()
		c.wants("beta", c.scrape(""), "acme/config ok", "acme/cn-north-4/cn-north-4/ecs ok", "acme/cn-north-4/cn-north-4/ecs/cloudservers=1")
		c.accounts[0].Credential = c.account("beta", beta).Credential
		c.accounts[0].Credential.Name = "renamed"
		calls := c.cloud.Calls(simulator.OpListAllResources)
		c.reload()
		c.wants("the same account", c.scrape(""), "acme/config ok", "acme/cn-north-4/cn-north-4/ecs ok", "acme/cn-north-4/cn-north-4/ecs/cloudservers=1")
		if n := c.cloud.Calls(simulator.OpListAllResources); n != calls {
			t.Errorf("%d calls: all was read again", n-calls)
		}
	})
}

// TestAnotherAccountFails: where a reload gives another account by its ID, and that cannot be
// read, nothing is said of what the one before had: neither that it failed nor on the pages.
func TestAnotherAccountFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany(t)
		c.accounts[0].Discover = nil
		c.reload()
		c.scrape("")
		defer c.cloud.Inject(simulator.Fault{Account: beta, Answer: simulator.Instead(simulator.Empty(500))})()
		c.accounts[0].ID, c.accounts[0].Credential = beta, c.account("beta", beta).Credential
		c.reload()
		if last := c.collector.Last(); len(last) != 1 || !last[0].Begun.IsZero() {
			t.Errorf("before it is read, the pages say %+v", last)
		}
		c.wants("beta fails", c.scrape(""), "acme/config failed")
	})
}

// TestProjectOfTwoNames: a scrape of one project of one account asks IAM for the first time,
// whatever projects of other accounts are called.
func TestProjectOfTwoNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := discovering(t)
		c.projects = []config.Project{c.configured("cn-north-4", "", projectOf(beta, 1))}
		c.projects[0].Credential = c.account("beta", beta).Credential
		c.reload()
		c.wants("of no account", c.scrape("account=&project=cn-north-4"), "cn-north-4/cn-north-4/dds ok", "cn-north-4/cn-north-4/dds/instance=1")
		c.wants("of acme", c.scrape("account=acme&project=cn-north-4"), ok1, one)
		time.Sleep(time.Hour)
		calls := c.cloud.Calls(simulator.OpListAuthProjects)
		c.scrape("account=acme&project=cn-north-4")
		if n := c.cloud.Calls(simulator.OpListAuthProjects); n != calls {
			t.Errorf("IAM is asked again")
		}
	})
}
