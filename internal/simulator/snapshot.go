package simulator

import (
	"fmt"
	"slices"
)

// snapshot is a project made ready to be served. It never changes, so requests
// read it without a lock.
type snapshot struct {
	project   Project
	fleets    map[string]fleet // by the kind of their service
	poolItems []PoolTag        // as PoolTagShape and SplitPoolKeys list them
}

// fleet is what a service has in a project, in the order of its lists.
type fleet struct {
	list []*served
	byID map[string]*served
}

// served is a resource with its JSON, since a scrape asks for each one's tags.
type served struct {
	Instance
	tagsBody []byte // the whole answer of listTags
	listItem []byte // its item in lists
}

func (c *Cloud) newSnapshot(p Project) *snapshot {
	s := &snapshot{project: p, fleets: make(map[string]fleet), poolItems: poolItems(p.PoolTags, c.quirks)}
	for _, service := range c.services {
		s.fleets[service.kind] = service.fleet(p, c.quirks)
	}
	return s
}

func (s *service) fleet(p Project, q Quirks) fleet {
	f := fleet{byID: make(map[string]*served)}
	item := s.item
	if item == nil {
		item = appendResource
	}
	for _, in := range p.resources(s.kind) {
		if s.idForm != nil && !s.idForm.MatchString(in.ID) {
			panic(fmt.Sprintf("simulator: %s id %q does not look like %s", s.kind, in.ID, s.idForm))
		}
		if f.byID[in.ID] != nil {
			panic(fmt.Sprintf("simulator: %s id %q is given twice", s.kind, in.ID))
		}
		if s.prepare != nil {
			in = s.prepare(in, q)
		}
		r := &served{
			Instance: in,
			tagsBody: closeObject(appendTags([]byte{'{'}, "tags", in.Tags, q)),
			listItem: closeObject(item([]byte{'{'}, in, p.Region, q)),
		}
		f.byID[in.ID] = r
		f.list = append(f.list, r)
	}
	if s.newestFirst {
		slices.SortStableFunc(f.list, func(a, b *served) int { return b.Created.Compare(a.Created) })
	}
	return f
}

// resources are those of a kind.
func (p Project) resources(kind string) []Instance {
	switch kind {
	case kindDDS:
		return p.Instances
	case kindFabric:
		return p.Workspaces
	default:
		return p.Resources[kind]
	}
}

// attribute is what a parameter of a list compares.
func (r *served) attribute(parameter string) string {
	value, known := map[string]string{
		"id": r.ID, "mode": r.Mode, "vpc_id": r.VPCID, "subnet_id": r.SubnetID,
		"datastore_type": ddsCommunity, // as all instances are
	}[parameter]
	if !known {
		panic(fmt.Sprintf("simulator: no resource has an attribute %q", parameter))
	}
	return value
}

// appendResource appends what items have that filter calls list.
func appendResource(b []byte, in Instance, _ string, q Quirks) []byte {
	b = appendTextMember(b, "resource_id", in.ID)
	detail := "{}"
	if q.NullDetail {
		detail = "null"
	}
	b = append(appendMember(b, "resource_detail"), detail...)
	b = appendTextMember(b, "resource_name", in.Name)
	b = appendTags(b, "tags", in.Tags, q)
	var system []Tag
	if in.EnterpriseProjectID != "" {
		system = []Tag{T("_sys_enterprise_project_id", in.EnterpriseProjectID)}
	}
	return appendTags(b, "sys_tags", system, q)
}
