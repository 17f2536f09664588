package simulator

import (
	"net/http"
)

// listedServices are those whose lists carry the tags of what they list. Their public
// pages are at https://support.huaweicloud.com/intl/en-us/api-ecs/en-us_topic_0094148850.html
// and the like; where these show an item, it is shortened here.
func listedServices() []*service {
	return []*service{
		listed("ecs:cloudservers", "Ecs.0005", listing{
			operation: "ListServersDetails", path: "v1/*/cloudservers/detail",
			query: []parameter{{name: "not-tags", values: []string{"__type_baremetal"}}}, enterprise: "enterprise_project_id",
			pages: pageNumbers, limit: 25, most: 1000,
			answer: `{"count":{total},"servers":{items}}`,
			item: `{"id":{id},"name":{name},"status":"ACTIVE","enterprise_project_id":{enterprise},"OS-EXT-SRV-ATTR:user_data":"IyEvYmluL3NoCg==",` +
				`"addresses":{"v1":[{"version":"4","addr":"192.0.2.1"}]},"metadata":{"charging_mode":"0"},"tags":{tags},"sys_tags":[{"key":"_sys_enterprise_project_id","value":{enterprise}}]}`,
			tags: tagPairs, system: []Tag{T("CCE-Cluster-ID", "cce-1"), {Key: "CCE-Dynamic-Provisioning-Node"}},
			kinds: map[string]string{"ecs:cloudservers": "", "bms:servers": ""},
			hides: func(q *call, in shown, _ Quirks) bool { return in.kind == "bms:servers" && q.query.Has("not-tags") },
		}),
		listed("evs:volumes", "EVS.5400", listing{
			operation: "ListVolumes", path: "v2/*/cloudvolumes/detail", enterprise: "enterprise_project_id",
			pages: fromOffset, limit: 1000, most: 1000,
			answer: `{"count":{total},"volumes":{items},"volumes_links":[]}`,
			item: `{"id":{id},"name":{name},"status":"in-use","size":40,"attachments":[],"metadata":{"hw:passthrough":"true"},"multiattach":false,` +
				`"enterprise_project_id":{enterprise},"tags":{tags}}`,
			tags: tagMembers, refuses: refusedPastEnd("EVS.5400"),
		}),
	}
}

// listed is the row of a service whose lists carry the tags. code is what it answers to a
// malformed request.
func listed(kind, code string, listings ...listing) *service {
	s := &service{kind: kind, errors: dialect{answer: plainError, malformed: code, prefix: "invalid request: ", gone: code}}
	for _, l := range listings {
		s.apis = append(s.apis, l.api())
	}
	return s
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
