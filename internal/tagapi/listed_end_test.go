package tagapi

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

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
