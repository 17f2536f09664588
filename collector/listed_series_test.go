package collector

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/simulator"
	"huaweicloud_tag_exporter/internal/tagapi"
)

// listed are the sources of services whose lists carry tags, with all of their types.
var listed = sync.OnceValue(func() (sources []tagapi.Source) {
	for _, s := range tagapi.Sources() {
		if s = s.With(tagapi.Settings{TagsInList: true, ResourceTypes: catalog.TypesOf(s.Service)}); s.Lists != nil {
			sources = append(sources, s)
		}
	}
	return sources
})

// newListedWorld reads every list of every service, each on a host of its own. Of each type
// there are three resources, and others that its list shows or hides.
func newListedWorld(t *testing.T, quirks simulator.Quirks) *world {
	t.Helper()
	project := simulator.Project{
		PoolTags: []simulator.PoolTag{{Key: "env", Values: []string{"prod"}}, {Key: "note", Values: []string{""}}},
		Resources: map[string][]simulator.Instance{
			"ims:public": {{ID: "public"}}, "er:shared": {{ID: "shared"}}, "mrs:terminated": {{ID: "gone"}}, "cce:creating": {{Name: "young"}},
			"modelarts:workspace": {{ID: "0"}, {ID: "ws-1"}},
		},
	}
	hidden := map[string]simulator.Instance{"rds": {Mode: "flexus"}, "cce": {Mode: "autopilot"}, "modelarts": {Mode: "ws-1"}, "dcs": {Status: "CREATEFAILED"}, "dms": {Status: "CREATEFAILED"}}
	for _, s := range listed() {
		last := hidden[s.Service]
		last.EnterpriseProjectID = "ep-1"
		for _, kind := range s.Types() {
			last.ID = s.Service + kind + "-3"
			project.Resources[s.Service+":"+kind] = []simulator.Instance{
				{ID: s.Service + kind + "-1", Tags: []simulator.Tag{simulator.T("env", "prod")}}, {ID: s.Service + kind + "-2", Tags: []simulator.Tag{{Key: "note"}}}, last,
			}
		}
	}
	w := newWorld(t, simulator.Options{Quirks: quirks}, project, "{dds: {}}")
	endpoints, services := "", "modelarts: {tags_from: pool_list, resource_types: [pool, notebook, service]}"
	for _, s := range listed() {
		server := w.serve(w.cloud.Host(s.Service))
		t.Cleanup(server.Close)
		endpoints += s.Service + ": " + server.URL + ", "
		if s.Service != "modelarts" {
			services += ", " + s.Service + ": {}"
		}
	}
	w.configure(strings.NewReplacer("endpoints: {", "endpoints: {"+endpoints, "modelarts: "+w.api.URL+", ", "", "request_timeout: 2s", "request_timeout: 2s, max_retries: 0").
		Replace(w.config("{"+services+"}", "")))
	return w
}

// seen are the series that tell what there is.
func (w *world) seen() []string { return strings.Split(w.scrape("").about(tagMetrics), "\n") }

// all are the series of all types.
func all() string {
	var lines []string
	for _, s := range listed() {
		lines = append(lines, fmt.Sprintf(`collector_success{cloud_service=%q} 1`, s.Service))
		for _, kind := range s.Types() {
			for _, line := range []string{
				`keys{S,T} 2`, `key_values{S,key="env",T} 1`, `key_values{S,key="note",T} 1`, `resources{S,T} 3`, `unreadable_resources{S,T} 0`, `untagged_resources{S,T} 1`,
				`tagged_resources{S,key="env",T,value="prod"} 1`, `tagged_resources{S,key="note",T,value=""} 1`,
			} {
				line = strings.NewReplacer("S", fmt.Sprintf(`cloud_service=%q`, s.Service), "T", fmt.Sprintf(`resource_type=%q`, kind)).Replace(line)
				lines = append(lines, strings.ReplaceAll(withoutCommonLabels.Replace(line), ",}", "}"))
			}
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// moved are the series that are in one scrape only.
func moved(before, after []string) string {
	var lines []string
	for _, line := range slices.Concat(before, after) {
		if !slices.Contains(after, line) {
			lines = append(lines, "- "+line)
		} else if !slices.Contains(before, line) {
			lines = append(lines, "+ "+line)
		}
	}
	return strings.Join(lines, "\n")
}

// gone are the series of the types for which that is so, and what tells that they are not read.
func gone(before []string, is func(service, kind string) bool) string {
	var lines, failed []string
	for _, s := range listed() {
		for _, kind := range s.Types() {
			if !is(s.Service, kind) {
				continue
			}
			success := fmt.Sprintf(`collector_success{cloud_service=%q}`, s.Service)
			if !slices.Contains(failed, "+ "+success+" 0") {
				lines, failed = append(lines, "- "+success+" 1"), append(failed, "+ "+success+" 0")
			}
			for _, line := range before {
				label := withoutCommonLabels.Replace(fmt.Sprintf(`resource_type=%q`, kind) + ",")
				of := strings.Contains(line, strings.TrimSuffix(label, ",")) && (label != "" || !strings.Contains(line, "resource_type"))
				if of && strings.Contains(line, fmt.Sprintf(`cloud_service=%q`, s.Service)) && !strings.HasPrefix(line, "collector_success") {
					lines = append(lines, "- "+line)
				}
			}
		}
	}
	slices.Sort(lines)
	slices.Sort(failed)
	return strings.Join(append(lines, failed...), "\n")
}

// TestListedSeries: which series of which lists move, with each quirk of the cloud and each
// fault of its answers.
func TestListedSeries(t *testing.T) {
	var usual []string
	synctest.Test(t, func(t *testing.T) { usual = newListedWorld(t, simulator.Quirks{}).seen() })
	if got, want := strings.Join(usual, "\n"), all(); got != want {
		t.Fatalf("usual series:\n%s\nwant:\n%s", got, want)
	}
	lists := func(q simulator.ListedQuirks) simulator.Quirks { return simulator.Quirks{Listed: q} }
	var covered simulator.Quirks
	for _, test := range []struct {
		name   string
		quirks simulator.Quirks
		gone   string // the types that are not read: without a total, or with a page that is short before the end, a list of numbered pages is not whole
		moved  string // "": nothing else
	}{
		{name: "the gateway speaks otherwise", quirks: simulator.Quirks{GatewayRecorded: true}},
		{name: "no tags are null", quirks: simulator.Quirks{EmptyArrays: simulator.Null}},
		{name: "no tags are absent", quirks: simulator.Quirks{EmptyArrays: simulator.Absent}},
		{name: "totals are texts", quirks: simulator.Quirks{TotalCount: simulator.AsText}},
		{name: "totals are absent", quirks: simulator.Quirks{TotalCount: simulator.Absent}},
		{name: "values are absent", quirks: simulator.Quirks{AbsentNullValue: true}},
		{name: "past the end is refused", quirks: simulator.Quirks{PastEndRefused: true}},
		{name: "no details", quirks: simulator.Quirks{NullDetail: true}},
		{name: "tags of pools by records", quirks: simulator.Quirks{PoolOffset: simulator.RecordOffset}},
		{name: "tags of pools end in an error", quirks: simulator.Quirks{PoolPastEnd: simulator.PastEndError}},
		{name: "tags of pools end in an error at once", quirks: simulator.Quirks{PoolPastEnd: simulator.AtEndError}},
		{name: "tags of pools are pairs", quirks: simulator.Quirks{PoolTagShape: simulator.PoolKeyValue}},
		{name: "tags of pools are an object", quirks: simulator.Quirks{PoolTagShape: simulator.PoolObject}},
		{name: "tags of pools come in halves", quirks: simulator.Quirks{SplitPoolKeys: true}},
		{name: "no pools are an error", quirks: simulator.Quirks{NoPoolsError: true}},
		{name: "other enterprise projects", quirks: lists(simulator.ListedQuirks{OtherEnterpriseProjects: true})},
		{name: "enterprise projects are numbers", quirks: lists(simulator.ListedQuirks{EnterpriseNumbers: true})},
		{name: "system tags", quirks: simulator.Quirks{SystemTags: true}},
		{name: "a last marker", quirks: lists(simulator.ListedQuirks{LastMarker: true})},
		{name: "start", quirks: lists(simulator.ListedQuirks{Start: true})},
		{name: "one on a page", quirks: lists(simulator.ListedQuirks{Clamp: 1}), gone: "bms:servers ecs:cloudservers modelarts:service mrs:mrs"},
		{name: "two on a page", quirks: lists(simulator.ListedQuirks{Clamp: 2}), gone: "bms:servers"},
		{name: "foreign databases", quirks: lists(simulator.ListedQuirks{ForeignDatabases: true})},
		{name: "shares without tags", quirks: lists(simulator.ListedQuirks{SharesUntagged: true})},
		{name: "no newer list of subnets", quirks: lists(simulator.ListedQuirks{SubnetsUnpublished: true})},
		{name: "terminated ones exist", quirks: lists(simulator.ListedQuirks{TerminatedExist: true})},
		{name: "all_granted_eps unknown", quirks: lists(simulator.ListedQuirks{GrantedRefused: true, OtherEnterpriseProjects: true})},
		{name: "all_granted_eps unknown, and the others hidden", quirks: lists(simulator.ListedQuirks{GrantedRefused: true}), moved: `
			- resources{cloud_service="mrs",resource_type="mrs"} 3
			- untagged_resources{cloud_service="mrs",resource_type="mrs"} 1
			+ resources{cloud_service="mrs",resource_type="mrs"} 2
			+ untagged_resources{cloud_service="mrs",resource_type="mrs"} 0`},
		{name: "pools with values", quirks: lists(simulator.ListedQuirks{PoolTags: simulator.PoolTagValues})},
		{name: "pools with members", quirks: lists(simulator.ListedQuirks{PoolTags: simulator.PoolTagMembers})},
		{name: "pools with garbage", quirks: lists(simulator.ListedQuirks{PoolTags: simulator.PoolTagGarbage}), moved: `
			- collector_success{cloud_service="modelarts"} 1
			- key_values{cloud_service="modelarts",key="env"} 1
			- key_values{cloud_service="modelarts",key="note"} 1
			- keys{cloud_service="modelarts"} 2
			- resources{cloud_service="modelarts"} 3
			- tagged_resources{cloud_service="modelarts",key="env",value="prod"} 1
			- tagged_resources{cloud_service="modelarts",key="note",value=""} 1
			- unreadable_resources{cloud_service="modelarts"} 0
			+ collector_success{cloud_service="modelarts"} 0
			+ keys{cloud_service="modelarts"} 0
			+ resources{cloud_service="modelarts"} 1
			+ unreadable_resources{cloud_service="modelarts"} 2`},
	} {
		cover(reflect.ValueOf(&covered).Elem(), reflect.ValueOf(test.quirks))
		bubble(t, test.name, func(t *testing.T) {
			want := gone(usual, func(service, kind string) bool {
				return slices.Contains(strings.Fields(test.gone), service+":"+kind)
			}) + strings.ReplaceAll(strings.TrimSpace(test.moved), "\t", "")
			if got := moved(usual, newListedWorld(t, test.quirks).seen()); got != want {
				t.Errorf("moved:\n%s\nwant:\n%s", got, want)
			}
		})
	}
	wantCovered(t, covered)

	for _, kind := range kindsOfFaults() {
		bubble(t, kind.name, func(t *testing.T) {
			w := newListedWorld(t, simulator.Quirks{})
			struck := simulator.ListedOperations()
			if kind.fault.Break == simulator.Huge {
				struck = struck[:1] // one after the other would take most of the tests' time
			}
			for _, operation := range struck {
				fault := kind.fault
				fault.Operation = operation
				w.cloud.Inject(fault)
			}
			want := gone(usual, func(service, of string) bool {
				return kind.code != "" && slices.ContainsFunc(struck, func(operation string) bool { return readBy(service, of, operation) })
			})
			if got := moved(usual, w.seen()); got != want {
				t.Errorf("moved:\n%s\nwant:\n%s", got, want)
			}
		})
	}

	bubble(t, "one list fails", func(t *testing.T) {
		w := newListedWorld(t, simulator.Quirks{})
		for _, operation := range simulator.ListedOperations() {
			remove := w.cloud.Inject(simulator.Fault{Operation: operation, Answer: simulator.Instead(simulator.ErrorE1(500, "X.1", "broken"))})
			want := gone(usual, func(service, kind string) bool { return readBy(service, kind, operation) })
			if got := moved(usual, w.seen()); got != want {
				t.Errorf("%s: moved:\n%s\nwant:\n%s", operation, got, want)
			}
			remove()
		}
	})
}

// readBy reports whether a type is read by an operation, as the cloud calls it: that has one
// for all of DMS, to which the SDK gives several names.
func readBy(service, kind, operation string) bool {
	switch {
	case service == "dms":
		return operation == "ListInstances"
	case service == "modelarts" && operation == "ListWorkspace":
		return true
	}
	return slices.ContainsFunc(listed(), func(s tagapi.Source) bool {
		return s.Service == service && slices.ContainsFunc(s.Lists, func(l tagapi.List) bool {
			return l.ResourceType == kind && l.Operation == operation && !l.Instead
		})
	})
}

// cover notes which quirks are set.
func cover(all, set reflect.Value) {
	for i := range set.NumField() {
		if field := set.Field(i); field.Kind() == reflect.Struct {
			cover(all.Field(i), field)
		} else if !field.IsZero() {
			all.Field(i).Set(field)
		}
	}
}

// wantCovered fails the test for quirks of lists that are in no case of the table.
func wantCovered(t *testing.T, covered simulator.Quirks) {
	t.Helper()
	others := []string{ // of what these services are not asked for
		"TokenStatusOK", "DDSPageScalars", "InstanceListTags", "GoneBadRequest", "UnreadyBadRequest", "DDSExternalMessage", "SystemTags",
		"Filterless", "StrictFilter", "OrBetweenKeys", "ExactNames", "ConfigQuirks", "OrganizationsQuirks", "EPSQuirks", "Listed",
	}
	for prefix, quirks := range map[string]reflect.Value{"": reflect.ValueOf(covered), "Listed.": reflect.ValueOf(covered.Listed)} {
		for i := range quirks.NumField() {
			name := prefix + quirks.Type().Field(i).Name
			if quirks.Field(i).IsZero() && !slices.Contains(others, name) {
				t.Errorf("quirk %s is in no case", name)
			}
		}
	}
}
