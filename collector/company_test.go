package collector

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/simulator"
)

// The accounts of a company. Both have a project by the name of its region.
const (
	acme = "aaaa2222333344445555666677778888"
	beta = "bbbb2222333344445555666677778888"
)

// projectOf returns the ID of the n-th project of an account.
func projectOf(account string, n int) string { return fmt.Sprintf("%s%028d", account[:4], n) }

// resource returns a resource that Config has, in the account's first project unless it is
// of another one, or global.
func resource(account, id, kind string, change ...func(*simulator.AccountResource)) simulator.AccountResource {
	provider, name, _ := strings.Cut(kind, ".")
	r := simulator.AccountResource{
		ID: id, Name: "the " + id, Provider: provider, Type: name, Region: "cn-north-4",
		Project: projectOf(account, 1), ProjectName: "cn-north-4", Tags: []simulator.Tag{simulator.T("env", "prod")},
	}
	for _, f := range change {
		f(&r)
	}
	return r
}

func of(project, name string) func(*simulator.AccountResource) {
	return func(r *simulator.AccountResource) { r.Project, r.ProjectName = project, name }
}

func global(r *simulator.AccountResource) { r.Region, r.Project, r.ProjectName = "", "", "" }

func inRegion(region string) func(*simulator.AccountResource) {
	return func(r *simulator.AccountResource) { r.Region = region }
}

// company is a world of the two accounts. What is configured of each is in accounts, which
// are changed and then applied by reload.
type company struct {
	*world
	accounts []config.Account
	projects []config.Project
}

// newCompany starts a cloud with the accounts acme and beta, each with an access key of its
// own, a project and a DDS instance in it, and an exporter that reads acme as a whole.
func newCompany(t *testing.T) *company {
	t.Helper()
	c := &company{world: newWorld(t, simulator.Options{}, simulator.Project{}, "{dds: {}}")}
	for i, id := range []string{acme, beta} {
		name := []string{"acme", "beta"}[i]
		c.cloud.SetAccount(simulator.Account{ID: id, Name: name, Resources: []simulator.AccountResource{
			resource(id, "server-1", "ecs.cloudServers"), resource(id, "bucket-1", "obs.buckets", global),
			resource(id, simulator.InstanceID(i), "dds.instances"),
		}})
		c.cloud.AddAccessKey(simulator.AccessKey{AK: accessKey(name), SK: testSK, Account: id})
		c.add(id, 1, "cn-north-4")
	}
	c.accounts = []config.Account{c.account("acme", acme)}
	c.change = func(to *config.Config) { to.Accounts, to.Projects = c.accounts, c.projects }
	c.reload()
	return c
}

// add gives an account a project, which has one DDS instance.
func (c *company) add(account string, n int, name string) {
	c.cloud.SetProject(simulator.Project{
		ID: projectOf(account, n), Name: name, Region: "cn-north-4", Account: account,
		Instances: []simulator.Instance{{ID: simulator.InstanceID(n), Tags: []simulator.Tag{simulator.T("env", "prod")}}},
	})
}

func (c *company) reload() {
	c.t.Helper()
	c.configure(c.yaml)
}

// accessKey returns the ID of that of an account.
func accessKey(account string) string { return "SIMACCESSKEY" + account }

func (w *world) service(name string) huaweicloud.ServiceConfig {
	return huaweicloud.ServiceConfig{Name: name, Endpoint: w.api.URL, Limits: huaweicloud.Limits{
		MaxConcurrency: 16, RequestTimeout: 2 * time.Second, MaxRetries: 1,
	}}
}

func (w *world) account(name, id string) config.Account {
	everything := regexp.MustCompile(".*")
	return config.Account{
		AccountConfig: huaweicloud.AccountConfig{Name: name, ID: id, Credential: huaweicloud.CredentialConfig{
			Name: name, Kind: huaweicloud.AccessKey,
			AccessKey: huaweicloud.NewSecret(accessKey(name)), SecretKey: huaweicloud.NewSecret(testSK),
		}},
		IAM:    w.service("iam"),
		Config: &config.Source{ServiceConfig: w.service("config"), Types: []string{"*"}, RenewAfter: 5 * time.Minute, MaxTagAge: time.Hour},
		Discover: &config.Discover{
			Regions: []string{"*"}, Projects: everything, RenewAfter: 10 * time.Minute,
			Services: []config.Service{{ServiceConfig: w.service("dds"), TagsFrom: config.InstanceList, MaxTagAge: 10 * time.Minute}},
		},
	}
}

// configured is a project that the file names itself, with the services of those that are
// discovered.
func (c *company) configured(name, account, id string) config.Project {
	of := c.account("acme", acme)
	return config.Project{Account: account, Services: of.Discover.Services, ProjectConfig: huaweicloud.ProjectConfig{
		Name: name, Region: "cn-north-4", ID: id, Credential: of.Credential,
	}}
}

// sums returns, for each part, how many resources it has, and the success of each service
// after it, as "acme/project/region/service/type=2" without what is empty.
func (e exposition) sums() string {
	var found []string
	for _, line := range e {
		for metric, sign := range map[string]string{"huaweicloud_tag_resources{": "=", "huaweicloud_tag_collector_success{": " "} {
			if !strings.HasPrefix(line, metric) {
				continue
			}
			var names []string
			for _, name := range []string{"account", "project", "region", "cloud_service", "resource_type"} {
				if value := label(line, name); value != "" {
					names = append(names, value)
				}
			}
			_, value, _ := strings.Cut(line, "} ")
			if sign == " " {
				value = cmp.Or(map[string]string{"1": "ok", "0": "failed"}[value], value)
			}
			found = append(found, strings.Join(names, "/")+sign+value)
		}
	}
	slices.Sort(found)
	return strings.Join(found, "\n")
}

// wants fails the test unless a scrape has exactly these parts and services.
func (c *company) wants(step string, e exposition, lines ...string) {
	c.t.Helper()
	slices.Sort(lines)
	if got, want := e.sums(), strings.Join(lines, "\n"); got != want {
		c.t.Errorf("%s\ngot:\n%s\nwant:\n%s", step, got, want)
	}
}
