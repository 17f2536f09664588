package simulator

import (
	"net/http"
	"slices"
)

const (
	// maxTotal is the highest total_count that Fabric gives, whatever there is.
	maxTotal = 1000
	// maxFabricMessage is how many characters its error messages have at most.
	maxFabricMessage = 512
)

// listFabricWorkspaces is POST /v1/{project_id}/fabric-workspace/resource-instances/filter:
// query offset (a record, 0-1000000000, default 0) and limit (1-100, default 10).
// See https://support.huaweicloud.com/intl/en-us/api-fabric/ListTagFabricWorkspaces.html.
func (c *Cloud) listFabricWorkspaces(q *call) (Answer, error) {
	if err := c.checkQuery(q, "offset", "limit"); err != nil {
		return Answer{}, err
	}
	offset, limit, err := c.queryPage(q, number{fallback: 10, lowest: 1, highest: 100}, maxFabricOffset)
	if err != nil {
		return Answer{}, err
	}
	if len(q.body) > 0 && !q.isJSON() {
		return Answer{}, c.badRequest(q, "content type is not application/json")
	}
	f, err := decodeFilter(q.body)
	if err != nil {
		return Answer{}, c.badRequest(q, "body: %s", err)
	}
	if f.narrow != "" && c.quirks.StrictFilter {
		return ErrorE2(http.StatusBadRequest, "common.01000001", "request could not be parsed, "+f.narrow, ""), nil
	}
	if f.isEmpty() && c.quirks.Filterless == FilterlessRefused {
		return ErrorE2(http.StatusBadRequest, "common.01000001", "request could not be parsed, no filter", "filter by a tag"), nil
	}
	found := q.data.workspaces
	if !f.isEmpty() || c.quirks.Filterless == FilterlessTagged {
		found = slices.DeleteFunc(slices.Clone(found), func(w servedWorkspace) bool {
			return !f.matches(w.Workspace, c.quirks)
		})
	}
	if offset > len(found) && c.quirks.PastEndRefused {
		return ErrorE2(http.StatusBadRequest, "common.01000001", "offset is past the end", ""), nil
	}
	from, to := page(len(found), offset, limit)
	b := appendItems([]byte{'{'}, "resources", to-from, c.quirks.EmptyArrays, func(b []byte, i int) []byte {
		return append(b, found[from+i].item...)
	})
	return ok(closeObject(appendTotal(b, min(len(found), maxTotal), c.quirks.TotalCount))), nil
}

func appendWorkspace(b []byte, w Workspace, q Quirks) []byte {
	b = appendTextMember(append(b, '{'), "resource_id", w.ID)
	detail := "{}"
	if q.NullDetail {
		detail = "null"
	}
	b = append(appendMember(b, "resource_detail"), detail...)
	b = appendTextMember(b, "resource_name", w.Name)
	b = appendTags(b, "tags", w.Tags, q)
	var system []Tag
	if w.EnterpriseProjectID != "" {
		system = []Tag{T("_sys_enterprise_project_id", w.EnterpriseProjectID)}
	}
	return closeObject(appendTags(b, "sys_tags", system, q))
}

// listFabricProjectTags is GET /v1/{project_id}/fabric-workspace/tags: query
// use_predefine_tags (mandatory), offset (a record, 0-1000000000, default 0) and
// limit (1-1000, default 1000). The SDK documents it, in services/dataartsfabric/v1.
func (c *Cloud) listFabricProjectTags(q *call) (Answer, error) {
	if err := c.checkQuery(q, "use_predefine_tags", "offset", "limit"); err != nil {
		return Answer{}, err
	}
	offset, limit, err := c.queryPage(q, number{fallback: 1000, lowest: 1, highest: 1000}, maxFabricOffset)
	if err != nil {
		return Answer{}, err
	}
	predefined := q.query.Get("use_predefine_tags")
	if predefined != "true" && predefined != "false" {
		return Answer{}, c.badRequest(q, "use_predefine_tags %q is not true or false", predefined)
	}
	tags := projectTags(q.data.project, predefined == "true")
	from, to := page(len(tags), offset, limit)
	return ok(closeObject(appendKeyValues([]byte{'{'}, "tags", tags[from:to], c.quirks))), nil
}

// projectTags are the keys of all workspaces with their values, in order of
// appearance.
func projectTags(p Project, predefined bool) []PoolTag {
	var tags []PoolTag
	place := make(map[string]int)
	add := func(key string, values ...string) {
		i, known := place[key]
		if !known {
			i = len(tags)
			place[key] = i
			tags = append(tags, PoolTag{Key: key})
		}
		for _, v := range values {
			if !slices.Contains(tags[i].Values, v) {
				tags[i].Values = append(tags[i].Values, v)
			}
		}
	}
	for _, w := range p.Workspaces {
		for _, t := range w.Tags {
			add(t.Key, textOf(t.Value))
		}
	}
	if predefined {
		for _, t := range p.PredefinedTags {
			add(t.Key, t.Values...)
		}
	}
	return tags
}
