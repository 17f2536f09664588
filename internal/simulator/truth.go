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
	truth := newTruth()
	p, _ := c.Project(projectID)
	for _, t := range p.PoolTags {
		key := readable(t.Key)
		if !isTag(key, exclude) {
			continue
		}
		values := truth.Values[key] // a key without values is in use, too
		for _, v := range t.Values {
			values = append(values, readable(v))
		}
		truth.Values[key] = values
	}
	return truth.whole()
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
	truth := newTruth()
	if s := c.snapshot(projectID); s != nil {
		for _, r := range s.fleets[kind].list {
			truth.add(r.Tags, exclude) // as served, with Quirks.SystemTags
		}
	}
	return truth.whole()
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
		if r.TagsMember == Documented {
			taggable[strings.ToLower(r.kind())] = true
		}
	}
	counts := make(map[AccountPart]*Truth)
	for _, r := range living {
		if !taggable[strings.ToLower(r.kind())] {
			continue
		}
		part := AccountPart{r.Project, r.region(), strings.ToLower(r.Provider), strings.ToLower(r.Type)}
		if counts[part] == nil {
			counts[part] = newTruth()
		}
		if r.TagsMember == Documented {
			counts[part].add(r.Tags, exclude)
		} else {
			counts[part].Unreadable++
		}
	}
	truths := make(map[AccountPart]Truth, len(counts))
	for part, count := range counts {
		truths[part] = count.whole()
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

func newTruth() *Truth {
	return &Truth{Tagged: make(map[string]map[string]int), Values: make(map[string][]string)}
}

func isTag(key string, exclude func(key string) bool) bool {
	return key != "" && (exclude == nil || !exclude(key))
}

// add counts one resource.
func (t *Truth) add(tags []Tag, exclude func(key string) bool) {
	first := make(map[string]string)
	for _, tag := range tags {
		key := readable(tag.Key)
		if _, twice := first[key]; !twice && isTag(key, exclude) {
			first[key] = readable(textOf(tag.Value))
		}
	}
	t.Resources++
	if len(first) == 0 {
		t.Untagged++
	}
	for key, value := range first {
		if t.Tagged[key] == nil {
			t.Tagged[key] = make(map[string]int)
		}
		t.Tagged[key][value]++
		t.Values[key] = append(t.Values[key], value)
	}
}

// whole is the truth once all is counted.
func (t *Truth) whole() Truth {
	for key, values := range t.Values {
		slices.Sort(values)
		t.Values[key] = slices.Compact(values)
	}
	return *t
}

func readable(s string) string { return string([]rune(s)) }
