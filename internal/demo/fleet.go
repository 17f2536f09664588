package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// project is a table of what a project holds while nothing drifts. Names are
// unique in it, since changes go by them.
type project struct {
	id, name, region string
	instances        []instance
	workspaces       []workspace
	pools            []poolKey
	groups           []group
}

// Tags are written "key=value key= key": a value, an empty one, null.

type instance struct{ name, mode, enterpriseProject, tags string }

type workspace struct{ name, enterpriseProject, tags string }

// poolKey is a tag key of the resource pools and its values, between spaces.
type poolKey struct{ key, values string }

// The modes of a DDS instance.
const (
	sharding   = "Sharding"
	replicaSet = "ReplicaSet"
	single     = "Single"
)

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
	for i, id := range []string{epRetail, epPayments, epData} {
		all = append(all, simulator.EnterpriseProject{ID: id, Name: enterpriseProjectNames()[id], Created: createdAt(i), Updated: createdAt(i)})
	}
	return all
}

func projects() []project {
	return []project{shopProd(), shopStaging(), lakeAnalytics()}
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
	s := simulator.Project{ID: p.id, Name: p.region + "_" + p.name, Region: p.region}
	for i, row := range p.instances {
		tags, exists := edits.apply(row.name, row.tags)
		if !exists {
			continue
		}
		s.Instances = append(s.Instances, simulator.Instance{
			ID:                  hash(p.name, row.name)[:32] + "in02",
			Name:                row.name,
			Mode:                row.mode,
			EnterpriseProjectID: row.enterpriseProject,
			VPCID:               uuid(p.name, "vpc"),
			SubnetID:            uuid(p.name, "subnet"),
			Created:             createdAt(i),
			Tags:                tags,
		})
	}
	for _, row := range p.workspaces {
		if tags, exists := edits.apply(row.name, row.tags); exists {
			s.Workspaces = append(s.Workspaces, simulator.Workspace{
				ID: uuid(p.name, row.name), Name: row.name, EnterpriseProjectID: row.enterpriseProject, Tags: tags,
			})
		}
	}
	s.PoolTags = edits.poolTags(p.pools)
	s.Resources = p.listed(edits)
	return s
}

// createdAt is when the n-th instance of a table was created.
func createdAt(n int) time.Time {
	return time.Date(2024, time.March, 4+9*n, 9, 7*n, 0, 0, time.UTC)
}

// hash makes 64 hex digits of names.
func hash(names ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(names, "/")))
	return hex.EncodeToString(sum[:])
}

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
