package tagapi

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/memnet"
	"huaweicloud_tag_exporter/internal/simulator"
)

const (
	testProject = "5f3c9a7e21d84b60a1c2d3e4f5061728"
	testPage    = 10 // resources on a page, so that few make several pages
	testFleet   = 2*testPage + 3
)

// listedFleet returns resources of each type of a service, and others that its lists show
// unless they are told not to.
func listedFleet(source Source, n int) simulator.Project {
	project := simulator.Project{ID: testProject, Region: "cn-north-4", Resources: make(map[string][]simulator.Instance)}
	fleet := func(kind string, n int, mode, status string) (made []simulator.Instance) {
		for i := range n {
			in := simulator.Instance{ID: fmt.Sprintf("%s-%03d", strings.ReplaceAll(kind, ":", "-"), i), Name: fmt.Sprintf("n-%d", i), Mode: mode, Status: status}
			if i%3 == 1 {
				in.EnterpriseProjectID = "ep-1"
			}
			for j := range i % 4 {
				in.Tags = append(in.Tags, simulator.T(fmt.Sprintf("key-%d", j), fmt.Sprintf("值=%d", i%2)))
			}
			if i%5 == 2 {
				in.Tags = append(in.Tags, simulator.T("note", ""))
			}
			switch {
			case kind == "cce:creating-":
				in.ID = ""
			case kind == "vpc:publicips" && i%2 > 0:
				in.Name = ""
			}
			made = append(made, in)
		}
		return made
	}
	for _, kind := range source.Types() {
		project.Resources[source.Service+":"+kind] = fleet(source.Service+":"+kind, n, "", "")
	}
	for _, more := range hiddenResources[source.Service] {
		project.Resources[more.kind] = append(project.Resources[more.kind], fleet(more.kind+"-"+more.mode+more.status, n, more.mode, more.status)...)
	}
	if source.Service == "modelarts" {
		project.Resources["modelarts:workspace"] = []simulator.Instance{{ID: "0", Name: "default"}, {ID: "ws-1", Name: "vision"}}
		project.PoolTags = unionOf(project.Resources["modelarts:pool"])
	}
	return project
}

// nameOf is what a resource of the fleet is called. Every second public IP has no other name
// than its address.
func nameOf(kind, id string) string {
	i, _ := strconv.Atoi(id[strings.LastIndexByte(id, '-')+1:])
	if kind == "publicips" && i%2 > 0 {
		return "192.0.2.10"
	}
	return fmt.Sprintf("n-%d", i)
}

// unionOf are the tags of pools as the tag API has them.
func unionOf(pools []simulator.Instance) (union []simulator.PoolTag) {
	values := make(map[string][]string)
	for _, in := range pools {
		for _, t := range in.Tags {
			values[t.Key] = append(values[t.Key], *t.Value)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		union = append(union, simulator.PoolTag{Key: key, Values: slices.Compact(slices.Sorted(slices.Values(values[key])))})
	}
	return union
}

// hiddenResources are those that the lists of a service show only if they are asked for,
// and those that they show unless they are told not to: of other kinds, which are not
// wanted.
var hiddenResources = map[string][]struct{ kind, mode, status string }{
	"ecs":               {{kind: "bms:servers"}},
	"ims":               {{kind: "ims:public"}},
	"cce":               {{kind: "cce:clusters", mode: "autopilot"}, {kind: "cce:creating"}},
	"er":                {{kind: "er:shared"}},
	"rds":               {{kind: "rds:instances", mode: "flexus"}},
	"gaussdb":           {{kind: "gaussdb-opengauss:instances"}},
	"gaussdb-opengauss": {{kind: "gaussdb:instance"}},
	"dcs":               {{kind: "dcs:redis", status: "CREATEFAILED"}, {kind: "dcs:memcached", status: "CREATEFAILED"}},
	"dms":               {{kind: "dms:kafkas", status: "CREATEFAILED"}, {kind: "dms:rabbitmqs", status: "CREATEFAILED"}, {kind: "dms:rocketmqs", status: "CREATEFAILED"}},
	"mrs":               {{kind: "mrs:terminated"}},
	"modelarts":         {{kind: "modelarts:pool", mode: "ws-1"}, {kind: "modelarts:notebook", mode: "ws-1"}, {kind: "modelarts:service", mode: "ws-1"}},
}

// listedWorld is a cloud of which one service is read by rows.
type listedWorld struct {
	t       testing.TB
	cloud   *simulator.Cloud
	source  Source
	session *huaweicloud.Session
	reader  Reader // of the last read

	mu       sync.Mutex
	attempts map[string]int // by operation
	failed   []string       // the error codes of failed attempts
}

func (w *listedWorld) Observe(a huaweicloud.Attempt) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.attempts[a.Operation]++
	if a.ErrorCode != "" {
		w.failed = append(w.failed, a.ErrorCode)
	}
}

// newListedWorld has n resources of each type of a service, which answers on its own host.
func newListedWorld(t testing.TB, source Source, n int, quirks simulator.Quirks) *listedWorld {
	t.Helper()
	w := &listedWorld{t: t, source: source, cloud: simulator.New(simulator.Options{Quirks: quirks}), attempts: make(map[string]int)}
	network := new(memnet.Network)
	host, _, _ := strings.Cut(source.Service, ":")
	server := httptest.NewUnstartedServer(w.cloud.Host(host))
	server.Listener.Close()
	server.Listener = network.Listen()
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(w.cloud.Close)
	w.cloud.AddAccessKey(simulator.AccessKey{AK: testAK, SK: testSK})
	w.cloud.SetProject(listedFleet(source, n))
	client, err := huaweicloud.NewClient(huaweicloud.ClientConfig{Dial: network.DialContext}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	service, err := client.Service(
		huaweicloud.ProjectConfig{
			Name: "shop", Region: "cn-north-4", ID: testProject,
			Credential: huaweicloud.CredentialConfig{Name: "default", AccessKey: huaweicloud.NewSecret(testAK), SecretKey: huaweicloud.NewSecret(testSK)},
		},
		huaweicloud.ServiceConfig{Name: source.Service, Endpoint: server.URL, Limits: huaweicloud.Limits{MaxConcurrency: 4, RequestTimeout: 10 * time.Second}},
	)
	if err != nil {
		t.Fatal(err)
	}
	if w.session, err = service.Session(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	return w
}

// read reads the service, in small pages, and returns its parts by type, and why a part is
// not whole.
func (w *listedWorld) read() (parts map[string]inventory.Inventory, failed map[string]error) {
	w.t.Helper()
	reader, _ := w.source.New(Settings{}, w.reader).(*listedReader)
	small := &listedReader{rows: slices.Clone(reader.rows), types: reader.types, rememberedLists: reader.rememberedLists}
	w.reader = small
	for i := range small.rows {
		small.rows[i].shrink()
	}
	reading := inventory.NewReading(inventory.Part{Project: "shop", Region: "cn-north-4", Service: w.source.Service, ResourceType: w.source.ResourceType}, inventory.All, inventory.NewFilter(fuzzExclude))
	ctx, cancel := context.WithTimeout(w.t.Context(), 5*time.Minute)
	defer cancel()
	err := small.Read(ctx, w.session, reading)
	all, whole := reading.Parts(time.Time{})
	if !whole && len(small.types) > 1 {
		w.t.Error("not all parts are known")
	}
	parts, failed = make(map[string]inventory.Inventory), make(map[string]error)
	for _, p := range all {
		if p.Project != "shop" || p.Region != "cn-north-4" || p.Service != w.source.Service {
			w.t.Errorf("a part of %+v", p.Part)
		}
		parts[p.ResourceType] = p
		why := p.Complete(err)
		if len(small.types) == 1 { // so it is about this part
			why = cmp.Or(err, why)
		}
		if why != nil || !p.Whole {
			failed[p.ResourceType] = why
		}
	}
	return parts, failed
}

func (r *row) shrink() {
	if r.pages.size > 0 {
		r.pages.size = testPage
	}
	if r.sure != nil {
		sure := *r.sure
		sure.shrink()
		r.sure = &sure
	}
}

// truth is what a part should be.
func truthOf(t simulator.Truth) string {
	return fmt.Sprintf("%d resources, %d untagged, %v", t.Resources, t.Untagged, t.Tagged)
}

func partOf(i inventory.Inventory) string {
	t := simulator.Truth{Resources: len(i.Resources), Untagged: i.Untagged(), Tagged: make(map[string]map[string]int)}
	for _, r := range i.Resources {
		for _, tag := range r.Tags {
			if t.Tagged[tag.Key] == nil {
				t.Tagged[tag.Key] = make(map[string]int)
			}
			t.Tagged[tag.Key][tag.Value]++
		}
	}
	return truthOf(t)
}

func (w *listedWorld) truth(kind string) string {
	return truthOf(w.cloud.Truth(testProject, w.source.Service+":"+kind, func(key string) bool {
		return strings.HasPrefix(key, "_sys_")
	}))
}

// wantNoFailure fails the test if the cloud refused a request, or if an attempt counts as
// failed.
func (w *listedWorld) wantNoFailure() {
	w.t.Helper()
	if refusals := w.cloud.Refusals(); len(refusals) > 0 {
		w.t.Errorf("the cloud refused requests:\n%s", strings.Join(refusals, "\n"))
	}
	if len(w.failed) > 0 {
		w.t.Errorf("failed attempts: %q", w.failed)
	}
}
