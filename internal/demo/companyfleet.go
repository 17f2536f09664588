package demo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huaweicloud_tag_exporter/internal/simulator"
)

// companyAt returns the account and its projects as they are in a step.
func companyAt(step int64) (simulator.Account, []simulator.Project) {
	a := simulator.Account{ID: minghuiID, Name: minghuiName, EffectivePolicy: policyAt(step), EnterpriseProjects: enterpriseProjects()}
	edits := editsAt(minghuiName, step)
	for order, k := range kinds() {
		for i := range k.n {
			if r, exists := k.resource(i, order, edits); exists {
				a.Resources = append(a.Resources, r)
			}
		}
	}
	var projects []simulator.Project
	for _, p := range companyProjects() {
		s := p.at(step)
		s.ID, s.Name, s.Account = companyProjectID(p.name), p.name, minghuiID
		if region, _, part := strings.Cut(p.name, "_"); part {
			s.Parent = companyProjectID(region)
		}
		s.Instances = databases(a.Resources, s.ID)
		projects = append(projects, s)
	}
	return a, projects
}

func companyProjectID(name string) string { return hash(minghuiName, name)[:32] }

// resource is the n-th of its kind. Whose it is, and how it is tagged, follows from
// a hash of its kind and number, as if it were chance, but is always the same.
func (k kind) resource(n, order int, edits edits) (simulator.AccountResource, bool) {
	chance := dice{hash(minghuiName, k.name, strconv.Itoa(n))}
	t := k.team(chance.roll())
	name := fmt.Sprintf("%s-%s-%02d", t.name, k.short, n+1)
	env := []string{"prod", "prod", "prod", "staging", "dev"}[chance.roll()%5]
	meant := fmt.Sprintf("owner=%s env=%s cost-center=CC-%s %s", t.owner, env, t.costCenter, t.tags)
	if careless, habit := chance.roll()%100 >= k.care, chance.roll()%len(habits()); careless {
		words := strings.NewReplacer("{cc}", t.costCenter, "{owner}", t.owner, "{team}", t.name).Replace(habits()[habit])
		edits = append([]change{{resource: name, edits: words}}, edits...)
	}
	tags, exists := edits.apply(name, meant)
	provider, kindName, _ := strings.Cut(k.name, ".")
	r := simulator.AccountResource{
		ID: uuid(minghuiName, name), Name: name, Provider: provider, Type: kindName, Tags: tags,
		EnterpriseProjectID: t.enterpriseProject, EnterpriseProject: enterpriseProjectNames()[t.enterpriseProject],
		Created: createdAt(minghuiName, name).Format([]string{"2006-01-02T15:04:05Z", "2006-01-02T15:04:05.000Z", "2006-01-02T15:04Z"}[order%3]),
	}
	if !k.global {
		r.Region, _, _ = strings.Cut(t.project, "_")
		r.Project, r.ProjectName = companyProjectID(t.project), t.project
	}
	if k.care == 0 {
		r.TagsMember = simulator.Absent
	}
	if k.name == ddsKind {
		r.ID = instanceID(minghuiName, name)
	}
	return r, exists
}

// databases are the DDS instances of a project, which Config lists too.
func databases(resources []simulator.AccountResource, project string) []simulator.Instance {
	var instances []simulator.Instance
	for _, r := range resources {
		if r.Provider+"."+r.Type == ddsKind && r.Project == project {
			instances = append(instances, simulator.Instance{
				ID: r.ID, Name: r.Name, EnterpriseProjectID: r.EnterpriseProjectID, Tags: r.Tags, Created: createdAt(minghuiName, r.Name),
			})
		}
	}
	return instances
}

// team returns one of those that have such resources, by its share.
func (k kind) team(n int) team {
	var all []team
	for _, t := range teams() {
		if k.teams == "" || slices.Contains(strings.Fields(k.teams), t.name) {
			all = append(all, slices.Repeat([]team{t}, t.share)...)
		}
	}
	return all[n%len(all)]
}

// dice are hex digits that are used up, four at a time.
type dice struct{ digits string }

func (d *dice) roll() int {
	n, err := strconv.ParseUint(d.digits[:4], 16, 64)
	if err != nil {
		panic(err) // a hash has nothing else
	}
	d.digits = d.digits[4:]
	return int(n)
}
