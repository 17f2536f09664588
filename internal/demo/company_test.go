package demo

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

func TestTheCompanyIsOne(t *testing.T) {
	cloud := simulator.New(simulator.Options{})
	var last simulator.Account
	changes := 0
	for step := stepOf(testTime); step < stepOf(testTime)+hour; step++ {
		account, projects := companyAt(step)
		if step%7 == 0 {
			cloud.SetAccount(account) // panics where a resource is there twice
			for _, p := range projects {
				cloud.SetProject(p)
			}
		}
		if !reflect.DeepEqual(account, last) {
			changes++
		}
		last = account
	}
	if changes < hour/5 {
		t.Errorf("something changes in %d of %d steps", changes, hour)
	}

	kinds, regions, keys := make(map[string]bool), make(map[string]bool), make(map[string]bool)
	broken, noncompliant, untagged, untaggable := make(map[string]int), 0, 0, 0
	for _, r := range last.Resources {
		kinds[r.Provider+"."+r.Type], regions[r.Region] = true, true
		checkTags(t, r.Name, r.Tags)
		for _, tag := range r.Tags {
			keys[tag.Key] = true
			if tag.Value == nil {
				t.Errorf("%s has a null, which Config has not", r.Name)
			}
		}
		if r.TagsMember == simulator.Absent {
			untaggable++
			continue
		}
		reasons := brokenBy(r.Provider, r.Tags)
		for _, reason := range reasons {
			broken[reason]++
		}
		if len(reasons) > 0 {
			noncompliant++
		}
		if len(r.Tags) == 0 {
			untagged++
		}
	}
	t.Logf("%d resources of %d types in %d places, %d noncompliant, %d untagged: %v", len(last.Resources), len(kinds), len(regions), noncompliant, untagged, broken)
	if n := len(last.Resources); n < 580 || n > 620 || len(kinds) < 24 || len(kinds) > 30 || len(regions) != 5 || !regions[""] || untaggable == 0 {
		t.Errorf("%d resources of %d types in regions %v", n, len(kinds), regions)
	}
	if noncompliant < 70 || noncompliant > 140 || untagged < 5 {
		t.Errorf("%d are noncompliant, %d untagged", noncompliant, untagged)
	}
	for _, reason := range []string{"owner missing", "owner key_case", "env missing", "env value", "cost-center value", "temp forbidden", "BusinessUnit key_case", "DataClass value"} {
		if broken[reason] == 0 {
			t.Errorf("nothing breaks %s", reason)
		}
	}
	for _, key := range []string{"Länder", "部门", "Kostenstelle", "CostCenter", "成本中心", "Env"} {
		if !keys[key] {
			t.Errorf("nobody uses the key %s", key)
		}
	}
}

// TestConfigHasTheDatabases: an instance is the same in Config and in DDS, and has a
// project that IAM lists.
func TestConfigHasTheDatabases(t *testing.T) {
	account, projects := companyAt(stepOf(testTime))
	own := make(map[string]string)
	names := make(map[string]string)
	for _, p := range projects {
		names[p.ID] = p.Name
		for _, in := range p.Instances {
			own[in.ID] = fmt.Sprint(p.ID, in.Name, tagged(in.Tags))
		}
	}
	listed := make(map[string]string)
	for _, r := range account.Resources {
		if r.Provider+"."+r.Type == ddsKind {
			listed[r.ID] = fmt.Sprint(r.Project, r.Name, tagged(r.Tags))
		}
		if r.Region != "" && (names[r.Project] != r.ProjectName || !strings.HasPrefix(r.ProjectName, r.Region)) {
			t.Errorf("%s is in %s, project %s %q", r.Name, r.Region, r.Project, r.ProjectName)
		}
	}
	if !reflect.DeepEqual(own, listed) || len(own) < 10 {
		t.Errorf("DDS has %d\n%v\nConfig has %d\n%v", len(own), own, len(listed), listed)
	}
}

func tagged(tags []simulator.Tag) (words []string) {
	for _, tag := range tags {
		words = append(words, tag.Key+"="+*tag.Value)
	}
	return words
}

// TestTheAccountsKey opens what the account has, and no other's projects.
func TestTheAccountsKey(t *testing.T) {
	d, turn := startAt(t, testTime)
	var answer struct {
		Projects []struct{ ID, Name string }
	}
	getWith(t, d, d.cloud.IssueAccountToken(minghuiID, time.Hour), "/v3/auth/projects", &answer)
	var names []string
	for _, p := range answer.Projects {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	if want := []string{"MOS", "ap-southeast-1", "cn-east-3", "cn-north-4", "cn-north-4_erp", "cn-south-1"}; !slices.Equal(names, want) {
		t.Errorf("projects %q, want %q", names, want)
	}
	count := func() int {
		var summary []struct {
			Types []struct{ Regions []struct{ Count int } }
		}
		getWith(t, d, d.cloud.IssueAccountToken(minghuiID, time.Hour), "/v1/resource-manager/domains/"+minghuiID+"/all-resources/summary", &summary)
		n := 0
		for _, provider := range summary {
			for _, kind := range provider.Types {
				for _, region := range kind.Regions {
					n += region.Count
				}
			}
		}
		return n
	}
	before := count()
	turn(testTime.Add(5 * stepLength)) // a server is scaled out by then
	if after := count(); after != before+1 {
		t.Errorf("the summary counts %d, then %d; want one more", before, after)
	}
}
