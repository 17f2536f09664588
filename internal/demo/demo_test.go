package demo

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/simulator"
)

var testTime = time.Date(2026, time.July, 15, 8, 0, 0, 0, time.UTC)

// startAt starts a demo whose clock the test turns.
func startAt(t *testing.T, at time.Time) (d *Demo, turn func(time.Time)) {
	t.Helper()
	var clock atomic.Pointer[time.Time]
	clock.Store(&at)
	d, err := Start(func() time.Time { return *clock.Load() })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d, func(to time.Time) { clock.Store(&to) }
}

// parse reads Config as it is written into a file, beside the documents.
func parse(t *testing.T, d *Demo) *config.Config {
	t.Helper()
	dir := t.TempDir()
	for name, content := range d.Documents() {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := config.Parse(filepath.Join(dir, "demo.yml"), d.Config())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestConfigIsAcceptedAndNamesTheFleet(t *testing.T) {
	d, _ := startAt(t, testTime)
	c := parse(t, d)
	kinds := make(map[huaweicloud.Kind]bool)
	temporary := false
	for _, p := range c.Projects {
		held, found := d.Cloud().Project(p.ID)
		if !found || held.Region != p.Region {
			t.Errorf("project %s of the configuration is not in region %s of the cloud", p.Name, p.Region)
		}
		if want := p.Region + "_" + p.Name; held.Name != want {
			t.Errorf("the cloud names project %s %q, want %q", p.ID, held.Name, want)
		}
		if len(p.Services) != 3 {
			t.Errorf("project %s has %d services, want 3", p.Name, len(p.Services))
		}
		kinds[p.Credential.Kind] = true
		temporary = temporary || !p.Credential.SecurityToken.IsZero()
	}
	for _, a := range c.Accounts {
		if held, found := d.Cloud().Account(a.ID); !found || held.Name != a.Name || a.Config == nil || a.Discover == nil {
			t.Errorf("account %s of the configuration is %q in the cloud", a.Name, held.Name)
		}
	}
	if len(c.Accounts) != 1 {
		t.Errorf("%d accounts, want 1", len(c.Accounts))
	}
	if len(c.Projects) != 3 || len(kinds) != 2 || !temporary {
		t.Errorf("%d projects, %d kinds of credentials, temporary: %t; want 3, 2, true", len(c.Projects), len(kinds), temporary)
	}
}

// ask is an answer of which any member counts.
type ask struct {
	Tags      huaweicloud.List[json.RawMessage] `json:"tags"`
	Resources huaweicloud.List[json.RawMessage] `json:"resources"`
	Instances huaweicloud.List[json.RawMessage] `json:"instances"`
}

func (a *ask) Absent() bool      { return false }
func (a *ask) Members() []string { return []string{"tags", "resources", "instances"} }

func TestCredentialsOfTheConfigOpenTheCloud(t *testing.T) {
	d, _ := startAt(t, testTime)
	client, err := huaweicloud.NewClient(huaweicloud.ClientConfig{UserAgent: "demo-test"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, p := range parse(t, d).Projects {
		requests := map[string]huaweicloud.Request{
			"modelarts": {Operation: simulator.OpListPoolTags, Method: http.MethodGet, Path: "/v1/" + p.ID + "/pools/tags"},
			"dds":       {Operation: simulator.OpListInstances, Method: http.MethodGet, Path: "/v3/" + p.ID + "/instances"},
			"fabric": {
				Operation: simulator.OpListFabricWorkspaces, Method: http.MethodPost,
				Path: "/v1/" + p.ID + "/fabric-workspace/resource-instances/filter", Body: []byte(`{}`),
			},
		}
		for _, s := range p.Services {
			service, err := client.Service(p.ProjectConfig, s.ServiceConfig)
			if err != nil {
				t.Fatal(err)
			}
			session, err := service.Session(t.Context(), nopObserver{})
			if err != nil {
				t.Fatal(err)
			}
			answer, err := huaweicloud.Call[ask](t.Context(), session, requests[s.Name])
			if err != nil {
				t.Errorf("%s of %s: %v", s.Name, p.Name, err)
			} else if len(answer.Tags)+len(answer.Resources)+len(answer.Instances) == 0 {
				t.Errorf("%s of %s holds nothing", s.Name, p.Name)
			}
		}
	}
	if refusals := d.Cloud().Refusals(); len(refusals) > 0 {
		t.Errorf("the cloud refused: %q", refusals)
	}
}

type nopObserver struct{}

func (nopObserver) Observe(huaweicloud.Attempt) {}

func TestTwoDemosAtOneTimeAreEqual(t *testing.T) {
	one, _ := startAt(t, testTime)
	two, turn := startAt(t, testTime.Add(-7*time.Hour))
	turn(testTime)
	for _, id := range []string{shopProdID, shopStagingID, lakeAnalyticsID} {
		a, _ := one.Cloud().Project(id)
		b, _ := two.Cloud().Project(id)
		if !reflect.DeepEqual(a, b) {
			t.Errorf("project %s differs:\n%v\n%v", id, a, b)
		}
	}
}

// get asks the demo as a client with a token of shop-prod, and decodes the answer.
func get(t *testing.T, d *Demo, path string, into any) {
	t.Helper()
	getWith(t, d, d.cloud.IssueToken(shopProdID, time.Hour), path, into)
}

func getWith(t *testing.T, d *Demo, token, path string, into any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.url+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Auth-Token", token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode == http.StatusTooManyRequests {
		getWith(t, d, token, path, into)
		return
	}
	if err := json.Unmarshal(body, into); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v: %s", path, response.StatusCode, err, body)
	}
}

type tagList []struct{ Key, Value string }

type instanceList struct {
	Instances []struct {
		ID, Name string
		Tags     tagList
	}
}

func TestAListingBringsTheFleetUpToDate(t *testing.T) {
	d, turn := startAt(t, testTime)
	var before, after instanceList
	get(t, d, "/v3/"+shopProdID+"/instances?limit=100", &before)
	turn(testTime.Add(6 * stepLength)) // orders-replay-01 has come by then
	get(t, d, "/v3/"+shopProdID+"/instances?limit=100", &after)
	if len(after.Instances) != len(before.Instances)+1 {
		t.Errorf("%d instances, then %d; want one more", len(before.Instances), len(after.Instances))
	}
	for _, in := range after.Instances {
		var own struct{ Tags tagList }
		get(t, d, "/v3/"+shopProdID+"/instances/"+in.ID+"/tags", &own)
		if !reflect.DeepEqual(own.Tags, in.Tags) {
			t.Errorf("tags of %s: listed %v, asked for %v", in.Name, in.Tags, own.Tags)
		}
	}
	if n := d.cloud.Answers(simulator.OpListInstanceTags)[http.StatusTooManyRequests]; n != 1 {
		t.Errorf("%d calls were throttled, want 1", n)
	}
}

func TestConcurrentCallsWhileTimeGoesOn(t *testing.T) {
	d, turn := startAt(t, testTime)
	done := make(chan struct{})
	for range 4 {
		go func() {
			defer func() { done <- struct{}{} }()
			for range 50 {
				d.drift()
				d.Cloud().TruthDDS(shopProdID, nil)
			}
		}()
	}
	for i := range 40 {
		turn(testTime.Add(time.Duration(i) * stepLength))
	}
	for range 4 {
		<-done
	}
	want := projects()[0].at(stepOf(testTime.Add(39 * stepLength)))
	if got, _ := d.Cloud().Project(shopProdID); !reflect.DeepEqual(got, want) {
		t.Errorf("the cloud is behind the clock")
	}
}
