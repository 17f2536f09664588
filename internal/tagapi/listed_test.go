package tagapi

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/simulator"
)

// allOfModelArts are the settings with which all lists of ModelArts are read.
var allOfModelArts = Settings{TagsInList: true, ResourceTypes: []string{"pool", "notebook", "service"}}

// eachListed runs a test for each service that is read by rows, in virtual time.
func eachListed(t *testing.T, test func(t *testing.T, source Source)) {
	t.Helper()
	for _, source := range append(listedSources(), modelArts(allOfModelArts)) {
		t.Run(source.Service, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, source) })
		})
	}
}

// TestListedQuirks: what is read is what is there, in whichever of its forms a service
// says it.
func TestListedQuirks(t *testing.T) {
	for name, test := range map[string]struct {
		only   string // the services that have it; "": all
		quirks simulator.Quirks
	}{
		"as documented":             {},
		"no tags are null":          {"", simulator.Quirks{EmptyArrays: simulator.Null}},
		"no tags are absent":        {"", simulator.Quirks{EmptyArrays: simulator.Absent}},
		"totals are texts":          {"", simulator.Quirks{TotalCount: simulator.AsText}},
		"totals are absent":         {"", simulator.Quirks{TotalCount: simulator.Absent}},
		"values are absent":         {"", simulator.Quirks{AbsentNullValue: true}},
		"past the end is refused":   {"", simulator.Quirks{PastEndRefused: true}},
		"other enterprise projects": {"", simulator.Quirks{Listed: simulator.ListedQuirks{OtherEnterpriseProjects: true}}},
		"enterprise numbers":        {"", simulator.Quirks{Listed: simulator.ListedQuirks{EnterpriseNumbers: true}}},
		"system tags":               {"", simulator.Quirks{SystemTags: true}},
		"a last marker":             {"ims vpc elb er vpnaas", simulator.Quirks{Listed: simulator.ListedQuirks{LastMarker: true}}},
		"start":                     {"css", simulator.Quirks{Listed: simulator.ListedQuirks{Start: true}}},
		"foreign databases":         {"gaussdb gaussdb-opengauss", simulator.Quirks{Listed: simulator.ListedQuirks{ForeignDatabases: true}}},
		"untagged shares":           {"sfsturbo", simulator.Quirks{Listed: simulator.ListedQuirks{SharesUntagged: true}}},
		"no newer list of subnets":  {"vpc", simulator.Quirks{Listed: simulator.ListedQuirks{SubnetsUnpublished: true}}},
		"terminated ones exist":     {"mrs", simulator.Quirks{Listed: simulator.ListedQuirks{TerminatedExist: true}}},
		"all_granted_eps unknown":   {"mrs", simulator.Quirks{Listed: simulator.ListedQuirks{GrantedRefused: true, OtherEnterpriseProjects: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			eachListed(t, func(t *testing.T, source Source) {
				if test.only != "" && !slices.Contains(strings.Fields(test.only), source.Service) {
					return
				}
				sizes := []int{0, testFleet}
				if name == "as documented" {
					sizes = []int{0, 1, testPage - 1, testPage, testPage + 1, 2 * testPage, testFleet}
				}
				for _, n := range sizes {
					w := newListedWorld(t, source, n, test.quirks)
					parts, failed := w.read()
					for _, kind := range source.Types() {
						if got, want := partOf(parts[kind]), w.truth(kind); got != want || failed[kind] != nil {
							t.Errorf("%d %s: got %s, %v\nwant %s", n, kind, got, failed[kind], want)
						}
						if i := slices.IndexFunc(parts[kind].Resources, func(r inventory.Resource) bool { return r.Name != nameOf(kind, r.ID) }); i >= 0 {
							t.Errorf("%d %s: %s is called %q", n, kind, parts[kind].Resources[i].ID, parts[kind].Resources[i].Name)
						}
					}
					w.wantNoFailure()
				}
			})
		})
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
		"refused": {fault: simulator.Fault{Answer: simulator.Instead(simulator.ErrorE3(403, "APIG.0306", "denied"))}, code: "APIG.0306"},
		"not published": {fault: simulator.Fault{Answer: simulator.Instead(simulator.ErrorE3(404, "APIGW.0101", "no such API"))}, code: "APIGW.0101", only: func(r row) bool {
			return !r.isMissing(&huaweicloud.Error{Status: 404, Code: "APIGW.0101"})
		}},
		"the second page":     {fault: simulator.Fault{After: 1, Answer: simulator.Instead(simulator.ErrorE1(500, "X.1", "broken"))}, code: "X.1", only: paged},
		"an error as answer":  {fault: simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(200, "X.2", "broken"))}, code: "X.2"},
		"an array":            {fault: simulator.Fault{Answer: simulator.Instead(simulator.Text(200, `[]`))}, code: huaweicloud.CodeMalformed},
		"another answer":      {fault: simulator.Fault{Answer: simulator.Instead(simulator.Text(200, `{"status":"ok"}`))}, code: huaweicloud.CodeMalformed},
		"half of the answer":  {fault: simulator.Fault{Break: simulator.HalfJSON}, code: huaweicloud.CodeMalformed},
		"other types":         {fault: simulator.Fault{Break: simulator.WrongJSON}, code: huaweicloud.CodeMalformed},
		"a cut connection":    {fault: simulator.Fault{Break: simulator.Truncated}, code: huaweicloud.CodeConnection},
		"tags are a number":   {fault: rewriteTags(`7`), code: huaweicloud.CodeMalformed},
		"tags are nested":     {fault: rewriteTags(`[[1]]`), code: huaweicloud.CodeMalformed},
		"tags are members":    {fault: rewriteTags(`{"env":"prod"}`), code: huaweicloud.CodeMalformed, only: notShaped(asMembers)},
		"tags have members":   {fault: rewriteTags(`{"env":{"value":"prod"}}`), code: huaweicloud.CodeMalformed},
		"tags are pairs":      {fault: rewriteTags(`["env=prod"]`), code: huaweicloud.CodeMalformed, only: notShaped(asPairs)},
		"tags are a text":     {fault: rewriteTags(`"env=prod"`), code: huaweicloud.CodeMalformed, only: notShaped(asText)},
		"tags are null":       {fault: rewriteTags(`[null]`), code: huaweicloud.CodeMalformed},
		"tags are empty":      {fault: rewriteTags(`[""]`), code: huaweicloud.CodeMalformed},
		"tags are numbers":    {fault: rewriteTags(`[7]`), code: huaweicloud.CodeMalformed},
		"tags are a blank":    {fault: rewriteTags(`" "`), code: huaweicloud.CodeMalformed, only: notShaped(asText)},
		"tags are objects":    {fault: rewriteTags(`[{"key":"env","value":"prod"}]`), code: huaweicloud.CodeMalformed, only: notShaped(asObjects)},
		"tags have no key":    {fault: rewriteTags(`[{"name":"env","value":"prod"}]`), code: huaweicloud.CodeMalformed},
		"tags have no value":  {fault: rewriteTags(`[{"key":"env","values":["prod"]}]`), code: huaweicloud.CodeMalformed},
		"no array":            {only: func(row) bool { return true }, code: huaweicloud.CodeMalformed},
		"no array, a blank":   {only: func(row) bool { return true }, code: huaweicloud.CodeMalformed},
		"no array, an error":  {only: func(row) bool { return true }, code: "X.3"},
		"no list, no number":  {only: func(r row) bool { return r.total != "" }, code: huaweicloud.CodeMalformed},
		"no ID":               {only: func(r row) bool { return !r.noID }, code: huaweicloud.CodeMalformed},
		"nothing to go by":    {fault: simulator.Fault{Rewrite: renamed}, only: func(r row) bool { return r.where != "" }, code: huaweicloud.CodeMalformed},
		"a total that is off": {fault: simulator.Fault{}, only: func(r row) bool { return r.total != "" }},
	} {
		t.Run(name, func(t *testing.T) {
			eachListed(t, func(t *testing.T, source Source) {
				reader := source.New(Settings{}, nil).(*listedReader)
				for _, broken := range withSure(reader.rows) {
					if test.only != nil && !test.only(broken) || broken.kind == pool && strings.HasPrefix(name, "tags ") {
						continue
					}
					if broken.sure != nil && name == "not published" {
						continue // then the other one is asked
					}
					w := newListedWorld(t, source, testFleet, whereAsked(broken, reader.rows))
					test.fault.Match = broken.asks
					switch name {
					case "a total that is off":
						test.fault.Rewrite = simulator.MemberAs(broken.total, "99")
					case "no ID":
						name := broken.idPath()[strings.LastIndex(broken.idPath(), ".")+1:]
						test.fault.Rewrite = func(body []byte) []byte { return bytes.ReplaceAll(body, []byte(`"`+name+`":`), []byte(`"x":`)) }
					case "no array":
						test.fault.Rewrite = simulator.MemberAs(broken.items, "{}")
					case "no array, a blank":
						test.fault.Rewrite = simulator.MemberAs(broken.items, `" "`)
					case "no list, no number":
						test.fault.Answer = simulator.Instead(simulator.Text(200, `{"`+broken.total+`":[]}`))
					case "no array, an error":
						test.fault.Answer = simulator.Instead(simulator.Text(200, `{"`+broken.items+`":null,"error_code":"X.3","error_msg":"broken"}`))
					}
					w.cloud.Inject(test.fault)
					parts, failed := w.read()
					for _, kind := range source.Types() {
						hit := slices.ContainsFunc(withSure(reader.rows), func(r row) bool { return r.kind == kind && r.path == broken.path && r.query == broken.query })
						switch {
						case !hit && (failed[kind] != nil || partOf(parts[kind]) != w.truth(kind)):
							t.Errorf("%s broke: %s: got %s, %v", broken.operation, kind, partOf(parts[kind]), failed[kind])
						case hit && (failed[kind] == nil || parts[kind].Whole || !strings.Contains(failed[kind].Error(), test.code)):
							t.Errorf("%s broke: %s: got %s, %v, want %s", broken.operation, kind, partOf(parts[kind]), failed[kind], test.code)
						}
					}
				}
			})
		})
	}
}

// withSure returns rows and those that are asked in their place.
func withSure(of []row) []row {
	all := slices.Clone(of)
	for _, r := range of {
		if r.sure != nil {
			all = append(all, *r.sure)
		}
	}
	return all
}

// whereAsked returns the quirks with which a row is asked that only is where another is of
// no use.
func whereAsked(r row, rows []row) (quirks simulator.Quirks) {
	instead := !slices.ContainsFunc(rows, func(first row) bool { return first.path == r.path })
	quirks.Listed.SharesUntagged, quirks.Listed.SubnetsUnpublished = instead, instead
	return quirks
}

// asks reports whether a request is one of the row.
func (r *row) asks(request *http.Request) bool {
	query := request.URL.Query()
	for _, name := range []string{"limit", "offset", "marker", "start", "currentPage", "pageSize"} {
		query.Del(name)
	}
	own, err := url.ParseQuery(r.query)
	for name := range own {
		if r.eachWorkspace && query.Has(name) {
			own.Set(name, query.Get(name))
		}
	}
	return err == nil && query.Encode() == own.Encode() && request.URL.Path == strings.ReplaceAll(r.path, "{project}", testProject)
}

// renamed gives other names to what tells resources apart from those that are not wanted.
func renamed(body []byte) []byte {
	for _, name := range []string{"engine", "clusterState", "datastore"} {
		body = bytes.ReplaceAll(body, []byte(`"`+name+`":`), []byte(`"x":`))
	}
	return body
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
