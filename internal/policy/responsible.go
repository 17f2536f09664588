package policy

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"huaweicloud_tag_exporter/internal/inventory"
)

// EnterpriseProject stands in the place of a tag key for the enterprise project that a
// resource belongs to.
const EnterpriseProject = "enterprise_project"

// Party are the resources that one is responsible for, who is known by the name that tags
// or enterprise projects have; "": nobody is named.
type Party struct {
	Name         string
	Resources    int
	Untagged     int // of those
	Noncompliant int // likewise
}

// WithResponsible returns the policy that also says who has to mend what it finds: the
// value of the first of the keys that a resource carries, be it EnterpriseProject. A value
// that is empty names nobody, so the next key is looked at.
func (p *Policy) WithResponsible(keys []string) *Policy {
	made := *p
	made.responsible = keys
	return &made
}

// NamesResponsible reports whether the policy says who has to mend what it finds.
func (p *Policy) NamesResponsible() bool { return p != nil && len(p.responsible) > 0 }

// never is the turn of what names nobody.
const never = math.MaxInt32

// turnOf returns when a key has its turn to name who is responsible.
func (j *judge) turnOf(key string) int {
	if turn := slices.Index(j.responsible, key); turn >= 0 && key != EnterpriseProject {
		return turn
	}
	return never
}

// nameParty returns who is responsible for a resource, of which look has found who is
// named by a tag, and whose turn that is.
func (j *judge) nameParty(named string, turn int, enterprise *inventory.EnterpriseProject) string {
	if j.enterprise >= turn || enterprise == nil {
		return named
	}
	name := cmp.Or(j.enterprises[enterprise.ID], enterprise.Name)
	if name == "" && enterprise.ID == "0" {
		return "default" // that is what it is called in every account
	}
	return cmp.Or(name, enterprise.ID)
}

// countParty counts a resource for who is responsible for it.
func (j *judge) countParty(name string, resource *inventory.Resource, bad bool) {
	party := j.parties[name]
	if party == nil {
		party = &Party{Name: name}
		j.parties[name] = party
	}
	party.Resources++
	if len(resource.Tags) == 0 {
		party.Untagged++
	}
	if bad {
		party.Noncompliant++
	}
}

// sumParties returns the parties by their names; none if the policy names nobody.
func (j *judge) sumParties() []Party {
	var parties []Party
	for _, party := range j.parties {
		parties = append(parties, *party)
	}
	slices.SortFunc(parties, func(a, b Party) int { return strings.Compare(a.Name, b.Name) })
	return parties
}

// FoldParties returns at most limit of the parties, those with most resources, and puts the
// rest together into the name inventory.Other, as Key.Fold does with values.
func FoldParties(parties []Party, limit int) []Party {
	names := inventory.Key{}
	for _, party := range parties {
		names.Values = append(names.Values, inventory.Value{Value: party.Name, Resources: party.Resources})
	}
	kept, folded := names.Fold(limit)
	if folded == 0 {
		return parties
	}
	shown := make(map[string]bool)
	for _, name := range kept[:limit] {
		shown[name.Value] = true
	}
	var made []Party
	other := Party{Name: inventory.Other}
	for _, party := range parties {
		if shown[party.Name] {
			made = append(made, party)
			continue
		}
		other.Resources += party.Resources
		other.Untagged += party.Untagged
		other.Noncompliant += party.Noncompliant
	}
	return append(made, other)
}
