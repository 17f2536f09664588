package collector

import (
	"context"
	"errors"
	"fmt"
	"maps"
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
		New: func(c config.Service, previous Reader) Reader {
			if old, ok := previous.(*instancesReader); ok {
				return &instancesReader{c, old.knowledge}
			}
			return &instancesReader{c, &knowledge{known: make(map[string]knownTags)}}
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

// instanceID is the form of an ID that may become part of a path.
var instanceID = regexp.MustCompile(`^[0-9A-Za-z_-]+$`)

// Check refuses instances whose tags could not be asked for.
func (a *instanceList) Check() error {
	for _, i := range a.Instances {
		if !instanceID.MatchString(string(i.ID)) {
			return fmt.Errorf("not an instance ID: %.80q", i.ID)
		}
	}
	return nil
}

func (a *instanceList) Absent() bool    { return a.Instances == nil }
func (*instanceList) Members() []string { return []string{"instances", "total_count"} }

// instanceTags is the answer of ListInstanceTags.
type instanceTags struct {
	Tags tagList `json:"tags"`
}

func (a *instanceTags) Absent() bool    { return a.Tags == nil }
func (*instanceTags) Members() []string { return []string{"tags"} }

type instancesReader struct {
	config config.Service
	*knowledge
}

// knowledge is what was read of instances that were there last.
type knowledge struct {
	mu    sync.Mutex
	known map[string]knownTags // by instance ID
	found int                  // instances that were listed last
}

type knownTags struct {
	tags   []inventory.Tag
	readAt time.Time
}

// Read implements Reader. The tags of instances that were never read are being
// read while the rest is still being listed.
func (r *instancesReader) Read(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading) error {
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
	if err := r.list(ctx, s, toRead, into); err != nil {
		// A failed listing shows nothing, so no more tags need to be read. Those
		// that are being read are not cut off: that would count as timeouts.
		toRead.abandon()
		readers.Wait()
		return fmt.Errorf("list dds instances: %w", err)
	}
	into.Whole(begun)
	toRead.close()
	readers.Wait()
	return failures.err("read tags of %d dds instances, the first: %w")
}

// list feeds the queue with what is listed, and forgets what is not there.
func (r *instancesReader) list(ctx context.Context, s *huaweicloud.Session, toRead *queue, into *inventory.Reading) error {
	r.mu.Lock()
	expected := r.found
	r.mu.Unlock()
	instances := listing[listedInstance]{
		limit: instancesLimit, ahead: s.Concurrency(), expected: expected,
		id: func(i listedInstance) string { return string(i.ID) },
		fetch: func(ctx context.Context, offset int, guess bool) (page[listedInstance], error) {
			answer, err := huaweicloud.Call[instanceList](ctx, s, huaweicloud.Request{
				Operation: opListInstances, Method: http.MethodGet, Guess: guess,
				Path:  "/v3/" + s.ProjectID() + "/instances",
				Query: fmt.Sprintf("limit=%d&offset=%d", instancesLimit, offset),
			})
			return page[listedInstance]{answer.Instances, answer.Total}, err
		},
	}
	present, err := instances.read(ctx, func(i listedInstance) { r.listed(i, toRead, into) })
	if err != nil {
		return err
	}
	into.Retain(present.has)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found = len(present)
	maps.DeleteFunc(r.known, func(id string, _ knownTags) bool { return !present.has(id) })
	return nil
}

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
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.known, i.id)
		return nil
	case err != nil && time.Since(i.readAt) <= r.config.MaxTagAge:
		return nil // what is known is young enough
	case err != nil:
		into.Expire(i.id) // what was shown of it has grown too old
		return fmt.Errorf("read tags of dds instance %s: %w", i.id, err)
	}
	tags := into.Read(inventory.Resource{ID: i.id, Name: i.name, Tags: toTags(answer.Tags)}, at)
	r.mu.Lock()
	defer r.mu.Unlock()
	if at.After(r.known[i.id].readAt) { // else a read that was given up answers late
		r.known[i.id] = knownTags{tags, at}
	}
	return nil
}

// isGone reports whether an instance was deleted after it was listed. The
// gateway's own 404 says instead that the API does not exist there.
func isGone(e *huaweicloud.Error) bool {
	byGateway := strings.HasPrefix(e.Code, "APIG") && strings.HasSuffix(e.Code, ".0101")
	return e.Status == http.StatusNotFound && !byGateway
}
