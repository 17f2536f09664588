package simulator

import (
	"net/http"
	"strconv"
)

// modelartsServices list by workspace: that of a resource is its mode, "" the default one.
// The pools here are the ones that listPoolTags has the tags of, if whoever fills the
// project says so.
func modelartsServices() []*service {
	const code = "ModelArts.50004000"
	return []*service{
		listed("modelarts:pool", code, api{
			operation: "ListPools", path: "v2/*/pools", query: []parameter{{name: "workspaceId"}},
			answer: `{"kind":"PoolList","apiVersion":"v2","items":{items}}`,
			item: `{"kind":"Pool","apiVersion":"v2","metadata":{"name":{id},"creationTimestamp":"2026-01-02T03:04:05Z","labels":{"os.modelarts/name":{name},"os.modelarts/workspace.id":{mode},"os.modelarts/enterprise.project.id":{enterprise}},` +
				`"annotations":{"os.modelarts/tms.tags":{tags}}},"spec":{"type":"Dedicate","scope":["Train"],"resources":[]},"status":{"phase":"Running"}}`,
			tags: tagsAsJSON, untagged: Absent, hides: outsideWorkspace("workspaceId"),
		}),
		listed("modelarts:notebook", code, api{
			operation: "ListAllNotebooks", path: "v1/*/notebooks/all",
			query: []parameter{{name: "workspace_id"}, {name: "limit", values: []string{"10", "20", "50"}}},
			pages: fromOffset, limit: 10, most: 50,
			answer: `{"current":0,"data":{items},"pages":1,"size":{count},"total":{total}}`,
			item:   `{"id":{id},"name":{name},"status":"RUNNING","workspace_id":{mode},"volume":{"category":"EFS"},"tags":{tags}}`, untagged: Absent,
			hides: outsideWorkspace("workspace_id"),
		}),
		listed("modelarts:service", code, api{
			operation: "ListInferServices", path: "v2/*/services", query: []parameter{{name: "workspace_id"}},
			pages: fromOffset, limit: 10, most: 500,
			answer: `{"current":0,"data":{items},"pages":1,"size":{count},"total":{total}}`,
			item:   `{"id":{id},"name":{name},"status":"RUNNING","workspace_id":{mode},"tags":{tags}}`, untagged: Absent,
			hides:   outsideWorkspace("workspace_id"),
			refuses: withinPage(code),
		}),
		listed("modelarts:workspace", code, api{
			operation: "ListWorkspace", path: "v1/*/workspaces",
			pages: fromPage, limit: 1000, most: 1000,
			answer: `{"total_count":{total},"count":{count},"workspaces":{items}}`,
			item:   `{"id":{id},"name":{name},"enterprise_project_id":{enterprise},"status":"NORMAL"}`,
		}),
	}
}

// outsideWorkspace hides what is in another workspace than a parameter says.
func outsideWorkspace(parameter string) func(*call, *Instance, Quirks) bool {
	return func(q *call, in *Instance, _ Quirks) bool {
		asked := q.query.Get(parameter)
		return in.Mode != asked && (in.Mode != "" || asked != "0") && (in.Mode != "0" || asked != "")
	}
}

// withinPage answers 400 where an offset is no multiple of the limit.
func withinPage(code string) func(*call, int, Quirks) error {
	return func(q *call, _ int, _ Quirks) error {
		if limit, err := strconv.Atoi(q.query.Get("limit")); err == nil && q.offset%limit != 0 {
			return quietly(ErrorE1(http.StatusBadRequest, code, "offset must be a multiple of limit"))
		}
		return nil
	}
}
