package simulator

import (
	"reflect"
	"strings"
	"testing"
)

func TestTruth(t *testing.T) {
	c := New(Options{})
	data := testData()
	data.Instances[0].Tags = []Tag{T("env", "prod"), T("env", "dev"), T("", "x"), T("_sys_a", "1"), T("Env", "prod")}
	data.Instances[2].Tags = []Tag{T("_sys_a", "1"), T("", "")}
	data.Workspaces[1].Tags = []Tag{T("env", "prod"), T("a\xff\xff", "\xff")}
	data.PoolTags = append(data.PoolTags, PoolTag{Key: "owner", Values: []string{"b", "team-vision", ""}}, PoolTag{Key: "_sys_a"}, PoolTag{})
	c.SetProject(data)
	data.Instances[0].Tags[0] = T("changed", "") // the cloud has a copy
	noSystem := func(key string) bool { return strings.HasPrefix(key, "_sys_") }

	for name, test := range map[string]struct{ got, want Truth }{
		"dds": {c.TruthDDS(testProject, noSystem), Truth{
			Resources: 3, Untagged: 1,
			Tagged: map[string]map[string]int{"env": {"prod": 1}, "Env": {"prod": 1}, "legacy": {"": 1}, "temp": {"": 1}},
			Values: map[string][]string{"env": {"prod"}, "Env": {"prod"}, "legacy": {""}, "temp": {""}},
		}},
		"fabric": {c.TruthFabric(testProject, noSystem), Truth{
			Resources: 4,
			Tagged:    map[string]map[string]int{"env": {"prod": 2, "dev": 1}, "owner": {"lake": 1, "pond": 1}, "a��": {"�": 1}},
			Values:    map[string][]string{"env": {"dev", "prod"}, "owner": {"lake", "pond"}, "a��": {"�"}},
		}},
		"modelarts": {c.TruthModelArts(testProject, noSystem), Truth{
			Tagged: map[string]map[string]int{},
			Values: map[string][]string{"cost-center": {"cc-4410", "cc-4411"}, "env": nil, "owner": {"", "b", "team-vision"}},
		}},
		"nothing": {c.TruthDDS("other", nil), Truth{Tagged: map[string]map[string]int{}, Values: map[string][]string{}}},
	} {
		if !reflect.DeepEqual(test.got, test.want) {
			t.Errorf("%s: got %v\nwant %v", name, test.got, test.want)
		}
	}
	if got := c.TruthDDS(testProject, nil); got.Untagged != 0 || got.Keys() != 5 || got.Tagged["_sys_a"]["1"] != 2 {
		t.Errorf("without exclusion: %v", got)
	}
}

func TestTruthOfSystemTags(t *testing.T) {
	c := New(Options{Quirks: Quirks{SystemTags: true}})
	c.SetProject(testData())
	if n := c.TruthDDS(testProject, nil).Tagged["_sys_enterprise_project_id"]["0"]; n != 3 {
		t.Errorf("%d instances with the system tag", n)
	}
}

func TestProject(t *testing.T) {
	c := New(Options{})
	c.SetProject(testData())
	p, found := c.Project(testProject)
	if !found || !reflect.DeepEqual(p, testData()) {
		t.Errorf("got %+v", p)
	}
	*p.Instances[0].Tags[0].Value = "changed"
	p.PoolTags[0].Values[0] = "changed"
	p.Workspaces[0].Name = "changed"
	if again, _ := c.Project(testProject); !reflect.DeepEqual(again, testData()) {
		t.Error("the copy is not deep")
	}
	if _, found := c.Project("other"); found {
		t.Error("found a project that does not exist")
	}
}

// TestTruthAccount: parts by project, region and type in any case, without the
// deleted, and without a type that has no tags anywhere.
func TestTruthAccount(t *testing.T) {
	cloud := New(Options{})
	cloud.SetAccount(testAccountData())
	got := cloud.TruthAccount(testAccount, func(key string) bool { return key == `a"b` })
	want := map[AccountPart]Truth{
		{testProject, "cn-north-4", "ecs", "cloudservers"}: {
			Resources: 2, Tagged: map[string]map[string]int{"env": {"prod": 1, "": 1}}, Values: map[string][]string{"env": {"", "prod"}},
		},
		{"", globalRegion, "obs", "buckets"}: {
			Resources: 1, Untagged: 1, Unreadable: 1, Tagged: map[string]map[string]int{}, Values: map[string][]string{},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
	if got := cloud.TruthAccount("none", nil); len(got) != 0 {
		t.Errorf("of no account: %v", got)
	}
	a, _ := cloud.Account(testAccount)
	*a.Resources[0].Tags[0].Value = "changed"
	if b, _ := cloud.Account(testAccount); *b.Resources[0].Tags[0].Value != "prod" {
		t.Error("the copy is not deep")
	}
}
