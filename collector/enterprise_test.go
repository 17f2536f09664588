package collector

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/simulator"
)

// newGrouped is a company whose account acme has a DDS instance in each of three enterprise
// projects, of which EPS knows what two are called, and Config the third.
func newGrouped(t *testing.T) *company {
	t.Helper()
	c := newCompany(t)
	acmes := c.account("acme", acme)
	eps := c.service("eps")
	acmes.EPS = &eps
	c.accounts = []config.Account{acmes}
	var instances []simulator.Instance
	for i, ep := range []string{"", "ep1", "ep2"} {
		instances = append(instances, simulator.Instance{ID: simulator.InstanceID(i), EnterpriseProjectID: ep})
	}
	c.cloud.SetProject(simulator.Project{ID: projectOf(acme, 1), Name: "cn-north-4", Region: "cn-north-4", Account: acme, Instances: instances})
	c.cloud.UpdateAccount(acme, func(a *simulator.Account) {
		a.Resources = []simulator.AccountResource{
			resource(acme, "a", "ecs.cloudServers", func(r *simulator.AccountResource) { r.EnterpriseProjectID, r.EnterpriseProject = "ep1", "old name" }),
			resource(acme, "b", "ecs.cloudServers", func(r *simulator.AccountResource) {
				r.EnterpriseProjectID, r.EnterpriseProject = "ep3", "known to Config"
			}),
		}
		a.EnterpriseProjects = []simulator.EnterpriseProject{{ID: "ep1", Name: "Research"}}
	})
	c.yaml = c.config("{dds: {}}", askOwner)
	c.reload()
	return c
}

// responsible returns who is responsible for the resources of a service, as a scrape says.
func (e exposition) responsible(service string) string {
	found := make(map[string]bool)
	for _, line := range e {
		if strings.HasPrefix(line, namespace+"responsible_resources{") && label(line, "cloud_service") == service {
			found[label(line, "responsible")] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(found)), ",")
}

// names changes what EPS knows.
func (c *company) names(projects ...simulator.EnterpriseProject) {
	c.cloud.UpdateAccount(acme, func(a *simulator.Account) { a.EnterpriseProjects = projects })
}

const opNames = "ListEnterpriseProject"

// TestEnterpriseNames: EPS is asked once an hour. What it says goes before what a listing
// says, and what nobody says goes by its ID.
func TestEnterpriseNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newGrouped(t)
		for _, step := range []struct {
			wait     time.Duration
			change   func()
			dds, ecs string
			calls    int
		}{
			{0, nil, "Research,default,ep2", "Research,known to Config", 1},
			{59 * time.Minute, func() {
				c.names(simulator.EnterpriseProject{ID: "ep1", Name: "R&D"}, simulator.EnterpriseProject{ID: "ep2", Name: "Sales"})
			}, "Research,default,ep2", "Research,known to Config", 1},
			{time.Minute, nil, "Research,default,ep2", "Research,known to Config", 2}, // in one scrape it has one name
			{time.Minute, nil, "R&D,Sales,default", "R&D,known to Config", 2},
			{time.Minute, c.reload, "R&D,Sales,default", "R&D,known to Config", 2},
		} {
			time.Sleep(step.wait)
			if step.change != nil {
				step.change()
			}
			got := c.scrape("")
			if got.responsible("dds") != step.dds || got.responsible("ecs") != step.ecs || c.cloud.Calls(opNames) != step.calls {
				t.Errorf("%s, %s after %d calls", got.responsible("dds"), got.responsible("ecs"), c.cloud.Calls(opNames))
			}
		}
		got := c.scrape("")
		if requests := got.about("api_requests_total"); !strings.Contains(requests, `{account="acme",cloud_service="eps",code="200",operation="ListEnterpriseProject"} 2`) {
			t.Error(requests)
		}
		if about := got.about("collector_.*|source_info"); strings.Contains(about, "eps") {
			t.Error(about)
		}
	})
}

// TestEnterpriseNamesFail: whatever becomes of EPS, everything else is read and shown; who
// has no name goes by the ID, and the last names hold.
func TestEnterpriseNamesFail(t *testing.T) {
	answer := simulator.Instead(simulator.ErrorE9(500))
	for _, test := range []struct {
		name  string
		fault simulator.Fault
		again time.Duration // EPS is asked after that, and not before
		took  time.Duration // at most
		says  string        // the log
	}{
		{"broken", simulator.Fault{Answer: answer}, namesPause, namesWait, "list the enterprise projects of the account"},
		{"silent", simulator.Fault{Latency: time.Hour}, namesPause, namesWait, "level=error"},
		{"no list", simulator.Fault{Answer: simulator.Instead(simulator.Text(200, `{"projects":[]}`))}, namesPause, namesWait, "malformed"},
		{"no ID", simulator.Fault{Answer: simulator.Instead(simulator.Text(200, `{"enterprise_projects":[{"name":"x"}]}`))}, namesPause, namesWait, "an enterprise project has no ID"},
		{"refused", simulator.Fault{Answer: simulator.Instead(simulator.ErrorE9(403))}, namesHold, time.Second, "may not list enterprise projects"},
	} {
		bubble(t, test.name, func(t *testing.T) {
			c := newGrouped(t)
			fault := test.fault
			fault.Operation = opNames
			mend := c.cloud.Inject(fault)
			defer mend()
			begun := time.Now()
			got := c.scrape("")
			if took := time.Since(begun); took > test.took {
				t.Errorf("the scrape took %v", took)
			}
			if got.responsible("dds") != "default,ep1,ep2" || got.responsible("ecs") != "known to Config,old name" {
				t.Errorf("%s, %s", got.responsible("dds"), got.responsible("ecs"))
			}
			for _, line := range got {
				if strings.HasPrefix(line, namespace+"collector_success{") && !strings.HasSuffix(line, " 1") {
					t.Error(line)
				}
			}
			if text := c.log.String(); strings.Count(text, test.says) != 1 {
				t.Errorf("logged:\n%s", text)
			}
			asked := c.cloud.Calls(opNames)
			begun = begun.Add(test.again)
			time.Sleep(time.Until(begun) - time.Second)
			began := time.Now()
			c.scrape("")
			if n := c.cloud.Calls(opNames); n != asked || time.Since(began) > time.Second {
				t.Errorf("asked again, or waited %v", time.Since(began))
			}
			mend()
			time.Sleep(2 * time.Second)
			if got := c.scrape("").responsible("dds"); got != "Research,default,ep2" && test.again != namesHold {
				t.Error(got)
			}
			if got := c.scrape("").responsible("dds"); got != "Research,default,ep2" {
				t.Error(got)
			}
			c.cloud.Inject(fault)
			time.Sleep(namesHold)
			for range 2 {
				if got := c.scrape("").responsible("dds"); got != "Research,default,ep2" {
					t.Errorf("the last names do not hold: %s", got)
				}
			}
		})
	}
}

// TestEnterpriseNamesNarrowed: a scrape of one project of the account has the names, too,
// and nobody else's scrape asks for them.
func TestEnterpriseNamesNarrowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newGrouped(t)
		c.projects = []config.Project{c.configured("other", "", projectOf(beta, 1)), c.configured("mine", "acme", projectOf(acme, 1))}
		c.reload()
		c.expectRefusals = true // the key of acme may not read the project of beta
		c.scrape("project=other")
		c.scrape("collect=iam&account=acme")
		if n := c.cloud.Calls(opNames); n > 1 {
			t.Errorf("%d calls", n)
		}
		got := c.scrape("project=mine")
		if names := got.responsible("dds"); names != "Research,default,ep2" {
			t.Error(names)
		}
		if text := fmt.Sprint(got); strings.Contains(text, `"eps"`) {
			t.Error(text)
		}
		for _, target := range func() []Target { targets, _ := c.collector.Targets(t.Context()); return targets }() {
			if target.Service == "eps" {
				t.Errorf("%+v", target)
			}
		}
	})
}
