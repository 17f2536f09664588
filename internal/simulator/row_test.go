package simulator

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// further are rows of services that the cloud has not: what a row alone can say.
var further = []*service{
	{
		kind: "ecs:server", errors: dialect{answer: plainError, malformed: "Ecs.0005", gone: "Ecs.0114"},
		apis: []api{
			{
				operation: "ListServersByTag", method: http.MethodPost, path: "v1/*/cloudservers/resource_instances/action", narrow: byFilter,
				pages: inBodyAsText, limit: 2, most: 3, mostOffset: 1000,
				answer: filteredAnswer, item: filteredItem,
			},
			{operation: "ShowServerTags", path: "v1/*/cloudservers/*/tags", serve: (*Cloud).listTags},
			{operation: "ListServerTags", path: "v1/*/cloudservers/tags", serve: (*Cloud).listKeys},
		},
	},
	{
		kind: "waf:instance", errors: dialect{answer: plainError, malformed: "WAF.1"},
		apis: []api{{
			operation: "ConfirmTmsResourceInstances", method: http.MethodPost, path: "v1/*/waf/resource-instances/action", narrow: byFilter,
			pages: inBody, limit: 1000, most: 1000, answer: `{"resources":{items}}`,
		}},
	},
	{ // on the paths of DDS
		kind: "sister:instance", errors: databaseErrors,
		apis: []api{{
			operation: "ListSisterInstances", path: "v3/*/instances",
			pages: fromOffset, limit: 1, most: 100, answer: `{"instances":{items},"total_count":{total}}`, item: ddsInstance,
		}},
	},
}

// newRowRig has the further services too. They are what answers on the host.
func newRowRig(t *testing.T, host string, q Quirks) *rig {
	t.Helper()
	r := newRig(t, Options{Quirks: q})
	r.services = append(r.services[:len(r.services):len(r.services)], further...)
	server := httptest.NewServer(r.Host(host))
	t.Cleanup(server.Close)
	r.url = server.URL
	r.UpdateProject(testProject, func(p *Project) {
		p.Resources = map[string][]Instance{
			"ecs:server":      {{ID: "s1", Name: "web", Tags: []Tag{T("env", "prod")}}, {ID: "s2", Tags: []Tag{T("env", "dev")}}, {ID: "s3", Created: testTime}},
			"sister:instance": {{ID: "i1"}, {ID: "i2", Created: testTime, Tags: []Tag{T("env", "prod")}}},
		}
	})
	return r
}

func TestRows(t *testing.T) {
	const (
		action = "/v1/" + testProject + "/cloudservers/resource_instances/action"
		ecs    = "/v1/" + testProject + "/cloudservers"
		waf    = "/v1/" + testProject + "/waf/resource-instances/action"
	)
	for _, test := range []struct {
		name, host, path, body string
		quirks                 Quirks
		status                 int // 0 is 200
		want                   string
		refused                bool
	}{
		{name: "first page", path: action, body: `{"action":"filter"}`, want: `{"resources":[{"resource_id":"s1","resource_detail":{},"resource_name":"web","tags":[{"key":"env","value":"prod"}],"sys_tags":[]},{"resource_id":"s2",`},
		{name: "next page", path: action, body: `{"action":"filter","offset":"2","limit":"3"}`, want: `{"resources":[{"resource_id":"s3","resource_detail":{},"resource_name":"","tags":[],"sys_tags":[]}],"total_count":3}`},
		{name: "filter", path: action, body: `{"action":"filter","tags":[{"key":"env","values":["dev"]}]}`, want: `"total_count":1}`},
		{name: "untagged", path: action, body: `{"action":"filter","without_any_tag":true}`, want: `"total_count":1}`},
		{name: "filterless", path: action, body: `{"action":"filter"}`, quirks: Quirks{Filterless: FilterlessTagged}, want: `"total_count":2}`},
		{name: "strict", path: action, body: `{"action":"filter","tags":[{"key":""}]}`, quirks: Quirks{StrictFilter: true}, status: 400, want: `"error_code":"Ecs.0005"`},
		{name: "past the end", path: action, body: `{"action":"filter","offset":"4"}`, quirks: Quirks{PastEndRefused: true}, status: 400, want: `"error_code":"Ecs.0005"`},
		{name: "no body", path: action, status: 400, want: `"error_code":"Ecs.0005"`, refused: true},
		{name: "no action", path: action, body: `{}`, status: 400, want: `"error_code":"Ecs.0005"`, refused: true},
		{name: "other action", path: action, body: `{"action":"create"}`, status: 400, want: "action", refused: true},
		{name: "page in the query", path: action + "?limit=1", body: `{"action":"filter"}`, status: 400, want: "limit", refused: true},
		{name: "number", path: action, body: `{"action":"filter","limit":1}`, status: 400, want: "limit", refused: true},
		{name: "null", path: action, body: `{"action":"filter","limit":null}`, status: 400, want: "limit", refused: true},
		{name: "no number", path: action, body: `{"action":"filter","offset":"x"}`, status: 400, want: "offset", refused: true},
		{name: "limit too high", path: action, body: `{"action":"filter","limit":"4"}`, status: 400, want: "limit", refused: true},
		{name: "offset too high", path: action, body: `{"action":"filter","offset":"1001"}`, status: 400, want: "offset", refused: true},
		{name: "limits of a filter", path: action, body: `{"action":"filter","tags":[]}`, status: 400, want: "tags", refused: true},
		{name: "unknown member", path: action, body: `{"action":"filter","not_tags":[]}`, status: 400, want: "not_tags", refused: true},
		{name: "page in a filter", path: filterPath, body: `{"limit":"1"}`, status: 400, want: "limit", refused: true},

		{name: "numbers", path: waf, body: `{"action":"filter","limit":1,"offset":0}`, want: `{"resources":[]}`},
		{name: "text", path: waf, body: `{"action":"filter","limit":"1"}`, status: 400, want: "limit", refused: true},

		{name: "tags of one", path: ecs + "/s1/tags", want: `{"tags":[{"key":"env","value":"prod"}]}`},
		{name: "tags of none", path: ecs + "/s9/tags", status: 404, want: `"error_code":"Ecs.0114"`},
		{name: "keys", path: ecs + "/tags", want: `{"tags":[{"key":"env","values":["prod","dev"]}]}`},
		{name: "keys have no pages", path: ecs + "/tags?limit=1", status: 400, want: "limit", refused: true},

		{name: "shared path", path: instances, want: `"total_count":3}`},
		{name: "shared path of its first", host: "dds", path: instances, want: `"total_count":3}`},
		{name: "shared path of another", host: "sister", path: instances, want: `"id":"i1"`},
		{name: "shared path, its rules", host: "sister", path: instances + "?name=x", status: 400, want: `"error_code":"DBS.280001"`, refused: true},
		{name: "other services of a host", host: "sister", path: poolTags, want: "cost-center"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRowRig(t, test.host, test.quirks)
			method := http.MethodGet
			if test.body != "" || test.name == "no body" {
				method = http.MethodPost
			}
			wantReply(t, r.do(method, test.path, test.body), max(test.status, 200), test.want)
			r.wantRefusals(map[bool]int{true: 1}[test.refused])
		})
	}
}

func TestTruthOfRows(t *testing.T) {
	r := newRowRig(t, "", Quirks{})
	if got := r.Truth(testProject, "ecs:server", nil); got.Resources != 3 || got.Untagged != 1 || got.Tagged["env"]["dev"] != 1 {
		t.Errorf("got %+v", got)
	}
	before, _ := r.Project(testProject)
	*before.Resources["ecs:server"][0].Tags[0].Value = "changed"
	if after, _ := r.Project(testProject); *after.Resources["ecs:server"][0].Tags[0].Value != "prod" {
		t.Error("the copy is not deep")
	}
}
