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
func listed(kind, code string, listings ...listing) *service {
	s := &service{kind: kind, errors: dialect{answer: plainError, malformed: code, prefix: "invalid request: ", gone: code}}
	if strings.HasPrefix(code, "DBS.") {
		s.errors = databaseErrors
	}
	for _, l := range listings {
		s.apis = append(s.apis, l.api())
	}
	return s
}

// filtered is the call of a service that lists by a filter in its body, of at most so many
// resources a page.
func filtered(operation, path, member string, most int, asText bool) api {
	return api{
		operation: operation, method: http.MethodPost, path: path, serve: (*Cloud).filterResources,
		paging: paging{limit: most, maxLimit: most, maxOffset: maxInt32, inBody: true, asText: asText},
		member: member, maxTotal: maxInt32,
	}
}

// alsoOf are kinds that have no list of their own on the host of their service.
func alsoOf(kinds ...string) (services []*service) {
	for _, kind := range kinds {
		services = append(services, &service{kind: kind})
	}
	return services
}

// chained is the answer of a list whose pages lead from one to the next.
func chained(items string) string {
	return `{"request_id":"r-1","` + items + `":{items},"page_info":{"next_marker":{next},"current_count":{count}}}`
}

// refusedPastEnd answers 400 where a page would begin behind the last item.
func refusedPastEnd(code string) func(q *call, found []shown, _ Quirks) *Answer {
	return func(q *call, found []shown, _ Quirks) *Answer {
		offset, err := number("offset", q.query.Get("offset"), 1, maxInt32)
		if err != nil || offset < len(found) {
			return nil
		}
		return new(plainError(Quirks{}, http.StatusBadRequest, code, "offset out of range"))
	}
}
