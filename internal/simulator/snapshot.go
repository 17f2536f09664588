package simulator

import (
	"cmp"
	"fmt"
	"slices"
)

// snapshot is a project made ready to be served. It never changes, so requests
// read it without a lock.
type snapshot struct {
	project Project
	fleets  map[string]fleet // by kind
}

// fleet are the resources of a kind as they are served, in the order of lists.
type fleet struct {
	list []*Instance
	byID map[string]*Instance
}

const enterpriseTag = "_sys_enterprise_project_id"

// modes are those of resources that have none of their own.
var modes = map[string]string{
	kindDDS:      "ReplicaSet",
	"dcs:redis":  "Redis",
	"dms:kafkas": "kafka", "dms:rabbitmqs": "rabbitmq", "dms:rocketmqs": "rocketmq",
	"dcs:memcached":    "Memcached",
	"gaussdb:instance": "gaussdb-mysql", "gaussdb-opengauss:instances": "GaussDB",
	"ims:images": "private", "ims:public": "gold",
	"mrs:mrs": "running", "mrs:terminated": "terminated",
	"rds:instances": "MySQL",
}

func (c *Cloud) newSnapshot(p Project) *snapshot {
	s := &snapshot{project: p, fleets: make(map[string]fleet)}
	for kind, resources := range p.Resources {
		s.fleets[kind] = c.newFleet(kind, p.Region, resources)
	}
	s.fleets[kindFabric] = c.newFleet(kindFabric, p.Region, p.Workspaces)
	dds := c.newFleet(kindDDS, p.Region, p.Instances)
	slices.SortStableFunc(dds.list, func(a, b *Instance) int { return b.Created.Compare(a.Created) })
	s.fleets[kindDDS] = dds
	return s
}

func (c *Cloud) newFleet(kind, region string, resources []Instance) fleet {
	f := fleet{byID: make(map[string]*Instance)}
	for _, in := range resources {
		if kind == kindDDS && !ddsInstanceID.MatchString(in.ID) {
			panic(fmt.Sprintf("simulator: %s id %q does not look like %s", kind, in.ID, ddsInstanceID))
		}
		if f.byID[in.ID] != nil && kind != kindCreating { // which have no IDs yet
			panic(fmt.Sprintf("simulator: %s id %q is given twice", kind, in.ID))
		}
		in.kind, in.region, in.Mode = kind, region, cmp.Or(in.Mode, modes[kind])
		if c.quirks.SystemTags && kind != kindFabric { // which has members of their own for them
			in.Tags = append(slices.Clip(in.Tags), T(enterpriseTag, in.enterprise()))
		}
		f.byID[in.ID] = &in
		f.list = append(f.list, &in)
	}
	return f
}
