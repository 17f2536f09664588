package simulator

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Tag is a tag of a DDS instance or a Fabric workspace. Keys have up to 128
// characters, values up to 255; the simulator serves any, so that a reader can be
// tried with what must not happen. A nil Value is a JSON null.
type Tag struct {
	Key   string
	Value *string
}

// T returns a tag with a value.
func T(key, value string) Tag { return Tag{Key: key, Value: &value} }

// Instance is a DDS DB instance.
// See https://support.huaweicloud.com/eu/api-dds/dds_api_0077.html.
type Instance struct {
	ID                  string // 32 hex digits and "in02"; InstanceID makes one
	Name                string
	Mode                string // Sharding, ReplicaSet or Single; "" is served as ReplicaSet
	Status              string // normal, abnormal, creating, frozen, data_disk_full, createfail, enlargefail; "" is served as normal
	EnterpriseProjectID string // "" is served as "0", the default project
	VPCID, SubnetID     string
	Created             time.Time // the list is sorted by it, newest first
	Tags                []Tag
}

// Workspace is a DataArts Fabric workspace.
type Workspace struct {
	ID                  string
	Name                string
	EnterpriseProjectID string // "": no sys_tags
	Tags                []Tag
}

// PoolTag is a tag key and the union of its values: over all ModelArts resource
// pools of a project, or of the predefined tags of Fabric.
type PoolTag struct {
	Key    string
	Values []string
}

// Project is a project (one region of one account) with what it holds.
type Project struct {
	ID         string // 32 hex digits in practice
	Name       string // "": the region's name, as for the default project of a region
	Region     string
	Instances  []Instance
	Workspaces []Workspace // listed in this order
	PoolTags   []PoolTag   // listed in this order
	NoPools    bool        // the project has no resource pool at all, see Quirks.NoPoolsError
	// PredefinedTags are added to ListFabricProjectTags by use_predefine_tags=true.
	PredefinedTags []PoolTag
}

// InstanceID returns the n-th of a sequence of well-formed DDS instance IDs.
func InstanceID(n int) string { return fmt.Sprintf("%032xin02", n) }

func (p Project) clone() Project {
	p.Instances = slices.Clone(p.Instances)
	for i := range p.Instances {
		p.Instances[i].Tags = cloneTags(p.Instances[i].Tags)
	}
	p.Workspaces = slices.Clone(p.Workspaces)
	for i := range p.Workspaces {
		p.Workspaces[i].Tags = cloneTags(p.Workspaces[i].Tags)
	}
	p.PoolTags = clonePoolTags(p.PoolTags)
	p.PredefinedTags = clonePoolTags(p.PredefinedTags)
	return p
}

func cloneTags(tags []Tag) []Tag {
	tags = slices.Clone(tags)
	for i, t := range tags {
		if t.Value != nil {
			tags[i] = T(t.Key, *t.Value)
		}
	}
	return tags
}

func clonePoolTags(tags []PoolTag) []PoolTag {
	tags = slices.Clone(tags)
	for i := range tags {
		tags[i].Values = slices.Clone(tags[i].Values)
	}
	return tags
}

func (p Project) name() string {
	if p.Name == "" {
		return p.Region
	}
	return p.Name
}

// snapshot is a project made ready to be served. It never changes, so requests
// read it without a lock.
type snapshot struct {
	project    Project
	instances  []*servedInstance // newest creation first
	byID       map[string]*servedInstance
	workspaces []servedWorkspace
	poolItems  []PoolTag // as PoolTagShape and SplitPoolKeys list them
}

// servedInstance carries its JSON, since a scrape asks for each one's tags.
type servedInstance struct {
	Instance
	tagsBody []byte // the whole answer of ListInstanceTags
	listItem []byte // its item of ListInstances
}

type servedWorkspace struct {
	Workspace
	item []byte
}

var instanceIDForm = regexp.MustCompile(`^[0-9a-f]{32}in02$`)

func newSnapshot(p Project, q Quirks) *snapshot {
	s := &snapshot{
		project:   p,
		byID:      make(map[string]*servedInstance, len(p.Instances)),
		poolItems: poolItems(p.PoolTags, q),
	}
	for _, in := range p.Instances {
		if !instanceIDForm.MatchString(in.ID) {
			panic(fmt.Sprintf("simulator: dds instance id %q is not 32 hex digits and in02", in.ID))
		}
		if s.byID[in.ID] != nil {
			panic(fmt.Sprintf("simulator: dds instance id %q is given twice", in.ID))
		}
		served := serveInstance(in, p.Region, q)
		s.byID[in.ID] = served
		s.instances = append(s.instances, served)
	}
	slices.SortStableFunc(s.instances, func(a, b *servedInstance) int { return b.Created.Compare(a.Created) })
	seen := make(map[string]bool, len(p.Workspaces))
	for _, w := range p.Workspaces {
		if seen[w.ID] {
			panic(fmt.Sprintf("simulator: fabric workspace id %q is given twice", w.ID))
		}
		seen[w.ID] = true
		s.workspaces = append(s.workspaces, servedWorkspace{Workspace: w, item: appendWorkspace(nil, w, q)})
	}
	return s
}

func serveInstance(in Instance, region string, q Quirks) *servedInstance {
	in.Mode = cmp.Or(in.Mode, "ReplicaSet")
	in.Status = cmp.Or(in.Status, "normal")
	in.EnterpriseProjectID = cmp.Or(in.EnterpriseProjectID, "0")
	if q.SystemTags {
		in.Tags = append(slices.Clip(in.Tags), T("_sys_enterprise_project_id", in.EnterpriseProjectID))
	}
	body := closeObject(appendTags([]byte{'{'}, "tags", in.Tags, q))
	return &servedInstance{Instance: in, tagsBody: body, listItem: appendInstance(nil, in, region, q)}
}
