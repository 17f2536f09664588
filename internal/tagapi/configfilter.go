package tagapi

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// filtered is what one list has, which was asked for by type: its resources by place.
type filtered struct {
	places map[place]*collected
	circle bool // the list did not end, but began anew
}

// at returns what it has of a place.
func (f *filtered) at(p place) *collected {
	found := f.places[p]
	if found == nil {
		found = newCollected()
	}
	found.circle = f.circle
	return found
}

// listPlace lists a place: by type and region, or where Config refuses that, by type
// alone.
func (r *configRead) listPlace(ctx context.Context, p *duePlace, types *typeLists) (*collected, error) {
	r.mu.Lock()
	byTypeOnly := r.byTypeOnly[p.kind]
	r.mu.Unlock()
	if !byTypeOnly {
		found, err := r.list(ctx, url.Values{"type": {p.name}, "region_id": {p.region}}, p.place)
		if err == nil {
			return found.at(p.place), nil
		}
		failed, ok := errors.AsType[*huaweicloud.Error](err)
		if !ok || !isRefusedFilter(failed) || len(found.places) > 0 {
			return nil, err
		}
		r.mu.Lock()
		r.byTypeOnly[p.kind] = true
		r.mu.Unlock()
	}
	found, err := types.of(p.kind, func() (*filtered, error) {
		return r.list(ctx, url.Values{"type": {p.name}}, place{kind: p.kind})
	})
	if err != nil {
		return nil, err
	}
	return found.at(p.place), nil
}

// isRefusedFilter reports whether Config does not list what it was asked for.
func isRefusedFilter(e *huaweicloud.Error) bool {
	return e.Status == http.StatusBadRequest && e.Code != codeRecorderOff
}

// list reads all pages that a filter chooses. What is not of the kind and region that
// were asked for is passed over: "" stands for any.
func (r *configRead) list(ctx context.Context, filter url.Values, asked place) (*filtered, error) {
	found := &filtered{places: make(map[place]*collected)}
	err := r.pages(ctx, filter, "", make(map[string]bool), func(page *resourcePage) {
		collect(r.into, found.places, page, asked)
	})
	if errors.Is(err, errCircle) {
		found.circle, err = true, nil
	}
	return found, err
}

// typeLists are the types that a round lists as a whole. The first one who wants a type
// lists it, and the others wait.
type typeLists struct {
	mu    sync.Mutex
	lists map[string]*typeList
}

type typeList struct {
	once  sync.Once
	found *filtered
	err   error
}

func (t *typeLists) of(kind string, list func() (*filtered, error)) (*filtered, error) {
	t.mu.Lock()
	one := t.lists[kind]
	if one == nil {
		one = new(typeList)
		t.lists[kind] = one
	}
	t.mu.Unlock()
	one.once.Do(func() {
		one.err = Safely(func() (err error) { // else those who wait would take nothing for an empty list
			one.found, err = list()
			return err
		})
	})
	return one.found, one.err
}
