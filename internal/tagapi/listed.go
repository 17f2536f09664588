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
func listedSources() (sources []Source) {
	all := rows()
	for i, first := range all {
		if i == 0 || all[i-1].service != first.service {
			sources = append(sources, listedSource(only(all, func(r row) bool { return r.service == first.service })))
		}
	}
	return sources
}

// only returns the rows that are wanted.
func only(of []row, wanted func(row) bool) []row {
	return slices.DeleteFunc(slices.Clone(of), func(r row) bool { return !wanted(r) })
}

// listedSource is the source of the rows of one service.
func listedSource(of []row) Source {
	source := Source{Service: of[0].service, Reach: inventory.All}
	var besides []string
	for _, r := range of {
		source.types = appendNew(source.types, r.kind)
		if r.eachWorkspace {
			source.Operations = []string{workspaces.operation}
		}
		if r.instead == nil {
			source.Lists = append(source.Lists, r.describe(false))
		}
		if r.sure != nil {
			source.Lists = append(source.Lists, r.sure.describe(true))
		}
		if r.besides != "" {
			besides = append(besides, r.besides)
		}
	}
	for _, l := range source.Lists {
		source.Operations = appendNew(source.Operations, l.Operation)
	}
	for _, name := range besides {
		source.Operations = appendNew(source.Operations, name)
	}
	if len(source.types) == 1 {
		source.ResourceType, source.Reach = of[0].kind, of[0].reach()
	}
	source.New = func(_ Settings, previous Reader) Reader {
		if old, ok := previous.(*listedReader); ok {
			return &listedReader{rows: of, types: source.types, rememberedLists: old.rememberedLists}
		}
		return &listedReader{rows: of, types: source.types, rememberedLists: &rememberedLists{last: make(map[string]ids)}}
	}
	source.with = func(s Settings) Source {
		if len(s.ResourceTypes) == 0 {
			return source
		}
		return listedSource(only(of, func(r row) bool { return slices.Contains(s.ResourceTypes, r.kind) }))
	}
	return source
}

// appendNew appends a text, unless it is there.
func appendNew(texts []string, text string) []string {
	if slices.Contains(texts, text) {
		return texts
	}
	return append(texts, text)
}

func (r *row) describe(instead bool) List {
	request := r.request("{project}", "", false)
	return List{
		ResourceType: r.kind, Operation: r.operation, Method: request.Method,
		Path: joined(r.path, r.query, "?"), PageSize: r.pages.size, Instead: instead,
	}
}

// listedReader reads the rows of one service.
type listedReader struct {
	rows  []row
	types []string // each is a part of its own, where there are several
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
	if len(l.types) == 1 {
		return l.readType(ctx, s, l.rows, into)
	}
	var group errgroup.Group
	for _, name := range l.types {
		of := only(l.rows, func(r row) bool { return r.kind == name })
		part := into.Type(name, of[0].reach())
		group.Go(func() error {
			if err := Safely(func() error { return l.readType(ctx, s, of, part) }); err != nil {
				part.Fail(err)
			}
			return nil
		})
	}
	into.Whole(begun)
	return group.Wait()
}

// readType reads the lists that have the resources of one type together.
func (l *listedReader) readType(ctx context.Context, s *huaweicloud.Session, of []row, into *inventory.Reading) error {
	if of[0].instead != nil {
		return of[0].instead(ctx, s, into)
	}
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
