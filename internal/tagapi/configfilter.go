package tagapi

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// filtered is what one list has that was asked for by type or region: its resources by
// place.
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

// listPlace lists a place: by type and region, which makes the shortest list. Config may
// refuse that, or not know "global" for a region: then by type alone. It may also compare
// letter case, and the summary not write a type as the list does. So what does not add up
// when it is read again is once looked for in the list of its region.
func (r *configRead) listPlace(ctx context.Context, p *duePlace, wider *widerLists) (*collected, error) {
	found, err := r.listByType(ctx, p, wider)
	if err != nil || !p.again || found.addsUp(p.count) || !r.mayMisspell(p.kind) {
		return found, err
	}
	region := place{region: p.region}
	all, err := wider.of(region, func() (*filtered, error) { return r.list(ctx, nil, region, nil) })
	if err != nil {
		return nil, err
	}
	r.respell(p.kind, all.at(p.place).names)
	return all.at(p.place), nil
}

func (r *configRead) listByType(ctx context.Context, p *duePlace, wider *widerLists) (*collected, error) {
	names := r.namesOf(p)
	unfit := r.isByTypeOnly(p.kind) // the list by type and region is
	if !unfit {
		found, err := r.list(ctx, names, p.place, func(f *filtered) bool { return f.at(p.place).addsUp(p.count) })
		if unfit = isRefusedFilter(err); !unfit && (err != nil || p.count == 0 || !found.at(p.place).isEmpty()) {
			return found.at(p.place), err
		}
	}
	kind := place{kind: p.kind}
	all, err := wider.of(kind, func() (*filtered, error) {
		return r.list(ctx, names, kind, func(f *filtered) bool { return r.hasAll(p.kind, f) })
	})
	if err != nil {
		return nil, err
	}
	found := all.at(p.place)
	if (unfit || p.region == global) && !found.isEmpty() {
		r.listByTypeOnly(p.kind)
	}
	return found, nil
}

// isRefusedFilter reports whether Config does not list what it was asked for.
func isRefusedFilter(err error) bool {
	failed, ok := errors.AsType[*huaweicloud.Error](err)
	return ok && failed.Status == http.StatusBadRequest && failed.Code != codeRecorderOff
}

// list reads all pages of a type or a region or both, under each of the names until
// that is enough. What is not of the kind and region is passed over: "" stands for any.
func (r *configRead) list(ctx context.Context, names []string, asked place, enough func(*filtered) bool) (*filtered, error) {
	found := &filtered{places: make(map[place]*collected)}
	filter := url.Values{}
	if asked.region != "" {
		filter.Set("region_id", asked.region)
	}
	for {
		if len(names) > 0 {
			filter.Set("type", names[0])
			names = names[1:]
		}
		err := r.pages(ctx, filter, "", make(map[string]bool), func(page *resourcePage) {
			collect(r.into, found.places, page, asked)
		})
		found.circle = found.circle || errors.Is(err, errCircle)
		if err != nil && !errors.Is(err, errCircle) {
			return found, err
		}
		if len(names) == 0 || enough(found) {
			return found, nil
		}
	}
}

// hasAll reports whether the list of a type has as many resources as the summary counts.
func (r *configRead) hasAll(kind string, f *filtered) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for p, known := range r.places {
		if p.kind == kind && !f.at(p).addsUp(known.count) {
			return false
		}
	}
	return true
}

func (r *rememberedConfig) isByTypeOnly(kind string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byTypeOnly[kind]
}

func (r *rememberedConfig) listByTypeOnly(kind string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.byTypeOnly[kind] = true
}

// mayMisspell reports whether it was not yet looked up how the list writes a type.
func (r *rememberedConfig) mayMisspell(kind string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, known := r.spellings[kind]
	return !known
}

// respell notes how the list writes a type.
func (r *rememberedConfig) respell(kind string, names []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spellings[kind] = names
}

// namesOf returns what to ask for a place by, one after the other: as the list writes its
// type, if that was looked up, else as the summary does.
func (r *rememberedConfig) namesOf(p *duePlace) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if names := r.spellings[p.kind]; len(names) > 0 {
		return names
	}
	return p.names
}

// widerLists are the lists of a round that several places are taken from. The first who
// wants one reads it, and the others wait.
type widerLists struct {
	mu    sync.Mutex
	lists map[place]*widerList
}

type widerList struct {
	done  chan struct{} // closed when the others are set
	found *filtered
	err   error
}

func (w *widerLists) of(asked place, list func() (*filtered, error)) (*filtered, error) {
	w.mu.Lock()
	one := w.lists[asked]
	if one != nil {
		w.mu.Unlock()
		<-one.done
		return one.found, one.err
	}
	one = &widerList{done: make(chan struct{})}
	w.lists[asked] = one
	w.mu.Unlock()
	defer close(one.done)
	one.err = Safely(func() (err error) { // else those who wait would take nothing for an empty list
		one.found, err = list()
		return err
	})
	return one.found, one.err
}
