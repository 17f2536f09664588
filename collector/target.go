package collector

import (
	"maps"
	"regexp"
	"sync"
	"time"

	"github.com/go-kit/log"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/tagapi"
)

// target is one service of one project.
type target struct {
	project config.Project
	config  config.Service
	source  tagapi.Source
	exclude *regexp.Regexp
	service *huaweicloud.Service
	series  *apiSeries
	iam     *apiSeries // nil: the credential needs no IAM
	logger  log.Logger

	reader  tagapi.Reader
	journal *journal   // taken over by the next configuration
	last    *lastRead  // likewise
	seen    *seenParts // likewise

	mu      sync.Mutex
	current *flight
}

// part is what the target reads; without a resource type if it reads many parts.
func (t *target) part() inventory.Part {
	return inventory.Part{
		Account: t.project.Account, Project: t.project.Name, Region: t.project.Region,
		Service: t.source.Service, ResourceType: t.source.ResourceType,
	}
}

// origin says where the tags of the parts come from.
func (t *target) origin() string {
	if t.config.TagsFrom == config.InstanceList {
		return config.InstanceList
	}
	return config.TagAPI
}

// onePart reports whether the target reads one part, which is known beforehand.
func (t *target) onePart() bool { return t.source.ResourceType != "" }

// seenParts are those that earlier reads of a target had. A read that fails may not
// get as far as to name them, and then they have failed, too: were they absent, nobody
// could tell a failure from resources that are gone.
type seenParts struct {
	mu    sync.Mutex
	parts map[inventory.Part]time.Time // when they were read last
}

// seenFor is how long a part counts as failed that no read names any more.
const seenFor = 24 * time.Hour

// complete returns the parts of a read, and those that are missing because of an error.
// A read without one says what there is.
func (s *seenParts) complete(parts []part, err error) []part {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if err == nil || s.parts == nil {
		s.parts = make(map[inventory.Part]time.Time, len(parts))
	}
	missing := maps.Clone(s.parts)
	for _, p := range parts {
		s.parts[p.Part] = now
		delete(missing, p.Part)
	}
	for p, at := range missing {
		if now.Sub(at) > seenFor {
			delete(s.parts, p)
			continue
		}
		parts = append(parts, part{Inventory: inventory.Inventory{Part: p, Err: err}})
	}
	return parts
}
