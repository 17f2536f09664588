package collector

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// TestKeyIsReplacedBetweenScrapes: a key that has always been accepted is refused one
// night, in many projects and services at once. It must not be locked for everybody
// else who uses it, neither by the scrapes of the night nor by the reloads of whoever
// wonders what is wrong.
func TestKeyIsReplacedBetweenScrapes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{}, "{dds: {}}")
		w.expectRefusals = true
		w.cloud.Inject(simulator.Fault{Latency: 50 * time.Millisecond})
		var many strings.Builder
		fmt.Fprintf(&many, "credentials: {default: {access_key: %s, secret_key: %s}}\nprojects:\n", testAK, testSK)
		for i := range 20 {
			id := fmt.Sprintf("%032x", i+1)
			w.cloud.SetProject(simulator.Project{ID: id, Region: "cn-north-4", Instances: fleet(30)})
			fmt.Fprintf(&many, "  - {name: p%d, region: cn-north-4, project_id: %q, endpoints: {dds: %[3]s, modelarts: %[3]s, fabric: %[3]s}}\n", i, id, w.api.URL)
		}
		w.configure(many.String())
		success := func() (n int) {
			for _, line := range w.scrape("") {
				if strings.HasPrefix(line, "huaweicloud_tag_collector_success{") && strings.HasSuffix(line, " 1") {
					n++
				}
			}
			return n
		}
		if n := success(); n != 60 {
			t.Fatalf("%d services were read, want 60", n)
		}
		w.cloud.AddAccessKey(simulator.AccessKey{AK: testAK, SK: "replaced"})
		before := w.cloud.Calls("")
		for range 20 { // ten minutes
			time.Sleep(30 * time.Second)
			if n := success(); n != 0 {
				t.Errorf("%d services were read with a key that is refused", n)
			}
			w.configure(many.String())
		}
		if calls := w.cloud.Calls("") - before; calls > 5 || w.cloud.Locked(testAK) {
			t.Errorf("%d requests were refused, locked: %t", calls, w.cloud.Locked(testAK))
		}
	})
}

// TestProofThatHangs: each scrape begins with one request that proves the key. Where
// that hangs, whichever service it is of, the others do not hang with it.
func TestProofThatHangs(t *testing.T) {
	for _, hanging := range []string{simulator.OpListPoolTags, simulator.OpListInstances, simulator.OpListFabricWorkspaces} {
		bubble(t, hanging, func(t *testing.T) {
			w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(3)}, "{modelarts: {}, dds: {}, fabric: {}}")
			w.configure(w.patient("{modelarts: {}, dds: {}, fabric: {}}"))
			w.wantTruth(w.scrape(""), "modelarts", "dds", "fabric")
			w.hang(hanging)
			for range 5 {
				time.Sleep(time.Minute)
				e := w.scrapeWithin("", 10*time.Second)
				for _, service := range []string{"modelarts", "dds", "fabric"} {
					labels := fmt.Sprintf(`{cloud_service=%q,project="shop",region="cn-north-4"}`, service)
					success, took := e.number(t, "collector_success"+labels), e.number(t, "collector_duration_seconds"+labels)
					if isHung := took > 5; isHung == (success == 1) || !isHung && took > 2 {
						t.Errorf("%s: success %v after %v s", service, success, took)
					}
				}
			}
		})
	}
}
