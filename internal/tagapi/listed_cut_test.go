package tagapi

import (
	"bytes"
	"fmt"
	"regexp"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/simulator"
)

// TestListedClamped: a list is read whole, or not at all, where a service gives less on a
// page than it is asked for, whatever it says about how many there are.
func TestListedClamped(t *testing.T) {
	whole := 0
	for _, total := range []simulator.Form{simulator.Documented, simulator.Absent} {
		for _, clamp := range []int{1, 4, testPage - 1} {
			t.Run(fmt.Sprint(total, " ", clamp), func(t *testing.T) {
				eachListed(t, func(t *testing.T, source Source) {
					w := newListedWorld(t, source, testFleet, simulator.Quirks{TotalCount: total, Listed: simulator.ListedQuirks{Clamp: clamp}})
					parts, failed := w.read()
					for _, kind := range source.Types() {
						switch {
						case parts[kind].Whole && partOf(parts[kind]) != w.truth(kind):
							t.Errorf("%s is shown with %d of its resources", kind, len(parts[kind].Resources))
						case parts[kind].Whole:
							whole++
						case failed[kind] == nil:
							t.Errorf("%s is not whole, and nobody says why", kind)
						}
					}
				})
			})
		}
	}
	if whole == 0 {
		t.Error("no list was whole")
	}
}

// TestListedMarkers: a list that leads back to a page that was read is not whole, however
// it gets there.
func TestListedMarkers(t *testing.T) {
	marker := regexp.MustCompile(`"next_marker":"[^"]*"`)
	for name, to := range map[string]string{"to the first page": `"next_marker":"@"`, "to itself": `"next_marker":"?"`} {
		t.Run(name, func(t *testing.T) {
			eachListed(t, func(t *testing.T, source Source) {
				for _, r := range source.New(Settings{}, nil).(*listedReader).rows {
					if !r.pages.chained || r.pages.lastID {
						continue
					}
					w := newListedWorld(t, source, 2*testPage, simulator.Quirks{Listed: simulator.ListedQuirks{LastMarker: true}})
					first := []byte(nil)
					w.cloud.Inject(simulator.Fault{Operation: r.operation, Rewrite: func(body []byte) []byte {
						if first == nil {
							first = marker.Find(body)
							return body
						}
						if to == `"next_marker":"?"` {
							return marker.ReplaceAll(body, first) // the one that this page was asked for with
						}
						return marker.ReplaceAll(body, bytes.Replace(first, []byte("009"), []byte("000"), 1))
					}})
					if parts, failed := w.read(); parts[r.kind].Whole || failed[r.kind] == nil {
						t.Errorf("%s: whole: %t, %v", r.kind, parts[r.kind].Whole, failed[r.kind])
					}
				}
			})
		})
	}
}

// FuzzRows reads two pages as each row does. Whatever they hold, what is read can become
// series.
func FuzzRows(f *testing.F) {
	f.Add([]byte(`{"count":"3","servers":[{"id":"a","name":"n","tags":["env=prod","le","=",5]},{"id":7,"tags":null}]}`), []byte(`{"servers":[{"id":"b","tags":[""]}],"count":3}`))
	f.Add([]byte("{\"count\":2,\"volumes\":[{\"id\":\"\xff\",\"name\":\"\xff\",\"tags\":{\"\xff\":\"\xfe\",\"\\u0065nv\":1,\"env\":null}}]}"), []byte(`{"volumes":[{"id":"c","tags":{}}]}`))
	f.Add([]byte(`{"items":[{"metadata":{"uid":"u","name":"k"},"spec":{"clusterTags":[{"key":"env","value":"prod"}]}},{"metadata":{"name":"young"}},{"metadata":null}]}`), []byte(`{}`))
	f.Add([]byte(`{"instances":[{"id":"a","instance_id":"b","datastore":{"type":"GaussDB"},"engine":"Redis","tags":[]}],"total_count":1,"instance_num":1}`), []byte(`{"instances":null}`))
	f.Add([]byte(`{"clusterTotal":"1","clusters":[{"id":"i","clusterId":"m","clusterState":"running","tags":"env=prod,,note,=x"}],"totalSize":1}`), []byte(`{"vpcs":[{"id":"v","tags":""}],"page_info":{"next_marker":"v"}}`))
	f.Add([]byte(`{"items":[{"metadata":{"name":"p","labels":{"os.modelarts/name":"x"},"annotations":{"os.modelarts/tms.tags":"[{\"key\":\"env\",\"values\":[\"a\",\"b\"]}]"}}}]}`), []byte(`{"data":[{"id":"n","tags":[{"key":"le"}]}],"total":1}`))
	all := append(rows(), modelArtsRows()...)
	f.Fuzz(func(t *testing.T, first, second []byte) {
		for i := range all {
			r := &all[i]
			reading := newFuzzReading(Source{ResourceType: r.kind, Reach: inventory.All})
			for _, body := range [][]byte{first, second} {
				page := rowPage{row: r}
				if huaweicloud.Decode(body, &page) != nil {
					continue
				}
				_ = page.next()
				for _, item := range page.items {
					reading.Read(item.Resource, time.Unix(1, 0))
				}
			}
			checkReading(t, reading)
		}
	})
}
