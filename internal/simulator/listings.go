package simulator

import (
	"net/http"
	"slices"
	"strings"
)

// listedServices are those whose lists carry the tags of what they list. Their public
// pages are at https://support.huaweicloud.com/intl/en-us/api-ecs/en-us_topic_0094148850.html
// and the like; where these show an item, it is shortened here.
func listedServices() []*service {
	return slices.Concat(computeServices(), networkServices(), storageServices(), databaseServices(), applicationServices(), modelartsServices())
}

// ListedOperations are their calls.
func ListedOperations() (operations []string) {
	for _, s := range listedServices() {
		for _, a := range s.apis {
			if !slices.Contains(operations, a.operation) {
				operations = append(operations, a.operation)
			}
		}
	}
	return operations
}

// listed is the row of a service whose lists carry the tags. code is what it answers to a
// malformed request.
func listed(kind, code string, apis ...api) *service {
	s := &service{kind: kind, errors: dialect{answer: plainError, malformed: code, prefix: "invalid request: ", gone: code}, apis: apis}
	if strings.HasPrefix(code, "DBS.") {
		s.errors = databaseErrors
	}
	return s
}

// What most lists by a filter look like.
const (
	filteredAnswer = `{"resources":{items},"total_count":{total}}`
	filteredItem   = `{"resource_id":{id},"resource_detail":{detail},"resource_name":{name},"tags":{tags},"sys_tags":{system}}`
)

// filtered is the call of a service that lists by a filter in its body, of at most so many
// resources a page.
func filtered(operation, path string, pages pageStyle, most int) api {
	return api{
		operation: operation, method: http.MethodPost, path: path, narrow: byFilter,
		pages: pages, limit: most, most: most,
		answer: filteredAnswer, item: filteredItem,
	}
}

// chained is the answer of a list whose pages lead from one to the next.
func chained(items string) string {
	return `{"request_id":"r-1","` + items + `":{items},"page_info":{"next_marker":{next},"current_count":{count}}}`
}

// refusedPastEnd answers 400 where a page would begin behind the last item.
func refusedPastEnd(code string) func(*call, int, Quirks) error {
	return func(q *call, found int, _ Quirks) error {
		if q.offset == 0 || q.offset < found {
			return nil
		}
		return quietly(ErrorE1(http.StatusBadRequest, code, "offset out of range"))
	}
}
