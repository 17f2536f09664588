package tagapi

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

// listedSources are the sources that are read by rows.
func listedSources() []Source {
	var sources []Source
	all := rows()
	for len(all) > 0 {
		service := all[0].service
		end := slices.IndexFunc(all, func(r row) bool { return r.service != service })
		if end < 0 {
			end = len(all)
		}
		sources = append(sources, listedSource(all[:end]))
		all = all[end:]
	}
	return sources
}

// listedSource is the source of the rows of one service.
func listedSource(of []row) Source {
	source := Source{Service: of[0].service, ResourceType: of[0].kind, Reach: inventory.All}
	for _, r := range of {
		if r.kind != source.ResourceType {
			source.ResourceType = "" // there are several
		}
		if r.eachWorkspace {
			source.Operations = []string{workspaces.operation}
		}
		source.Lists = append(source.Lists, r.describe())
		if r.sure != nil {
			sure := r.sure.describe()
			sure.Instead = true
			source.Lists = append(source.Lists, sure)
		}
	}
	for _, l := range source.Lists {
		if !slices.Contains(source.Operations, l.Operation) {
			source.Operations = append(source.Operations, l.Operation)
		}
	}
	several := source.ResourceType == ""
	source.New = func(_ Settings, previous Reader) Reader {
		if old, ok := previous.(*listedReader); ok {
			return &listedReader{rows: of, several: several, rememberedLists: old.rememberedLists}
		}
		return &listedReader{rows: of, several: several, rememberedLists: &rememberedLists{last: make(map[string]ids)}}
	}
	source.with = func(s Settings) Source {
		if len(s.ResourceTypes) == 0 {
			return source
		}
		return listedSource(slices.DeleteFunc(slices.Clone(of), func(r row) bool { return !slices.Contains(s.ResourceTypes, r.kind) }))
	}
	return source
}

func (r *row) describe() List {
	request := r.request("{project}", "", false)
	return List{ResourceType: r.kind, Operation: r.operation, Method: request.Method, Path: joined(r.path, r.query, "?"), PageSize: r.pages.size}
}

// listedReader reads the rows of one service.
type listedReader struct {
	rows    []row
	several bool   // types: each is a part of its own
	beside  Reader // of the pools of ModelArts, by their tags alone; nil: there is none
	*rememberedLists
}

// rememberedLists is what one read teaches the next.
type rememberedLists struct {
	mu   sync.Mutex
	last map[string]ids // by path and query: what the last read found in numbered pages
}

func (m *rememberedLists) recall(r *row) ids {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last[r.path+r.query]
}

func (m *rememberedLists) remember(r *row, present ids) {
	if !r.pages.numbered {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last[r.path+r.query] = present
}

// Read implements Reader. The lists are read at once, so that the longest alone says how
// long it takes.
func (l *listedReader) Read(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading) error {
	begun := time.Now()
	if !l.several {
		return l.readType(ctx, s, l.rows, into)
	}
	byType := make(map[string][]row)
	for _, r := range l.rows {
		byType[r.kind] = append(byType[r.kind], r)
	}
	var group errgroup.Group
	start := func(part *inventory.Reading, read func() error) {
		group.Go(func() error {
			if err := Safely(read); err != nil {
				part.Fail(err)
			}
			return nil
		})
	}
	if l.beside != nil {
		part := into.Type(pool, inventory.Pairs)
		start(part, func() error { return l.beside.Read(ctx, s, part) })
	}
	for _, r := range l.rows {
		of, first := byType[r.kind]
		if !first {
			continue
		}
		delete(byType, r.kind)
		part := into.Type(r.kind, inventory.All)
		start(part, func() error { return l.readType(ctx, s, of, part) })
	}
	into.Whole(begun)
	return group.Wait()
}

// readType reads the lists that have the resources of one type together.
func (l *listedReader) readType(ctx context.Context, s *huaweicloud.Session, of []row, into *inventory.Reading) error {
	begun := time.Now()
	of, err := l.eachWorkspace(ctx, s, of)
	if err != nil {
		return err
	}
	found := make([]ids, len(of))
	var group errgroup.Group // a failure of one does not cut off the others, which would count as timeouts
	for i := range of {
		group.Go(func() error {
			return Safely(func() (err error) {
				found[i], err = l.read(ctx, s, &of[i], into)
				return err
			})
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	into.Retain(func(id string) bool {
		return slices.ContainsFunc(found, func(present ids) bool { return present.has(id) })
	})
	into.Whole(begun)
	if of[0].check != nil {
		return of[0].check(ctx, s, into)
	}
	return nil
}

// read reads the list, and where that is in doubt the one that is sure.
func (l *listedReader) read(ctx context.Context, s *huaweicloud.Session, r *row, into *inventory.Reading) (ids, error) {
	at, tagged := time.Now(), false
	present, err := r.list(ctx, s, l.recall(r), 0, func(i rowItem) {
		switch {
		case i.unreadable:
			into.List(i.ID)
		case !i.foreign:
			tagged = tagged || len(i.Tags) > 0
			into.Read(i.resource(into), at)
		}
	})
	if err == nil {
		l.remember(r, present)
	} else {
		err = fmt.Errorf("list %s %s: %w", r.service, r.kind, err)
	}
	failed, _ := errors.AsType[*huaweicloud.Error](err)
	switch {
	case failed != nil && r.isMissing(failed):
		said := *failed
		said.RequestID = "" // what is the same each time is logged once
		into.Notice(fmt.Sprintf("there is no such list here, so it is taken that there is no more than the other lists have: list %s %s: %v", r.service, r.kind, &said))
		return nil, nil
	case r.sure == nil,
		err != nil && (failed == nil || failed.Status != http.StatusNotFound),
		err == nil && (tagged || len(present) == 0):
		return present, err
	}
	sure, errSure := l.read(ctx, s, r.sure, into)
	if errSure != nil {
		return nil, errors.Join(err, errSure)
	}
	maps.Copy(sure, present)
	return sure, nil
}

// list reads all pages of the list, of which the last read found these, or as many as are
// expected.
func (r *row) list(ctx context.Context, s *huaweicloud.Session, last ids, expected int, each func(rowItem)) (ids, error) {
	empty := func() *rowPage { return &rowPage{row: r} }
	call := func(ctx context.Context, page string, later, guess bool) (*rowPage, error) {
		request := r.request(s.ProjectID(), page, later)
		request.Guess = guess
		return huaweicloud.CallFor(ctx, s, request, empty)
	}
	l := listing[rowItem]{
		limit: r.pages.size, ahead: s.Concurrency(), numbered: r.pages.numbered, last: last, expected: expected, plain: r.plain,
		id: func(i rowItem) string { return i.ID },
	}
	if !r.plain {
		l.gone = isNoPage
	}
	l.fetch = func(ctx context.Context, offset int, guess bool) (page[rowItem], error) {
		answer, err := call(ctx, r.pages.at(offset, r.pages.size), offset > 0, guess)
		return page[rowItem]{answer.items, answer.total}, err
	}
	if r.pages.at == nil { // it is a chain, or a single page
		l.follow = func(ctx context.Context, marker string) (page[rowItem], string, error) {
			answer, err := call(ctx, r.behind(marker), marker != "", false)
			return page[rowItem]{answer.items, answer.total}, answer.next(), err
		}
	}
	return l.read(ctx, each)
}
