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
		Service: "dds", ResourceType: "instance", Reach: inventory.All,
		Operations: []string{opListInstances, opListInstanceTags},
		New: func(s Settings, previous Reader) Reader {
			if old, ok := previous.(*instancesReader); ok {
				return &instancesReader{s, old.rememberedInstances}
			}
			return &instancesReader{s, &rememberedInstances{
				known: make(map[string]knownTags), goneIn: make(map[string]int),
			}}
		},
	}
}

// instanceList is a page of ListInstances. Tags is nil where the list carries
// none, which does not mean that the instance has none.
type instanceList struct {
	Instances huaweicloud.List[listedInstance] `json:"instances"`
	Total     huaweicloud.Count                `json:"total_count"`
}

type listedInstance struct {
	ID         huaweicloud.Text `json:"id"`
	Name       huaweicloud.Text `json:"name"`
	Enterprise huaweicloud.Text `json:"enterprise_project_id"`
	Tags       tagList          `json:"tags"`
}

// instanceID is the form of an ID that may become part of a path.
var instanceID = regexp.MustCompile(`^[0-9A-Za-z_-]+$`)

// Check refuses an instance whose tags could not be asked for.
func (i *listedInstance) Check() error {
	if !instanceID.MatchString(string(i.ID)) {
		return fmt.Errorf("not an instance ID: %.80q", i.ID)
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
	settings Settings
	*rememberedInstances
}

// rememberedInstances is what one read teaches the next.
type rememberedInstances struct {
	mu     sync.Mutex
	known  map[string]knownTags // by instance ID, of those that were there last
	goneIn map[string]int       // by instance ID, the read in which it was said to be gone
	reads  int                  // so far
	found  int                  // instances that were listed last
}

type knownTags struct {
	tags   []inventory.Tag
	readAt time.Time
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
	instances := listing[listedInstance]{
		limit: instancesLimit, ahead: r.session.Concurrency(), expected: expected,
		id: func(i listedInstance) string { return string(i.ID) },
		fetch: func(ctx context.Context, offset int, guess bool) (page[listedInstance], error) {
			answer, err := huaweicloud.Call[instanceList](ctx, r.session, huaweicloud.Request{
				Operation: opListInstances, Method: http.MethodGet, Guess: guess,
				Path:  "/v3/" + r.session.ProjectID() + "/instances",
				Query: fmt.Sprintf("limit=%d&offset=%d", instancesLimit, offset),
			})
			return page[listedInstance]{answer.Instances, answer.Total}, err
		},
	}
	present, err = instances.read(ctx, r.listed)
	if err != nil {
		return nil, err
	}
	r.into.Retain(present.has)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found = len(present)
	maps.DeleteFunc(r.known, func(id string, _ knownTags) bool { return !present.has(id) })
	maps.DeleteFunc(r.goneIn, func(id string, _ int) bool { return !present.has(id) })
	return present, nil
}

// listed shows the tags that are known of an instance, and has them read if
// that is due.
func (r *instancesRead) listed(i listedInstance) {
	id, name, now := string(i.ID), string(i.Name), time.Now()
	enterprise := r.into.Enterprise(string(i.Enterprise), "")
	if r.settings.TagsInList && i.Tags != nil {
		r.into.Read(inventory.Resource{ID: id, Name: name, Tags: i.Tags, Enterprise: enterprise}, now)
		r.believe()
		return
	}
	r.into.List(id)
	r.mu.Lock()
	known := r.known[id]
	r.mu.Unlock()
	age := now.Sub(known.readAt)
	if age <= r.settings.MaxTagAge {
		r.into.Keep(inventory.Resource{ID: id, Name: name, Tags: known.tags, Enterprise: enterprise}, known.readAt)
		if age < r.settings.RenewAfter {
			r.believe()
			return
		}
	}
	r.toRead.put(instance{id, name, enterprise, known.readAt})
}

// readTags reads the tags of one instance. One that is gone is no failure, as far
// as that can be believed.
func (r *instancesRead) readTags(ctx context.Context, i instance) error {
	at := time.Now()
	request := huaweicloud.Request{
		Operation: opListInstanceTags, Method: http.MethodGet,
		Path:     "/v3/" + r.session.ProjectID() + "/instances/" + i.id + "/tags",
		Expected: isGone,
	}
	again := r.wasGone(i.id)
	if again {
		request.Expected = nil
	}
	answer, err := huaweicloud.Call[instanceTags](ctx, r.session, request)
	var failed *huaweicloud.Error
	if errors.As(err, &failed) && isGone(failed) {
		r.noteGone(i.id, at, again)
		return nil
	}
	r.believe()
	switch {
	case err != nil && time.Since(i.readAt) <= r.settings.MaxTagAge:
		return nil // what is known is young enough
	case err != nil:
		return fmt.Errorf("read tags of dds instance %s: %w", i.id, err)
	}
	tags := r.into.Read(inventory.Resource{ID: i.id, Name: i.name, Tags: answer.Tags, Enterprise: i.enterprise}, at)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !at.Before(r.known[i.id].readAt) { // else a read that was given up answers late
		r.known[i.id] = knownTags{tags, at}
		delete(r.goneIn, i.id)
	}
	return nil
}

// wasGone reports whether an instance that is listed now was said to be gone
// before this read.
func (r *instancesRead) wasGone(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	read, ok := r.goneIn[id]
	return ok && read < r.number
}

// noteGone drops what is known of an instance, and removes it if that can be
// believed.
func (r *instancesRead) noteGone(id string, at time.Time, again bool) {
	r.mu.Lock()
	if !at.Before(r.known[id].readAt) { // else a read that was given up answers late
		delete(r.known, id)
		r.goneIn[id] = r.number
	}
	r.mu.Unlock()
	r.into.Expire(id) // unreadable, as long as it is not removed
	r.remove(r.gone.add(id, again))
}

// believe says that there are instances that are not gone.
func (r *instancesRead) believe() { r.remove(r.gone.believe()) }

func (r *instancesRead) remove(ids []string) {
	for _, id := range ids {
		r.into.Remove(id)
	}
}
