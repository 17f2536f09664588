package policy

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/inventory"
)

// of returns the resource as one of an enterprise project.
func of(r inventory.Resource, id, name string) inventory.Resource {
	r.Enterprise = &inventory.EnterpriseProject{ID: id, Name: name}
	return r
}

func TestResponsible(t *testing.T) {
	names := map[string]string{"e1": "research"}
	for _, test := range []struct {
		keys     string
		resource inventory.Resource
		want     string
	}{
		{"owner", resource("r", "owner", "ana"), "ana"},
		{"owner", resource("r", "env", "prod"), ""},
		{"owner", resource("r"), ""},
		{"owner", resource("r", "Owner", "ana"), ""},
		{"owner", resource("r", "owner", ""), ""},
		{"owner,负责人", resource("r", "负责人", "王", "owner", "ana"), "ana"},
		{"负责人,owner", resource("r", "owner", "ana", "负责人", "王"), "王"},
		{"owner,team", resource("r", "owner", "", "team", "db"), "db"},
		{"owner,enterprise_project", of(resource("r", "owner", "ana"), "e1", "R&D"), "ana"},
		{"enterprise_project,owner", of(resource("r", "owner", "ana"), "e1", "R&D"), "research"},
		{"enterprise_project,owner", resource("r", "owner", "ana"), "ana"},
		{"enterprise_project", of(resource("r"), "e2", "R&D"), "R&D"},
		{"enterprise_project", of(resource("r"), "e2", ""), "e2"},
		{"enterprise_project", of(resource("r"), "0", ""), "default"},
		{"enterprise_project", of(resource("r"), "0", "all"), "all"},
		{"enterprise_project", resource("r", "enterprise_project", "a tag"), ""},
		{"owner", of(resource("r"), "e1", ""), ""},
	} {
		p := mustNew(t, []Rule{{Key: "zone", Required: true}}).WithResponsible(strings.Split(test.keys, ","))
		scope := dds("shop")
		scope.EnterpriseProjects = names
		verdict := p.Evaluate(scope, named(test.resource), 1)
		untagged := 0
		if len(test.resource.Tags) == 0 {
			untagged = 1
		}
		want := []Party{{test.want, 1, untagged, 1}}
		if !reflect.DeepEqual(verdict.Parties, want) || verdict.Violations[0].Responsible != test.want {
			t.Errorf("%s of %v: %+v, %q; want %q", test.keys, test.resource, verdict.Parties, verdict.Violations[0].Responsible, test.want)
		}
	}
}

// TestNobodyAsked: without keys there are no parties; nor where the API names no resources.
func TestNobodyAsked(t *testing.T) {
	plain := mustNew(t, []Rule{{Key: "zone", Required: true}})
	if got := plain.Evaluate(dds("shop"), named(of(resource("r", "owner", "ana"), "e1", "")), 1); got.Parties != nil || got.Violations[0].Responsible != "" {
		t.Errorf("%+v", got)
	}
	asked := plain.WithResponsible([]string{"owner"})
	if got := asked.Evaluate(dds("shop"), unnamed(named(resource("r", "owner", "ana"))), 1); got.Parties != nil {
		t.Errorf("%+v", got)
	}
	if both, _, err := asked.With(Document{}); err != nil || !both.NamesResponsible() {
		t.Error("beside a policy in force, nobody is asked for")
	}
	if got := plain.Evaluate(dds("shop"), named(resource("r", "owner", "ana")), 1); got.Parties != nil {
		t.Error("the policy that another was made of has changed")
	}
}

// TestPartiesAddUp holds the parties of generated fleets to a slow count, whole and folded,
// and each violation to its resource.
func TestPartiesAddUp(t *testing.T) {
	keys := []string{"owner", EnterpriseProject, "team"}
	slow := func(r inventory.Resource) string {
		for _, key := range keys {
			for _, tag := range r.Tags {
				if tag.Key == key && tag.Value != "" {
					return tag.Value
				}
			}
			if key == EnterpriseProject && r.Enterprise != nil {
				return "named " + r.Enterprise.ID
			}
		}
		return ""
	}
	folded := 0
	for seed := range uint64(40) {
		w := newWorld(seed)
		_, _, p := w.policy(t)
		p = p.WithResponsible(keys)
		for _, scope := range allScopes()[:3] {
			inv := w.fleet(w.IntN(60))
			scope.EnterpriseProjects = map[string]string{}
			for i := range inv.Resources {
				inv.Resources[i].ID = fmt.Sprint(i)
				if id := fmt.Sprint(w.IntN(4)); id != "0" {
					inv.Resources[i].Enterprise = &inventory.EnterpriseProject{ID: id}
					scope.EnterpriseProjects[id] = "named " + id
				}
			}
			verdict := p.Evaluate(scope, inv, 1000)
			want := map[string]Party{}
			is := map[string]string{}
			broken := map[string]bool{}
			for _, v := range verdict.Violations {
				broken[v.ResourceID] = true
			}
			for _, r := range inv.Resources {
				name := slow(r)
				is[r.ID] = name
				party := want[name]
				party.Name = name
				party.Resources++
				if len(r.Tags) == 0 {
					party.Untagged++
				}
				if broken[r.ID] {
					party.Noncompliant++
				}
				want[name] = party
			}
			got := map[string]Party{}
			for _, party := range verdict.Parties {
				got[party.Name] = party
			}
			if !reflect.DeepEqual(got, want) || len(got) != len(verdict.Parties) {
				t.Fatalf("seed %d: got %v, want %v", seed, verdict.Parties, want)
			}
			for _, v := range verdict.Violations {
				if v.Responsible != is[v.ResourceID] {
					t.Fatalf("seed %d: %+v, want %s", seed, v, is[v.ResourceID])
				}
			}
			limit := 1 + w.IntN(6)
			few := FoldParties(verdict.Parties, limit)
			sum := Party{}
			for _, party := range few {
				sum.Resources += party.Resources
				sum.Untagged += party.Untagged
				sum.Noncompliant += party.Noncompliant
			}
			if len(few) > limit+1 || sum != (Party{"", len(inv.Resources), inv.Untagged(), verdict.Noncompliant}) {
				t.Fatalf("seed %d: %v of %v, limit %d", seed, few, verdict.Parties, limit)
			}
			if len(few) < len(verdict.Parties) {
				folded++
			}
		}
	}
	if folded < 20 {
		t.Errorf("only %d were folded", folded)
	}
}

func TestFoldParties(t *testing.T) {
	parties := []Party{{"", 1, 1, 1}, {inventory.Other, 9, 0, 2}, {"ana", 3, 0, 1}, {"bo", 2, 0, 2}}
	for limit, want := range map[int][]Party{
		1: {{"ana", 3, 0, 1}, {inventory.Other, 12, 1, 5}},
		3: {{"", 1, 1, 1}, {"ana", 3, 0, 1}, {"bo", 2, 0, 2}, {inventory.Other, 9, 0, 2}},
		4: parties,
	} {
		if got := FoldParties(parties, limit); !reflect.DeepEqual(got, want) {
			t.Errorf("limit %d: got %v, want %v", limit, got, want)
		}
	}
}
