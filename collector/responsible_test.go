package collector

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/simulator"
)

const askOwner = "policy: {responsible: [owner, enterprise_project], rules: [{key: env, required: true}]}\n"

// TestResponsible: tags and enterprise projects, as each listing gives them, name who is
// responsible; and each violation says so.
func TestResponsible(t *testing.T) {
	tags := func(keysAndValues ...string) (tags []simulator.Tag) {
		for i := 0; i < len(keysAndValues); i += 2 {
			tags = append(tags, simulator.T(keysAndValues[i], keysAndValues[i+1]))
		}
		return tags
	}
	fleet := []simulator.Instance{
		{ID: simulator.InstanceID(1), EnterpriseProjectID: "ep1", Tags: tags("env", "prod", "owner", "ana")},
		{ID: simulator.InstanceID(2), EnterpriseProjectID: "ep1", Tags: tags("owner", "")},
		{ID: simulator.InstanceID(3), Tags: tags("env", "prod")},
		{ID: simulator.InstanceID(4), EnterpriseProjectID: "ep1"},
	}
	const want = `
		resources{cloud_service="%[1]s"} 4
		policy_noncompliant_resources{cloud_service="%[1]s"} 2
		responsible_resources{cloud_service="%[1]s",responsible="ana"} 1
		responsible_resources{cloud_service="%[1]s",responsible="ep1"} 2
		responsible_resources{cloud_service="%[1]s",responsible="%[2]s"} 1
		responsible_noncompliant_resources{cloud_service="%[1]s",responsible="ana"} 0
		responsible_noncompliant_resources{cloud_service="%[1]s",responsible="ep1"} 2
		responsible_noncompliant_resources{cloud_service="%[1]s",responsible="%[2]s"} 0
		policy_violation_info{cloud_service="%[1]s",key="env",reason="missing",resource_id="%[3]s",resource_name="",responsible="ep1",rule="env",value=""} 1
		policy_violation_info{cloud_service="%[1]s",key="env",reason="missing",resource_id="%[4]s",resource_name="",responsible="ep1",rule="env",value=""} 1
	`
	for services, want := range map[string]string{
		"{dds: {}}":                         fmt.Sprintf(want, "dds", "default", simulator.InstanceID(2), simulator.InstanceID(4)),
		"{dds: {tags_from: instance_list}}": fmt.Sprintf(want, "dds", "default", simulator.InstanceID(2), simulator.InstanceID(4)),
		"{dds: {renew_after: 5m}}":          fmt.Sprintf(want, "dds", "default", simulator.InstanceID(2), simulator.InstanceID(4)),
		"{fabric: {}}":                      fmt.Sprintf(want, "fabric", "", simulator.InstanceID(2), simulator.InstanceID(4)),
		"{modelarts: {}}":                   "",
	} {
		bubble(t, services, func(t *testing.T) {
			w := newWorld(t, simulator.Options{}, simulator.Project{
				Instances: fleet, Workspaces: fleet, PoolTags: []simulator.PoolTag{{Key: "owner", Values: []string{"ana"}}},
			}, services)
			w.configure(w.config(services, askOwner))
			for range 2 { // the second may keep tags that the first has read
				w.scrape("").want(t, "resources|responsible_.*|policy_noncompliant_resources|policy_violation_info", want)
			}
		})
	}
}

// TestResponsibleOfAccounts: Config names enterprise projects itself.
func TestResponsibleOfAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany(t)
		a := c.account("acme", acme)
		a.Discover = nil
		c.accounts = []config.Account{a}
		research := func(r *simulator.AccountResource) {
			r.EnterpriseProjectID, r.EnterpriseProject, r.Tags = "ep1", "Research", nil
		}
		c.cloud.SetAccount(simulator.Account{ID: acme, Resources: []simulator.AccountResource{
			resource(acme, "a", "ecs.cloudServers", research), resource(acme, "b", "ecs.cloudServers", research), resource(acme, "c", "ecs.cloudServers"),
		}})
		c.yaml += askOwner
		c.reload()
		c.scrape("").want(t, "responsible_.*", `
			responsible_resources{account="acme",cloud_service="ecs",project="cn-north-4",resource_type="cloudservers",responsible="Research"} 2
			responsible_resources{account="acme",cloud_service="ecs",project="cn-north-4",resource_type="cloudservers",responsible="default"} 1
			responsible_noncompliant_resources{account="acme",cloud_service="ecs",project="cn-north-4",resource_type="cloudservers",responsible="Research"} 2
			responsible_noncompliant_resources{account="acme",cloud_service="ecs",project="cn-north-4",resource_type="cloudservers",responsible="default"} 0
		`)
		moved := func(r *simulator.AccountResource) {
			research(r)
			r.EnterpriseProjectID, r.EnterpriseProject = "ep2", "Sales"
		}
		c.cloud.SetAccount(simulator.Account{ID: acme, Resources: []simulator.AccountResource{
			resource(acme, "a", "ecs.cloudServers", research), resource(acme, "b", "ecs.cloudServers", moved), resource(acme, "c", "ecs.cloudServers"),
		}})
		c.reload()
		time.Sleep(c.accounts[0].Config.RenewAfter)
		c.scrape("").want(t, "responsible_noncompliant_resources", `
			responsible_noncompliant_resources{account="acme",cloud_service="ecs",project="cn-north-4",resource_type="cloudservers",responsible="Research"} 1
			responsible_noncompliant_resources{account="acme",cloud_service="ecs",project="cn-north-4",resource_type="cloudservers",responsible="Sales"} 1
			responsible_noncompliant_resources{account="acme",cloud_service="ecs",project="cn-north-4",resource_type="cloudservers",responsible="default"} 0
		`)
	})
}

// TestOddSystemTags: a system tag in another shape than documented names no enterprise
// project. The workspace and its tags are there all the same.
func TestOddSystemTags(t *testing.T) {
	for system, want := range map[string]string{
		`[{"key":"_sys_enterprise_project_id","value":"ep1"}]`:                              "ep1",
		`[{"key":"_sys_other","value":"x"},{"Key":"_sys_enterprise_project_id","value":5}]`: "5",
		`[{"key":"_sys_enterprise_project_id","value":"0"}]`:                                "default",
		`[{"key":"_sys_enterprise_project_id"}]`:                                            "",
		`[{"key":"_sys_enterprise_project_id","value":{"id":"ep1"}}]`:                       "",
		`[1]`: "", `{"_sys_enterprise_project_id":"ep1"}`: "", `null`: "", `"x"`: "", `[]`: "",
	} {
		bubble(t, system, func(t *testing.T) {
			w := newWorld(t, simulator.Options{}, simulator.Project{}, "{fabric: {}}")
			w.configure(w.config("{fabric: {}}", askOwner))
			answer := simulator.Text(http.StatusOK, `{"resources":[{"resource_id":"x","tags":[{"key":"env","value":"prod"}],"sys_tags":`+system+`}],"total_count":1}`)
			w.cloud.Inject(simulator.Fault{Answer: &answer})
			w.scrape("").want(t, "collector_success|tagged_resources|responsible_resources", `
				collector_success{cloud_service="fabric"} 1
				tagged_resources{cloud_service="fabric",key="env",value="prod"} 1
				responsible_resources{cloud_service="fabric",responsible="`+want+`"} 1
			`)
		})
	}
}

var partOf = regexp.MustCompile(`^huaweicloud_tag_(\w+)\{(.*?),?responsible="((?:[^"\\]|\\.)*)"\} (\d+)$|^huaweicloud_tag_(resources|policy_noncompliant_resources)\{(.*)\} (\d+)$`)

// TestResponsibleAddsUp: whoever is responsible, and however many are folded, the sums over
// them are the numbers of the part.
func TestResponsibleAddsUp(t *testing.T) {
	folded, parts := 0, 0
	for seed := range uint64(12) {
		bubble(t, fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			owners := []string{"", "ana", "bo", "__other__", `quo"te\`, "王", "ep1", "c", "d"}
			some := func() (list []simulator.Instance) {
				for i := range r.IntN(40) {
					in := simulator.Instance{ID: simulator.InstanceID(i), EnterpriseProjectID: []string{"", "0", "ep1", "ep2"}[r.IntN(4)]}
					for key, chance := range map[string]int{"owner": 3, "env": 2, "team": 2} {
						if r.IntN(4) < chance {
							in.Tags = append(in.Tags, simulator.T(key, owners[r.IntN(len(owners))]))
						}
					}
					list = append(list, in)
				}
				return list
			}
			const services = "{dds: {}, fabric: {}, modelarts: {}}"
			w := newWorld(t, simulator.Options{}, simulator.Project{Instances: some(), Workspaces: some()}, services)
			w.configure(w.config(services, askOwner+fmt.Sprintf("tags: {max_values_per_key: %d}", 1+r.IntN(6))))
			numbers, sums := make(map[string]int), make(map[string]int)
			for _, line := range w.scrape("") {
				m := partOf.FindStringSubmatch(line)
				switch {
				case m == nil || strings.Contains(line, "modelarts"):
				case m[1] != "":
					n, _ := strconv.Atoi(m[4])
					sums[strings.TrimPrefix(m[1], "responsible_")+" "+m[2]] += n
					if m[3] == "__other__" {
						folded++
					}
				default:
					n, _ := strconv.Atoi(m[7])
					numbers[strings.TrimPrefix(m[5], "policy_")+" "+m[6]] = n
				}
			}
			if len(numbers) != 4 {
				t.Fatalf("numbers of parts: %v", numbers)
			}
			for part, n := range numbers {
				parts++
				if sums[part] != n {
					t.Errorf("%s: %d, the sum over responsible is %d", part, n, sums[part])
				}
			}
		})
	}
	if folded < 10 || parts < 40 {
		t.Errorf("too little was tried: %d parts, %d folded", parts, folded)
	}
}
