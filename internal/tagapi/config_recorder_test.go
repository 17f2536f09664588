package tagapi

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// TestRecorder: what the recorder says, and does not say.
func TestRecorder(t *testing.T) {
	const noTrackerConfig = "ask whether the Config recorder is on: ShowTrackerConfig: "
	answers := func(a simulator.Answer) func(*accountRig) {
		return func(r *accountRig) {
			r.Inject(simulator.Fault{Operation: opShowRecorder, Answer: simulator.Instead(a)})
		}
	}
	account := func(f func(*simulator.Account)) func(*accountRig) {
		return func(r *accountRig) { r.UpdateAccount(testAccount, f) }
	}
	off := account(func(a *simulator.Account) { a.Recorder.Off = true })
	denied := account(func(a *simulator.Account) { a.Denied = []string{opShowRecorder} })
	deniedOff := account(func(a *simulator.Account) { a.Denied, a.Recorder.Off = []string{opShowRecorder}, true })
	for _, test := range []struct {
		name     string
		quirks   simulator.ConfigQuirks
		change   func(*accountRig)
		recorder string
		err      string
		parts    string // "all", "none", or the services that are shown
		first    string // likewise, where nothing has been read before; "": the same
		failed   int    // attempts
		notices  int
	}{
		{name: "on", change: func(*accountRig) {}, recorder: "on", parts: "all"},
		{name: "off", change: off, recorder: "off", err: errRecorderOff.Error(), parts: "none"},
		{name: "off, and the list is stale", quirks: simulator.ConfigQuirks{RecorderOff: simulator.OffStale}, change: off, recorder: "off", err: errRecorderOff.Error(), parts: "none"},
		{
			name: "frozen", change: account(func(a *simulator.Account) { a.Recorder.Frozen = true }),
			recorder: "off", err: errRecorderFrozen.Error(), parts: "none",
		},
		{name: "partly on", change: account(func(a *simulator.Account) { a.Recorder.Types = []string{"ECS.cloudservers", "dds.instances"} }), recorder: "on", parts: "ecs dds"},
		{name: "refused", change: denied, parts: "all", notices: 1},
		{name: "refused, and it is off", quirks: simulator.ConfigQuirks{RecorderOff: simulator.OffRefused}, change: deniedOff, recorder: "off", err: errRecorderOff.Error(), parts: "none", notices: 1},
		{name: "it says so by the list's code", change: answers(simulator.ErrorE1(400, codeRecorderOff, "off")), recorder: "off", err: errRecorderOff.Error(), parts: "none"},
		{name: "unavailable", change: answers(simulator.ErrorE1(500, "RMS.INTERNAL.ERROR", "m")), err: noTrackerConfig + "HTTP 500: RMS.INTERNAL.ERROR: m", parts: "all", first: "none", failed: 4},
		{name: "not found by the gateway", change: answers(simulator.ErrorE3(404, "APIG.0101", "no API")), err: noTrackerConfig + "HTTP 404: APIG.0101: no API", parts: "all", first: "none", failed: 1},
		{name: "no selector", change: answers(simulator.Text(200, `{"agency_name":"a"}`)), err: noTrackerConfig + `HTTP 200: malformed: none of the documented members ["selector"]`, parts: "all", first: "none", failed: 1},
		{name: "an empty object", change: answers(simulator.Text(200, `{}`)), err: noTrackerConfig + "HTTP 200: malformed: it does not say what the recorder records", parts: "all", first: "none", failed: 1},
		{name: "half a selector", change: answers(simulator.Text(200, `{"selector":{"resource_types":[]}}`)), err: noTrackerConfig + "HTTP 200: malformed: it does not say what the recorder records", parts: "all", first: "none", failed: 1},
	} {
		check := func(t *testing.T, r *accountRig, s seen, parts string) {
			t.Helper()
			want := map[string]string{"all": r.truth(), "none": ""}[parts]
			if parts != "all" && parts != "none" {
				want = sortLines(strings.Join(slices.DeleteFunc(strings.Split(r.truth(), "\n"), func(line string) bool {
					service, _, _ := strings.Cut(line, ":")
					return !slices.Contains(strings.Fields(parts), service)
				}), "\n"))
			}
			if got := sortLines(s.lines()); got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
			message := ""
			if s.err != nil {
				message = requestID.ReplaceAllString(s.err.Error(), "")
			}
			if message != test.err {
				t.Errorf("error %q, want %q", message, test.err)
			}
			if s.recorder != test.recorder || len(s.failed) != test.failed || len(s.notices) != test.notices {
				t.Errorf("the recorder is %q, want %q; attempts that failed: %q, want %d; notices %q, want %d", s.recorder, test.recorder, s.failed, test.failed, s.notices, test.notices)
			}
		}
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newAccountRig(t, simulator.Quirks{ConfigQuirks: test.quirks}, company()...)
				first := test.first
				if first == "" {
					first = test.parts
				}
				test.change(r)
				check(t, r, r.read(0), first)
			})
			synctest.Test(t, func(t *testing.T) {
				r := newAccountRig(t, simulator.Quirks{ConfigQuirks: test.quirks}, company()...)
				r.wantTruth(r.read(0))
				test.change(r)
				time.Sleep(6 * time.Minute)
				check(t, r, r.read(0), test.parts)
				if test.first == "none" { // what failed is due until it answers
					time.Sleep(time.Minute)
					check(t, r, r.read(0), test.parts)
				}
			})
		})
	}
}

// TestRecorderComesBack: what is off is asked for each time, so that its parts come back
// as soon as it is on.
func TestRecorderComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newAccountRig(t, simulator.Quirks{}, company()...)
		for _, step := range []struct {
			off      bool
			recorder string
		}{{true, "off"}, {false, "on"}, {false, "on"}, {true, "on"}} { // the last one is asked when that is due
			r.UpdateAccount(testAccount, func(a *simulator.Account) { a.Recorder.Off = step.off })
			s := r.read(0)
			if s.recorder != step.recorder || (s.err != nil) != (s.recorder == "off") {
				t.Errorf("the recorder is %q, want %q; error %v", s.recorder, step.recorder, s.err)
			}
			if s.recorder == "on" {
				r.UpdateAccount(testAccount, func(a *simulator.Account) { a.Recorder.Off = false })
				r.wantTruth(s)
			}
			time.Sleep(time.Minute)
		}
	})
}

// TestRecorderOffByList: where only the list says that the recorder is off, that is asked
// again by the next read, too.
func TestRecorderOffByList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newAccountRig(t, simulator.Quirks{}, company()...)
		r.Inject(simulator.Fault{Operation: opListResources, After: 5, Times: 1, Answer: simulator.Instead(simulator.ErrorE1(400, codeRecorderOff, "off"))})
		s := r.read(0)
		s.want(t, "")
		if s.recorder != "off" || !errors.Is(s.err, errRecorderOff) || len(s.failed) > 0 {
			t.Errorf("the recorder is %q; error %v; %q failed", s.recorder, s.err, s.failed)
		}
		time.Sleep(time.Minute)
		s = r.read(0)
		r.wantTruth(s)
		if s.recorder != "on" {
			t.Errorf("the recorder is %q", s.recorder)
		}
	})
}

// TestRecorderOffInAllLists: a list that says so is not asked for in another way.
func TestRecorderOffInAllLists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newAccountRig(t, simulator.Quirks{}, company()...)
		r.Inject(simulator.Fault{Operation: opListResources, Answer: simulator.Instead(simulator.ErrorE1(400, codeRecorderOff, "off"))})
		if s := r.read(0); s.calls > 17 || !errors.Is(s.err, errRecorderOff) {
			t.Errorf("%d calls; error %v", s.calls, s.err)
		}
	})
}
