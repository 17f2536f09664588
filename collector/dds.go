package collector

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

const (
	opListInstances    = "ListInstances"
	opListInstanceTags = "ListInstanceTags"
	instancesLimit     = 100
)

// dds reads the tags of Document Database Service instances: one call for each
// instance that the instance list names, or the tags that the list carries.
// https://support.huaweicloud.com/intl/en-us/api-dds/dds_api_0034.html
func dds() Source {
	return Source{
		Service: huaweicloud.DDS, ResourceType: "instance", Named: true,
		Operations: []string{opListInstances, opListInstanceTags},
		New: func(c config.Service) Reader {
			return &instancesReader{config: c, known: make(map[string]knownTags)}
		},
	}
}

// tagList is the array of tags as DDS and DataArts Fabric give it.
type tagList = huaweicloud.List[struct {
	Key   huaweicloud.Text `json:"key"`
	Value huaweicloud.Text `json:"value"`
}]

func toTags(list tagList) []inventory.Tag {
	tags := make([]inventory.Tag, len(list))
	for i, t := range list {
		tags[i] = inventory.Tag{Key: string(t.Key), Value: string(t.Value)}
	}
	return tags
}

// instanceList is a page of ListInstances. Tags is nil where the list carries
// none, which does not mean that the instance has none.
type instanceList struct {
	Instances huaweicloud.List[listedInstance] `json:"instances"`
	Total     huaweicloud.Count                `json:"total_count"`
}

type listedInstance struct {
	ID   huaweicloud.Text `json:"id"`
	Name huaweicloud.Text `json:"name"`
	Tags tagList          `json:"tags"`
}

func (a *instanceList) Absent() bool    { return a.Instances == nil }
func (*instanceList) Members() []string { return []string{"instances", "total_count"} }

// instanceTags is the answer of ListInstanceTags.
type instanceTags struct {
	Tags tagList `json:"tags"`
}

func (a *instanceTags) Absent() bool    { return a.Tags == nil }
func (*instanceTags) Members() []string { return []string{"tags"} }

// instancesReader remembers the tags it has read, for as long as the
// configuration lets it use or keep them.
type instancesReader struct {
	config config.Service

	mu    sync.Mutex
	known map[string]knownTags // by instance ID
}

type knownTags struct {
	tags   []inventory.Tag
	readAt time.Time
}

// Read implements Reader. The tags of listed instances are being read while
// the rest is still being listed.
func (r *instancesReader) Read(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading) error {
	// A failed listing shows nothing, so then the tags need not be read either.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	toRead := newQueue()
	var failures failures
	var readers sync.WaitGroup
	for range s.Concurrency() {
		readers.Go(func() {
			for i, ok := toRead.take(); ok; i, ok = toRead.take() {
				failures.add(r.readTags(ctx, s, i, into))
			}
		})
	}
	begun := time.Now()
	listed, err := r.list(ctx, s, toRead, into)
	if err != nil {
		cancel()
	} else {
		into.Whole(begun)
		r.forgetAllBut(listed)
	}
	toRead.close()
	readers.Wait()
	if err != nil {
		return fmt.Errorf("list dds instances: %w", err)
	}
	return failures.err("read tags of %d dds instances, the first: %w")
}

// list feeds the queue and returns the IDs of all instances.
func (r *instancesReader) list(ctx context.Context, s *huaweicloud.Session, toRead *queue, into *inventory.Reading) (map[string]bool, error) {
	listed := make(map[string]bool)
	fetch := func(offset int) (page[listedInstance], error) {
		answer, err := huaweicloud.Call[instanceList](ctx, s, huaweicloud.Request{
			Operation: opListInstances, Method: http.MethodGet,
			Path:  "/v3/" + s.ProjectID() + "/instances",
			Query: fmt.Sprintf("limit=%d&offset=%d", instancesLimit, offset),
		})
		for _, i := range answer.Instances {
			if !instanceID.MatchString(string(i.ID)) {
				return page[listedInstance]{}, fmt.Errorf("%s: not an instance ID: %.80q", opListInstances, i.ID)
			}
		}
		return page[listedInstance]{answer.Instances, answer.Total}, err
	}
	err := readListing(instancesLimit, func(i listedInstance) string { return string(i.ID) }, fetch, func(i listedInstance) {
		listed[string(i.ID)] = true
		r.listed(i, toRead, into)
	})
	return listed, err
}

// instanceID is the form of an ID that may become part of a path.
var instanceID = regexp.MustCompile(`^[0-9A-Za-z_-]+$`)

// listed shows the tags that are known of an instance, and has them read if
// that is due.
func (r *instancesReader) listed(i listedInstance, toRead *queue, into *inventory.Reading) {
	id, name, now := string(i.ID), string(i.Name), time.Now()
	if r.config.TagsFrom == config.InstanceList && i.Tags != nil {
		into.Read(inventory.Resource{ID: id, Name: name, Tags: toTags(i.Tags)}, now)
		return
	}
	into.List(id)
	r.mu.Lock()
	known := r.known[id]
	r.mu.Unlock()
	age := now.Sub(known.readAt)
	if age <= r.config.MaxTagAge {
		into.Keep(inventory.Resource{ID: id, Name: name, Tags: known.tags}, known.readAt)
		if age < r.config.RenewAfter {
			return
		}
	}
	toRead.put(instance{id, name, known.readAt})
}

// readTags reads the tags of one instance. One that is gone is no failure.
func (r *instancesReader) readTags(ctx context.Context, s *huaweicloud.Session, i instance, into *inventory.Reading) error {
	at := time.Now()
	answer, err := huaweicloud.Call[instanceTags](ctx, s, huaweicloud.Request{
		Operation: opListInstanceTags, Method: http.MethodGet,
		Path:     "/v3/" + s.ProjectID() + "/instances/" + i.id + "/tags",
		Expected: isGone,
	})
	var failed *huaweicloud.Error
	switch {
	case errors.As(err, &failed) && isGone(failed):
		into.Remove(i.id)
		return nil
	case err != nil && time.Since(i.readAt) <= r.config.MaxTagAge:
		return nil // what is known is young enough
	case err != nil:
		return fmt.Errorf("read tags of dds instance %s: %w", i.id, err)
	}
	tags := into.Read(inventory.Resource{ID: i.id, Name: i.name, Tags: toTags(answer.Tags)}, at)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known[i.id] = knownTags{tags, at}
	return nil
}

// isGone reports whether an instance was deleted after it was listed. The
// gateway's own 404 says instead that the API does not exist there.
func isGone(e *huaweicloud.Error) bool {
	return e.Status == http.StatusNotFound && !(strings.HasPrefix(e.Code, "APIG") && strings.HasSuffix(e.Code, ".0101"))
}

// forgetAllBut forgets what was read of instances that are not listed any more.
func (r *instancesReader) forgetAllBut(listed map[string]bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id := range r.known {
		if !listed[id] {
			delete(r.known, id)
		}
	}
}
