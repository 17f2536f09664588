package tagapi

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"sync"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

const opListInstanceTags = "ListInstanceTags"

// dds reads the tags of Document Database Service instances: one call for each
// instance that the instance list names, or the tags that the list carries.
// https://support.huaweicloud.com/intl/en-us/api-dds/dds_api_0034.html
func dds() Source {
	return Source{
		Service: "dds", ResourceType: "instance", Reach: inventory.All,
		Operations: []string{instances.operation, opListInstanceTags},
		New: func(s Settings, previous Reader) Reader {
			if old, ok := previous.(*instancesReader); ok {
				return &instancesReader{s, old.rememberedInstances}
			}
			return &instancesReader{s, &rememberedInstances{known: make(map[string]knownTags)}}
		},
	}
}

// instances lists them. Where it gives an instance without tags, that does not mean that it
// has none.
var instances = row{
	service: "dds", kind: "instance", operation: "ListInstances", path: "/v3/{project}/instances",
	pages: byOffset(100), items: "instances", total: "total_count", shape: asArray, inPath: true, plain: true,
}

// instanceID is the form of an ID that may become part of a path.
var instanceID = regexp.MustCompile(`^[0-9A-Za-z_-]+$`)

// instanceTags is the answer of ListInstanceTags.
type instanceTags struct {
	Tags tagList `json:"tags"`
}

func (a *instanceTags) Absent() bool    { return a.Tags == nil }
func (*instanceTags) Members() []string { return []string{"tags"} }

type instancesReader struct {
	settings Settings
	*rememberedInstances
}

// rememberedInstances is what one read teaches the next.
type rememberedInstances struct {
	mu    sync.Mutex
	known map[string]knownTags // by instance ID, of those that were there last
	reads int                  // so far
	found int                  // instances that were listed last
}

// knownTags are those of an instance, unless the last answer was that it is gone.
type knownTags struct {
	tags   []inventory.Tag
	readAt time.Time // zero: they are not known
	goneIn int       // the read in which it was said to be gone; 0: it was not
}

// instancesRead is one read.
type instancesRead struct {
	*instancesReader
	number  int // counted from 1
	session *huaweicloud.Session
	into    *inventory.Reading
	toRead  *queue
	gone    goneInstances
}

// Read implements Reader. The tags of instances that were never read are being
// read while the rest is still being listed.
func (r *instancesReader) Read(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading) error {
	begun := time.Now()
	r.mu.Lock()
	r.reads++
	read := &instancesRead{instancesReader: r, number: r.reads, session: s, into: into, toRead: newQueue()}
	r.mu.Unlock()
	var failures failures
	var readers sync.WaitGroup
	for range s.Concurrency() {
		readers.Go(func() {
			for i, ok := read.toRead.take(); ok; i, ok = read.toRead.take() {
				failures.add(Safely(func() error { return read.readTags(ctx, i) }))
			}
		})
	}
	var present ids
	err := Safely(func() (err error) { // else a panic would leave the readers waiting
		present, err = read.list(ctx)
		return err
	})
	if err != nil {
		// A failed listing shows nothing, so no more tags need to be read. Those
		// that are being read are not cut off: that would count as timeouts.
		read.toRead.abandon()
		readers.Wait()
		return fmt.Errorf("list dds instances: %w", err)
	}
	into.Whole(begun)
	read.toRead.close()
	readers.Wait()
	for _, id := range read.gone.unbelieved() {
		if present.has(id) {
			failures.add(fmt.Errorf("dds instance %s is listed, but said not to exist, as are all others or as it was last time", id))
		}
	}
	return failures.err("read tags of %d dds instances, the first: %w")
}

// list feeds the queue with what is listed, and forgets what is not there.
func (r *instancesRead) list(ctx context.Context) (present ids, err error) {
	r.mu.Lock()
	expected := r.found
	r.mu.Unlock()
	present, err = instances.list(ctx, r.session, nil, expected, r.listed)
	if err != nil {
		return nil, err
	}
	r.into.Retain(present.has)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found = len(present)
	maps.DeleteFunc(r.known, func(id string, _ knownTags) bool { return !present.has(id) })
	return present, nil
}

// listed shows the tags that are known of an instance, and has them read if
// that is due.
func (r *instancesRead) listed(i rowItem) {
	resource, now := i.resource(r.into), time.Now()
	if r.settings.TagsInList && i.Tags != nil {
		r.into.Read(resource, now)
		r.believe()
		return
	}
	r.into.List(i.ID)
	r.mu.Lock()
	known := r.known[i.ID]
	r.mu.Unlock()
	resource.Tags = known.tags
	age := now.Sub(known.readAt)
	if age <= r.settings.MaxTagAge {
		r.into.Keep(resource, known.readAt)
		if age < r.settings.RenewAfter {
			r.believe()
			return
		}
	}
	r.toRead.put(instance{resource, known.readAt, known.goneIn > 0 && known.goneIn < r.number})
}

// readTags reads the tags of one instance. One that is gone is no failure, as far
// as that can be believed.
func (r *instancesRead) readTags(ctx context.Context, i instance) error {
	at := time.Now()
	request := huaweicloud.Request{
		Operation: opListInstanceTags, Method: http.MethodGet,
		Path: "/v3/" + r.session.ProjectID() + "/instances/" + i.ID + "/tags",
	}
	if !i.wasGone {
		request.Expected = isGone
	}
	answer, err := huaweicloud.Call[instanceTags](ctx, r.session, request)
	var failed *huaweicloud.Error
	if errors.As(err, &failed) && isGone(failed) {
		r.noteGone(i, at)
		return nil
	}
	r.believe()
	switch {
	case err != nil && time.Since(i.readAt) <= r.settings.MaxTagAge:
		return nil // what is known is young enough
	case err != nil:
		return fmt.Errorf("read tags of dds instance %s: %w", i.ID, err)
	}
	i.Tags = answer.Tags
	i.Tags = r.into.Read(i.Resource, at)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !at.Before(r.known[i.ID].readAt) { // else a read that was given up answers late
		r.known[i.ID] = knownTags{tags: i.Tags, readAt: at}
	}
	return nil
}

// noteGone drops what is known of an instance, and removes it if that can be
// believed.
func (r *instancesRead) noteGone(i instance, at time.Time) {
	r.mu.Lock()
	if !at.Before(r.known[i.ID].readAt) { // else a read that was given up answers late
		r.known[i.ID] = knownTags{goneIn: r.number}
	}
	r.mu.Unlock()
	r.into.Expire(i.ID) // unreadable, as long as it is not removed
	r.remove(r.gone.add(i.ID, i.wasGone))
}

// believe says that there are instances that are not gone.
func (r *instancesRead) believe() { r.remove(r.gone.believe()) }

func (r *instancesRead) remove(ids []string) {
	for _, id := range ids {
		r.into.Remove(id)
	}
}
