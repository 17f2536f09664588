package tagapi

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// filtered is what one list has that was asked for by type or region, or by neither: its
// resources by place. A large one has more pages than one scrape has time for, so the next read goes
// on where this one was cut; else it would never come to an end.
type filtered struct {
	begun  time.Time // of the read that began it
	names  []string  // provider.type to ask for: the one that is listed now, then the others
	marker string    // of the next page
	met    map[string]bool
	places map[place]*collected
	circle bool // the list did not end, but began anew
}

func newFiltered(begun time.Time, names []string) *filtered {
	return &filtered{begun: begun, names: names, met: make(map[string]bool), places: make(map[place]*collected)}
}

// at returns what it has of a place.
func (f *filtered) at(p place) *collected {
	found := f.places[p]
	if found == nil {
		found = newCollected()
	}
	found.begun, found.circle = f.begun, f.circle
	return found
}

// listPlace lists a place: by type and region, which makes the shortest list. Config may
// refuse that, or not know "global" for a region: then by type alone. It may also compare
// letter case, and the summary not write a type as the list does. So what does not add up
// when it is read again is once looked for in the list of its region.
func (r *configRead) listPlace(ctx context.Context, p *duePlace, wider *widerLists) (*collected, error) {
	kind := r.kind(p.kind)
	found, err := r.listByType(ctx, p, kind, wider)
	if err != nil || !p.again || found.addsUp(p.count) || kind.names.Load() != nil {
		return found, err
	}
	region := place{region: p.region}
	all, err := wider.of(region, func() (*filtered, error) { return r.list(ctx, nil, region, nil) })
	if err != nil {
		return nil, err
	}
	found = all.at(p.place)
	names := found.names // of the field itself, the pointer would keep all that was listed
	kind.names.Store(&names)
	return found, nil
}

func (r *configRead) listByType(ctx context.Context, p *duePlace, known *knownKind, wider *widerLists) (*collected, error) {
	names := p.names
	if written := known.names.Load(); written != nil && len(*written) > 0 {
		names = *written
	}
	unfit := known.byTypeOnly.Load() // the list by type and region is
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
		known.byTypeOnly.Store(true)
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
	found := r.takeCut(asked)
	if found == nil {
		found = newFiltered(r.begun, names)
	}
	filter := url.Values{}
	if asked.region != "" {
		filter.Set("region_id", asked.region)
	}
	for {
		if len(found.names) > 0 {
			filter.Set("type", found.names[0])
		}
		err := r.pages(ctx, filter, found.marker, found.met, func(page *resourcePage) {
			collect(r.into, found.places, page, asked)
			found.marker = string(page.Info.Next)
		})
		found.circle = found.circle || errors.Is(err, errCircle)
		switch {
		case status(err) == http.StatusBadRequest && found.begun.Before(r.begun): // it does not know the marker any more
			found = newFiltered(r.begun, names)
			continue
		case err != nil && !errors.Is(err, errCircle):
			r.keepCut(asked, found)
			return found, err
		case len(found.names) < 2 || enough(found):
			return found, nil
		}
		found.names, found.marker, found.met = found.names[1:], "", make(map[string]bool)
	}
}

// takeCut returns the list to go on with, nil if there is none. What would be too old by
// its end is begun anew.
func (r *configRead) takeCut(asked place) *filtered {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.cut, func(_ place, f *filtered) bool { return r.begun.Sub(f.begun) > r.settings.MaxTagAge })
	found := r.cut[asked]
	delete(r.cut, asked) // no other read may go on with it meanwhile
	return found
}

func (r *configRead) keepCut(asked place, found *filtered) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if found.marker != "" && r.cut[asked] == nil { // else a read that began later has another one
		r.cut[asked] = found
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

// knownKind is what is known of how a type is asked for.
type knownKind struct {
	byTypeOnly atomic.Bool              // Config does not list it by region
	names      atomic.Pointer[[]string] // as the list writes it; nil: that was not looked up
}

// kind returns what is known of a type, which may be nothing yet.
func (r *rememberedConfig) kind(name string) *knownKind {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kinds[name] == nil {
		r.kinds[name] = new(knownKind)
	}
	return r.kinds[name]
}

// widerLists are the lists of a round that several places are taken from. The first who
// wants one reads it, and the others wait: at a channel, since virtual time stands still
// while anybody waits for a lock, as that of a sync.Once.
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
