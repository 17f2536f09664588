package tagapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

// fabric reads the tags of DataArts Fabric workspaces.
// https://support.huaweicloud.com/intl/en-us/api-fabric/ListTagFabricWorkspaces.html
func fabric() Source {
	return Source{
		Service: "fabric", ResourceType: "workspace", Reach: inventory.All,
		Operations: []string{fabricWorkspaces.operation, workspaceKeys.operation},
		New: func(s Settings, previous Reader) Reader {
			if old, ok := previous.(*workspacesReader); ok {
				return &workspacesReader{s.Selectors, old.rememberedWorkspaces}
			}
			return &workspacesReader{s.Selectors, new(rememberedWorkspaces)}
		},
	}
}

// fabricWorkspaces lists the workspaces that have tags, and maybe those that have none. Its total
// is capped at 1000.
var fabricWorkspaces = row{
	service: "fabric", kind: "workspace", operation: "ListTagFabricWorkspaces",
	path: "/v1/{project}/fabric-workspace/resource-instances/filter", body: `{}`,
	pages: byOffset(100), items: "resources", total: "total_count", id: "resource_id", name: "resource_name",
	shape: asArray, documented: []string{"resource_detail"}, enterprise: inSystemTags, plain: true,
}

// untaggedWorkspaces lists those that have none.
func untaggedWorkspaces() row {
	r := fabricWorkspaces
	r.body = `{"without_any_tag":true}`
	return r
}

// workspacesBy lists those that have a key with one of these values; with any, if none is given.
func workspacesBy(key string, values ...string) row {
	type filter struct {
		Key    string   `json:"key"`
		Values []string `json:"values"` // must be there
	}
	body, _ := json.Marshal(map[string][]filter{"tags": {{key, append([]string{}, values...)}}}) // texts cannot fail
	r := fabricWorkspaces
	r.body, r.key, r.value = string(body), key, strings.Join(values, "")
	return r
}

type workspacesReader struct {
	selectors []inventory.Tag
	*rememberedWorkspaces
}

// rememberedWorkspaces is what one read teaches the next.
type rememberedWorkspaces struct {
	// refused is when the service refused to list without a filter, in Unix
	// nanoseconds; 0: it did not. A refusal may have been a mistake, and listing key by key
	// costs a call for each: so it holds for a day.
	refused atomic.Int64
	found   atomic.Int64 // workspaces that a listing without a filter had last: total_count is capped
}

// askAgain is how long a refusal to list without a filter holds.
const askAgain = 24 * time.Hour

// byKey reports whether to list key by key, without asking for all.
func (r *rememberedWorkspaces) byKey() bool {
	refused := r.refused.Load()
	return refused != 0 && time.Since(time.Unix(0, refused)) < askAgain
}

// Read implements Reader. It lists the untagged workspaces besides all
// workspaces, since it is unknown whether the latter list names them.
func (r *workspacesReader) Read(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading) error {
	begun := time.Now()
	var failed failures
	var selections sync.WaitGroup
	for _, tag := range r.selectors {
		selections.Go(func() { failed.add(Safely(func() error { return r.selected(ctx, s, tag, into) })) })
	}
	err := r.readAll(ctx, s, into)
	if err == nil {
		into.Whole(begun)
	}
	selections.Wait()
	if err != nil {
		return err
	}
	return failed.err("%d selectors failed, the first: %w")
}

// selected counts what the server holds for one key and value.
func (r *workspacesReader) selected(ctx context.Context, s *huaweicloud.Session, tag inventory.Tag, into *inventory.Reading) error {
	selected := workspacesBy(tag.Key, tag.Value)
	found, err := selected.list(ctx, s, nil, 0, func(rowItem) {})
	if err != nil {
		return fmt.Errorf("select workspaces by %s=%q: %w", tag.Key, tag.Value, err)
	}
	into.Select(tag, len(found))
	return nil
}

func (r *workspacesReader) readAll(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading) error {
	at := time.Now()
	var all, bare ids
	var untagged []rowItem
	var group errgroup.Group // a failure of one does not cut off the other, which would count as a timeout
	start := func(list func() error) { group.Go(func() error { return Safely(list) }) }
	start(func() (err error) {
		all, err = r.listAll(ctx, s, into, func(w rowItem) { into.Read(w.resource(into), at) })
		return err
	})
	start(func() (err error) {
		list := untaggedWorkspaces()
		bare, err = list.list(ctx, s, nil, 0, func(w rowItem) { untagged = append(untagged, w) })
		if err != nil {
			return fmt.Errorf("list untagged workspaces: %w", err)
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return err
	}
	for _, w := range untagged {
		if !all.has(w.ID) { // a workspace in both has the tags of the former
			into.Read(w.resource(into), at)
		}
	}
	into.Retain(func(id string) bool { return all.has(id) || bare.has(id) })
	return nil
}

// listAll lists the workspaces that have tags, and maybe those that have none.
// One with several keys may be given several times.
func (r *workspacesReader) listAll(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading, each func(rowItem)) (ids, error) {
	if r.byKey() {
		return listByKey(ctx, s, each)
	}
	begun := false
	all, err := fabricWorkspaces.list(ctx, s, nil, int(r.found.Load()), func(w rowItem) { begun = true; each(w) })
	if err == nil {
		r.found.Store(int64(len(all)))
		r.refused.Store(0)
		return all, nil
	}
	err = fmt.Errorf("list workspaces: %w", err)
	var refused *huaweicloud.Error
	if !errors.As(err, &refused) || refused.Status != http.StatusBadRequest || begun {
		return nil, err
	}
	all, errByKey := listByKey(ctx, s, each)
	if errByKey != nil { // so it was not the filter that was missing
		return nil, fmt.Errorf("%w; and then key by key: %w", err, errByKey)
	}
	if r.refused.Swap(time.Now().UnixNano()) == 0 {
		into.Notice(fmt.Sprintf("listing workspaces without a filter was refused, listing them key by key from now on: %v", refused))
	}
	return all, nil
}
