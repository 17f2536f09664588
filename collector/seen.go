package collector

import (
	"maps"
	"sync"
	"time"

	"huaweicloud_tag_exporter/internal/inventory"
)

// seenParts are those that earlier reads of a target had. A read that fails may not
// get as far as to name them, and then they have failed, too: were they absent, nobody
// could tell a failure from resources that are gone.
type seenParts struct {
	mu    sync.Mutex
	parts map[inventory.Part]seen // by all but what is a hint
}

type seen struct {
	part inventory.Part
	at   time.Time // when it was read last
}

// seenFor is how long a part counts as failed that no read names any more.
const seenFor = 24 * time.Hour

// withoutHint returns a part without the name that is only a hint: an account's source has
// the ID of the project.
func withoutHint(p inventory.Part) inventory.Part {
	if p.ProjectID != "" {
		p.Project = ""
	}
	return p
}

// complete returns the parts of a read, and those that are missing because of an error,
// of the whole read or of what may be in any project of a region. A read without one says
// what there is.
func (s *seenParts) complete(parts []part, err error) []part {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	missing := maps.Clone(s.parts)
	failed := make(map[inventory.Part]error)
	if s.parts == nil {
		s.parts = make(map[inventory.Part]seen)
	}
	for _, p := range parts {
		if p.AnyProject {
			failed[p.Part] = p.Err
			continue
		}
		s.parts[withoutHint(p.Part)] = seen{p.Part, now}
		delete(missing, withoutHint(p.Part))
	}
	for key, old := range missing {
		why, concerned := failed[inventory.Part{Account: key.Account, Region: key.Region, Service: key.Service, ResourceType: key.ResourceType}]
		if err == nil && !concerned || now.Sub(old.at) > seenFor {
			delete(s.parts, key)
			continue
		}
		if !concerned {
			why = err
		}
		parts = append(parts, part{Inventory: inventory.Inventory{Part: old.part, Err: why}})
	}
	return parts
}
