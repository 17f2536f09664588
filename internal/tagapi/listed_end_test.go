package tagapi

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"huaweicloud_tag_exporter/internal/simulator"
)

// TestListedEnds: nothing is asked for behind the end, which some services refuse, but of
// lists that do not say how many there are.
func TestListedEnds(t *testing.T) {
	silent := []string{"ListBareMetalServers", "ListImages", "ListPublicips"}
	eachListed(t, func(t *testing.T, source Source) {
		w := newListedWorld(t, source, testFleet, simulator.Quirks{})
		var mu sync.Mutex
		asked := make(map[string]int) // pages without a resource, by operation
		for _, l := range source.Lists {
			w.cloud.Inject(simulator.Fault{Operation: l.Operation, Rewrite: func(body []byte) []byte {
				mu.Lock()
				defer mu.Unlock()
				if !fleetID.Match(body) {
					asked[l.Operation]++
				}
				return body
			}})
		}
		w.read()
		for operation, pages := range asked {
			if !slices.Contains(silent, operation) {
				t.Errorf("%s was asked for %d empty pages", operation, pages)
			}
		}
		for _, l := range source.Lists {
			if slices.Contains(silent, l.Operation) && asked[l.Operation] == 0 {
				t.Errorf("%s says nothing of its end, and is not asked for it", l.Operation)
			}
		}
	})
}

var fleetID = regexp.MustCompile(`-0[0-2][0-9]"`)

// TestListedTotals: which lists do not say how many resources there are. All others are held
// to what they say.
func TestListedTotals(t *testing.T) {
	silent := strings.Fields(`modelarts:pool bms:servers ims:images cce:clusters vpc:vpcs vpc:subnets vpc:securitygroups
		vpc:publicips elb:loadbalancers elb:listeners er:instances vpnaas:vpngateways`)
	for _, r := range append(rows(), modelArtsRows()...) {
		if got, want := r.total == "", slices.Contains(silent, r.service+":"+r.kind); got != want {
			t.Errorf("%s says nothing: %t, want %t", r.operation, got, want)
		}
	}
}

// TestListedGateway: where a page is asked for that may not be there, only the service can
// say that it is not. The gateway before it knows nothing of pages.
func TestListedGateway(t *testing.T) {
	for answer, whole := range map[*simulator.Answer]bool{
		simulator.Instead(simulator.ErrorE1(404, "X.0404", "no such page")):    true,
		simulator.Instead(simulator.ErrorE3(404, "APIGW.0101", "no such API")): false,
	} {
		// Where pages overlap, that there is nothing behind the last one shows without asking
		// for it, but if a page has one resource.
		for service, end := range map[string]string{"bms": "4", "evs": "23", "smn": "23"} {
			synctest.Test(t, func(t *testing.T) {
				source := listedSourceOf(service)
				quirks := simulator.Quirks{TotalCount: simulator.Absent}
				if service != "bms" {
					quirks.Listed.Clamp = 1
				}
				w := newListedWorld(t, source, testFleet, quirks)
				w.read()
				w.cloud.Inject(simulator.Fault{Match: func(r *http.Request) bool { return r.URL.Query().Get("offset") == end }, Answer: answer})
				if parts, failed := w.read(); parts[source.ResourceType].Whole != whole {
					t.Errorf("%s: whole: %t, %v", service, !whole, failed)
				}
			})
		}
	}
}
