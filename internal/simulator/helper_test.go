package simulator

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/memnet"
)

const (
	testProject = "5f3c9a7e21d84b60a1c2d3e4f5061728"
	testAK      = "SIMACCESSKEY0001"
	testSK      = "sim-secret-key-0001"
	instances   = "/v3/" + testProject + "/instances"
	poolTags    = "/v1/" + testProject + "/pools/tags"
	filterPath  = "/v1/" + testProject + "/fabric-workspace/resource-instances/filter"
	fabricTags  = "/v1/" + testProject + "/fabric-workspace/tags?use_predefine_tags=false"
)

var testTime = time.Date(2026, 1, 15, 8, 15, 0, 0, time.UTC)

// rig is a cloud with a client that signs.
type rig struct {
	*Cloud
	t      *testing.T
	url    string
	client *http.Client
}

// newRig puts the cloud behind a real socket.
func newRig(t *testing.T, opts Options) *rig {
	t.Helper()
	cloud := New(opts)
	url, stop, err := cloud.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return fill(t, cloud, url, &http.Transport{})
}

// inBubble runs a test of time at testTime, in a bubble where waiting takes none,
// with a cloud behind a network in memory.
func inBubble(t *testing.T, opts Options, test func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(testTime))
		var network memnet.Network
		cloud := New(opts)
		server := httptest.NewUnstartedServer(cloud)
		server.Listener.Close()
		server.Listener = network.Listen()
		server.Start()
		t.Cleanup(server.Close)
		test(fill(t, cloud, server.URL, &http.Transport{DialContext: network.DialContext}))
	})
}

func fill(t *testing.T, cloud *Cloud, url string, transport *http.Transport) *rig {
	t.Cleanup(func() {
		cloud.Close()
		transport.CloseIdleConnections()
	})
	cloud.AddAccessKey(AccessKey{AK: testAK, SK: testSK})
	cloud.SetProject(testData())
	noRedirects := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &rig{Cloud: cloud, t: t, url: url, client: &http.Client{Transport: transport, CheckRedirect: noRedirects}}
}

// testData has what each service may hold: two, three and four of them.
func testData() Project {
	return Project{
		ID: testProject, Region: "cn-north-4",
		Instances: []Instance{
			{ID: InstanceID(1), Name: "orders", VPCID: "v1", SubnetID: "s1", Created: testTime.Add(-3 * time.Hour), Tags: []Tag{T("env", "prod"), T("业务线", "支付")}},
			{ID: InstanceID(2), Name: "carts", Mode: "Single", Created: testTime.Add(-time.Hour), Tags: []Tag{{Key: "legacy"}, T("temp", "")}},
			{ID: InstanceID(3), Name: "new", Status: "creating", Created: testTime.Add(-2 * time.Hour)},
		},
		Workspaces: []Workspace{
			{ID: "w1", Name: "lake_prod", EnterpriseProjectID: "0", Tags: []Tag{T("owner", "lake"), T("env", "prod")}},
			{ID: "w2", Name: "lake_sandbox"},
			{ID: "w3", Name: "sea", Tags: []Tag{T("env", "dev")}},
			{ID: "w4", Name: "pond", Tags: []Tag{T("owner", "pond")}},
		},
		PoolTags: []PoolTag{
			{Key: "cost-center", Values: []string{"cc-4410", "cc-4411"}},
			{Key: "env"},
			{Key: "owner", Values: []string{"team-vision"}},
		},
	}
}

// request returns an unsigned request with the project's header.
func (r *rig) request(method, path, body string) *http.Request {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	if body == "" {
		req.Body, req.ContentLength = http.NoBody, 0
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("X-Project-Id", testProject)
	return req
}

// sign signs all of the request's headers but Content-Type, as the SDK does.
func (r *rig) sign(req *http.Request, body, ak, sk string) *http.Request {
	r.t.Helper()
	if req.Header.Get("X-Sdk-Date") == "" {
		req.Header.Set("X-Sdk-Date", time.Now().UTC().Format(sdkDateForm))
	}
	var names []string
	for name := range req.Header {
		if name != "Content-Type" && name != "Authorization" {
			names = append(names, strings.ToLower(name))
		}
	}
	slices.Sort(names)
	r.signOnly(req, names, body, ak, sk)
	return req
}

func (r *rig) signOnly(req *http.Request, names []string, body, ak, sk string) {
	r.t.Helper()
	signature, err := sign(req, names, []byte(body), sk)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "SDK-HMAC-SHA256 Access="+ak+", SignedHeaders="+strings.Join(names, ";")+", Signature="+signature)
}

type reply struct {
	status int
	header http.Header
	body   string
}

func (r *rig) send(req *http.Request) reply {
	r.t.Helper()
	resp, err := r.client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return reply{status: resp.StatusCode, header: resp.Header, body: string(body)}
}

func (r *rig) do(method, path, body string) reply {
	r.t.Helper()
	return r.send(r.sign(r.request(method, path, body), body, testAK, testSK))
}

func (r *rig) get(path string) reply {
	r.t.Helper()
	return r.do(http.MethodGet, path, "")
}

func (r *rig) filter(query, body string) reply {
	r.t.Helper()
	return r.do(http.MethodPost, filterPath+query, body)
}

func (r *rig) wantRefusals(want int) {
	r.t.Helper()
	if got := r.Refusals(); len(got) != want {
		r.t.Errorf("%d refusals, want %d: %q", len(got), want, got)
	}
}

func wantReply(t *testing.T, got reply, status int, body string) {
	t.Helper()
	if got.status != status || !strings.Contains(got.body, body) {
		t.Errorf("answer is %d %s\nwant %d with %s", got.status, got.body, status, body)
	}
	if got.body != "" && got.status != http.StatusFound && !json.Valid(bytes.TrimSpace([]byte(got.body))) {
		t.Errorf("body is not json: %s", got.body)
	}
	if len(got.header.Get("X-Request-Id")) != 32 {
		t.Errorf("x-request-id is %q", got.header.Get("X-Request-Id"))
	}
}
