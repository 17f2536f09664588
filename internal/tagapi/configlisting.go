package tagapi

import (
	"slices"
	"time"

	"huaweicloud_tag_exporter/internal/inventory"
)

// configListing is what was listed of a place, as a whole. It never changes.
type configListing struct {
	readAt   time.Time // begin of the read, or of the chain, that listed it or began to
	tagged   bool      // the tags of a resource were given, be it none
	projects []projectListing
}

// projectListing are the resources of a project.
type projectListing struct {
	id, name  string // of the project; "": of none
	resources []inventory.Resource
	untold    int // beside them: the ones whose tags were not given
}

func (l *configListing) isEmpty() bool { return l == nil || len(l.projects) == 0 }

// collected gathers the pages of a place.
type collected struct {
	begun         time.Time                    // of the read that began the list
	projects      map[string]*collectedProject // by ID
	live, deleted int
	names         []string // provider.type, in the list's own case
	tagged        bool
	circle        bool // the list did not end, but began anew
}

// collectedProject is that of a project. The same ID in two projects is two resources.
type collectedProject struct {
	projectListing
	met map[string]int // by ID, the place in resources; -1: not among them
}

func newCollected() *collected { return &collected{projects: make(map[string]*collectedProject)} }

func (c *collected) isEmpty() bool { return c.live+c.deleted == 0 }

// add takes a resource that a page lists, unless an earlier page did: pages may overlap
// where resources come and go.
func (c *collected) add(into *inventory.Reading, i *configResource) {
	project := c.projects[string(i.Project)]
	if project == nil {
		project = &collectedProject{met: make(map[string]int)}
		project.id = string(i.Project)
		c.projects[project.id] = project
	}
	id := string(i.ID)
	if _, met := project.met[id]; met {
		return
	}
	project.met[id] = -1
	if i.isDeleted() {
		c.deleted++
		return
	}
	c.live++
	project.name = max(project.name, string(i.ProjectName)) // any, but the same one each time
	if i.Tags == nil {
		project.untold++
		return
	}
	c.tagged = true
	project.met[id] = len(project.resources)
	project.resources = append(project.resources, inventory.Resource{
		ID: id, Name: string(i.Name), Tags: into.Clean(i.Tags),
		Enterprise: into.Enterprise(string(i.Enterprise), string(i.EnterpriseName)),
	})
}

// addsUp reports whether everything was listed that the summary counts. Whether it counts
// those that are deleted, too, is not documented.
func (c *collected) addsUp(count int) bool {
	if c.circle && count == 0 {
		return false
	}
	return c.live == count || c.live+c.deleted == count
}

// listing returns what was gathered. What has not changed since an old listing shares its
// memory, so that two of them beside each other take not much more than one.
func (c *collected) listing(old *configListing, readAt time.Time) *configListing {
	l := &configListing{readAt: readAt, tagged: c.tagged}
	for _, project := range c.projects {
		if len(project.resources) == 0 && project.untold == 0 {
			continue // all of them are deleted
		}
		if old != nil {
			project.share(old)
		}
		project.resources = slices.Clip(project.resources)
		l.projects = append(l.projects, project.projectListing)
	}
	return l
}

func (p *collectedProject) share(old *configListing) {
	for _, before := range old.projects {
		if before.id != p.id {
			continue
		}
		for _, resource := range before.resources {
			at, still := p.met[resource.ID]
			if still && at >= 0 && p.resources[at].Name == resource.Name && slices.Equal(p.resources[at].Tags, resource.Tags) {
				resource.Enterprise = p.resources[at].Enterprise // which is shared already
				p.resources[at] = resource
			}
		}
	}
}

// collect adds a page to what is gathered by place. What is not of the kind and region
// that were asked for is passed over; "" is any.
func collect(into *inventory.Reading, places map[place]*collected, page *resourcePage, asked place) {
	var at *collected // nil: passed over
	for n := range page.Resources {
		i := &page.Resources[n]
		if n == 0 || !i.isNextTo(&page.Resources[n-1]) {
			at = nil
			p := i.place()
			if (asked.kind == "" || p.kind == asked.kind) && (asked.region == "" || p.region == asked.region) {
				if places[p] == nil {
					places[p] = newCollected()
				}
				at = places[p]
				at.names = appendNew(at.names, i.kind())
			}
		}
		if at != nil {
			at.add(into, i)
		}
	}
}
