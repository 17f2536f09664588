package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestAnswers(t *testing.T) {
	tags := func(n int) string { return instances + "/" + InstanceID(n) + "/tags" }
	for _, test := range []struct {
		name, path, body string // a body makes it a POST
		quirks           Quirks
		status           int    // 0 is 200
		want             string // part of the body
	}{
		{name: "instance tags", path: tags(1), want: `{"tags":[{"key":"env","value":"prod"},{"key":"业务线","value":"支付"}]}`},
		{name: "null value", path: tags(2), want: `{"tags":[{"key":"legacy","value":null},{"key":"temp","value":""}]}`},
		{name: "absent value", path: tags(2), quirks: Quirks{AbsentNullValue: true}, want: `[{"key":"legacy"},{"key":"temp","value":""}]`},
		{name: "no tags", path: tags(3), want: `{"tags":[]}`},
		{name: "null tags", path: tags(3), quirks: Quirks{EmptyArrays: Null}, want: `{"tags":null}`},
		{name: "absent tags", path: tags(3), quirks: Quirks{EmptyArrays: Absent}, want: `{}`},
		{name: "system tags", path: tags(3), quirks: Quirks{SystemTags: true}, want: `[{"key":"_sys_enterprise_project_id","value":"0"}]`},
		{name: "gone", path: tags(9), status: 404, want: `{"error_code":"DBS.280343"`},
		{name: "gone 400", path: tags(9), quirks: Quirks{GoneBadRequest: true}, status: 400, want: `"error_code":"DBS.280343"`},
		{name: "not gone", path: tags(1), quirks: Quirks{GoneBadRequest: true}, want: `"prod"`},
		{name: "gone errCode", path: tags(9), quirks: Quirks{DDSExternalMessage: true}, status: 404, want: `{"errCode":"DBS.280343","externalMessage":`},
		{name: "unready", path: tags(3), quirks: Quirks{UnreadyBadRequest: true}, status: 400, want: `"error_code":"DBS.280011"`},
		{name: "ready", path: tags(1), quirks: Quirks{UnreadyBadRequest: true}, want: `"prod"`},

		{name: "list", path: instances + "?limit=1", want: `"name":"carts"`},
		{name: "list total", path: instances + "?limit=1", want: `"total_count":3}`},
		{name: "list total text", path: instances, quirks: Quirks{TotalCount: AsText}, want: `"total_count":"3"}`},
		{name: "list no total", path: instances + "?offset=3", quirks: Quirks{TotalCount: Absent}, want: `{"instances":[]}`},
		{name: "list absent", path: instances + "?offset=3", quirks: Quirks{EmptyArrays: Absent}, want: `{"total_count":3}`},
		{name: "list region", path: instances, want: `"region":"cn-north-4"`},
		{name: "list scalars", path: instances, want: `"port":"8635","ssl":1,`},
		{name: "list scalars of the page", path: instances, quirks: Quirks{DDSPageScalars: true}, want: `"port":8635,"ssl":"1",`},
		{name: "list tags", path: instances + "?name=orders", want: `"tags":[{"key":"env","value":"prod"},`},
		{name: "list tags null", path: instances + "?name=orders", quirks: Quirks{InstanceListTags: Null}, want: `"tags":null}`},
		{name: "list tags absent", path: instances + "?name=orders", quirks: Quirks{InstanceListTags: Absent}, want: `"enterprise_project_id":"0"}]`},
		{name: "list fuzzy", path: instances + "?name=*art&mode=Single", want: `"total_count":1}`},
		{name: "list by tags", path: instances + "?tags=env=prod,%E4%B8%9A%E5%8A%A1%E7%BA%BF=%E6%94%AF%E4%BB%98", want: `"total_count":1}`},
		{name: "list by id", path: instances + "?id=" + InstanceID(2), want: `"total_count":1}`},
		{name: "list by vpc and subnet", path: instances + "?vpc_id=v1&subnet_id=s1", want: `"total_count":1}`},
		{name: "list by other vpc", path: instances + "?vpc_id=v", want: `"total_count":0}`},
		{name: "list by other subnet", path: instances + "?subnet_id=s", want: `"total_count":0}`},
		{name: "list past the end", path: instances + "?offset=99", want: `{"instances":[],`},
		{name: "list past the end refused", path: instances + "?offset=99", quirks: Quirks{PastEndRefused: true}, status: 400, want: `"error_code":"DBS.280001"`},
		{name: "list enhanced", path: instances + "?datastore_type=DDS-Enhanced", want: `"total_count":0}`},
		{name: "list community", path: instances + "?datastore_type=DDS-Community", want: `"total_count":3}`},
		{name: "list by other tags", path: instances + "?tags=env=dev", want: `"total_count":0}`},

		{name: "pool tags", path: poolTags, want: `{"tags":[{"key":"cost-center","values":["cc-4410","cc-4411"]},{"key":"env","values":[]},{"key":"owner","values":["team-vision"]}]}`},
		{name: "pool values null", path: poolTags, quirks: Quirks{EmptyArrays: Null}, want: `{"key":"env","values":null}`},
		{name: "pool page", path: poolTags + "?limit=2&offset=1", want: `{"tags":[{"key":"owner","values":["team-vision"]}]}`},
		{name: "pool record", path: poolTags + "?limit=2&offset=1", quirks: Quirks{PoolOffset: RecordOffset}, want: `{"tags":[{"key":"env","values":[]},{"key":"owner"`},
		{name: "pool past the end", path: poolTags + "?offset=1", want: `{"tags":[]}`},
		{name: "pool past the end error", path: poolTags + "?offset=1", quirks: Quirks{PoolPastEnd: PastEndError}, status: 400, want: `{"error_code":"ModelArts.6400","error_msg":"fromIndex(200) > toIndex(3)"}`},
		{name: "pool at the end", path: poolTags + "?limit=3&offset=1", quirks: Quirks{PoolPastEnd: PastEndError}, want: `{"tags":[]}`},
		{name: "pool at the end error", path: poolTags + "?limit=3&offset=1", quirks: Quirks{PoolPastEnd: AtEndError}, status: 400, want: `"error_code":"ModelArts.6400"`},
		{name: "pool before the end", path: poolTags + "?limit=1&offset=2", quirks: Quirks{PoolPastEnd: AtEndError}, want: `{"tags":[{"key":"owner","values":["team-vision"]}]}`},
		{name: "pool pairs", path: poolTags, quirks: Quirks{PoolTagShape: PoolKeyValue}, want: `[{"key":"cost-center","value":"cc-4410"},{"key":"cost-center","value":"cc-4411"},{"key":"env"},`},
		{name: "pool object", path: poolTags + "?limit=1", quirks: Quirks{PoolTagShape: PoolObject}, want: `{"tags":{"key":"cost-center","value":"cc-4410"}}`},
		{name: "pool split", path: poolTags, quirks: Quirks{SplitPoolKeys: true}, want: `{"key":"owner","values":["team-vision"]},{"key":"cost-center","values":["cc-4411"]}]`},

		{name: "fabric all", path: filterPath, body: `{}`, want: `"total_count":4}`},
		{name: "fabric first", path: filterPath + "?limit=1", body: `{}`, want: `{"resources":[{"resource_id":"w1","resource_detail":{},"resource_name":"lake_prod","tags":[{"key":"owner","value":"lake"},{"key":"env","value":"prod"}],"sys_tags":[{"key":"_sys_enterprise_project_id","value":"0"}]}],"total_count":4}`},
		{name: "fabric untagged", path: filterPath, body: `{"without_any_tag":true,"tags":[{"key":"env","values":[]}]}`, want: `{"resources":[{"resource_id":"w2","resource_detail":{},"resource_name":"lake_sandbox","tags":[],"sys_tags":[]}],"total_count":1}`},
		{name: "fabric null detail", path: filterPath, body: `{"without_any_tag":true}`, quirks: Quirks{NullDetail: true}, want: `"resource_detail":null`},
		{name: "fabric past the end", path: filterPath + "?offset=4", body: `{}`, quirks: Quirks{EmptyArrays: Null}, want: `{"resources":null,"total_count":4}`},
		{name: "fabric past the end refused", path: filterPath + "?offset=5", body: `{}`, quirks: Quirks{PastEndRefused: true}, status: 400, want: `"error_code":"common.01000001"`},
		{name: "fabric at the end refused", path: filterPath + "?offset=4", body: `{}`, quirks: Quirks{PastEndRefused: true}, status: 400, want: `"error_code":"common.01000001"`},
		{name: "fabric before the end", path: filterPath + "?offset=3", body: `{}`, quirks: Quirks{PastEndRefused: true}, want: `"total_count":4}`},
		{name: "fabric refuses", path: filterPath, body: `{"without_any_tag":false}`, quirks: Quirks{Filterless: FilterlessRefused}, status: 400, want: `"solution_msg":`},
		{name: "fabric refuses not", path: filterPath, body: `{"without_any_tag":true}`, quirks: Quirks{Filterless: FilterlessRefused}, want: `"total_count":1}`},
		{name: "fabric tagged", path: filterPath, body: `{}`, quirks: Quirks{Filterless: FilterlessTagged}, want: `"total_count":3}`},
		{name: "fabric key", path: filterPath, body: `{"tags":[{"key":"env","values":[]}]}`, want: `"total_count":2}`},
		{name: "fabric values", path: filterPath, body: `{"tags":[{"key":"env","values":["dev","x"]}]}`, want: `"total_count":1}`},
		{name: "fabric and", path: filterPath, body: `{"tags":[{"key":"env","values":[]},{"key":"owner","values":[]}]}`, want: `"total_count":1}`},
		{name: "fabric or", path: filterPath, body: `{"tags":[{"key":"env","values":[]},{"key":"owner","values":[]}]}`, quirks: Quirks{OrBetweenKeys: true}, want: `"total_count":3}`},
		{name: "fabric name", path: filterPath, body: `{"matches":[{"key":"resource_name","value":"lake"}]}`, want: `"total_count":2}`},
		{name: "fabric exact name", path: filterPath, body: `{"matches":[{"key":"resource_name","value":"lake"}]}`, quirks: Quirks{ExactNames: true}, want: `"total_count":0}`},
		{name: "fabric this exact name", path: filterPath, body: `{"matches":[{"key":"resource_name","value":"sea"}]}`, quirks: Quirks{ExactNames: true}, want: `"total_count":1}`},
		{name: "fabric tagged, name", path: filterPath, body: `{"matches":[{"key":"resource_name","value":"lake"}]}`, quirks: Quirks{Filterless: FilterlessTagged}, want: `"total_count":2}`},
		{name: "fabric or, name only", path: filterPath, body: `{"matches":[{"key":"resource_name","value":"lake"}]}`, quirks: Quirks{OrBetweenKeys: true}, want: `"total_count":2}`},
		{name: "fabric any name", path: filterPath, body: `{"matches":[{"key":"resource_name"}]}`, want: `"total_count":4}`},
		{name: "fabric any value", path: filterPath, body: `{"tags":[{"key":"env"}]}`, want: `"total_count":2}`},
		{name: "fabric empty key", path: filterPath, body: `{"tags":[{"key":""}]}`, want: `"total_count":0}`},
		{name: "fabric any enterprise project", path: filterPath, body: `{"sys_tags":[{"key":"_sys_enterprise_project_id","values":[""]}]}`, want: `"total_count":4}`},
		{name: "fabric enterprise project", path: filterPath, body: `{"sys_tags":[{"key":"_sys_enterprise_project_id","values":["0"]}]}`, want: `"total_count":1}`},
		{name: "fabric keys", path: fabricTags, want: `{"tags":[{"key":"owner","values":["lake","pond"]},{"key":"env","values":["prod","dev"]}]}`},
		{name: "fabric keys page", path: fabricTags + "&offset=1&limit=1", want: `{"tags":[{"key":"env","values":["prod","dev"]}]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, Options{Quirks: test.quirks})
			method := http.MethodGet
			if test.body != "" {
				method = http.MethodPost
			}
			got := r.do(method, test.path, test.body)
			wantReply(t, got, max(test.status, 200), test.want)
			if got.header.Get("Content-Type") != "application/json;charset=UTF-8" {
				t.Errorf("content type %q", got.header.Get("Content-Type"))
			}
			r.wantRefusals(0)
		})
	}
}

func TestNoPools(t *testing.T) {
	for _, refuses := range []bool{false, true} {
		r := newRig(t, Options{Quirks: Quirks{NoPoolsError: refuses, PoolPastEnd: AtEndError}})
		r.SetProject(Project{ID: testProject, NoPools: true})
		if refuses {
			wantReply(t, r.get(poolTags), 400, `"error_code":"ModelArts.50015001"`)
		} else {
			wantReply(t, r.get(poolTags), 200, `{"tags":[]}`)
		}
		r.wantRefusals(0)
	}
}

// TestAbsentFilterBody: without a body, nothing needs a content type.
func TestAbsentFilterBody(t *testing.T) {
	r := newRig(t, Options{})
	wantReply(t, r.filter("", ""), 200, `"total_count":4}`)
	req := r.request("POST", filterPath, "")
	req.Header.Del("Content-Type")
	wantReply(t, r.send(r.sign(req, "", testAK, testSK)), 200, `"total_count":4}`)
	r.wantRefusals(0)
}

// TestInstanceMembers: all members that are documented as mandatory, with their types.
func TestInstanceMembers(t *testing.T) {
	r := newRig(t, Options{})
	var list struct {
		Instances []map[string]any `json:"instances"`
	}
	if err := json.Unmarshal([]byte(r.get(instances).body), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Instances) != 3 {
		t.Fatalf("%d instances", len(list.Instances))
	}
	texts := []string{
		"id", "name", "remark", "status", "port", "mode", "region", "engine", "created", "updated", "db_user_name",
		"vpc_id", "subnet_id", "security_group_id", "pay_mode", "maintenance_window", "disk_encryption_id",
		"enterprise_project_id", "time_zone",
	}
	for _, in := range list.Instances {
		for _, name := range texts {
			if _, is := in[name].(string); !is {
				t.Errorf("%s is %v", name, in[name])
			}
		}
		for _, name := range []string{"groups", "actions", "tags"} {
			if _, is := in[name].([]any); !is {
				t.Errorf("%s is %v", name, in[name])
			}
		}
		if in["ssl"] != 1.0 {
			t.Errorf("ssl is %v", in["ssl"])
		}
		wantMembers(t, in["datastore"], "type", "version", "patch_available", "whole_version")
		wantMembers(t, in["backup_strategy"], "start_time", "keep_days")
	}
}

func wantMembers(t *testing.T, object any, names ...string) {
	t.Helper()
	members, _ := object.(map[string]any)
	for _, name := range names {
		if members[name] == nil {
			t.Errorf("%s is missing in %v", name, object)
		}
	}
}

func TestPredefinedTags(t *testing.T) {
	r := newRig(t, Options{})
	r.UpdateProject(testProject, func(p *Project) {
		p.PredefinedTags = []PoolTag{{Key: "env", Values: []string{"dev", "test"}}, {Key: "new"}}
	})
	wantReply(t, r.get(strings.Replace(fabricTags, "false", "true", 1)), 200,
		`{"key":"env","values":["prod","dev","test"]},{"key":"new","values":[]}]}`)
}

// list pages through a list and returns the given member of its items.
func (r *rig) list(limit int, member string, get func(query string) reply) []string {
	r.t.Helper()
	var all []string
	for offset := 0; ; offset += limit {
		got := get("?limit=" + strconv.Itoa(limit) + "&offset=" + strconv.Itoa(offset))
		wantReply(r.t, got, 200, "")
		var body map[string]json.RawMessage
		if err := json.Unmarshal([]byte(got.body), &body); err != nil {
			r.t.Fatal(err)
		}
		var items []map[string]any
		for _, name := range []string{"instances", "resources"} {
			if raw := body[name]; raw != nil {
				if err := json.Unmarshal(raw, &items); err != nil {
					r.t.Fatal(err)
				}
			}
		}
		for _, item := range items {
			all = append(all, fmt.Sprint(item[member]))
		}
		if len(items) < limit {
			return all
		}
	}
}

func TestInstancePages(t *testing.T) {
	r := newRig(t, Options{})
	r.SetProject(Project{ID: testProject, Instances: manyInstances(250)})
	all := r.list(100, "id", func(query string) reply { return r.get(instances + query) })
	if len(all) != 250 || all[0] != InstanceID(249) || all[249] != InstanceID(0) {
		t.Errorf("%d instances, %s to %s", len(all), all[0], all[len(all)-1])
	}
}

// TestShiftingPages creates an instance before the second page: the last one of
// the first page comes again.
func TestShiftingPages(t *testing.T) {
	r := newRig(t, Options{})
	r.SetProject(Project{ID: testProject, Instances: manyInstances(250)})
	remove := r.OnCall(OpListInstances, func(n int) {
		if n == 2 {
			r.UpdateProject(testProject, func(p *Project) {
				p.Instances = append(p.Instances, Instance{ID: InstanceID(999), Created: testTime.Add(1000)})
			})
		}
	})
	all := r.list(100, "id", func(query string) reply { return r.get(instances + query) })
	if len(all) != 251 || all[99] != all[100] || slices.Contains(all, InstanceID(999)) {
		t.Errorf("%d instances, %s next to %s", len(all), all[99], all[100])
	}
	remove()
	r.get(instances)
}

func TestWorkspacesBeyondTotal(t *testing.T) {
	r := newRig(t, Options{})
	p := Project{ID: testProject}
	for i := range 1050 {
		p.Workspaces = append(p.Workspaces, Workspace{ID: "w" + strconv.Itoa(i)})
	}
	r.SetProject(p)
	all := r.list(100, "resource_id", func(query string) reply {
		got := r.filter(query, `{"without_any_tag":true}`)
		wantReply(t, got, 200, `"total_count":1000}`)
		return got
	})
	if len(all) != 1050 {
		t.Errorf("%d workspaces", len(all))
	}
}

func manyInstances(n int) []Instance {
	many := make([]Instance, n)
	for i := range many {
		many[i] = Instance{ID: InstanceID(i), Created: testTime.AddDate(-1, 0, i), Tags: []Tag{T("n", strconv.Itoa(i))}}
	}
	return many
}

// TestInvalidUTF8 sends the bytes as they are.
func TestInvalidUTF8(t *testing.T) {
	r := newRig(t, Options{})
	r.UpdateProject(testProject, func(p *Project) { p.Instances[0].Tags = []Tag{T("a\xff\"\\\n", "\xfe\xfe")} })
	got := r.get(instances + "/" + InstanceID(1) + "/tags")
	if want := "{\"tags\":[{\"key\":\"a\xff\\\"\\\\\\u000a\",\"value\":\"\xfe\xfe\"}]}"; got.body != want {
		t.Errorf("got %q\nwant %q", got.body, want)
	}
}
