package collector

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"

	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/simulator"
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
		fails   bool
		notices []string
	}
	tests := []struct {
		name  string
		reads []read // in the order in which they end
		want  []string
	}{
		{"all is well", []read{{begun: 1}, {begun: 2}}, nil},
		{"it begins and ends", []read{{begun: 1}, {2, true, nil}, {3, true, nil}, {begun: 4}, {begun: 5}}, []string{failed, recovered}},
		{"again", []read{{1, true, nil}, {begun: 2}, {3, true, nil}}, []string{failed, recovered, failed}},
		{"an abandoned read ends after the one that replaced it", []read{{begun: 2}, {1, true, nil}, {begun: 3}}, nil},
		{"nor does it end a failure", []read{{2, true, nil}, {begun: 1}, {begun: 3}}, []string{failed, recovered}},
		{
			"notices come once",
			[]read{{1, false, []string{"a"}}, {2, true, []string{"a", "b"}}, {3, true, []string{"b", "b"}}},
			[]string{"warn: unexpected answer", "warn: unexpected answer", failed},
		},
		{"also of an abandoned read", []read{{begun: 2}, {1, true, []string{"a"}}}, []string{"warn: unexpected answer"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			lines := new(logBuffer)
			target := &target{logger: log.NewLogfmtLogger(lines), journal: newJournal()}
			for _, r := range test.reads {
				f := &flight{reading: inventory.NewReading(true, inventory.NewFilter(nil)), begun: time.Unix(int64(r.begun), 0)}
				for _, n := range r.notices {
					f.reading.Notice(n)
				}
				if r.fails {
					f.err = errors.New("no answer")
				}
				target.log(f)
			}
			if got := messages(lines.String()); !slices.Equal(got, test.want) {
				t.Errorf("got  %q\nwant %q\n%s", got, test.want, lines)
			}
		})
	}
}

// TestLog: of ten scrapes that fail, the first is logged; when they work
// again, that is. Each line says where, and why.
func TestLog(t *testing.T) {
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
}

// TestNoticeOnce: what the cloud refuses to do is said once, over reloads too
// unless they change how it is asked.
func TestNoticeOnce(t *testing.T) {
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
}

// TestFailureEndedByReload: the configuration that mends a failure is not the
// one that logged its beginning.
func TestFailureEndedByReload(t *testing.T) {
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
}
