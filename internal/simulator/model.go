package simulator

import (
	"fmt"
	"maps"
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

// Instance is a DDS DB instance, or a resource of another service, which shows as
// much of it as it has members for.
// See https://support.huaweicloud.com/eu/api-dds/dds_api_0077.html.
type Instance struct {
	ID                  string // of DDS: 32 hex digits and "in02"; InstanceID makes one
	Name                string
	Mode                string // Sharding, ReplicaSet or Single; "" is served as ReplicaSet
	Status              string // normal, abnormal, creating, frozen, data_disk_full, createfail, enlargefail; "" is served as normal
	EnterpriseProjectID string // "" is served as "0", the default project; by a filter call, as no sys_tags
	VPCID, SubnetID     string
	Created             time.Time // the list is sorted by it, newest first
	Tags                []Tag

	kind, region string // of what is served
}

// Workspace is a DataArts Fabric workspace. It has an ID, a name, an enterprise
// project and tags.
type Workspace = Instance

// PoolTag is a tag key and the union of its values: over all ModelArts resource
// pools of a project, or of the predefined tags of Fabric.
type PoolTag struct {
	Key    string
	Values []string
}

// Project is a project (one region of one account) with what it holds.
type Project struct {
	ID        string // 32 hex digits in practice
	Name      string // "": the region's name, as for the default project of a region
	Region    string
	Account   string // ID of the account that it belongs to; "" is none, and open to all
	Parent    string // ID of its region's project, if it is part of one; "" is the account
	Disabled  bool   // its calls answer 403
	Instances []Instance
	// Resources are those of further services, by their kind.
	Resources  map[string][]Instance
	Workspaces []Workspace // listed in this order
	PoolTags   []PoolTag   // listed in this order
	NoPools    bool        // the project has no resource pool at all, see Quirks.NoPoolsError
	// PredefinedTags are added to ListFabricProjectTags by use_predefine_tags=true.
	PredefinedTags []PoolTag
}

// InstanceID returns the n-th of a sequence of well-formed DDS instance IDs.
func InstanceID(n int) string { return fmt.Sprintf("%032xin02", n) }

func (p Project) clone() Project {
	p.Instances = cloneInstances(p.Instances)
	p.Resources = maps.Clone(p.Resources)
	for kind := range p.Resources {
		p.Resources[kind] = cloneInstances(p.Resources[kind])
	}
	p.Workspaces = cloneInstances(p.Workspaces)
	p.PoolTags = clonePoolTags(p.PoolTags)
	p.PredefinedTags = clonePoolTags(p.PredefinedTags)
	return p
}

func cloneInstances(instances []Instance) []Instance {
	instances = slices.Clone(instances)
	for i := range instances {
		instances[i].Tags = cloneTags(instances[i].Tags)
	}
	return instances
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
