package simulator

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

const (
	testAccount   = "dddd2222333344445555666677778888"
	testResources = "/v1/resource-manager/domains/" + testAccount + "/all-resources"
	testTracker   = "/v1/resource-manager/domains/" + testAccount + "/tracker-config"
)

// testAccountData has one of each oddity.
func testAccountData() Account {
	return Account{ID: testAccount, Name: "shop", Resources: []AccountResource{
		{ID: "i1", Name: "web", Provider: "ecs", Type: "cloudServers", Region: "cn-north-4", Project: testProject, ProjectName: "cn-north-4", Created: "2025-02-03T04:05:06Z", Updated: "2025-02-03T04:05Z", Tags: []Tag{T("env", "prod"), T(`a"b`, "")}},
		{ID: "i2", Name: "web, old", Provider: "ecs", Type: "cloudservers", Region: "cn-north-4", Project: testProject, EnterpriseProjectID: "ep1", EnterpriseProject: "Research", State: "Normal", Tags: []Tag{{Key: "env"}}},
		{ID: "i1", Provider: "evs", Type: "volumes", Region: "cn-south-1", Project: "p2", TagsMember: Absent},
		{ID: "b1", Provider: "obs", Type: "buckets", Properties: `{"tags":[]}`},
		{ID: "b2", Provider: "obs", Type: "buckets", TagsMember: Null},
		{ID: "gone", Provider: "obs", Type: "buckets", Region: "cn-south-1", State: stateDeleted, Tags: []Tag{T("env", "dev")}},
	}}
}

func newAccountRig(t *testing.T, q ConfigQuirks) *rig {
	t.Helper()
	r := newRig(t, Options{Quirks: Quirks{ConfigQuirks: q}})
	r.SetAccount(testAccountData())
	return r
}

// account asks for something of the test's account, or of another.
func (r *rig) account(path, domain string) reply {
	r.t.Helper()
	req := r.request(http.MethodGet, path, "")
	req.Header.Del("X-Project-Id")
	if domain != "" {
		req.Header.Set("X-Domain-Id", domain)
	}
	return r.send(r.sign(req, "", testAK, testSK))
}

func TestAllResources(t *testing.T) {
	const one = testResources + "?id="
	for _, test := range []struct {
		name, path string
		quirks     ConfigQuirks
		status     int // 0 is 200
		want       string
	}{
		{name: "resource", path: one + "i1&region_id=cn-north-4", want: `{"resources":[{"id":"i1","name":"web","provider":"ecs","type":"cloudServers","region_id":"cn-north-4","project_id":"` + testProject + `","project_name":"cn-north-4","ep_id":"0","ep_name":"default","checksum":"9f00aa","created":"2025-02-03T04:05:06Z","updated":"2025-02-03T04:05Z","provisioning_state":"Succeeded","tags":{"env":"prod","a\"b":""},"properties":{}}],"page_info":{"current_count":1,"next_marker":null}}`},
		{name: "state", path: one + "i2", want: `"ep_id":"ep1","ep_name":"Research","checksum":"9f00aa","created":"","updated":"","provisioning_state":"Succeeded","state":"Normal","tags":{"env":null},`},
		{name: "global", path: one + "b1", want: `"region_id":"global","project_id":"","project_name":"",`},
		{name: "no tags", path: one + "b1", want: `"tags":{},"properties":{"tags":[]}}`},
		{name: "absent tags", path: one + "i1&region_id=cn-south-1", want: `"provisioning_state":"Succeeded","properties"`},
		{name: "null tags", path: one + "b2", want: `"tags":null,`},
		{name: "deleted", path: one + "gone", want: `"state":"Deleted"`},
		{name: "one id twice", path: one + "i1", want: `"current_count":2,`},
		{name: "unknown", path: one + "i", want: `{"resources":[],"page_info":{"current_count":0,"next_marker":null}}`},
		{name: "all", path: testResources, want: `"current_count":6,`},
		{name: "type", path: testResources + "?type=ECS.cloudservers", want: `"current_count":2,`},
		{name: "exact type", path: testResources + "?type=ecs.cloudservers", quirks: ConfigQuirks{ExactTypes: true}, want: `"current_count":1,`},
		{name: "exact type, other case", path: testResources + "?type=ECS.cloudservers", quirks: ConfigQuirks{ExactTypes: true}, want: `"current_count":0,`},
		{name: "unknown type", path: testResources + "?type=ecs.servers", want: `"current_count":0,`},
		{name: "region", path: testResources + "?region_id=cn-south-1", want: `"current_count":2,`},
		{name: "type and region", path: testResources + "?region_id=cn-south-1&type=obs.buckets", want: `"current_count":1,`},
		{name: "type and region refused", path: testResources + "?region_id=cn-south-1&type=obs.buckets", quirks: ConfigQuirks{TypeRegionRefused: "RMS.00010002"}, status: 400, want: `{"error_code":"RMS.00010002"`},
		{name: "type alone", path: testResources + "?type=obs.buckets", quirks: ConfigQuirks{TypeRegionRefused: "RMS.00010002"}, want: `"current_count":3,`},
		{name: "global region", path: testResources + "?region_id=global", want: `"current_count":2,`},
		{name: "global region refused", path: testResources + "?region_id=global", quirks: ConfigQuirks{GlobalRegion: GlobalRefused}, status: 400, want: `{"error_code":"RMS.00010001"`},
		{name: "global region empty", path: testResources + "?region_id=global", quirks: ConfigQuirks{GlobalRegion: GlobalEmpty}, want: `"current_count":0,`},
		{name: "other region", path: testResources + "?region_id=cn-south-1", quirks: ConfigQuirks{GlobalRegion: GlobalRefused}, want: `"current_count":2,`},
		{name: "enterprise project", path: testResources + "?ep_id=ep1", want: `"id":"i2"`},
		{name: "default enterprise project", path: testResources + "?ep_id=0", want: `"current_count":5,`},
		{name: "name", path: testResources + "?name=web,%20old", want: `"current_count":1,`},
		{name: "tag key", path: testResources + "?tags=env", want: `"current_count":3,`},
		{name: "tag", path: testResources + "?tags=env=prod", want: `"current_count":1,`},
		{name: "empty tag", path: testResources + "?tags=env%3D", want: `"id":"i2"`},
		{name: "two tags", path: testResources + "?tags=env&tags=a", want: `"current_count":0,`},
		{name: "absent end", path: one + "i", quirks: ConfigQuirks{EndMarker: Absent}, want: `"page_info":{"current_count":0}}`},
		{name: "empty end", path: one + "i", quirks: ConfigQuirks{EndMarker: AsText}, want: `"next_marker":""}}`},

		{name: "count", path: testResources + "/count", want: `{"total_count":5}`},
		{name: "count deleted", path: testResources + "/count", quirks: ConfigQuirks{SummaryCountsDeleted: true}, want: `{"total_count":6}`},
		{name: "count of many", path: testResources + "/count?type=ecs.cloudservers,evs.volumes&region_id=cn-north-4&region_id=cn-south-1&project_id=p2," + testProject, want: `{"total_count":3}`},
		{name: "count of one", path: testResources + "/count?id=i1&ep_id=0,ep1", want: `{"total_count":2}`},
		{name: "summary", path: testResources + "/summary", want: `[{"provider":"ecs","types":[{"type":"cloudServers","regions":[{"region_id":"cn-north-4","count":1}]},{"type":"cloudservers","regions":[{"region_id":"cn-north-4","count":1}]}]},{"provider":"evs","types":[{"type":"volumes","regions":[{"region_id":"cn-south-1","count":1}]}]},{"provider":"obs","types":[{"type":"buckets","regions":[{"region_id":"global","count":2}]}]}]`},
		{name: "summary in lower case", path: testResources + "/summary?region_id=cn-north-4", quirks: ConfigQuirks{SummaryLowerCase: true}, want: `[{"provider":"ecs","types":[{"type":"cloudservers","regions":[{"region_id":"cn-north-4","count":2}]}]}]`},
		{name: "summary of deleted", path: testResources + "/summary?type=obs.buckets", quirks: ConfigQuirks{SummaryCountsDeleted: true}, want: `"regions":[{"region_id":"cn-south-1","count":1},{"region_id":"global","count":2}]`},
		{name: "summary of tagged", path: testResources + "/summary?tags=env=prod", want: `"count":1}]}]}]`},
		{name: "summary of nothing", path: testResources + "/summary?project_id=p9", want: `[]`},
		{name: "no summary", path: testResources + "/summary", quirks: ConfigQuirks{NoSummary: true}, status: 404, want: `"error_code":"APIG.0101"`},

		{name: "recorder", path: testTracker, want: `"selector":{"all_supported":true,"resource_types":[]},"retention_period_in_days":2557,"agency_name":"rms_tracker_agency","frozen_status":null}`},
		{name: "recorder not frozen", path: testTracker, quirks: ConfigQuirks{NotFrozen: AsObject}, want: `"frozen_status":{"is_frozen":false,"frozen_scene":[]}}`},
		{name: "recorder without status", path: testTracker, quirks: ConfigQuirks{NotFrozen: Absent}, want: `"agency_name":"rms_tracker_agency"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newAccountRig(t, test.quirks)
			wantReply(t, r.account(test.path, testAccount), max(test.status, 200), test.want)
			r.wantRefusals(0)
		})
	}
}

// TestAccountStates: what an account can be made to say.
func TestAccountStates(t *testing.T) {
	for _, test := range []struct {
		name, path string
		quirks     ConfigQuirks
		change     func(*Account)
		status     int // 0 is 200
		want       string
	}{
		{name: "off", path: testTracker, change: recorderOff, status: 404, want: `{"error_code":"RMS.00010005"`},
		{name: "off, list", path: testResources, change: recorderOff, want: `"current_count":0,`},
		{name: "off, summary", path: testResources + "/summary", change: recorderOff, want: `[]`},
		{name: "off, refused", path: testResources, quirks: ConfigQuirks{RecorderOff: OffRefused}, change: recorderOff, status: 400, want: `{"error_code":"RMS.00010091"`},
		{name: "off, summary refused", path: testResources + "/summary", quirks: ConfigQuirks{RecorderOff: OffRefused}, change: recorderOff, status: 400, want: `{"error_code":"RMS.00010091"`},
		{name: "off, count refused", path: testResources + "/count", quirks: ConfigQuirks{RecorderOff: OffRefused}, change: recorderOff, status: 400, want: `{"error_code":"RMS.00010091"`},
		{name: "off, stale", path: testResources, quirks: ConfigQuirks{RecorderOff: OffStale}, change: recorderOff, want: `"current_count":6,`},
		{name: "frozen", path: testTracker, change: func(a *Account) { a.Recorder.Frozen = true }, want: `"frozen_status":{"is_frozen":true,"frozen_scene":["ARREAR"]}}`},
		{name: "some types", path: testTracker, change: func(a *Account) { a.Recorder.Types = []string{"ecs.cloudservers", "obs.buckets"} }, want: `"selector":{"all_supported":false,"resource_types":["ecs.cloudservers","obs.buckets"]}`},
		{name: "denied", path: testTracker, change: func(a *Account) { a.Denied = []string{OpShowTrackerConfig} }, status: 403, want: `{"error_code":"RMS.00010006"`},
		{name: "denied another", path: testTracker, change: func(a *Account) { a.Denied = []string{OpListAllResources} }, want: `"all_supported":true`},
		{name: "denied projects", path: "/v3/auth/projects", change: func(a *Account) { a.Denied = []string{OpListAuthProjects} }, status: 403, want: `{"error":{"code":403`},
		{name: "too many", path: testResources + "/summary", change: counted(func(_, _ string, n int) int { return n + 1 }), want: `{"region_id":"global","count":3}`},
		{name: "zero", path: testResources + "/summary", change: counted(func(string, string, int) int { return 0 }), want: `{"region_id":"global","count":0}`},
		{name: "nothing", path: testResources + "/summary", change: counted(func(string, string, int) int { return -1 }), want: `[]`},
		{name: "a type less", path: testResources + "/summary?region_id=global,cn-north-4", change: counted(func(kind, region string, n int) int {
			if kind == "ecs.cloudServers" && region == "cn-north-4" {
				return -1
			}
			return n
		}), want: `[{"provider":"ecs","types":[{"type":"cloudservers","regions":[{"region_id":"cn-north-4","count":1}]}]},{"provider":"obs"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newAccountRig(t, test.quirks)
			r.UpdateAccount(testAccount, test.change)
			wantReply(t, r.account(test.path, testAccount), max(test.status, 200), test.want)
			r.wantRefusals(0)
		})
	}
}

func recorderOff(a *Account) { a.Recorder.Off = true }

func counted(f func(kind, region string, n int) int) func(*Account) {
	return func(a *Account) { a.Counted = f }
}

// many returns a parameter with n values, or given n times.
func many(name, prefix, separator string, n int) string {
	values := make([]string, n)
	for i := range values {
		values[i] = prefix + strconv.Itoa(i)
	}
	return "?" + name + "=" + strings.Join(values, separator)
}

func TestAccountRefusals(t *testing.T) {
	for _, test := range []struct {
		path, domain string // the test's account where empty
		status       int    // 0 is 400
		want         string
	}{
		{path: testResources + "?limit=0"},
		{path: testResources + "?limit=201"},
		{path: testResources + "?offset=0"},
		{path: testResources + "?project_id=" + testProject},
		{path: testResources + "?type=ecs"},
		{path: testResources + "?type="},
		{path: testResources + "?type=ecs.a,ecs.b"},
		{path: testResources + "?type=ecs.a&type=ecs.b"},
		{path: testResources + "?type=ecs." + strings.Repeat("a", 37)},
		{path: testResources + "?region_id="},
		{path: testResources + "?region_id=" + strings.Repeat("a", 37)},
		{path: testResources + "?id=a%2Fb"},
		{path: testResources + "?id=" + strings.Repeat("a", 513)},
		{path: testResources + "?name=it's"},
		{path: testResources + "?name=" + strings.Repeat("%C3%A9", 513)},
		{path: testResources + "?tags="},
		{path: testResources + "?tags=a%2Fb=c"},
		{path: testResources + "?tags=a=b%23"},
		{path: testResources + many("tags", "k", "&tags=", 6), want: "6 values"},
		{path: testResources + "?marker="},
		{path: testResources + "?marker=abc"},
		{path: testResources + "?marker=abcd", want: "RMS.00010034"},
		{path: testResources + "?marker=" + strings.Repeat("a", 401)},
		{path: testResources + "/summary?limit=1"},
		{path: testResources + "/summary?id=i1"},
		{path: testResources + "/summary" + many("type", "a.", ",", 101), want: "101 values"},
		{path: testResources + "/summary" + many("region_id", "r", ",", 11), want: "11 values"},
		{path: testResources + "/summary?type=ecs.a,ecs.a"},
		{path: testResources + "/count" + many("ep_id", "e", ",", 11), want: "11 values"},
		{path: testResources + "/count" + many("project_id", "p", ",", 11), want: "11 values"},
		{path: testTracker + "?limit=1"},
		{path: testTracker + "/", status: 404, want: "APIG.0101"},
		{path: "/v3/auth/projects?name=a", want: `{"error":{"code":400`},
		{path: "/v3/auth/domains?limit=1", want: `{"error":{"code":400`},
		{path: testTracker, domain: "other", status: 401, want: "APIG.0301"},
		{path: strings.Replace(testTracker, testAccount, "other", 1), domain: "other", status: 403, want: "APIG.0306"},
	} {
		t.Run(test.path, func(t *testing.T) {
			r := newAccountRig(t, ConfigQuirks{})
			status, want, domain := test.status, test.want, test.domain
			if status == 0 {
				status = http.StatusBadRequest
			}
			if want == "" {
				want = "RMS.00010004"
			}
			if domain == "" {
				domain = testAccount
			}
			wantReply(t, r.account(test.path, domain), status, want)
			r.wantRefusals(1)
		})
	}
	r := newAccountRig(t, ConfigQuirks{})
	for length, status := range map[int]int{36: 200, 37: 400} {
		id := strings.Repeat("d", length)
		r.SetAccount(Account{ID: id})
		wantReply(t, r.account(strings.Replace(testTracker, testAccount, id, 1), id), status, "")
	}
	r.wantRefusals(1)
	for _, path := range []string{
		"?limit=1", "?limit=200", "?type=ecs." + strings.Repeat("a", 36), "?region_id=" + strings.Repeat("a", 36), "?id=" + strings.Repeat("a", 512),
		"?name=" + strings.Repeat("%C3%A9", 512), "?tags=" + url.QueryEscape("Ä 业.:+-@="+strings.Repeat("v", 255)), many("tags", "k", "&tags=", 5),
		"/summary" + many("type", "a.", ",", 100), "/summary" + many("region_id", "r", "&region_id=", 10), "/count" + many("ep_id", "e", ",", 10),
	} {
		wantReply(t, r.account(testResources+path, testAccount), 200, "")
	}
	r.wantRefusals(1)
}
