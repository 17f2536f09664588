package simulator

import "slices"

// Truth is what a correct reader finds in one service of a project, counted by
// the simulator itself. An empty key is no tag, a key twice on one resource counts
// once with its first value, null is "", and invalid UTF-8 reads as U+FFFD, one
// for each byte, as JSON readers do it.
type Truth struct {
	// Resources and Untagged count resources; 0 for ModelArts, which names none.
	Resources, Untagged int
	// Tagged counts resources by key and value; empty for ModelArts.
	Tagged map[string]map[string]int
	// Values are the distinct values of each key in use, sorted.
	Values map[string][]string
}

// Keys returns how many distinct keys are in use.
func (t Truth) Keys() int { return len(t.Values) }

// TruthModelArts counts the tags of the project's resource pools. exclude tells
// which keys are no tags; nil excludes none.
func (c *Cloud) TruthModelArts(projectID string, exclude func(key string) bool) Truth {
	count := newTruthCount(exclude)
	p, _ := c.Project(projectID)
	for _, t := range p.PoolTags {
		key := readable(t.Key)
		if count.ignores(key) {
			continue
		}
		values := count.values[key] // a key without values is in use, too
		for _, v := range t.Values {
			values = append(values, readable(v))
		}
		count.values[key] = values
	}
	return count.truth()
}

// TruthDDS counts the project's DDS instances. exclude is as for TruthModelArts.
func (c *Cloud) TruthDDS(projectID string, exclude func(key string) bool) Truth {
	return c.Truth(projectID, kindDDS, exclude)
}

// TruthFabric counts the project's Fabric workspaces. exclude is as for
// TruthModelArts.
func (c *Cloud) TruthFabric(projectID string, exclude func(key string) bool) Truth {
	return c.Truth(projectID, kindFabric, exclude)
}

// Truth counts the project's resources of a kind, as in Project.Resources. exclude
// is as for TruthModelArts.
func (c *Cloud) Truth(projectID, kind string, exclude func(key string) bool) Truth {
	count := newTruthCount(exclude)
	if s := c.snapshot(projectID); s != nil {
		for _, r := range s.fleets[kind].list {
			count.add(r.Tags) // as served, with Quirks.SystemTags
		}
	}
	return count.truth()
}

// Project returns a copy of the project, and whether it exists.
func (c *Cloud) Project(id string) (Project, bool) {
	s := c.snapshot(id)
	if s == nil {
		return Project{}, false
	}
	return s.project.clone(), true
}

type truthCount struct {
	exclude             func(key string) bool
	resources, untagged int
	tagged              map[string]map[string]int
	values              map[string][]string
}

func newTruthCount(exclude func(key string) bool) *truthCount {
	return &truthCount{exclude: exclude, tagged: make(map[string]map[string]int), values: make(map[string][]string)}
}

func (c *truthCount) ignores(key string) bool {
	return key == "" || c.exclude != nil && c.exclude(key)
}

// add counts one resource.
func (c *truthCount) add(tags []Tag) {
	first := make(map[string]string)
	for _, t := range tags {
		key := readable(t.Key)
		if _, twice := first[key]; !twice && !c.ignores(key) {
			first[key] = readable(textOf(t.Value))
		}
	}
	c.resources++
	if len(first) == 0 {
		c.untagged++
	}
	for key, value := range first {
		if c.tagged[key] == nil {
			c.tagged[key] = make(map[string]int)
		}
		c.tagged[key][value]++
		c.values[key] = append(c.values[key], value)
	}
}

func (c *truthCount) truth() Truth {
	t := Truth{Resources: c.resources, Untagged: c.untagged, Tagged: c.tagged, Values: make(map[string][]string, len(c.values))}
	for key, values := range c.values {
		slices.Sort(values)
		t.Values[key] = slices.Compact(values)
	}
	return t
}

func readable(s string) string { return string([]rune(s)) }
