package tagapi

import (
	"context"
	"fmt"
	"maps"
	"net/http"

	"golang.org/x/sync/errgroup"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

const (
	opListWorkspaceKeys = "ListFabricProjectTags"
	workspaceKeysLimit  = 1000
)

// listByKey lists the workspaces that have tags, by one query for each key.
func listByKey(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading, each func(inventory.Resource)) (ids, error) {
	keys, err := listWorkspaceKeys(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("list keys of workspaces: %w", err)
	}
	found := make([]ids, len(keys))
	group, noFailure := errgroup.WithContext(ctx)
	group.SetLimit(s.Concurrency())
	for i, key := range keys {
		group.Go(func() error {
			if err := noFailure.Err(); err != nil {
				return err // the one that failed first says why
			}
			err := Safely(func() (err error) {
				found[i], err = listWorkspaces(ctx, s, into, workspaceFilter{Tags: []tagFilter{{key, []string{}}}}, 0, each)
				return err
			})
			if err != nil {
				return fmt.Errorf("list workspaces with key %q: %w", key, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	all := make(ids)
	for _, part := range found {
		maps.Copy(all, part)
	}
	return all, nil
}

// listWorkspaceKeys reads the keys that the project's workspaces carry.
func listWorkspaceKeys(ctx context.Context, s *huaweicloud.Session) (keys []string, err error) {
	list := listing[keyValues]{
		limit: workspaceKeysLimit, ahead: 1, plain: true,
		id: func(k keyValues) string { return string(k.Key.Text) },
		fetch: func(ctx context.Context, offset int, _ bool) (page[keyValues], error) {
			answer, err := huaweicloud.Call[keyList](ctx, s, huaweicloud.Request{
				Operation: opListWorkspaceKeys, Method: http.MethodGet,
				Path:  "/v1/" + s.ProjectID() + "/fabric-workspace/tags",
				Query: fmt.Sprintf("limit=%d&offset=%d&use_predefine_tags=false", workspaceKeysLimit, offset),
			})
			return page[keyValues]{items: answer.Tags.List}, err
		},
	}
	_, err = list.read(ctx, func(k keyValues) {
		if k.Key.Text != "" { // else it could not be asked for
			keys = append(keys, string(k.Key.Text))
		}
	})
	return keys, err
}
