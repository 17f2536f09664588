package tagapi

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// TestTwoTypesOfOneName: what Config divides into two types and series do not is one part,
// of which all counts that is known, and which is as old as the older one.
func TestTwoTypesOfOneName(t *testing.T) {
	for _, fails := range []string{"dds.instances", "dds.instance"} {
		synctest.Test(t, func(t *testing.T) {
			one, other := of(3, "dds.instances", "cn-north-4", "p"), of(4, "dds.instance", "cn-north-4", "p")
			one[0].TagsMember, other[3].TagsMember = simulator.Absent, simulator.Null
			r := newAccountRig(t, simulator.Quirks{}, append(one, other...)...)
			r.settings.MaxTagAge = 20 * time.Minute
			begun := time.Now()
			// Three resources have an ID that the others have, too.
			const all = "dds:instance cn-north-4/p 3, 1 untagged, 2 unreadable, env=dev:1 env=prod:1"
			r.read(0).want(t, all)
			r.Inject(simulator.Fault{
				Operation: opListResources, Answer: simulator.Instead(simulator.ErrorE1(403, "RMS.00010006", "no")),
				Match: func(q *http.Request) bool { return q.URL.Query().Get("type") == fails },
			})
			for range 3 {
				time.Sleep(6 * time.Minute)
				s := r.read(0)
				s.want(t, all)
				if len(s.parts) != 1 || !s.parts[0].Oldest.Equal(begun) {
					t.Errorf("read at %s, want %s", s.parts[0].Oldest, begun)
				}
			}
			time.Sleep(6 * time.Minute)
			for _, p := range r.read(0).parts {
				if p.Whole || p.Err == nil {
					t.Errorf("half of it is shown: %+v", p)
				}
			}
		})
	}
}
