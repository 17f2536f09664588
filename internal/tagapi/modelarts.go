package tagapi

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

// pool is the resource type of ModelArts' resource pools.
const pool = "pool"

// modelArtsRows are the lists of ModelArts. Each request gives what one workspace has. Pools are
// listed, or their tags alone are read.
func modelArtsRows() []row {
	return []row{
		{
			service: "modelarts", kind: pool, operation: "ListPools",
			path: "/v2/{project}/pools", query: "workspaceId={workspace}", eachWorkspace: true, items: "items",
			id: "metadata.name", name: `metadata.labels."os.modelarts/name"`, tags: `metadata.annotations."os.modelarts/tms.tags"`, shape: asJSON,
			enterprise: `metadata.labels."os.modelarts/enterprise.project.id"`, check: checkPools, besides: opListPoolTags,
		},
		{service: "modelarts", kind: pool, instead: readPoolTags, besides: opListPoolTags},
		{
			service: "modelarts", kind: "notebook", operation: "ListAllNotebooks",
			path: "/v1/{project}/notebooks/all", query: "workspace_id={workspace}", eachWorkspace: true,
			pages: byOffset(50), items: "data", total: "total",
		},
		{
			service: "modelarts", kind: "service", operation: "ListInferServices",
			path: "/v2/{project}/services", query: "workspace_id={workspace}", eachWorkspace: true,
			pages: byWholePages(100), items: "data", total: "total",
		},
	}
}

// workspaces are what ModelArts divides a project into. They carry no tags.
var workspaces = row{
	service: "modelarts", kind: "workspaces", operation: "ListWorkspace", path: "/v1/{project}/workspaces",
	pages: pages{size: 1000, numbered: true, at: func(offset, size int) string {
		return fmt.Sprintf("limit=%d&offset=%d", size, offset/size) // its offset counts pages
	}},
	items: "workspaces", total: "total_count",
}

// defaultWorkspace is there in each project.
const defaultWorkspace = "0"

// eachWorkspace returns the rows of a type; with one for each workspace in place of those that
// list what one has.
func (l *listedReader) eachWorkspace(ctx context.Context, s *huaweicloud.Session, of []row) (all []row, err error) {
	if !of[0].eachWorkspace {
		return of, nil
	}
	found, err := workspaces.list(ctx, s, l.recall(&workspaces), 0, func(rowItem) {})
	if err != nil {
		return nil, fmt.Errorf("list modelarts workspaces: %w", err)
	}
	l.remember(&workspaces, found)
	known := append(slices.Collect(maps.Keys(found)), defaultWorkspace)
	slices.Sort(known)
	known = slices.Compact(known)
	for _, r := range of {
		for _, id := range known {
			one := r
			one.query = strings.ReplaceAll(r.query, "{workspace}", url.QueryEscape(id))
			all = append(all, one)
		}
	}
	return all, nil
}

// modelArts is the source with settings that say what it reads: the tags of pools, unless
// others are named; or the pools by their names.
func modelArts(s Settings) Source {
	types := s.ResourceTypes
	if len(types) == 0 {
		types = catalog.DefaultTypesOf("modelarts")
	}
	source := listedSource(only(modelArtsRows(), func(r row) bool {
		return slices.Contains(types, r.kind) && (r.kind != pool || s.TagsInList == (r.instead == nil))
	}))
	source.with = modelArts
	return source
}

// codeNoPools is what the tag API may answer where a project has no pool.
const codeNoPools = "ModelArts.50015001"

// checkPools compares the tags of all pools with those that the tag API has: it is
// documented in one place that a pool is listed with the tags that it was created with,
// which may not be those that it has.
func checkPools(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading) error {
	tags, err := listPoolTags(ctx, s)
	pools, _ := into.Snapshot(time.Time{})
	if err != nil && (len(pools.Resources)+pools.Unreadable > 0 || !huaweicloud.IsCode(err, codeNoPools)) {
		return err
	}
	if pools.Unreadable > 0 {
		return fmt.Errorf("%d pools are listed with %w", pools.Unreadable, errUnreadable)
	}
	listed, real := make(map[inventory.Tag]bool), make(map[inventory.Tag]bool)
	for _, r := range pools.Resources {
		for _, t := range r.Tags {
			listed[t] = true
		}
	}
	for _, t := range tags {
		for _, tag := range t.tags() {
			if into.IsTag(tag.Key) {
				real[tag] = true
			}
		}
	}
	if !maps.Equal(listed, real) {
		return errors.New("the list of pools has not the tags that the tag API has; tags_from: pool_tags shows those")
	}
	return nil
}
