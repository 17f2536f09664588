package tagapi

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
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

// types returns the resource types of a source, each once.
func (s Source) types() (types []string) {
	for _, l := range s.Lists {
		if !slices.Contains(types, l.ResourceType) {
			types = append(types, l.ResourceType)
		}
	}
	return types
}

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
			made = append(made, in)
		}
		return made
	}
	for _, kind := range source.types() {
		project.Resources[source.Service+":"+kind] = fleet(source.Service+":"+kind, n, "", "")
	}
	for _, more := range hiddenResources[source.Service] {
		if n > 0 {
			project.Resources[more.kind] = append(project.Resources[more.kind], fleet(more.kind+"-"+more.mode+more.status, 4, more.mode, more.status)...)
		}
	}
	return project
}

// hiddenResources are those that the lists of a service show only if they are asked for,
// and those that they show unless they are told not to: of other kinds, which are not
// wanted.
var hiddenResources = map[string][]struct{ kind, mode, status string }{
	"ecs": {{kind: "bms:servers"}},
}

// listedWorld is a cloud of which one service is read by rows.
type listedWorld struct {
	t       *testing.T
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
func newListedWorld(t *testing.T, source Source, n int, quirks simulator.Quirks) *listedWorld {
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
	small := &listedReader{rows: slices.Clone(reader.rows), several: reader.several, rememberedLists: reader.rememberedLists}
	w.reader = small
	for i := range small.rows {
		small.rows[i].shrink()
	}
	reading := inventory.NewReading(inventory.Part{Project: "shop", Region: "cn-north-4", Service: w.source.Service, ResourceType: w.source.ResourceType}, inventory.All, inventory.NewFilter(fuzzExclude))
	ctx, cancel := context.WithTimeout(w.t.Context(), 5*time.Minute)
	defer cancel()
	err := small.Read(ctx, w.session, reading)
	all, whole := reading.Parts(time.Time{})
	if !whole && small.several {
		w.t.Error("not all parts are known")
	}
	parts, failed = make(map[string]inventory.Inventory), make(map[string]error)
	for _, p := range all {
		if p.Project != "shop" || p.Region != "cn-north-4" || p.Service != w.source.Service {
			w.t.Errorf("a part of %+v", p.Part)
		}
		parts[p.ResourceType] = p
		if why := p.Complete(err); why != nil || !p.Whole {
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

// eachListed runs a test for each service that is read by rows, in virtual time.
func eachListed(t *testing.T, test func(t *testing.T, source Source)) {
	t.Helper()
	for _, source := range listedSources() {
		t.Run(source.Service, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, source) })
		})
	}
}

// TestListedQuirks: what is read is what is there, in whichever of its forms a service
// says it.
func TestListedQuirks(t *testing.T) {
	for name, quirks := range map[string]simulator.Quirks{
		"as documented":             {},
		"no tags are null":          {EmptyArrays: simulator.EmptyNull},
		"no tags are absent":        {EmptyArrays: simulator.EmptyAbsent},
		"totals are texts":          {TotalCount: simulator.TotalString},
		"totals are absent":         {TotalCount: simulator.TotalAbsent},
		"values are absent":         {AbsentNullValue: true},
		"past the end is refused":   {PastEndRefused: true},
		"other enterprise projects": {Listed: simulator.ListedQuirks{OtherEnterpriseProjects: true}},
		"enterprise numbers":        {Listed: simulator.ListedQuirks{EnterpriseNumbers: true}},
		"system tags":               {Listed: simulator.ListedQuirks{SystemTags: true}},
		"a last marker":             {Listed: simulator.ListedQuirks{LastMarker: true}},
		"start":                     {Listed: simulator.ListedQuirks{Start: true}},
		"foreign databases":         {Listed: simulator.ListedQuirks{ForeignDatabases: true}},
		"untagged shares":           {Listed: simulator.ListedQuirks{SharesUntagged: true}},
		"no newer list of subnets":  {Listed: simulator.ListedQuirks{SubnetsUnpublished: true}},
		"all_granted_eps unknown":   {Listed: simulator.ListedQuirks{GrantedRefused: true}},
	} {
		t.Run(name, func(t *testing.T) {
			eachListed(t, func(t *testing.T, source Source) {
				for _, n := range []int{0, 1, testPage - 1, testPage, testPage + 1, 2 * testPage, testFleet} {
					w := newListedWorld(t, source, n, quirks)
					parts, failed := w.read()
					for _, kind := range source.types() {
						if got, want := partOf(parts[kind]), w.truth(kind); got != want || failed[kind] != nil {
							t.Errorf("%d %s: got %s, %v\nwant %s", n, kind, got, failed[kind], want)
						}
					}
					w.wantNoFailure()
				}
			})
		})
	}
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

// TestListedFaults: a list that cannot be read as documented is absent, whatever is wrong
// with it, and takes no other type of its service with it.
func TestListedFaults(t *testing.T) {
	for name, test := range map[string]struct {
		fault simulator.Fault
		code  string // of the error; "": it has none
		only  func(r row) bool
	}{
		"refused":             {fault: simulator.Fault{Answer: simulator.Instead(simulator.ErrorE3(403, "APIG.0306", "denied"))}, code: "APIG.0306"},
		"not published":       {fault: simulator.Fault{Answer: simulator.Instead(simulator.ErrorE3(404, "APIGW.0101", "no such API"))}, code: "APIGW.0101"},
		"a failure":           {fault: simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(500, "X.1", "broken"))}, code: "X.1"},
		"the second page":     {fault: simulator.Fault{After: 1, Answer: simulator.Instead(simulator.ErrorE1(500, "X.1", "broken"))}, code: "X.1", only: paged},
		"an error as answer":  {fault: simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(200, "X.2", "broken"))}, code: "X.2"},
		"nothing":             {fault: simulator.Fault{Answer: simulator.Instead(simulator.Empty(200))}, code: huaweicloud.CodeMalformed},
		"an array":            {fault: simulator.Fault{Answer: simulator.Instead(simulator.Text(200, `[]`))}, code: huaweicloud.CodeMalformed},
		"another answer":      {fault: simulator.Fault{Answer: simulator.Instead(simulator.Text(200, `{"status":"ok"}`))}, code: huaweicloud.CodeMalformed},
		"half of the answer":  {fault: simulator.Fault{Break: simulator.HalfJSON}, code: huaweicloud.CodeMalformed},
		"other types":         {fault: simulator.Fault{Break: simulator.WrongJSON}, code: huaweicloud.CodeMalformed},
		"a cut connection":    {fault: simulator.Fault{Break: simulator.Truncated}, code: huaweicloud.CodeConnection},
		"too large":           {fault: simulator.Fault{Break: simulator.Huge}, code: huaweicloud.CodeTooLarge},
		"tags are a number":   {fault: rewriteTags(`7`), code: huaweicloud.CodeMalformed},
		"tags are nested":     {fault: rewriteTags(`[[1]]`), code: huaweicloud.CodeMalformed},
		"tags are members":    {fault: rewriteTags(`{"env":"prod"}`), code: huaweicloud.CodeMalformed, only: notShaped(asMembers)},
		"tags have members":   {fault: rewriteTags(`{"env":{"value":"prod"}}`), code: huaweicloud.CodeMalformed},
		"tags are pairs":      {fault: rewriteTags(`["env=prod"]`), code: huaweicloud.CodeMalformed, only: notShaped(asPairs)},
		"tags are a text":     {fault: rewriteTags(`"env=prod"`), code: huaweicloud.CodeMalformed, only: notShaped(asText)},
		"tags are objects":    {fault: rewriteTags(`[{"key":"env","value":"prod"}]`), code: huaweicloud.CodeMalformed, only: notShaped(asObjects)},
		"tags have no key":    {fault: rewriteTags(`[{"name":"env","value":"prod"}]`), code: huaweicloud.CodeMalformed},
		"tags have no value":  {fault: rewriteTags(`[{"key":"env","values":["prod"]}]`), code: huaweicloud.CodeMalformed},
		"a total that is off": {fault: simulator.Fault{Rewrite: rewriteTotals("99")}, only: func(r row) bool { return r.total != "" }},
	} {
		t.Run(name, func(t *testing.T) {
			eachListed(t, func(t *testing.T, source Source) {
				reader := source.New(Settings{}, nil).(*listedReader)
				for _, broken := range reader.rows {
					if test.only != nil && !test.only(broken) || broken.sure != nil {
						continue
					}
					w := newListedWorld(t, source, testFleet, simulator.Quirks{})
					test.fault.Operation = broken.operation
					w.cloud.Inject(test.fault)
					parts, failed := w.read()
					for _, kind := range source.types() {
						hit := slices.ContainsFunc(reader.rows, func(r row) bool { return r.kind == kind && r.operation == broken.operation })
						e, _ := errors.AsType[*huaweicloud.Error](failed[kind])
						switch {
						case !hit && (failed[kind] != nil || partOf(parts[kind]) != w.truth(kind)):
							t.Errorf("%s broke: %s: got %s, %v", broken.operation, kind, partOf(parts[kind]), failed[kind])
						case hit && (failed[kind] == nil || parts[kind].Whole || test.code != "" && (e == nil || e.Code != test.code)):
							t.Errorf("%s broke: %s: got %s, %v, want %s", broken.operation, kind, partOf(parts[kind]), failed[kind], test.code)
						}
					}
				}
			})
		})
	}
}

func paged(r row) bool { return r.pages.size > 0 }

func notShaped(s shape) func(row) bool {
	return func(r row) bool { shape := r.tagShape(); return fmt.Sprint(shape) != fmt.Sprint(s) }
}

// rewriteTags gives all resources other tags.
func rewriteTags(text string) simulator.Fault {
	return simulator.Fault{Rewrite: func(body []byte) []byte {
		for _, name := range []string{"tags", "clusterTags"} {
			body = simulator.MemberAs(name, text)(body)
		}
		return body
	}}
}

func rewriteTotals(text string) func([]byte) []byte {
	return func(body []byte) []byte {
		for _, r := range rows() {
			if r.total != "" {
				body = simulator.MemberAs(r.total[strings.LastIndex(r.total, ".")+1:], text)(body)
			}
		}
		return body
	}
}
