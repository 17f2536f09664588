package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// project is a table of what a project holds while nothing drifts. Names are
// unique in it, since changes go by them.
type project struct {
	id, name, region string
	groups           []group
}

// group is some resources of one kind that are meant to be tagged alike. They are called
// name-01, name-02 and so on; one that is alone has the name itself.
type group struct {
	kind, name        string // the kind as policies name it, such as ecs:cloudservers
	n                 int
	enterpriseProject string
	tags              string // "key=value key= key": a value, an empty one, null
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

// The enterprise projects.
const (
	epDefault  = "0"
	epRetail   = "3d1f8a52-6c0b-4e9e-9a47-52b0c7d1e610"
	epPayments = "a94be0c7-18d3-47f2-b1c5-7f03d9e2645b"
	epData     = "6e27c4f1-9b50-4a1d-8f3e-c10d84b7a932"
)

// enterpriseProjectNames are what the company calls them, by ID.
func enterpriseProjectNames() map[string]string {
	return map[string]string{epRetail: "retail", epPayments: "payments", epData: "data-platform"}
}

func enterpriseProjects() (all []simulator.EnterpriseProject) {
	for _, id := range []string{epRetail, epPayments, epData} {
		all = append(all, simulator.EnterpriseProject{ID: id, Name: enterpriseProjectNames()[id], Created: createdAt(id), Updated: createdAt(id)})
	}
	return all
}

func projects() []project {
	return []project{
		{shopProdID, "shop-prod", "cn-north-4", shopProd()},
		{shopStagingID, "shop-staging", "cn-north-4", shopStaging()},
		{lakeAnalyticsID, "lake-analytics", "cn-southwest-2", lakeAnalytics()},
	}
}

// fleetAt returns all projects as they are in a step.
func fleetAt(step int64) []simulator.Project {
	var fleet []simulator.Project
	for _, p := range projects() {
		fleet = append(fleet, p.at(step))
	}
	return fleet
}

func (p project) at(step int64) simulator.Project {
	edits := editsAt(p.name, step)
	s := simulator.Project{ID: p.id, Name: p.region + "_" + p.name, Region: p.region, Resources: make(map[string][]simulator.Instance)}
	for _, g := range p.groups {
		for _, name := range g.names() {
			tags, exists := edits.apply(name, g.tags)
			if !exists {
				continue
			}
			r := simulator.Instance{ID: uuid(p.name, name), Name: name, EnterpriseProjectID: g.enterpriseProject, Tags: tags}
			switch g.kind {
			case "dds:instance":
				r.ID, r.Created = instanceID(p.name, name), createdAt(p.name, name)
				s.Instances = append(s.Instances, r)
			case "modelarts:pool":
				s.PoolTags = addPoolTags(s.PoolTags, tags)
			case "fabric:workspace":
				s.Workspaces = append(s.Workspaces, r)
			default:
				s.Resources[g.kind] = append(s.Resources[g.kind], r)
			}
		}
	}
	return s
}

// addPoolTags adds a pool's tags to those of others: their API tells all keys with all
// values, and no pool.
func addPoolTags(all []simulator.PoolTag, tags []simulator.Tag) []simulator.PoolTag {
	for _, tag := range tags {
		i := slices.IndexFunc(all, func(t simulator.PoolTag) bool { return t.Key == tag.Key })
		if i < 0 {
			i = len(all)
			all = append(all, simulator.PoolTag{Key: tag.Key})
		}
		if tag.Value != nil && !slices.Contains(all[i].Values, *tag.Value) {
			all[i].Values = append(all[i].Values, *tag.Value)
		}
	}
	return all
}

// createdAt is when something was created: as if by chance, but always the same.
func createdAt(names ...string) time.Time {
	chance := dice{hash(names...)}
	return time.Date(2024, time.January, 1+chance.roll()%800, 0, chance.roll()%(24*60), 0, 0, time.UTC)
}

// hash makes 64 hex digits of names.
func hash(names ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(names, "/")))
	return hex.EncodeToString(sum[:])
}

// instanceID has the form of a DDS instance's.
func instanceID(names ...string) string { return hash(names...)[:32] + "in02" }

func uuid(names ...string) string {
	h := hash(names...)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:32]
}

// parseTags reads the form that the tables use.
func parseTags(text string) []simulator.Tag {
	var tags []simulator.Tag
	for word := range strings.FieldsSeq(text) {
		tags = append(tags, parseTag(word))
	}
	return tags
}

func parseTag(word string) simulator.Tag {
	key, value, hasValue := strings.Cut(word, "=")
	if !hasValue {
		return simulator.Tag{Key: key}
	}
	return simulator.T(key, value)
}
