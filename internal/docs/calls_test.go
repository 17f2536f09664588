package docs

import (
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/simulator"
	"huaweicloud_tag_exporter/internal/tagapi"
)

const (
	callsAK      = "CALLSACCESSKEY0001"
	callsSK      = "secret-key-of-calls"
	callsProject = "5f3c9a7e21d84b60a1c2d3e4f5061728"
)

// callsOf measures how many calls of a list a read makes that finds 1,000 resources by it,
// one call after the other: in parallel, there may be more, behind an end that is not known.
func callsOf(t *testing.T, source tagapi.Source, list tagapi.List) (first, later int) {
	t.Helper()
	cloud := simulator.New(simulator.Options{Log: 10_000, Quirks: simulator.Quirks{
		Listed: simulator.ListedQuirks{SharesUntagged: list.Instead, SubnetsUnpublished: list.Instead},
	}})
	cloud.AddAccessKey(simulator.AccessKey{AK: callsAK, SK: callsSK})
	in := simulator.Instance{Tags: []simulator.Tag{simulator.T("env", "prod")}}
	for _, mode := range []string{"flexus", "autopilot"} {
		if strings.Contains(list.Path, mode) {
			in.Mode = mode
		}
	}
	project := simulator.Project{ID: callsProject, Region: "cn-north-4", Resources: map[string][]simulator.Instance{"modelarts:workspace": {{ID: "0"}}}}
	kind := source.Service + ":" + list.ResourceType
	for range 1000 {
		in.ID += "i"
		project.Resources[kind] = append(project.Resources[kind], in)
	}
	project.PoolTags = []simulator.PoolTag{{Key: "env", Values: []string{"prod"}}}
	cloud.SetProject(project)
	server := httptest.NewServer(cloud.Host(source.Service))
	defer server.Close()
	client, err := huaweicloud.NewClient(huaweicloud.ClientConfig{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	service, err := client.Service(huaweicloud.ProjectConfig{
		ID:         callsProject,
		Credential: huaweicloud.CredentialConfig{AccessKey: huaweicloud.NewSecret(callsAK), SecretKey: huaweicloud.NewSecret(callsSK)},
	}, huaweicloud.ServiceConfig{Name: source.Service, Endpoint: server.URL, Limits: huaweicloud.Limits{MaxConcurrency: 1, RequestTimeout: time.Minute}})
	if err != nil {
		t.Fatal(err)
	}
	settings := tagapi.Settings{TagsInList: true, ResourceTypes: []string{list.ResourceType}}
	source = source.With(settings)
	var reader tagapi.Reader
	read := func() int {
		session, err := service.Session(t.Context(), ignore{})
		if err != nil {
			t.Fatal(err)
		}
		before := len(cloud.Requests())
		reader = source.New(settings, reader)
		reading := inventory.NewReading(inventory.Part{Service: source.Service, ResourceType: list.ResourceType}, source.Reach, inventory.NewFilter(nil))
		if err := reader.Read(t.Context(), session, reading); err != nil {
			t.Fatal(kind, err)
		}
		parts, _ := reading.Parts(time.Time{})
		if len(parts) != 1 || !parts[0].Whole || len(parts[0].Resources) != 1000 {
			t.Fatalf("%s is not read", kind)
		}
		calls := 0
		for _, r := range cloud.Requests()[before:] {
			if isOf(list, r.URL) {
				calls++
			}
		}
		return calls
	}
	return read(), read()
}

// isOf reports whether a request asks for a page of a list.
func isOf(list tagapi.List, requested string) bool {
	got, err := url.Parse(requested)
	want, errWant := url.Parse(strings.NewReplacer("{project}", callsProject, "{workspace}", "0").Replace(list.Path))
	if err != nil || errWant != nil || got.Path != want.Path {
		return false
	}
	query := got.Query()
	for name := range query {
		if slices.Contains([]string{"limit", "offset", "marker", "start", "currentPage", "pageSize"}, name) {
			query.Del(name)
		}
	}
	return query.Encode() == want.Query().Encode()
}

// ignore is not interested in attempts.
type ignore struct{}

func (ignore) Observe(huaweicloud.Attempt) {}
