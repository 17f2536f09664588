package tagapi

import (
	"slices"
	"testing"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/simulator"
)

// unsaid are the types whose lists do not say which enterprise project a resource is of.
var unsaid = map[string][]string{
	"vpc": {"subnets"}, "nat": {"natgateways"}, "nosql": {"instances"}, "modelarts": {"notebook", "service"},
}

// TestListedEnterpriseProjects: each resource is of the enterprise project that the list
// says, be it a number.
func TestListedEnterpriseProjects(t *testing.T) {
	for name, quirks := range map[string]simulator.Quirks{
		"as documented": {}, "numbers": {Listed: simulator.ListedQuirks{EnterpriseNumbers: true}},
		"tags elsewhere": {Listed: simulator.ListedQuirks{SharesUntagged: true}},
	} {
		t.Run(name, func(t *testing.T) {
			eachListed(t, func(t *testing.T, source Source) {
				w := newListedWorld(t, source, testFleet, quirks)
				parts, _ := w.read()
				for _, kind := range source.Types() {
					of := make(map[string]int)
					for _, r := range parts[kind].Resources {
						if r.Enterprise == nil {
							of[""]++
						} else {
							of[r.Enterprise.ID]++
						}
					}
					if silent := slices.Contains(unsaid[source.Service], kind); silent && of[""] != len(parts[kind].Resources) ||
						!silent && (of[""] > 0 || of["0"] == 0 || of["ep-1"] == 0) {
						t.Errorf("%s: %v", kind, of)
					}
				}
				w.wantNoFailure()
			})
		})
	}
}

// TestOddEnterpriseProject: what is no ID names none, and costs nothing else.
func TestOddEnterpriseProject(t *testing.T) {
	for value, want := range map[string]huaweicloud.Text{`"ep-1"`: "ep-1", `0`: "0", `null`: "", `""`: "", `{"id":"ep-1"}`: "", `["ep-1"]`: ""} {
		page := &rowPage{row: &row{items: "vpcs"}}
		err := huaweicloud.Decode([]byte(`{"vpcs":[{"id":"v","enterprise_project_id":`+value+`,"tags":[{"key":"env","value":"prod"}]}]}`), page)
		if err != nil || len(page.items) != 1 || page.items[0].enterprise != want || len(page.items[0].Tags) != 1 {
			t.Errorf("%s: %+v, %v", value, page.items, err)
		}
	}
}
