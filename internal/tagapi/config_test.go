package tagapi

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// of returns n resources of a place, every third without tags.
func of(n int, kind, region, project string) []simulator.AccountResource {
	provider, name, _ := strings.Cut(kind, ".")
	list := make([]simulator.AccountResource, n)
	for i := range list {
		r := simulator.AccountResource{
			ID: fmt.Sprintf("%s-%s-%d", provider, region, i), Name: fmt.Sprint("n", i), Provider: provider, Type: name, Region: region,
			Project: project, ProjectName: "name of " + project,
		}
		if i%3 > 0 {
			r.Tags = []simulator.Tag{simulator.T("env", []string{"prod", "dev"}[i%2]), simulator.T("_sys_x", "1")}
		}
		list[i] = r
	}
	return list
}

// company is an account with one of each oddity.
func company() []simulator.AccountResource {
	untold := of(5, "vpc.securityGroups", "cn-north-4", "p1")
	untold[0].TagsMember, untold[3].TagsMember = simulator.Absent, simulator.Null
	untaggable := append(of(3, "config.trackers", "", ""), of(2, "config.trackers", "cn-north-4", "p1")...)
	for i := range untaggable {
		untaggable[i].TagsMember = []simulator.Form{simulator.Absent, simulator.Null}[i%2]
	}
	deleted := of(4, "evs.volumes", "cn-north-4", "p1")
	deleted[1].State, deleted[2].State = "Deleted", "Normal"
	allDeleted := of(2, "evs.volumes", "cn-south-1", "p2")
	allDeleted[0].State, allDeleted[1].State = "Deleted", "Deleted"
	twice := of(2, "nat.natGateways", "cn-north-4", "p1") // an ID in two projects, two regions and two types
	other := append(of(2, "nat.natGateways", "cn-north-4", "p1_sub"), of(2, "nat.gateways", "cn-north-4", "p1")...)
	nulls := of(1, "bms.servers", "cn-north-4", "p1")
	nulls[0].Tags = []simulator.Tag{{Key: "__type_baremetal"}, simulator.T("业务", "线"), simulator.T("env", ""), simulator.T("env", "second")}
	return slices.Concat(
		of(manyResources, "ecs.cloudServers", "cn-north-4", "p1"), of(7, "ecs.cloudServers", "cn-south-1", "p2"),
		of(400, "ims.images", "cn-south-1", "p2"), // two full pages
		of(3, "dds.instances", "cn-north-4", "p1"), of(9, "obs.buckets", "", ""),
		untold, untaggable, deleted, allDeleted, twice, other, nulls,
	)
}

// TestConfigQuirks: whatever is left open about Config, everything is read that there
// is, with few calls.
func TestConfigQuirks(t *testing.T) {
	for name, q := range map[string]simulator.Quirks{
		"documented":             {},
		"short pages":            {ConfigQuirks: simulator.ConfigQuirks{Pages: simulator.PagesShort}},
		"an empty page at last":  {ConfigQuirks: simulator.ConfigQuirks{Pages: simulator.PagesThenEmpty}},
		"empty pages between":    {ConfigQuirks: simulator.ConfigQuirks{Pages: simulator.PagesBetween}},
		"no marker at last":      {ConfigQuirks: simulator.ConfigQuirks{EndMarker: simulator.Absent}},
		"an empty marker":        {ConfigQuirks: simulator.ConfigQuirks{EndMarker: simulator.AsText}},
		"markers are numbers":    {ConfigQuirks: simulator.ConfigQuirks{MarkerIsIndex: true}},
		"exact types":            {ConfigQuirks: simulator.ConfigQuirks{ExactTypes: true}},
		"lower case":             {ConfigQuirks: simulator.ConfigQuirks{SummaryLowerCase: true}},
		"exact, and lower case":  {ConfigQuirks: simulator.ConfigQuirks{ExactTypes: true, SummaryLowerCase: true}},
		"refused by region":      {ConfigQuirks: simulator.ConfigQuirks{TypeRegionRefused: "RMS.00010001"}},
		"refused by type":        {ConfigQuirks: simulator.ConfigQuirks{TypeRegionRefused: "RMS.00010002"}},
		"refused as parameter":   {ConfigQuirks: simulator.ConfigQuirks{TypeRegionRefused: "RMS.00010004"}},
		"global is refused":      {ConfigQuirks: simulator.ConfigQuirks{GlobalRegion: simulator.GlobalRefused}},
		"global is empty":        {ConfigQuirks: simulator.ConfigQuirks{GlobalRegion: simulator.GlobalEmpty}},
		"no summary":             {ConfigQuirks: simulator.ConfigQuirks{NoSummary: true}},
		"no summary, long pages": {ConfigQuirks: simulator.ConfigQuirks{NoSummary: true, Pages: simulator.PagesBetween}},
		"deleted are counted":    {ConfigQuirks: simulator.ConfigQuirks{SummaryCountsDeleted: true}},
		"not frozen, absent":     {ConfigQuirks: simulator.ConfigQuirks{NotFrozen: simulator.Absent}},
		"not frozen, false":      {ConfigQuirks: simulator.ConfigQuirks{NotFrozen: simulator.AsObject}},
		"empty arrays are null":  {EmptyArrays: simulator.Null},
		"empty arrays are not":   {EmptyArrays: simulator.Absent, ConfigQuirks: simulator.ConfigQuirks{Pages: simulator.PagesBetween}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newAccountRig(t, q, company()...)
				first := r.read(0)
				r.wantTruth(first)
				if len(first.failed) > 0 || first.recorder != "on" {
					t.Errorf("%q failed, the recorder is %q", first.failed, first.recorder)
				}
				second := r.read(0)
				r.wantTruth(second)
				if second.calls != 0 {
					t.Errorf("%d calls where nothing is due", second.calls)
				}
				time.Sleep(5 * time.Minute)
				third := r.read(0)
				r.wantTruth(third)
				most := 2 + 2*len(company())/200 + 17 // recorder, summary, places
				if q.Pages != simulator.PagesFull {
					most *= 2
				}
				t.Logf("%d calls, then %d, of %d", first.calls, third.calls, most)
				if third.calls > most {
					t.Errorf("%d calls, want %d at most", third.calls, most)
				}
				if tried := q.GlobalRegion != simulator.GlobalKnown || q.TypeRegionRefused != ""; tried && third.calls >= first.calls {
					t.Errorf("%d calls, and %d before: what was tried in vain is tried again", third.calls, first.calls)
				}
			})
		})
	}
}
