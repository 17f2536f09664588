package tagapi

import (
	"context"
	"fmt"
	"maps"

	"golang.org/x/sync/errgroup"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// workspaceKeys lists the keys that the project's workspaces carry, each in the place of an ID.
var workspaceKeys = row{
	service: "fabric", kind: "key", operation: "ListFabricProjectTags", path: "/v1/{project}/fabric-workspace/tags", query: "use_predefine_tags=false",
	pages: byOffset(1000), items: "tags", id: "key", emptyID: true, plain: true,
}

// listByKey lists the workspaces that have tags, by one query for each key.
func listByKey(ctx context.Context, s *huaweicloud.Session, each func(rowItem)) (ids, error) {
	var keys []string
	_, err := workspaceKeys.list(ctx, s, nil, 0, func(k rowItem) {
		if k.ID != "" { // else it could not be asked for
			keys = append(keys, k.ID)
		}
	})
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
				with := workspacesBy(key)
				found[i], err = with.list(ctx, s, nil, 0, each)
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
