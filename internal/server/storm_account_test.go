package server

import (
	"fmt"
	"strings"

	"huaweicloud_tag_exporter/internal/simulator"
)

// stormAccount is what the account has that the storm passes over: how many resources, by
// the labels of their part. It never changes.
var stormAccount = map[string]float64{
	`account="acme",cloud_service="ecs",project="cn-north-4",region="cn-north-4",resource_type="cloudservers"`: 450,
	`account="acme",cloud_service="ecs",project="cn-north-4",region="cn-north-4",resource_type="volumes"`:      30,
	`account="acme",cloud_service="obs",region="global",resource_type="buckets"`:                               7,
	`account="acme",cloud_service="dds",project="cn-north-4",region="cn-north-4",resource_type="instance"`:     5,
}

// addAccount adds the account. Of its DDS instances Config knows fewer than there are.
func (s *storm) addAccount() {
	account := simulator.Account{ID: "acme-id", Name: "acme"}
	for kind, n := range map[string]int{"ecs.cloudServers": 450, "ecs.volumes": 30, "obs.buckets": 7, "dds.instances": 3} {
		provider, name, _ := strings.Cut(kind, ".")
		for i := range n {
			r := simulator.AccountResource{ID: fmt.Sprint(name, i), Provider: provider, Type: name, Tags: []simulator.Tag{simulator.T("env", "prod")}}
			if provider != "obs" {
				r.Region, r.Project, r.ProjectName = "cn-north-4", "p3", "cn-north-4"
			}
			account.Resources = append(account.Resources, r)
		}
	}
	s.cloud.SetAccount(account)
	s.cloud.AddAccessKey(simulator.AccessKey{AK: testAK + "ACME", SK: testSK, Account: account.ID})
	project := simulator.Project{ID: "p3", Region: "cn-north-4", Account: account.ID}
	for i := range 5 {
		project.Instances = append(project.Instances, simulator.Instance{ID: simulator.InstanceID(i)})
	}
	s.cloud.SetProject(project)
}

// judgeAccount: what is shown of the account is all of it, nothing else is, and what has
// success is shown.
func (s *storm) judgeAccount(name string, values map[string]float64) {
	for series, n := range values {
		metric, labels, _ := strings.Cut(strings.TrimSuffix(series, "}"), "{")
		if metric != "huaweicloud_tag_resources" || label(series, "account") == "" {
			continue
		}
		if n += values["huaweicloud_tag_unreadable_resources{"+labels+"}"]; n != stormAccount[labels] {
			s.Errorf("%s: %s has %v resources, want %v", name, labels, n, stormAccount[labels])
		}
	}
	for labels := range stormAccount {
		service, _, _ := strings.Cut(labels, ",resource_type=")
		if _, shown := values["huaweicloud_tag_resources{"+labels+"}"]; !shown && values["huaweicloud_tag_collector_success{"+service+"}"] == 1 {
			s.Errorf("%s: %s has success and is not shown", name, labels)
		}
	}
}
