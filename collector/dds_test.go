package collector

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

func TestInstances(t *testing.T) {
	w := newWorld(t, simulator.Options{}, simulator.Project{
		Instances: []simulator.Instance{
			{ID: simulator.InstanceID(1), Name: "orders", Tags: []simulator.Tag{simulator.T("env", "prod"), simulator.T("业务线", "支付")}},
			{ID: simulator.InstanceID(2), Name: "scratch"},
		},
	}, "{dds: {}}")
	w.scrape("").want(t, "resources|untagged_resources|unreadable_resources|tagged_resources|keys|key_values|collector_success|api_requests_total", `
		resources{cloud_service="dds"} 2
		untagged_resources{cloud_service="dds"} 1
		unreadable_resources{cloud_service="dds"} 0
		tagged_resources{cloud_service="dds",key="env",value="prod"} 1
		tagged_resources{cloud_service="dds",key="业务线",value="支付"} 1
		keys{cloud_service="dds"} 2
		key_values{cloud_service="dds",key="env"} 1
		key_values{cloud_service="dds",key="业务线"} 1
		collector_success{cloud_service="dds"} 1
		api_requests_total{cloud_service="dds",code="200",operation="ListInstances"} 1
		api_requests_total{cloud_service="dds",code="200",operation="ListInstanceTags"} 2
	`)
}

// instances returns n instances with none to three tags, the newest first.
func instances(n int) []simulator.Instance {
	list := make([]simulator.Instance, n)
	for i := range list {
		list[i] = simulator.Instance{ID: simulator.InstanceID(i), Created: time.Unix(int64(-i), 0), Tags: someTags(i)}
	}
	return list
}

// someTags returns none to three tags.
func someTags(i int) (tags []simulator.Tag) {
	for j := range i % 4 {
		tags = append(tags, simulator.T(fmt.Sprintf("key-%d", j), fmt.Sprintf("value-%d", i%7)))
	}
	return tags
}

func TestInstancePages(t *testing.T) {
	for _, test := range []struct {
		name, services string
		total          simulator.Form
	}{
		{"tag API", "{dds: {}}", simulator.Documented},
		{"instance list", "{dds: {tags_from: instance_list}}", simulator.Documented},
		{"instance list, total as text", "{dds: {tags_from: instance_list}}", simulator.AsText},
		{"instance list, no total", "{dds: {tags_from: instance_list}}", simulator.Absent},
	} {
		t.Run(test.name, func(t *testing.T) {
			options := simulator.Options{Quirks: simulator.Quirks{TotalCount: test.total}}
			w := newWorld(t, options, simulator.Project{}, test.services)
			for _, n := range []int{0, 1, 99, 100, 101, 200, 250} {
				w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.Instances = instances(n) })
				if w.wantTruth(w.scrape(""), "dds"); t.Failed() {
					t.Fatalf("%d instances", n)
				}
			}
		})
	}
}

// A total that is too low neither ends the listing early nor keeps it going. One
// that is too high has it read again.
func TestInstanceTotals(t *testing.T) {
	item := func(n int) string { return fmt.Sprintf(`{"id":%q,"tags":[]}`, simulator.InstanceID(n)) }
	body := func(total string, from, to int) simulator.Answer {
		var items []string
		for n := from; n < to; n++ {
			items = append(items, item(n))
		}
		return simulator.Text(http.StatusOK, fmt.Sprintf(`{"instances":[%s],"total_count":%s}`, strings.Join(items, ","), total))
	}
	for _, test := range []struct {
		name  string
		pages []simulator.Answer
		want  int
	}{
		{"too low, as if capped", []simulator.Answer{body("100", 0, 100), body("100", 99, 150)}, 150},
		{"too high at first", []simulator.Answer{
			body("120", 0, 100), body("120", 99, 100), body("120", 100, 100), body("100", 0, 100), body("100", 99, 100),
		}, 100},
		{"pages shorter than asked for", []simulator.Answer{body("120", 0, 50), body("120", 50, 100), body("120", 100, 120)}, 120},
		{"a full page, then shorter ones", []simulator.Answer{body("120", 0, 100), body("120", 99, 110), body("120", 110, 120)}, 120},
		{"a page with nothing new", []simulator.Answer{body("120", 0, 100), body("120", 99, 100), body("120", 100, 120)}, 120},
		{"null", []simulator.Answer{body("null", 0, 100), body("null", 99, 101)}, 101},
		{"empty", []simulator.Answer{body(`""`, 0, 3)}, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{}, simulator.Project{}, "{dds: {tags_from: instance_list}}")
			for i, answer := range test.pages {
				w.cloud.Inject(simulator.Fault{Answer: &answer, After: i, Times: 1})
			}
			w.scrape("").want(t, "resources|unreadable_resources|collector_success", fmt.Sprintf(`
				resources{cloud_service="dds"} %d
				unreadable_resources{cloud_service="dds"} 0
				collector_success{cloud_service="dds"} 1`, test.want))
			if calls := w.cloud.Calls(simulator.OpListInstances); calls != len(test.pages) {
				t.Errorf("%d calls", calls)
			}
		})
	}
}

// A listing that lists less than it says there is, is not whole.
func TestListingContradictsItself(t *testing.T) {
	for operation, body := range map[string]string{
		simulator.OpListInstances:        `{"instances":[],"total_count":250}`,
		simulator.OpListFabricWorkspaces: `{"resources":[{"resource_id":"w","tags":[]}],"total_count":2}`,
	} {
		w := newWorld(t, simulator.Options{}, simulator.Project{}, "{dds: {}, fabric: {}}")
		w.cloud.Inject(simulator.Fault{Operation: operation, Match: firstPage, Answer: simulator.Instead(simulator.Text(http.StatusOK, body))})
		w.cloud.Inject(simulator.Fault{Operation: operation, Answer: simulator.Instead(simulator.Text(http.StatusOK, strings.Replace(body, `{"resource_id":"w","tags":[]}`, "", 1)))})
		w.collector.targets = slices.DeleteFunc(w.collector.targets, func(target *target) bool {
			return !slices.Contains(target.source.Operations, operation)
		})
		if got := w.scrape("").about("resources|collector_success"); !strings.HasPrefix(got, "collector_success") || !strings.HasSuffix(got, " 0") {
			t.Errorf("%s: %s", operation, got)
		}
	}
}

func firstPage(r *http.Request) bool { return r.URL.Query().Get("offset") == "0" }

// Instances that are created or deleted while pages are read shift the pages.
func TestInstanceShift(t *testing.T) {
	newest := simulator.Instance{ID: simulator.InstanceID(9999), Created: time.Unix(1, 0), Tags: someTags(3)}
	for name, shift := range map[string]func([]simulator.Instance) []simulator.Instance{
		"one deleted":              func(list []simulator.Instance) []simulator.Instance { return list[1:] },
		"five deleted":             func(list []simulator.Instance) []simulator.Instance { return list[5:] },
		"all that were read":       func(list []simulator.Instance) []simulator.Instance { return list[100:] },
		"all that were not read":   func(list []simulator.Instance) []simulator.Instance { return list[:100] },
		"all":                      func([]simulator.Instance) []simulator.Instance { return nil },
		"one deleted, one created": func(list []simulator.Instance) []simulator.Instance { return append(list[7:], newest) },
	} {
		for totalName, total := range map[string]simulator.Form{"known": simulator.Documented, "unknown": simulator.Absent} {
			for _, services := range []string{"{dds: {}}", "{dds: {tags_from: instance_list}}"} {
				if services == "{dds: {}}" && total == simulator.Documented {
					continue // saves time
				}
				t.Run(name+", total "+totalName+", "+services, func(t *testing.T) {
					options := simulator.Options{Quirks: simulator.Quirks{TotalCount: total}}
					w := newWorld(t, options, simulator.Project{Instances: instances(120)}, services)
					w.cloud.OnCall(simulator.OpListInstances, func(n int) {
						if n == 2 {
							w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.Instances = shift(p.Instances) })
						}
					})
					e := w.scrape("")
					w.wantTruth(e, "dds")
					e.want(t, "api_errors_total", "")
				})
			}
		}
	}
	t.Run("created", func(t *testing.T) { // after it would have been listed
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: instances(200)}, "{dds: {}}")
		want := w.truth("dds")
		w.cloud.OnCall(simulator.OpListInstances, func(n int) {
			if n == 2 {
				w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.Instances = append(p.Instances, newest) })
			}
		})
		w.scrape("").want(t, tagMetrics, strings.Join(want, "\n"))
		if calls := w.cloud.Calls(simulator.OpListInstanceTags); calls != 200 {
			t.Errorf("tags were read %d times", calls)
		}
	})
	bubble(t, "deleted while its tags are read", func(t *testing.T) { // which takes longer than the rest
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: instances(120)}, "{dds: {}}")
		read := make(chan struct{})
		w.cloud.Inject(simulator.Fault{
			Instance: simulator.InstanceID(0), Latency: time.Second, Times: 1,
			Match: func(*http.Request) bool { close(read); return true },
		})
		w.cloud.OnCall(simulator.OpListInstances, func(n int) {
			if n == 2 {
				<-read
				w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.Instances = p.Instances[1:] })
			}
		})
		w.wantTruth(w.scrape(""), "dds")
	})
	t.Run("ever again", func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: instances(250)}, "{dds: {}}")
		w.cloud.OnCall(simulator.OpListInstances, func(int) {
			w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.Instances = p.Instances[2:] })
		})
		w.scrape("").want(t, tagMetrics, `collector_success{cloud_service="dds"} 0`)
	})
}

// The second page is held back until a tag of the first has been asked for.
func TestInstancesOverlap(t *testing.T) { synctest.Test(t, instancesOverlap) }

func instancesOverlap(t *testing.T) {
	w := newWorld(t, simulator.Options{}, simulator.Project{Instances: instances(150)}, "{dds: {}}")
	asked := make(chan struct{})
	w.cloud.OnCall(simulator.OpListInstanceTags, func(n int) {
		if n == 1 {
			close(asked)
		}
	})
	w.cloud.OnCall(simulator.OpListInstances, func(n int) {
		if n == 2 {
			select {
			case <-asked:
			case <-time.After(time.Minute): // longer than the attempt's time
			}
		}
	})
	e := w.scrape("")
	w.wantTruth(e, "dds")
	e.want(t, "api_errors_total", "")
}

// The tags that the list carries are used, where it carries any.
func TestInstanceListTags(t *testing.T) {
	for _, test := range []struct {
		name   string
		quirks simulator.Quirks
		calls  int // of ListInstanceTags, for 4 instances of which 1 is untagged
	}{
		{"given", simulator.Quirks{}, 0},
		{"given, null if none", simulator.Quirks{EmptyArrays: simulator.Null}, 1},
		{"given, absent if none", simulator.Quirks{EmptyArrays: simulator.Absent}, 1},
		{"null", simulator.Quirks{InstanceListTags: simulator.Null}, 4},
		{"absent", simulator.Quirks{InstanceListTags: simulator.Absent}, 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{Quirks: test.quirks}, simulator.Project{Instances: instances(4)}, "{dds: {tags_from: instance_list}}")
			w.wantTruth(w.scrape(""), "dds")
			if calls := w.cloud.Calls(simulator.OpListInstanceTags); calls != test.calls {
				t.Errorf("%d calls of ListInstanceTags, want %d", calls, test.calls)
			}
		})
	}
}
