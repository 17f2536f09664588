package simulator

import (
	"net/http"
	"strconv"
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
		{path: poolTags + "?limit=0", code: "ModelArts.50004000"},
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
		{path: instances + "?mode=", code: "DBS.280001"},
		{path: instances + "?datastore_type=MySQL", code: "DBS.280001"},
		{path: instances + "?datastore_type=", code: "DBS.280001"},
		{path: instances + "?tags=env", code: "DBS.280001"},
		{path: instances + "?tags==prod", code: "DBS.280001"},
		{path: instances + "?tags=env=prod,env=dev", code: "DBS.280001"},
		{path: instances + "?tags=" + pairs(21), code: "DBS.280001"},
		{path: tags + "?limit=1", code: "DBS.280001"},
		{path: instances + "/" + InstanceID(1)[1:] + "/tags", code: "DBS.280001"},
		{path: instances + "/" + strings.Replace(InstanceID(10), "a", "A", 1) + "/tags", code: "DBS.280001"},
		{path: strings.TrimSuffix(fabricTags, "?use_predefine_tags=false"), code: "common.01000001"},
		{path: fabricTags + "x", code: "common.01000001"},
		{path: fabricTags + "&limit=0", code: "common.01000001"},
		{path: fabricTags + "&limit=1001", code: "common.01000001"},
		{path: fabricTags + "&offset=-1", code: "common.01000001"},
		{path: fabricTags + "&offset=1000000001", code: "common.01000001"},
		{path: fabricTags + "&offset=1&offset=1", code: "common.01000001"},
		{path: fabricTags[:len(fabricTags)-len("false")] + "TRUE", code: "common.01000001"},
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
			code := `"error_code":"` + test.code + `"`
			if method == http.MethodHead {
				code = "" // no body
			}
			wantReply(t, r.send(req), status, code)
			r.wantRefusals(1)
		})
	}
}

// pairs returns n tags as the instance list's query has them.
func pairs(n int) string {
	tags := make([]string, n)
	for i := range tags {
		tags[i] = "k" + strconv.Itoa(i) + "=v"
	}
	return strings.Join(tags, ",")
}

// TestQueryAccepted: the ends of what is allowed.
func TestQueryAccepted(t *testing.T) {
	for _, path := range []string{
		poolTags + "?limit=1&offset=0",
		poolTags + "?limit=2147483647&offset=2147483647",
		instances + "?limit=1&offset=0",
		instances + "?limit=100&offset=2147483647",
		instances + "?mode=Sharding&datastore_type=DDS-Community",
		instances + "?mode=ReplicaSet&datastore_type=DDS-Enhanced",
		instances + "?id=&name=&vpc_id=&subnet_id=&tags=",
		instances + "?name=*a&vpc_id=v&subnet_id=s&id=" + InstanceID(1),
		instances + "?tags=" + pairs(20),
		instances + "?tags=env=",
		fabricTags + "&limit=1&offset=0",
		fabricTags + "&limit=1000&offset=1000000000",
	} {
		r := newRig(t, Options{})
		wantReply(t, r.get(path), 200, `":[`)
		r.wantRefusals(0)
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
		wantReply(t, r.filter("", strings.Repeat(" ", 12<<20-1)+"{}"), 413, `"error_code":"APIG.0201"`)
		r.wantRefusals(1)
	})
	t.Run("project", func(t *testing.T) {
		r := newRig(t, Options{})
		r.RemoveProject(testProject)
		wantReply(t, r.get(instances), 403, `"error_code":"APIG.0306"`)
		r.wantRefusals(1)
	})
	t.Run("project id", func(t *testing.T) {
		r := newRig(t, Options{})
		for _, test := range []struct {
			path         string
			length, want int
		}{
			{"fabric-workspace/tags?use_predefine_tags=true", 36, 200},
			{"fabric-workspace/tags?use_predefine_tags=true", 37, 400},
			{"pools/tags", 64, 200},
			{"pools/tags", 65, 400},
		} {
			id := strings.Repeat("p", test.length)
			r.SetProject(Project{ID: id})
			req := r.request("GET", "/v1/"+id+"/"+test.path, "")
			req.Header.Set("X-Project-Id", id)
			wantReply(t, r.send(r.sign(req, "", testAK, testSK)), test.want, "")
		}
		r.wantRefusals(2)
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
