package simulator

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// newListingRig has two resources of each kind that is listed, one of them in another
// enterprise project, and what lists hide or show beside them. A host answers.
func newListingRig(t *testing.T, host string, q Quirks) *rig {
	t.Helper()
	r := newRig(t, Options{Quirks: q})
	server := httptest.NewServer(r.Host(host))
	t.Cleanup(server.Close)
	r.url = server.URL
	r.UpdateProject(testProject, func(p *Project) {
		p.Resources = map[string][]Instance{
			"ims:public": {{ID: "public"}}, "er:shared": {{ID: "shared"}}, "mrs:terminated": {{ID: "gone"}}, "cce:creating": {{Name: "young"}},
		}
		kinds := []string{"dcs:memcached", "dms:rabbitmqs", "dms:rocketmqs"} // which are on the hosts of others
		for _, s := range listedServices() {
			kinds = append(kinds, s.kind)
		}
		for _, kind := range kinds {
			p.Resources[kind] = []Instance{
				{ID: "i1", Name: "one", Tags: []Tag{T("env", "prod"), {Key: "note"}}},
				{ID: "i2", Name: "two", EnterpriseProjectID: "ep-1", Status: "CREATEFAILED"},
			}
		}
		p.Resources["rds:instances"][1].Mode = "flexus"
		p.Resources["cce:clusters"][1].Mode = "autopilot"
	})
	return r
}

func TestListings(t *testing.T) {
	p := func(path string) string { return strings.Replace(path, "*", testProject, 1) }
	for _, test := range []struct {
		name, host, path string
		quirks           Quirks
		status           int // 0 is 200
		want, lacks      string
		refused          bool
	}{
		{name: "pairs", path: p("/v1/*/cloudservers/detail"), want: `"tags":["env=prod","note","CCE-Cluster-ID=cce-1","CCE-Dynamic-Provisioning-Node"]`},
		{name: "bare metal among servers", path: p("/v1/*/cloudservers/detail"), want: `{"count":4,`},
		{name: "no bare metal", path: p("/v1/*/cloudservers/detail?not-tags=__type_baremetal"), want: `{"count":2,`},
		{name: "not-tags is checked", path: p("/v1/*/cloudservers/detail?not-tags=x"), status: 400, want: "not-tags", refused: true},
		{name: "unknown parameter", path: p("/v1/*/cloudservers/detail?markers=x"), status: 400, want: "markers", refused: true},
		{name: "limit too high", path: p("/v1/*/cloudservers/detail?limit=1001"), status: 400, want: `"error_code":"Ecs.0005"`, refused: true},
		{name: "page 2", path: p("/v1/*/cloudservers/detail?not-tags=__type_baremetal&limit=1&offset=2"), want: `"id":"i2"`, lacks: `"id":"i1"`},
		{name: "page 0 is 1", path: p("/v1/*/cloudservers/detail?limit=1&offset=0"), want: `"id":"i1"`},
		{name: "one enterprise project", path: p("/v1/*/cloudservers/detail?enterprise_project_id=ep-1"), want: `"id":"i2"`, lacks: `"id":"i1"`},
		{name: "only the default one", path: p("/v1/*/cloudservers/detail"), quirks: Quirks{Listed: ListedQuirks{OtherEnterpriseProjects: true}}, want: `"id":"i1"`, lacks: `"id":"i2"`},
		{name: "all of them", path: p("/v1/*/cloudservers/detail?enterprise_project_id=all_granted_eps"), quirks: Quirks{Listed: ListedQuirks{OtherEnterpriseProjects: true}}, want: `"id":"i2"`},

		{name: "members", path: p("/v2/*/cloudvolumes/detail"), want: `"tags":{"env":"prod","note":null}`},
		{name: "no members", path: p("/v2/*/cloudvolumes/detail"), want: `"tags":{}`},
		{name: "null", path: p("/v2/*/cloudvolumes/detail"), quirks: Quirks{EmptyArrays: Null}, want: `"enterprise_project_id":"ep-1","tags":null`},
		{name: "absent", path: p("/v2/*/cloudvolumes/detail"), quirks: Quirks{EmptyArrays: Absent}, want: `"enterprise_project_id":"ep-1"}`},
		{name: "numbers", path: p("/v2/*/cloudvolumes/detail"), quirks: Quirks{Listed: ListedQuirks{EnterpriseNumbers: true}}, want: `"enterprise_project_id":0`},
		{name: "the total as text", path: p("/v2/*/cloudvolumes/detail"), quirks: Quirks{TotalCount: AsText}, want: `{"count":"2","volumes"`},
		{name: "no total", path: p("/v2/*/cloudvolumes/detail"), quirks: Quirks{TotalCount: Absent}, want: `{"volumes"`},
		{name: "clamped", path: p("/v2/*/cloudvolumes/detail?limit=1000"), quirks: Quirks{Listed: ListedQuirks{Clamp: 1}}, want: `"id":"i1"`, lacks: `"id":"i2"`},

		{name: "no project in the path", path: "/v2/cloudimages?__imagetype=private", want: `"id":"i1"`, lacks: `"id":"i2"`},
		{name: "public images", path: "/v2/cloudimages?enterprise_project_id=all_granted_eps", want: `"id":"public"`},
		{name: "behind an image", path: "/v2/cloudimages?__imagetype=private&enterprise_project_id=all_granted_eps&marker=i1", want: `"id":"i2"`, lacks: `"id":"i1"`},

		{name: "a marker", path: p("/v3/*/vpc/vpcs?limit=1"), want: `"page_info":{"next_marker":"i1","current_count":1}`},
		{name: "the last page", path: p("/v3/*/vpc/vpcs?limit=1&marker=i1"), want: `"page_info":{"current_count":1}`},
		{name: "a last marker", path: p("/v3/*/vpc/vpcs?limit=1&marker=i1"), quirks: Quirks{Listed: ListedQuirks{LastMarker: true}}, want: `"next_marker":"i2"`},
		{name: "an unknown marker", path: p("/v3/*/vpc/vpcs?limit=1&marker=i9"), status: 404, want: `"error_code":"VPC.0101"`},
		{name: "a marker without limit", path: p("/v3/*/elb/loadbalancers?marker=i1"), want: `"id":"i1"`},
		{name: "no subnets there", path: p("/v3/*/vpc/virsubnets"), quirks: Quirks{Listed: ListedQuirks{SubnetsUnpublished: true}}, status: 404, want: "APIGW.0101"},
		{name: "malformed, and no subnets there", path: p("/v3/*/vpc/virsubnets?limit=x"), quirks: Quirks{Listed: ListedQuirks{SubnetsUnpublished: true}}, status: 400, want: "VPC.0101", refused: true},
		{name: "shared routers", path: p("/v3/*/enterprise-router/instances"), want: `"id":"shared"`},
		{name: "own routers", path: p("/v3/*/enterprise-router/instances?owned_by_self=true"), lacks: `"id":"shared"`},

		{name: "no Flexus", host: "rds", path: p("/v3/*/instances"), want: `"id":"i1"`, lacks: `"id":"i2"`},
		{name: "Flexus", host: "rds", path: p("/v3/*/instances?group_type=flexus"), want: `"id":"i2"`, lacks: `"id":"i1"`},
		{name: "more than 100", host: "rds", path: p("/v3/*/instances?limit=101"), status: 400, want: "DBS.280001", refused: true},
		{name: "no foreign databases", path: p("/v3.1/*/instances"), lacks: `"GaussDB"`},
		{name: "foreign databases", path: p("/v3.1/*/instances"), quirks: Quirks{Listed: ListedQuirks{ForeignDatabases: true}}, want: `"GaussDB"`},
		{name: "no failures", host: "dcs", path: p("/v2/*/instances"), want: `"instance_num":2`},
		{name: "failures", host: "dcs", path: p("/v2/*/instances?include_failure=true"), want: `"instance_num":4`},
		{name: "no engine", host: "dms", path: p("/v2/*/instances"), status: 400, want: "engine", refused: true},
		{name: "an engine", host: "dms", path: p("/v2/*/instances?engine=reliability"), want: `"instance_num":1,"instances":[{"instance_id":"i1","name":"one","engine":"rocketmq"`},
		{name: "past the end", host: "dms", path: p("/v2/*/instances?engine=kafka&offset=1"), status: 400, want: "DMS.40050010"},

		{name: "clusters", path: p("/api/v3/projects/*/clusters"), want: `"metadata":{"uid":"i1",`, lacks: `"uid":"i2"`},
		{name: "no cluster ID yet", path: p("/api/v3/projects/*/clusters"), want: `"metadata":{"name":"young",`},
		{name: "Autopilot", path: p("/autopilot/v3/projects/*/clusters"), want: `"metadata":{"uid":"i2",`, lacks: `"uid":"i1"`},
		{name: "offset", host: "css", path: p("/v1.0/*/clusters?start=1&offset=2"), want: `"id":"i2"`, lacks: `"id":"i1"`},
		{name: "start", host: "css", path: p("/v1.0/*/clusters?start=2&offset=1"), quirks: Quirks{Listed: ListedQuirks{Start: true}}, want: `"id":"i2"`, lacks: `"id":"i1"`},
		{name: "counted from 1", host: "css", path: p("/v1.0/*/clusters?offset=0"), status: 400, want: "offset", refused: true},
		{name: "terminated clusters", path: p("/v1.1/*/cluster_infos"), want: `"clusterState":"terminated"`},
		{name: "existing clusters", path: p("/v1.1/*/cluster_infos?clusterState=existing"), want: `"tags":"env=prod,note"`, lacks: `"terminated"`},
		{name: "terminated ones exist", path: p("/v1.1/*/cluster_infos?clusterState=existing"), quirks: Quirks{Listed: ListedQuirks{TerminatedExist: true}}, want: `"terminated"`},
		{name: "all_granted_eps", path: p("/v1.1/*/cluster_infos?enterpriseProjectId=all_granted_eps"), quirks: Quirks{Listed: ListedQuirks{GrantedRefused: true}}, status: 400, want: "MRS.0001"},
		{name: "shares", path: p("/v1/*/sfs-turbo/shares/detail"), want: `"tags":[{"key":"env","value":"prod"},{"key":"note","value":null}]`},
		{name: "shares without tags", path: p("/v1/*/sfs-turbo/shares/detail"), quirks: Quirks{Listed: ListedQuirks{SharesUntagged: true}}, lacks: `"tags"`},
		{name: "system tags", path: p("/v3/*/vaults"), quirks: Quirks{SystemTags: true}, want: `{"key":"_sys_enterprise_project_id","value":"ep-1"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newListingRig(t, test.host, test.quirks)
			got := r.get(test.path)
			wantReply(t, got, max(test.status, http.StatusOK), test.want)
			if test.lacks != "" && strings.Contains(got.body, test.lacks) {
				t.Errorf("%s has %s", got.body, test.lacks)
			}
			r.wantRefusals(map[bool]int{true: 1}[test.refused])
		})
	}
}

// TestListingToken: where a path names no project, it is the token's.
func TestListingToken(t *testing.T) {
	r := newListingRig(t, "", Quirks{})
	req := r.request(http.MethodGet, "/v2/cloudimages?__imagetype=private", "")
	req.Header.Del("X-Project-Id")
	req.Header.Set("X-Auth-Token", r.IssueToken(testProject, 1e12))
	wantReply(t, r.send(req), http.StatusOK, `"id":"i1"`)
	r.wantRefusals(0)
}

// TestFillIn: what is not there leaves no trace in the JSON around it.
func TestFillIn(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":{x},"b":{none},"c":{x}}`:   `{"a":7,"c":7}`,
		`{"a":{none},"b":{x}}`:           `{"b":7}`,
		`{"a":{"b":{none}},"c":{none}}`:  `{"a":{}}`,
		`{"a":{"b":{none},"c":{"d":1}}}`: `{"a":{"c":{"d":1}}}`,
	} {
		got := fillIn(nil, text, func(b []byte, name string) []byte {
			if name == "none" {
				return b
			}
			return append(b, '7')
		})
		if string(got) != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
