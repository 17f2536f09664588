package simulator

import (
	"slices"
	"strings"
)

// Truth is what a correct reader finds in one service of a project, counted by
// the simulator itself. An empty key is no tag, a key twice on one resource counts
// once with its first value, null is "", and invalid UTF-8 reads as U+FFFD, one
// for each byte, as JSON readers do it.
type Truth struct {
	// Resources and Untagged count resources; 0 for ModelArts, which names none.
	Resources, Untagged int
	// Unreadable counts resources of Config without an object of tags, of a type of
	// which others have one. They are in no other number.
	Unreadable int
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

// AccountPart is what one read of Config yields many of.
type AccountPart struct {
	Project        string // ID; "" for global resources
	Region         string
	Provider, Type string // in lower case
}

// TruthAccount counts the resources that Config has of an account, but deleted ones.
// A type of which none has an object of tags is left out. exclude is as for
// TruthModelArts.
func (c *Cloud) TruthAccount(accountID string, exclude func(key string) bool) map[AccountPart]Truth {
	a, _ := c.Account(accountID)
	living := slices.DeleteFunc(a.Resources, func(r AccountResource) bool { return r.State == stateDeleted })
	taggable := make(map[string]bool)
	for _, r := range living {
		if r.TagsMember == TagsObject {
			taggable[strings.ToLower(r.kind())] = true
		}
	}
	counts := make(map[AccountPart]*truthCount)
	for _, r := range living {
		if !taggable[strings.ToLower(r.kind())] {
			continue
		}
		part := AccountPart{r.Project, r.region(), strings.ToLower(r.Provider), strings.ToLower(r.Type)}
		if counts[part] == nil {
			counts[part] = newTruthCount(exclude)
		}
		if r.TagsMember == TagsObject {
			counts[part].add(r.Tags)
		} else {
			counts[part].unreadable++
		}
	}
	truths := make(map[AccountPart]Truth, len(counts))
	for part, count := range counts {
		truths[part] = count.truth()
	}
	return truths
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
	unreadable          int
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
	t := Truth{Resources: c.resources, Untagged: c.untagged, Unreadable: c.unreadable, Tagged: c.tagged, Values: make(map[string][]string, len(c.values))}
	for key, values := range c.values {
		slices.Sort(values)
		t.Values[key] = slices.Compact(values)
	}
	return t
}

func readable(s string) string { return string([]rune(s)) }
