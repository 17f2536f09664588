package tagapi

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/simulator"
)

// listedSourceOf returns the source of a service that is read by rows.
func listedSourceOf(service string) Source {
	sources := listedSources()
	return sources[slices.IndexFunc(sources, func(s Source) bool { return s.Service == service })]
}

// TestListedSure: a list that may not be there, or that may not give tags, is only believed
// where it gives some; else another call is asked.
func TestListedSure(t *testing.T) {
	denied := simulator.Instead(simulator.ErrorE3(403, "APIG.0306", "denied"))
	absent := simulator.Instead(simulator.ErrorE3(404, "APIGW.0101", "no such API"))
	for service, of := range map[string]struct{ kind, list, sure string }{
		"sfsturbo": {"shares", "ListShares", "ListSharesByTag"},
		"vpc":      {"subnets", "ListVirsubnets", "ListSubnetsByTags"},
	} {
		for name, test := range map[string]struct {
			untagged bool // all of them
			none     bool // are there
			list     *simulator.Answer
			sure     *simulator.Answer
			asked    bool // the sure call is
			code     string
		}{
			"some have tags":        {},
			"none has tags":         {untagged: true, asked: true},
			"there are none":        {none: true},
			"it is not there":       {list: absent, asked: true},
			"neither is there":      {list: absent, sure: absent, asked: true, code: "APIGW.0101"},
			"it may not be read":    {list: denied, code: "APIG.0306"},
			"the other may not be":  {untagged: true, sure: denied, asked: true, code: "APIG.0306"},
			"the other is not read": {sure: denied},
			"the other has fewer":   {untagged: true, sure: simulator.Instead(simulator.Text(200, `{"resources":[],"total_count":0}`)), asked: true},
		} {
			t.Run(service+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newListedWorld(t, listedSourceOf(service), testFleet, simulator.Quirks{})
					w.cloud.UpdateProject(testProject, func(p *simulator.Project) {
						all := p.Resources[service+":"+of.kind]
						for i := range all {
							if test.untagged {
								all[i].Tags = nil
							}
						}
						if test.none {
							p.Resources[service+":"+of.kind] = nil
						}
					})
					for operation, answer := range map[string]*simulator.Answer{of.list: test.list, of.sure: test.sure} {
						if answer != nil {
							w.cloud.Inject(simulator.Fault{Operation: operation, Answer: answer})
						}
					}
					parts, failed := w.read()
					if asked := w.attempts[of.sure] > 0; asked != test.asked {
						t.Errorf("%s was asked: %t", of.sure, asked)
					}
					if test.code == "" {
						if got, want := partOf(parts[of.kind]), w.truth(of.kind); got != want || failed[of.kind] != nil {
							t.Errorf("got %s, %v\nwant %s", got, failed[of.kind], want)
						}
						w.wantNoFailure()
					} else if parts[of.kind].Whole || !huaweicloud.IsCode(failed[of.kind], test.code) {
						t.Errorf("whole: %t, %v", parts[of.kind].Whole, failed[of.kind])
					}
				})
			})
		}
	}
}

// TestListedTypes: only the types that are asked for are read, and each is a part.
func TestListedTypes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		settings := Settings{ResourceTypes: []string{"vpcs", "publicips"}}
		source := listedSourceOf("vpc").With(settings)
		if one := source.With(Settings{ResourceTypes: []string{"vpcs"}}); one.ResourceType != "vpcs" || source.ResourceType != "" {
			t.Errorf("the types are %q and %q", one.ResourceType, source.ResourceType)
		}
		w := newListedWorld(t, source, testFleet, simulator.Quirks{})
		reader := source.New(settings, nil)
		reading := inventory.NewReading(inventory.Part{Service: "vpc"}, inventory.All, inventory.NewFilter(fuzzExclude))
		if err := reader.Read(t.Context(), w.session, reading); err != nil {
			t.Fatal(err)
		}
		parts, _ := reading.Parts(time.Time{})
		if len(parts) != 2 || parts[0].ResourceType != "vpcs" || parts[1].ResourceType != "publicips" || w.attempts["ListSecurityGroups"] > 0 {
			t.Errorf("%d parts, calls %v", len(parts), w.attempts)
		}
	})
}

// TestListedAgain: numbered pages are read twice, but only once where the last read had
// nothing else.
func TestListedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newListedWorld(t, listedSourceOf("ecs"), testFleet, simulator.Quirks{})
		for _, want := range []int{6, 9} {
			w.read()
			if calls := w.attempts["ListServersDetails"]; calls != want {
				t.Errorf("%d calls, want %d", calls, want)
			}
		}
	})
}

// TestListedRefused: that MRS does not know a parameter is said, and no failure.
func TestListedRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := listedSourceOf("mrs")
		w := newListedWorld(t, source, 1, simulator.Quirks{Listed: simulator.ListedQuirks{GrantedRefused: true, OtherEnterpriseProjects: true}})
		reading := inventory.NewReading(inventory.Part{Service: "mrs", ResourceType: "mrs"}, inventory.All, inventory.NewFilter(fuzzExclude))
		if err := source.New(Settings{}, nil).Read(t.Context(), w.session, reading); err != nil {
			t.Fatal(err)
		}
		if notices := reading.Notices(); len(notices) != 1 || !strings.Contains(notices[0], "enterpriseProjectId is invalid") {
			t.Errorf("notices %q", notices)
		}
		w.wantNoFailure()
	})
}

// TestListedRefusedByGateway: the gateway before MRS knows nothing of its parameters.
func TestListedRefusedByGateway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newListedWorld(t, listedSourceOf("mrs"), testFleet, simulator.Quirks{})
		w.cloud.Inject(simulator.Fault{
			Match:  func(r *http.Request) bool { return r.URL.Query().Has("enterpriseProjectId") },
			Answer: simulator.Instead(simulator.ErrorE3(400, "APIGW.0201", "bad request")),
		})
		if parts, failed := w.read(); parts["mrs"].Whole || !huaweicloud.IsCode(failed["mrs"], "APIGW.0201") {
			t.Errorf("whole: %t, %v", parts["mrs"].Whole, failed["mrs"])
		}
	})
}

// TestNoAutopilot: a region that does not publish the list of Autopilot clusters has none of
// them. Any other answer than the gateway's own to that says nothing, and so does that of a
// wrong address, which has no other clusters either.
func TestNoAutopilot(t *testing.T) {
	unpublished := simulator.ErrorE3(404, "APIGW.0101", "The API does not exist or has not been published in the environment")
	for name, test := range map[string]struct {
		operations []string
		answer     simulator.Answer
		whole      bool
	}{
		"unpublished":         {[]string{"ListAutopilotClusters"}, unpublished, true},
		"unpublished, older":  {[]string{"ListAutopilotClusters"}, simulator.ErrorE3(404, "APIG.0101", "API not found"), true},
		"another code":        {[]string{"ListAutopilotClusters"}, simulator.ErrorE3(404, "APIGW.0106", "Orchestration error"), false},
		"the service's words": {[]string{"ListAutopilotClusters"}, simulator.ErrorE3(404, "CCE.01404001", "Resource not found."), false},
		"a page":              {[]string{"ListAutopilotClusters"}, simulator.Answer{Status: 404, Body: []byte("<html>404</html>")}, false},
		"not allowed":         {[]string{"ListAutopilotClusters"}, simulator.ErrorE3(403, "APIGW.0101", "denied"), false},
		"neither":             {[]string{"ListAutopilotClusters", "ListClusters"}, unpublished, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newListedWorld(t, listedSourceOf("cce"), testFleet, simulator.Quirks{})
				before, _ := w.read()
				for _, operation := range test.operations {
					w.cloud.Inject(simulator.Fault{Operation: operation, Answer: simulator.Instead(test.answer)})
				}
				autopilot := 0
				for _, cluster := range listedFleet(w.source, testFleet).Resources["cce:clusters"] {
					if cluster.Mode == "autopilot" {
						autopilot++
					}
				}
				after, failed := w.read()
				got, want := len(after["clusters"].Resources), len(before["clusters"].Resources)-autopilot
				if autopilot == 0 || after["clusters"].Whole != test.whole || test.whole && got != want {
					t.Errorf("whole: %t, %v; %d clusters, want %d without the %d of Autopilot", after["clusters"].Whole, failed["clusters"], got, want, autopilot)
				}
			})
		})
	}
}
