package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"huaweicloud_tag_exporter/collector"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/policy"
)

// TestAccounts: projects with one name are told apart by their account, resources of no
// project are the account's alone, and two resources of different types stay two though
// they have one ID.
func TestAccounts(t *testing.T) {
	report := func(account, project, service, kind string, ids ...string) collector.Report {
		r := collector.Report{
			Part: inventory.Part{Account: account, Project: project, Service: service, ResourceType: kind}, Whole: true,
			Reach: inventory.All, Resources: len(ids),
		}
		for _, id := range ids {
			r.Verdict.Violations = append(r.Verdict.Violations, policy.Violation{ResourceID: id, Rule: "env", Key: "env", Reason: policy.Missing})
		}
		r.Verdict.Noncompliant = len(ids)
		r.Verdict.Counts = []policy.Count{{Rule: "env", Key: "env", Reason: policy.Missing, Resources: len(ids)}}
		return r
	}
	reports := []collector.Report{
		report("", "cn-north-4", "dds", "instance", "i0"),
		{Part: inventory.Part{Account: "acme", Service: "config"}},
		report("acme", "cn-north-4", "ecs", "cloudservers", "i1"),
		report("acme", "cn-north-4", "ecs", "volumes", "i1", "i2", "i2"),
		report("acme", "", "obs", "buckets", "b1"),
		{Part: inventory.Part{Account: "acme", Region: "cn-south-1", Service: "vpc", ResourceType: "vpcs"}, Err: errors.New("list vpc.vpcs in cn-south-1: HTTP 500")},
		report("beta", "cn-north-4", "ecs", "cloudservers"),
	}
	checkWritten(t, "table", reports, `ACCOUNT  PROJECT     SERVICE  RESOURCE  RULE  KEY  VALUE  REASON
acme     cn-north-4  ecs      i2        env   env         missing
acme     cn-north-4  ecs      i2        env   env         missing
         cn-north-4  dds      i0        env   env         missing
acme                 obs      b1        env   env         missing
acme     cn-north-4  ecs      i1        env   env         missing
acme     cn-north-4  ecs      i1        env   env         missing

cn-north-4: 1 resources, 1 noncompliant, 0 untagged, 0 unreadable, 1 violations
acme, beside its projects: 1 resources, 1 noncompliant, 0 untagged, 0 unreadable, 1 violations
  could not be read: vpc: list vpc.vpcs in cn-south-1: HTTP 500
acme/cn-north-4: 4 resources, 4 noncompliant, 0 untagged, 0 unreadable, 4 violations
beta/cn-north-4: 0 resources, 0 noncompliant, 0 untagged, 0 unreadable, 0 violations
`)
	checkWritten(t, "csv", reports[3:5], `account,project,region,service,resource_type,resource_id,resource_name,rule,key,value,reason,count,responsible,known
acme,cn-north-4,,ecs,volumes,i2,,env,env,,missing,1,,false
acme,cn-north-4,,ecs,volumes,i2,,env,env,,missing,1,,false
acme,,,obs,buckets,b1,,env,env,,missing,1,,false
acme,cn-north-4,,ecs,volumes,i1,,env,env,,missing,1,,false
`)
	var out bytes.Buffer
	if err := New(reports, nil).Write(&out, "json"); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Violations []struct{ Account, Project string }
		Projects   []struct{ Account, Project string }
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if v, p := got.Violations[3], got.Projects[1]; v != (struct{ Account, Project string }{"acme", ""}) || p != v {
		t.Errorf("%s", out.String())
	}
}
