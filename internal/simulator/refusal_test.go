package simulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestQueryRefusals(t *testing.T) {
	tags := instances + "/" + InstanceID(1) + "/tags"
	for _, test := range []struct {
		method, path string
		status       int // 0 is 400
		code         string
	}{
		{path: poolTags + "?limit=-1", code: "ModelArts.50004000"},
		{path: poolTags + "?offset=1.5", code: "ModelArts.50004000"},
		{path: poolTags + "?limit=", code: "ModelArts.50004000"},
		{path: poolTags + "?limit=2147483648", code: "ModelArts.50004000"},
		{path: poolTags + "?limit=99999999999999999999", code: "ModelArts.50004000"},
		{path: poolTags + "?page=1", code: "ModelArts.50004000"},
		{path: poolTags + "?limit=1&limit=1", code: "ModelArts.50004000"},
		{path: instances + "?limit=0", code: "DBS.280001"},
		{path: instances + "?limit=101", code: "DBS.280001"},
		{path: instances + "?limit=%2B1", code: "DBS.280001"},
		{path: instances + "?offset=-1", code: "DBS.280001"},
		{path: instances + "?Limit=1", code: "DBS.280001"},
		{path: instances + "?name=*", code: "DBS.280001"},
		{path: instances + "?mode=Shard", code: "DBS.280001"},
		{path: instances + "?datastore_type=MySQL", code: "DBS.280001"},
		{path: instances + "?tags=env", code: "DBS.280001"},
		{path: instances + "?tags=" + strings.Repeat("a=b,", 20) + "a=b", code: "DBS.280001"},
		{path: tags + "?limit=1", code: "DBS.280001"},
		{path: instances + "/" + InstanceID(1)[1:] + "/tags", code: "DBS.280001"},
		{path: instances + "/" + strings.Replace(InstanceID(10), "a", "A", 1) + "/tags", code: "DBS.280001"},
		{path: strings.TrimSuffix(fabricTags, "?use_predefine_tags=false"), code: "common.01000001"},
		{path: fabricTags + "x", code: "common.01000001"},
		{path: fabricTags + "&limit=0", code: "common.01000001"},
		{path: fabricTags + "&limit=1001", code: "common.01000001"},
		{path: fabricTags + "&offset=-1", code: "common.01000001"},
		{path: poolTags + "?a;b", code: "APIG.0201"},
		{path: poolTags + "/", status: 404, code: "APIG.0101"},
		{path: "/", status: 404, code: "APIG.0101"},
		{path: "/v3//instances", status: 404, code: "APIG.0101"},
		{path: "/v2/" + testProject + "/pools/tags", status: 404, code: "APIG.0101"},
		{path: filterPath, status: 404, code: "APIG.0101"},
		{method: "POST", path: tags, status: 404, code: "APIG.0101"},
		{method: "HEAD", path: tags, status: 404},
	} {
		t.Run(test.method+test.path, func(t *testing.T) {
			r := newRig(t, Options{})
			method, status := test.method, test.status
			if method == "" {
				method = http.MethodGet
			}
			if status == 0 {
				status = http.StatusBadRequest
			}
			req := r.request(method, test.path, "")
			if !strings.Contains(test.path, ";") { // it cannot be signed
				r.sign(req, "", testAK, testSK)
			}
			wantReply(t, r.send(req), status, test.code)
			r.wantRefusals(1)
		})
	}
}

func TestFilterRefusals(t *testing.T) {
	long := func(n int) string { return strings.Repeat("长", n) }
	keys := func(n int) string {
		var tags []string
		for i := range n {
			tags = append(tags, `{"key":"`+InstanceID(i)+`","values":[]}`)
		}
		return `{"tags":[` + strings.Join(tags, ",") + `]}`
	}
	for _, test := range []struct {
		query, body string
		accepted    bool
	}{
		{query: "?offset=1000000000&limit=100", body: `{}`, accepted: true},
		{query: "?offset=1000000001", body: `{}`},
		{query: "?limit=0", body: `{}`},
		{query: "?limit=101", body: `{}`},
		{query: "?action=filter", body: `{}`},
		{body: ""},
		{body: " "},
		{body: "{}\n", accepted: true},
		{body: "null"},
		{body: "[]"},
		{body: "{"},
		{body: `{"tags":[}`},
		{body: `{}{}`},
		{body: "{\"matches\":[{\"key\":\"resource_name\",\"value\":\"\xff\"}]}"},
		{body: `{"Tags":[]}`},
		{body: `{"tags_any":[]}`},
		{body: `{"without_any_tag":true,"without_any_tag":true}`},
		{body: `{"without_any_tag":"true"}`},
		{body: `{"without_any_tag":null}`},
		{body: `{"tags":null}`},
		{body: `{"tags":[]}`},
		{body: `{"tags":{}}`},
		{body: keys(20), accepted: true},
		{body: keys(21)},
		{body: `{"tags":[{"key":"a"}]}`},
		{body: `{"tags":[{"values":[]}]}`},
		{body: `{"tags":[{"key":"","values":[]}]}`},
		{body: `{"tags":[{"key":"a","values":null}]}`},
		{body: `{"tags":[{"key":"a","values":[1]}]}`},
		{body: `{"tags":[{"key":"a","values":"b"}]}`},
		{body: `{"tags":[{"key":"a","value":"b"}]}`},
		{body: `{"tags":[{"key":7,"values":[]}]}`},
		{body: `{"tags":["a"]}`},
		{body: `{"tags":[{"key":"a","values":[]},{"key":"a","values":["b"]}]}`},
		{body: `{"tags":[{"key":"a","values":[` + strings.Repeat(`"b",`, 19) + `"b"]}]}`, accepted: true},
		{body: `{"tags":[{"key":"a","values":[` + strings.Repeat(`"b",`, 20) + `"b"]}]}`},
		{body: `{"tags":[{"key":"` + long(128) + `","values":["` + long(255) + `"]}]}`, accepted: true},
		{body: `{"tags":[{"key":"` + long(129) + `","values":[]}]}`},
		{body: `{"tags":[{"key":"a","values":["` + long(256) + `"]}]}`},
		{body: `{"matches":[]}`},
		{body: `{"matches":[{"key":"resource_id","value":"w1"}]}`},
		{body: `{"matches":[{"key":"resource_name"}]}`},
		{body: `{"matches":[{"key":"resource_name","values":["a"]}]}`},
		{body: `{"matches":[` + strings.Repeat(`{"key":"resource_name","value":"a"},`, 10) + `{"key":"resource_name","value":"a"}]}`},
		{body: `{"sys_tags":""}`},
		{body: `{"sys_tags":[]}`},
		{body: `{"sys_tags":[{"key":"eps","values":["0"]}]}`},
		{body: `{"sys_tags":[{"key":"_sys_enterprise_project_id","values":[]}]}`},
		{body: `{"sys_tags":[{"key":"_sys_enterprise_project_id","values":["0","1"]}]}`},
	} {
		t.Run(test.query+test.body, func(t *testing.T) {
			r := newRig(t, Options{})
			got := r.filter(test.query, test.body)
			if test.accepted {
				wantReply(t, got, 200, `"total_count"`)
				r.wantRefusals(0)
				return
			}
			wantReply(t, got, 400, `{"error_code":"common.01000001"`)
			r.wantRefusals(1)
		})
	}
}

func TestOtherRefusals(t *testing.T) {
	t.Run("body on a GET", func(t *testing.T) {
		r := newRig(t, Options{})
		wantReply(t, r.do("GET", instances, "{}"), 400, "DBS.280001")
		r.wantRefusals(1)
	})
	t.Run("content type", func(t *testing.T) {
		r := newRig(t, Options{})
		req := r.sign(r.request("POST", filterPath, "{}"), "{}", testAK, testSK)
		req.Header.Set("Content-Type", "text/plain")
		wantReply(t, r.send(req), 400, "content type")
		r.wantRefusals(1)
	})
	t.Run("12 MB", func(t *testing.T) {
		r := newRig(t, Options{})
		wantReply(t, r.filter("", strings.Repeat(" ", 12<<20-2)+"{}"), 200, "total_count")
		wantReply(t, r.filter("", strings.Repeat(" ", 12<<20-1)+"{}"), 413, "APIG.0201")
		r.wantRefusals(1)
	})
	t.Run("project", func(t *testing.T) {
		r := newRig(t, Options{})
		r.RemoveProject(testProject)
		wantReply(t, r.get(instances), 403, "APIG.0306")
		r.wantRefusals(1)
	})
	t.Run("project id", func(t *testing.T) {
		r := newRig(t, Options{})
		id := strings.Repeat("p", 37)
		r.SetProject(Project{ID: id})
		req := r.request("GET", "/v1/"+id+"/fabric-workspace/tags?use_predefine_tags=true", "")
		req.Header.Set("X-Project-Id", id)
		wantReply(t, r.send(r.sign(req, "", testAK, testSK)), 400, "malformed")
		r.wantRefusals(1)
	})
}

func TestImpossibleProjects(t *testing.T) {
	for name, p := range map[string]Project{
		"instance id":     {Instances: []Instance{{ID: "db-1"}}},
		"instance twice":  {Instances: []Instance{{ID: InstanceID(1)}, {ID: InstanceID(1)}}},
		"workspace twice": {Workspaces: []Workspace{{ID: "w"}, {ID: "w"}}},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("accepted")
				}
			}()
			New(Options{}).SetProject(p)
		})
	}
}

// FuzzFilter holds the strict reader to the usual one: what it accepts is JSON.
func FuzzFilter(f *testing.F) {
	for _, body := range []string{`{}`, `{"without_any_tag":true}`, `{"tags":[{"key":"a","values":["b"]}]}`, `{"sys_tags":""}`, `{"matches":[{}]}`, `[`} {
		f.Add([]byte(body))
	}
	c := New(Options{})
	f.Fuzz(func(t *testing.T, body []byte) {
		if _, err := c.decodeFilter(body); err == nil && !json.Valid(body) {
			t.Errorf("accepted %q", body)
		}
	})
}

// TestGatewayRecorded: only what the gateway itself refuses has its recorded form.
func TestGatewayRecorded(t *testing.T) {
	r := newRig(t, Options{Quirks: Quirks{GatewayRecorded: true}})
	r.AddAccessKey(AccessKey{AK: "OTHER", SK: "x"})
	for _, test := range []struct {
		path, ak string
		status   int
		want     string // "{request_id}" is that of the header
	}{
		{instances, "UNKNOWN", 401, `{"error_msg":"Incorrect IAM authentication information: ak UNKNOWN not exist","error_code":"APIGW.0301","request_id":"{request_id}"}` + "\n"},
		{instances, "OTHER", 401, `{"error_msg":"Incorrect IAM authentication information: verify aksk signature fail","error_code":"APIGW.0301","request_id":"{request_id}"}` + "\n"},
		{"/v9/none", testAK, 404, `{"error_msg":"The API does not exist or has not been published in the environment","error_code":"APIGW.0101","request_id":"{request_id}"}` + "\n"},
		{instances + "?limit=0", testAK, 400, `{"error_code":"DBS.280001","error_msg":"parameter error: limit 0 is outside 1-100"}`},
	} {
		got := r.send(r.sign(r.request(http.MethodGet, test.path, ""), "", test.ak, testSK))
		want := strings.ReplaceAll(test.want, "{request_id}", got.header.Get("X-Request-Id"))
		if got.status != test.status || got.body != want {
			t.Errorf("%s by %s: %d %q\nwant %d %q", test.path, test.ak, got.status, got.body, test.status, want)
		}
	}
	r.wantRefusals(4)
}
