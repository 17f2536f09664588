package simulator

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestStats(t *testing.T) {
	r := newRig(t, Options{Log: 3})
	const together = 4
	begun := time.Now()
	var arrived sync.WaitGroup
	arrived.Add(together)
	remove := r.OnCall(OpListPoolTags, func(int) { arrived.Done(); arrived.Wait() })
	var sent sync.WaitGroup
	for range together {
		sent.Go(func() { r.get(poolTags) })
	}
	sent.Wait()
	remove()
	r.get(instances + "/" + InstanceID(1) + "/tags")
	r.filter("?limit=1", "{}")
	// Not Hangup: on a used connection net/http would silently send a GET again.
	r.Inject(Fault{Times: 1, Break: Truncated, Operation: OpListFabricProjectTags})
	cut, err := r.client.Do(r.sign(r.request("GET", fabricTags, ""), "", testAK, testSK))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(cut.Body); err == nil {
		t.Error("not truncated")
	}
	cut.Body.Close()
	server := httptest.NewServer(r.Cloud) // a wrong path, by another server
	defer server.Close()
	resp, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()

	for operation, want := range map[string]int{OpListPoolTags: together, OpListInstances: 0, OpUnknown: 1} {
		if got := r.Calls(operation); got != want {
			t.Errorf("%d calls of %s, want %d", got, operation, want)
		}
	}
	if r.MaxInFlight(OpListPoolTags) != together || r.MaxInFlight("") != together || r.MaxInFlight(OpListInstanceTags) != 1 {
		t.Errorf("in flight: %d, %d", r.MaxInFlight(OpListPoolTags), r.MaxInFlight(""))
	}
	if answers := r.Answers(OpListPoolTags); answers[200] != together {
		t.Errorf("answers %v", answers)
	}
	requests := r.Requests()
	if len(requests) != 3 {
		t.Fatalf("%d requests are kept", len(requests))
	}
	first := requests[0]
	if first.Operation != OpListFabricWorkspaces || first.URL != filterPath+"?limit=1" || string(first.Body) != "{}" ||
		first.Credential != "aksk" || first.AccessKey != testAK || first.Project != testProject || first.Status != 200 ||
		first.Time.Before(begun) || first.Time.After(time.Now()) || first.RemoteAddr == "" || first.UserAgent == "" || first.ContentType != "application/json" {
		t.Errorf("request %+v", first)
	}
	if requests[2].Operation != OpUnknown || requests[2].Status != 404 || requests[2].Credential != "" {
		t.Errorf("request %+v", requests[2])
	}
	r.wantRefusals(1)
	r.ResetStats()
	r.wantRefusals(0)
	if r.Calls("") != 0 || len(r.Requests()) != 0 || r.MaxInFlight(OpListPoolTags) != 0 {
		t.Error("the stats are not reset")
	}
}

func TestRefusalsAreBounded(t *testing.T) {
	c := New(Options{})
	for range maxRefusals + 5 {
		c.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	}
	if got := c.Refusals(); len(got) != maxRefusals+1 || got[maxRefusals] != "and 5 more" {
		t.Errorf("%d refusals, the last is %s", len(got), got[len(got)-1])
	}
}

func BenchmarkListInstanceTags(b *testing.B) {
	c := New(Options{})
	c.AddAccessKey(AccessKey{AK: testAK, SK: testSK})
	c.SetProject(Project{ID: testProject, Instances: manyInstances(10_000)})
	req := httptest.NewRequest(http.MethodGet, instances+"/"+InstanceID(7)+"/tags", nil)
	req.Header.Set("X-Sdk-Date", time.Now().UTC().Format(sdkDateForm))
	req.Header.Set("X-Project-Id", testProject)
	names := []string{"x-project-id", "x-sdk-date"}
	signature, err := sign(req, names, nil, testSK)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Authorization", "SDK-HMAC-SHA256 Access="+testAK+", SignedHeaders="+strings.Join(names, ";")+", Signature="+signature)
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		c.ServeHTTP(w, req)
		if w.Code != 200 {
			b.Fatal(w.Body.String())
		}
	}
}
