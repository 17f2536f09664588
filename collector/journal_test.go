package collector

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"

	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/simulator"
	"huaweicloud_tag_exporter/internal/tagapi"
)

// messages returns what was logged above debug level, level and message only.
func (w *world) messages() []string { return messages(w.log.String()) }

func messages(text string) (list []string) {
	for _, found := range regexp.MustCompile(`level=(error|warn|info) .*?msg="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		list = append(list, found[1]+": "+found[2])
	}
	return list
}

func TestJournal(t *testing.T) {
	const failed, recovered = "error: reading tags failed", "info: reading tags works again"
	type read struct {
		begun   int // seconds
		err     error
		notices []string
	}
	no, panics := errors.New("no answer"), &tagapi.Panic{Value: "index out of range"}
	tests := []struct {
		name  string
		reads []read // in the order in which they end
		want  []string
	}{
		{"all is well", []read{{begun: 1}, {begun: 2}}, nil},
		{"it begins and ends", []read{{begun: 1}, {2, no, nil}, {3, no, nil}, {begun: 4}, {begun: 5}}, []string{failed, recovered}},
		{"again", []read{{1, no, nil}, {begun: 2}, {3, no, nil}}, []string{failed, recovered, failed}},
		{"an old read ends after a newer one", []read{{begun: 2}, {1, no, nil}, {begun: 3}}, nil},
		{"nor does it end a failure", []read{{2, no, nil}, {begun: 1}, {begun: 3}}, []string{failed, recovered}},
		{"a panic is said too", []read{{1, no, nil}, {2, panics, nil}, {3, panics, nil}, {4, no, nil}, {begun: 5}}, []string{failed, failed, recovered}},
		{"a panic once", []read{{1, panics, nil}, {2, panics, nil}}, []string{failed}},
		{
			"notices come once",
			[]read{{1, nil, []string{"a"}}, {2, no, []string{"a", "b"}}, {3, no, []string{"b", "b"}}},
			[]string{"warn: unexpected answer", "warn: unexpected answer", failed},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			lines := new(logBuffer)
			logger, j := log.NewLogfmtLogger(lines), new(journal)
			for _, r := range test.reads {
				j.notice(logger, r.notices)
				j.log(logger, outcome{begun: time.Unix(int64(r.begun), 0), err: r.err})
			}
			if got := messages(lines.String()); !slices.Equal(got, test.want) {
				t.Errorf("got  %q\nwant %q\n%s", got, test.want, lines)
			}
		})
	}
}

// TestFailedFor: the line that says that it works again says how long it did not.
func TestFailedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lines := new(logBuffer)
		logger, j := log.NewLogfmtLogger(lines), new(journal)
		for _, err := range []error{errors.New("no"), errors.New("no"), nil} {
			j.log(logger, outcome{begun: time.Now(), err: err})
			time.Sleep(time.Minute)
		}
		if !strings.Contains(lines.String(), "failed_for=2m0s") {
			t.Errorf("the log says\n%s", lines)
		}
	})
}

// TestLog: of ten scrapes that fail, the first is logged; when they work
// again, that is. Each line says where, and why.
func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(1)}, "{dds: {max_retries: 0}}")
		w.scrape("")
		recovered := w.cloud.Inject(simulator.Fault{
			Operation: "ListInstances",
			Answer:    simulator.Instead(simulator.ErrorE1(403, "DBS.200001", "no permission, says "+testSK)),
		})
		for range 10 {
			w.scrape("")
		}
		recovered()
		for range 3 {
			w.scrape("")
		}
		want := []string{"error: reading tags failed", "info: reading tags works again"}
		if got := w.messages(); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q\n%s", got, want, w.log)
		}
		for line := range strings.Lines(w.log.String()) {
			if strings.Contains(line, "level=error") &&
				!regexp.MustCompile(`project=shop service=dds .*msg=.*duration_seconds=[0-9.e-]+ err=".*ListInstances: HTTP 403: DBS\.200001: .*<secret>`).MatchString(line) {
				t.Error(line)
			}
		}
	})
}

// TestNoticeOnce: what the cloud refuses to do is said once, over reloads too
// unless they change how it is asked.
func TestNoticeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		options := simulator.Options{Quirks: simulator.Quirks{Filterless: simulator.FilterlessRefused}}
		project := simulator.Project{Workspaces: []simulator.Workspace{{ID: "w-1", Tags: []simulator.Tag{simulator.T("env", "prod")}}}}
		w := newWorld(t, options, project, "{fabric: {}}")
		for range 3 {
			w.scrape("")
			w.configure(w.config("{fabric: {}}", ""))
		}
		if got, want := w.messages(), []string{"warn: unexpected answer"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q\n%s", got, want, w.log)
		}
	})
}

// TestRefusedListOnce: that a list is refused which may be missing is said once, although
// each answer has a request ID of its own.
func TestRefusedListOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		options := simulator.Options{Quirks: simulator.Quirks{Listed: simulator.ListedQuirks{GrantedRefused: true}}}
		w := newWorld(t, options, simulator.Project{}, "{dds: {}}")
		w.expectRefusals = true
		endpoints := fmt.Sprintf("endpoints: {mrs: %s, ", w.api.URL)
		w.configure(strings.Replace(w.config("{mrs: {}}", ""), "endpoints: {", endpoints, 1))
		for range 3 {
			w.scrape("").want(t, "collector_success", `collector_success{cloud_service="mrs"} 1`)
		}
		if got, want := w.messages(), []string{"warn: unexpected answer"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q\n%s", got, want, w.log)
		}
	})
}

// TestFailureEndedByReload: the configuration that mends a failure is not the
// one that logged its beginning.
func TestFailureEndedByReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(1)}, "{dds: {}}")
		right := w.config("{dds: {}}", "")
		nobody := "dds: http://127.0.0.1:1" // listens there
		w.configure(strings.Replace(w.config("{dds: {max_retries: 0}}", ""), "dds: "+w.api.URL, nobody, 1))
		w.scrape("")
		w.configure(right)
		w.scrape("")
		want := []string{"error: reading tags failed", "info: reading tags works again"}
		if got := w.messages(); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q\n%s", got, want, w.log)
		}
	})
}

// TestTooOldIsExplained: tags that were young enough when renewing them failed, and
// are not any more when the read ends, have a line in the log and on the status page.
func TestTooOldIsExplained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const services = "{dds: {max_retries: 0, max_tag_age: 10s, max_concurrency: 1}}"
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: instances(2)}, services)
		w.configure(w.patient(services))
		w.scrape("")
		time.Sleep(7 * time.Second)
		refused := w.cloud.Inject(simulator.Fault{Instance: simulator.InstanceID(0), Answer: simulator.Instead(simulator.Empty(500))})
		slow := w.cloud.Inject(simulator.Fault{Instance: simulator.InstanceID(1), Latency: 5 * time.Second})
		w.scrapeWithin("", time.Minute).want(t, "resources|unreadable_resources|collector_success", `
			resources{cloud_service="dds"} 1
			unreadable_resources{cloud_service="dds"} 1
			collector_success{cloud_service="dds"} 0
		`)
		if err := w.collector.Last()[0].Err; !errors.Is(err, inventory.ErrTooOld) {
			t.Errorf("the status page says %v", err)
		}
		refused()
		slow()
		w.scrapeWithin("", time.Minute)
		want := []string{"error: reading tags failed", "info: reading tags works again"}
		if got := w.messages(); !slices.Equal(got, want) || !strings.Contains(w.log.String(), inventory.ErrTooOld.Error()) {
			t.Errorf("got %q, want %q\n%s", got, want, w.log)
		}
	})
}

// TestYoungTagsAreNoFailure: a scrape with success 1 logs none, though its time was
// up before all tags were renewed.
func TestYoungTagsAreNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: instances(3)}, "{dds: {}}")
		w.scrape("")
		w.hold(simulator.OpListInstanceTags, 1)
		timeIsUp, got := w.beginByHand()
		synctest.Wait()
		timeIsUp()
		parse(<-got).want(t, "resources|collector_success", `
			resources{cloud_service="dds"} 3
			collector_success{cloud_service="dds"} 1
		`)
		synctest.Wait()
		if got := w.messages(); len(got) > 0 {
			t.Errorf("logged %q:\n%s", got, w.log)
		}
	})
}

// TestShortAndLongScrapes: where a scrape that is too short and one that is long
// enough share every read, the log does not say in turns that it fails and works.
func TestShortAndLongScrapes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(1)}, "{dds: {}}")
		w.configure(w.patient("{dds: {}}"))
		w.cloud.Inject(simulator.Fault{Operation: simulator.OpListInstances, Latency: 5 * time.Second})
		for range 3 {
			short, long := w.begin(t.Context(), "", within(2*time.Second)), w.begin(t.Context(), "", within(time.Minute))
			(<-short).lines(t).want(t, "collector_success", `collector_success{cloud_service="dds"} 0`)
			(<-long).lines(t).want(t, "collector_success", `collector_success{cloud_service="dds"} 1`)
		}
		want := []string{"error: reading tags failed"}
		if got := w.messages(); !slices.Equal(got, want) || !strings.Contains(w.log.String(), errTimeUp.Error()) {
			t.Errorf("got %q, want %q\n%s", got, want, w.log)
		}
		w.scrapeWithin("", time.Minute)
		want = append(want, "info: reading tags works again")
		if got := w.messages(); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q\n%s", got, want, w.log)
		}
	})
}
