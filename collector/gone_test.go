package collector

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// Only the service's own words say that an instance is gone. What else a call can
// be answered with leaves it unreadable.
func TestGoneInstances(t *testing.T) {
	for name, test := range map[string]struct {
		answer simulator.Answer
		code   string // of the failed attempt; "": it is gone
	}{
		"404 of the service":                         {simulator.ErrorE1(404, "DBS.280343", "not found"), ""},
		"404 of the service, spelt like its sisters": {simulator.ErrorE6(404, "DBS.200010", "not found"), ""},
		"400 that says so":                           {simulator.ErrorE1(400, "DBS.280110", "no such instance"), ""},
		"403 that says so":                           {simulator.ErrorE1(403, "DBS.280110", "no such instance"), ""},
		"400, the other code":                        {simulator.ErrorE1(400, "DBS.201028", "no such instance"), ""},
		"403, the other code":                        {simulator.ErrorE1(403, "DBS.201028", "no such instance"), ""},
		"400 for another reason":                     {simulator.ErrorE1(400, "DBS.280001", "parameter error"), "DBS.280001"},
		"400 of a code like it":                      {simulator.ErrorE1(400, "DBS.2801100", "?"), "DBS.2801100"},
		"403 for another reason":                     {simulator.ErrorE1(403, "DBS.200047", "denied"), "DBS.200047"},
		"500 that says so":                           {simulator.ErrorE1(500, "DBS.280110", "?"), "DBS.280110"},
		"200 that says so":                           {simulator.ErrorE1(200, "DBS.280110", "?"), "DBS.280110"},
		"404 of a proxy":                             {simulator.ErrorE9(404), "http_404"},
		"404 without a body":                         {simulator.Empty(404), "http_404"},
		"404 without a code":                         {simulator.Text(404, `{"message":"not found"}`), "http_404"},
		"404 with a number":                          {simulator.ErrorE7(404, "not found"), "404"},
		"404 of an unknown API":                      {simulator.ErrorE3(404, "APIG.0101", "The API does not exist"), "APIG.0101"},
		"404 of the gateway as sent":                 {simulator.ErrorE3Recorded(404, "APIGW.0101", "The API does not exist"), "APIGW.0101"},
		"another 404 of the gateway":                 {simulator.ErrorE3(404, "APIG.0106", "no backend"), "APIG.0106"},
		"404 of another service":                     {simulator.ErrorE1(404, "VPC.0501", "not found"), "VPC.0501"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{}, simulator.Project{Instances: instances(4)}, "{dds: {max_retries: 0}}")
			w.cloud.Inject(simulator.Fault{Instance: simulator.InstanceID(3), Answer: &test.answer})
			want := `
				resources{cloud_service="dds"} 3
				unreadable_resources{cloud_service="dds"} 0
				collector_success{cloud_service="dds"} 1
				api_error_ratio{cloud_service="dds",key="",operation="ListInstances",value=""} 0
				api_error_ratio{cloud_service="dds",key="",operation="ListInstanceTags",value=""} 0`
			if test.code != "" {
				want = fmt.Sprintf(`
				resources{cloud_service="dds"} 3
				unreadable_resources{cloud_service="dds"} 1
				collector_success{cloud_service="dds"} 0
				api_error_ratio{cloud_service="dds",key="",operation="ListInstances",value=""} 0
				api_error_ratio{cloud_service="dds",key="",operation="ListInstanceTags",value=""} 0.25
				api_errors_total{cloud_service="dds",error_code=%q,operation="ListInstanceTags"} 1`, test.code)
			}
			w.scrape("").want(t, "resources|unreadable_resources|collector_success|api_error.*", want)
		})
	}
}

const goneMetrics = "resources|unreadable_resources|collector_success"

// gone has these instances said to be gone, as long as they are listed. None: all.
func (w *world) gone(numbers ...int) (back func()) {
	fault := simulator.Fault{Operation: simulator.OpListInstanceTags, Answer: simulator.Instead(simulator.ErrorE1(404, "DBS.280343", "not found"))}
	if len(numbers) == 0 {
		return w.cloud.Inject(fault)
	}
	var removes []func()
	for _, n := range numbers {
		fault.Instance = simulator.InstanceID(n)
		removes = append(removes, w.cloud.Inject(fault))
	}
	return func() {
		for _, remove := range removes {
			remove()
		}
	}
}

func goneLines(resources, unreadable, success int) string {
	return fmt.Sprintf(`
		resources{cloud_service="dds"} %d
		unreadable_resources{cloud_service="dds"} %d
		collector_success{cloud_service="dds"} %d`, resources, unreadable, success)
}

// A fleet all of which seems to be gone is not gone: something answers for the
// service. The tags that are known of it are not shown any more.
func TestAllGone(t *testing.T) {
	for _, n := range []int{1, 4, 150} {
		for _, known := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d instances, known %t", n, known), func(t *testing.T) {
				w := newWorld(t, simulator.Options{}, simulator.Project{Instances: instances(n)}, "{dds: {}}")
				if known {
					w.wantTruth(w.scrape(""), "dds")
				}
				back := w.gone()
				for range 2 {
					w.scrape("").want(t, goneMetrics, goneLines(0, n, 0))
				}
				if !strings.Contains(w.log.String(), "said not to exist") {
					t.Errorf("log:\n%s", w.log)
				}
				back()
				w.wantTruth(w.scrape(""), "dds")
			})
		}
	}
}

// One of which anything else is known proves that not all are gone.
func TestNotAllGone(t *testing.T) {
	for _, test := range []struct {
		name, service string
		prepare       func(w *world)
		want          string
	}{
		{"tags are read", "{}", func(w *world) { w.gone(1, 2, 3) }, goneLines(1, 0, 1)},
		{"tags cannot be read", "{max_retries: 0}", func(w *world) {
			w.gone(1, 2, 3)
			w.cloud.Inject(simulator.Fault{Instance: simulator.InstanceID(0), Answer: simulator.Instead(simulator.Empty(500))})
		}, goneLines(0, 1, 0)},
		{"tags are known and not due", "{renew_after: 5m}", func(w *world) {
			w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.Instances = p.Instances[:1] })
			w.scrape("")
			w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.Instances = instances(4) })
			w.gone()
		}, goneLines(1, 0, 1)},
		{"tags were listed", "{tags_from: instance_list}", func(w *world) {
			w.cloud.Inject(simulator.Fault{Operation: simulator.OpListInstances, Answer: simulator.Instead(simulator.Text(200, fmt.Sprintf(
				`{"instances":[{"id":%q},{"id":%q,"tags":[]}]}`, simulator.InstanceID(0), simulator.InstanceID(1))))})
			w.gone()
		}, goneLines(1, 0, 1)},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{}, simulator.Project{Instances: instances(4)}, "{dds: "+test.service+"}")
			test.prepare(w)
			w.scrape("").want(t, goneMetrics, test.want)
		})
	}
}

// All that were listed are gone by the time that their tags are asked for, and
// the list knows that in the end: then they were deleted.
func TestAllDeleted(t *testing.T) {
	w := newWorld(t, simulator.Options{}, simulator.Project{Instances: instances(150)}, "{dds: {}}")
	asked := make(chan struct{})
	w.cloud.OnCall(simulator.OpListInstanceTags, func(n int) {
		if n == 100 {
			close(asked)
		}
	})
	w.cloud.OnCall(simulator.OpListInstances, func(n int) {
		if n == 2 {
			w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.Instances = nil })
			<-asked
		}
	})
	w.scrape("").want(t, goneMetrics, goneLines(0, 0, 1))
}

// An instance that is said to be gone again, while the list still has it, is
// unreadable until it is not listed any more or can be read.
func TestGoneAgain(t *testing.T) {
	w := newWorld(t, simulator.Options{}, simulator.Project{Instances: instances(4)}, "{dds: {}}")
	back := w.gone(2, 3)
	w.scrape("").want(t, goneMetrics, goneLines(2, 0, 1))
	for range 2 {
		w.scrape("").want(t, goneMetrics+"|api_error_ratio", goneLines(2, 2, 0)+`
			api_error_ratio{cloud_service="dds",key="",operation="ListInstances",value=""} 0
			api_error_ratio{cloud_service="dds",key="",operation="ListInstanceTags",value=""} 0.5`)
	}
	w.configure(w.config("{dds: {}}", "tags: {max_values_per_key: 7}")) // a reload that changes nothing here
	w.scrape("").want(t, goneMetrics, goneLines(2, 2, 0))
	w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.Instances = p.Instances[:3] })
	w.scrape("").want(t, goneMetrics, goneLines(2, 1, 0))
	back()
	w.wantTruth(w.scrape(""), "dds")
	w.gone(2) // which has been read since
	w.scrape("").want(t, goneMetrics, goneLines(2, 0, 1))
	w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.Instances = p.Instances[:2] })
	w.wantTruth(w.scrape(""), "dds")
	w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.Instances = instances(3) }) // which has not been listed since
	w.scrape("").want(t, goneMetrics, goneLines(2, 0, 1))
}

// An instance that was gone does not come back with its old tags while the
// listing still names it.
func TestGoneInstanceStaysGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: instances(3)}, "{dds: {}}")
		w.scrape("")
		back := w.gone(2)
		w.scrape("").want(t, goneMetrics, goneLines(2, 0, 1))
		back()
		w.cloud.Inject(simulator.Fault{Operation: simulator.OpListInstanceTags, Break: simulator.Hang})
		w.scrapeWithin("", time.Second).want(t, goneMetrics, goneLines(2, 1, 0))
	})
}
