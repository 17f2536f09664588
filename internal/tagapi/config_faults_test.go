package tagapi

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// isWrongPlace reports whether a request lists one place.
func isWrongPlace(r *http.Request) bool {
	q := r.URL.Query()
	return q.Get("type") == "ecs.cloudServers" && q.Get("region_id") == "cn-south-1"
}

func replacing(old, by string) func([]byte) []byte {
	return func(body []byte) []byte { return bytes.ReplaceAll(body, []byte(old), []byte(by)) }
}

// TestPlaceFails: whatever is wrong with the list of one place, it alone fails, and only
// where nothing young is known of it.
func TestPlaceFails(t *testing.T) {
	for name, test := range map[string]struct {
		fault  simulator.Fault
		why    string // behind the name of the place
		failed int    // attempts
	}{
		"hang":              {simulator.Fault{Break: simulator.Hang}, "ListAllResources: timeout", 4},
		"stall":             {simulator.Fault{Break: simulator.Stall}, "ListAllResources: HTTP 200: timeout", 4},
		"reset":             {simulator.Fault{Break: simulator.Reset}, "ListAllResources: connection", 4},
		"hangup":            {simulator.Fault{Break: simulator.Hangup}, "ListAllResources: connection", 4},
		"truncated":         {simulator.Fault{Break: simulator.Truncated}, "ListAllResources: HTTP 200: connection", 4},
		"half":              {simulator.Fault{Break: simulator.HalfJSON}, "ListAllResources: HTTP 200: malformed", 4},
		"wrong":             {simulator.Fault{Break: simulator.WrongJSON}, "ListAllResources: HTTP 200: malformed", 1},
		"huge":              {simulator.Fault{Break: simulator.Huge}, "ListAllResources: HTTP 200: too_large", 1},
		"redirect":          {simulator.Fault{Answer: &simulator.Answer{Status: 302, Header: http.Header{"Location": {"/"}}}}, "ListAllResources: HTTP 302: redirect", 1},
		"forbidden":         {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(403, "RMS.00010006", "no"))}, "ListAllResources: HTTP 403: RMS.00010006: no", 1},
		"unavailable":       {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(500, "RMS.INTERNAL.ERROR", "m"))}, "ListAllResources: HTTP 500: RMS.INTERNAL.ERROR: m", 4},
		"throttled":         {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(429, "RMS.00010063", "busy"))}, "ListAllResources: HTTP 429: RMS.00010063: busy", 4},
		"an error in a 200": {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(200, "RMS.INTERNAL.ERROR", "m"))}, "ListAllResources: HTTP 200: RMS.INTERNAL.ERROR: an error instead of an answer", 1},
		"empty":             {simulator.Fault{Answer: simulator.Instead(simulator.Text(200, ``))}, "ListAllResources: HTTP 200: malformed: empty answer", 4},
		"an empty object":   {simulator.Fault{Answer: simulator.Instead(simulator.Text(200, `{}`))}, "ListAllResources: HTTP 200: malformed: a page has no resources, and does not say that it is empty", 1},
		"no resources":      {simulator.Fault{Rewrite: replacing(`"resources"`, `"items"`)}, `ListAllResources: HTTP 200: malformed: a page has no resources, and does not say that it is empty`, 1},
		"no id":             {simulator.Fault{Rewrite: replacing(`"id"`, `"resource_id"`)}, "ListAllResources: HTTP 200: malformed: a resource has no id, provider or type", 1},
		"no provider":       {simulator.Fault{Rewrite: replacing(`"provider"`, `"service"`)}, "ListAllResources: HTTP 200: malformed: a resource has no id, provider or type", 1},
		"an array of tags":  {simulator.Fault{Rewrite: replacing(`"tags":{}`, `"tags":[{"key":"env","value":"prod"}]`)}, "ListAllResources: HTTP 200: malformed: tags are no object", 1},
		"text for tags":     {simulator.Fault{Rewrite: replacing(`"tags":{}`, `"tags":""`)}, "ListAllResources: HTTP 200: malformed: tags are no object", 1},
		"nested tags":       {simulator.Fault{Rewrite: replacing(`"env":"prod"`, `"env":["prod"]`)}, "ListAllResources: HTTP 200: malformed: want a string, got an object or an array", 1},
		"another region":    {simulator.Fault{Rewrite: replacing(`"cn-south-1"`, `"cn-south-2"`)}, "it has 0 resources, and the summary counts 7", 0},
		"another type":      {simulator.Fault{Rewrite: replacing(`"cloudServers"`, `"servers"`)}, "it has 0 resources, and the summary counts 7", 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newAccountRig(t, simulator.Quirks{}, company()...)
				fault := test.fault
				fault.Operation = opListResources
				fault.Match = isWrongPlace
				if test.failed == 0 { // and neither does a wider list help
					fault.Match = nil
				}
				remove := r.Inject(fault)
				s := r.read(0)
				var kept []string
				for _, line := range strings.Split(s.lines(), "\n") {
					place, why, failed := strings.Cut(line, " ! ")
					switch {
					case !failed:
						kept = append(kept, line)
					case test.failed == 0: // others are concerned, too
					case place != wrongAll || !strings.HasPrefix(why, "list ecs.cloudservers in cn-south-1: "+test.why):
						t.Errorf("got %s", line)
					}
				}
				if got, want := strings.Join(kept, "\n"), r.truth(wrongPart); sortLines(got) != want && test.failed > 0 {
					t.Errorf("got:\n%s\nwant:\n%s", got, want)
				}
				if test.failed == 0 && !strings.Contains(s.lines(), wrongAll+" ! list ecs.cloudservers in cn-south-1: "+test.why) {
					t.Errorf("got:\n%s", s.lines())
				}
				if s.err != nil || len(s.failed) != test.failed {
					t.Errorf("%v; %q failed, want %d", s.err, s.failed, test.failed)
				}
				remove()
				time.Sleep(6 * time.Minute)
				r.wantTruth(r.read(0))
				r.Inject(fault)
				time.Sleep(6 * time.Minute)
				r.wantTruth(r.read(0)) // young enough
			})
		})
	}
}

// TestHeadFails: without a summary nothing is renewed. What is known is shown until it is
// too old.
func TestHeadFails(t *testing.T) {
	for name, answer := range map[string]simulator.Answer{
		"unavailable":       simulator.ErrorE1(500, "RMS.INTERNAL.ERROR", "m"),
		"an object":         simulator.Text(200, `{"resources":[]}`),
		"null":              simulator.Text(200, `null`),
		"no provider":       simulator.Text(200, `[{"types":[]}]`),
		"no type":           simulator.Text(200, `[{"provider":"ecs","types":[{"regions":[]}]}]`),
		"no count":          simulator.Text(200, `[{"provider":"ecs","types":[{"type":"cloudServers","regions":[{"region_id":"cn-north-4"}]}]}]`),
		"types are text":    simulator.Text(200, `[{"provider":"ecs","types":"cloudServers"}]`),
		"an error in a 200": simulator.ErrorE1(200, "RMS.00010006", "no"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newAccountRig(t, simulator.Quirks{}, company()...)
				fault := simulator.Fault{Operation: opSummary, Answer: simulator.Instead(answer)}
				remove := r.Inject(fault)
				s := r.read(0)
				s.want(t, "")
				if s.err == nil || s.recorder != "on" || len(s.failed) == 0 {
					t.Errorf("error %v, the recorder is %q; %q failed", s.err, s.recorder, s.failed)
				}
				remove()
				r.wantTruth(r.read(0))
				r.Inject(fault)
				time.Sleep(6 * time.Minute)
				s = r.read(0)
				if got := sortLines(s.lines()); got != r.truth() || s.err == nil {
					t.Errorf("error %v, got:\n%s", s.err, got)
				}
				time.Sleep(time.Hour)
				s = r.read(0)
				for _, p := range s.parts {
					if p.Whole || p.Err == nil {
						t.Errorf("%+v", p)
					}
				}
				if s.err == nil || len(s.parts) == 0 {
					t.Errorf("error %v, %d parts", s.err, len(s.parts))
				}
			})
		})
	}
}

// TestUntaggableFails: a type that can have no tags is left out where it was listed, also
// while another region of it cannot be.
func TestUntaggableFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newAccountRig(t, simulator.Quirks{}, company()...)
		r.Inject(simulator.Fault{Operation: opListResources, Answer: simulator.Instead(simulator.ErrorE1(403, "RMS.00010006", "no")), Match: func(q *http.Request) bool {
			return q.URL.Query().Get("type") == "config.trackers" && q.URL.Query().Get("region_id") == "cn-north-4"
		}})
		r.read(0).want(t, r.truth()+`
			config:trackers cn-north-4/* ! list config.trackers in cn-north-4: ListAllResources: HTTP 403: RMS.00010006: no`)
	})
}
