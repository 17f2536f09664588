package demo

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	services "huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/simulator"
	"huaweicloud_tag_exporter/internal/tagapi"
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
		for _, s := range p.Services {
			if !strings.HasPrefix(s.Endpoint, "http://127.0.0.1:") {
				t.Errorf("%s of %s is asked at %s", s.Name, p.Name, s.Endpoint)
			}
		}
		if all := len(services.Names(services.Project)); len(p.Services) != all {
			t.Errorf("project %s has %d services of %d", p.Name, len(p.Services), all)
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

// TestTheConfigOpensTheCloud: each service that the configuration names is read with its
// credentials at its endpoint, and has what the project has of its kinds.
func TestTheConfigOpensTheCloud(t *testing.T) {
	d, _ := startAt(t, testTime)
	client, err := huaweicloud.NewClient(huaweicloud.ClientConfig{UserAgent: "demo-test"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, p := range parse(t, d).Projects {
		cloud, _ := d.Cloud().Project(p.ID)
		cloud.Resources["dds:instance"], cloud.Resources["fabric:workspace"] = cloud.Instances, cloud.Workspaces
		unread := maps.Clone(cloud.Resources)
		for _, s := range p.Services {
			for _, part := range read(t, client, p, s) {
				kind := s.Name + ":" + part.ResourceType
				if n := len(cloud.Resources[kind]); !part.Whole || len(part.Resources) != n || kind == "modelarts:pool" && len(part.Values) == 0 {
					t.Errorf("%s of %s: %d resources of %d, %v", kind, p.Name, len(part.Resources), n, part.Err)
				}
				delete(unread, kind)
			}
		}
		if len(unread) > 0 {
			t.Errorf("nobody reads %v of %s", slices.Sorted(maps.Keys(unread)), p.Name)
		}
	}
	if refusals := d.Cloud().Refusals(); len(refusals) > 0 {
		t.Errorf("the cloud refused: %q", refusals)
	}
}

func read(t *testing.T, client *huaweicloud.Client, p config.Project, s config.Service) []inventory.Inventory {
	t.Helper()
	service, err := client.Service(p.ProjectConfig, s.ServiceConfig)
	if err != nil {
		t.Fatal(err)
	}
	session, err := service.Session(t.Context(), nopObserver{})
	if err != nil {
		t.Fatal(err)
	}
	sources := tagapi.Sources()
	settings := tagapi.Settings{MaxTagAge: s.MaxTagAge, ResourceTypes: s.ResourceTypes}
	source := sources[slices.IndexFunc(sources, func(of tagapi.Source) bool { return of.Service == s.Name })].With(settings)
	reading := inventory.NewReading(inventory.Part{Service: s.Name, ResourceType: source.ResourceType}, source.Reach, inventory.NewFilter(nil))
	if err := source.New(settings, nil).Read(t.Context(), session, reading); err != nil {
		t.Errorf("%s of %s: %v", s.Name, p.Name, err)
	}
	parts, _ := reading.Parts(time.Time{})
	return parts
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
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.urls[""]+path, http.NoBody)
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
