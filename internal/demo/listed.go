package demo

import (
	"fmt"

	"huaweicloud_tag_exporter/internal/simulator"
)

// group is some resources of one kind that are meant to be tagged alike. They are called
// name-01, name-02 and so on; one that is alone has the name itself.
type group struct {
	kind, name        string // the kind as in simulator.Project.Resources
	n                 int
	enterpriseProject string
	tags              string
}

// names are those of its resources.
func (g group) names() []string {
	if g.n == 1 {
		return []string{g.name}
	}
	var names []string
	for i := range g.n {
		names = append(names, fmt.Sprintf("%s-%02d", g.name, i+1))
	}
	return names
}

// listed returns what the project has of further services.
func (p project) listed(edits edits) map[string][]simulator.Instance {
	resources := make(map[string][]simulator.Instance)
	for _, g := range p.groups {
		for _, name := range g.names() {
			if tags, exists := edits.apply(name, g.tags); exists {
				resources[g.kind] = append(resources[g.kind], simulator.Instance{
					ID: uuid(p.name, name), Name: name, EnterpriseProjectID: g.enterpriseProject, Tags: tags,
				})
			}
		}
	}
	return resources
}
