package collector

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// kindOfFault is a way in which an API fails.
type kindOfFault struct {
	name  string
	fault simulator.Fault
	code  string // error_code; "" is no failure
	retry bool
}

func kindsOfFaults() []kindOfFault {
	answer := func(a simulator.Answer) simulator.Fault { return simulator.Fault{Answer: &a} }
	quirk := func(b simulator.Break) simulator.Fault { return simulator.Fault{Break: b} }
	const ok, denied = http.StatusOK, http.StatusForbidden
	return []kindOfFault{
		{"latency", simulator.Fault{Latency: 20 * time.Millisecond}, "", false},
		{"throttled", answer(simulator.Throttled(simulator.PolicyUserPerMinute, "")), "APIG.0308", true},
		{"throttled, Retry-After", answer(simulator.Throttled(simulator.PolicyAPIPerMinute, "1")), "APIG.0308", true},
		{"daily quota", answer(simulator.QuotaExhausted()), "APIG.0308", false},
		{"408", answer(simulator.ErrorE2(408, "common.00000408", "timeout", "again")), "common.00000408", true},
		{"500", answer(simulator.ErrorE1(500, "ModelArts.0010", "internal")), "ModelArts.0010", true},
		{"502, HTML", answer(simulator.ErrorE9(502)), "http_502", true},
		{"503, empty", answer(simulator.Empty(503)), "http_503", true},
		{"504, half an error", answer(simulator.Text(504, `{"error_code":"X.1`)), "http_504", true},
		{"hang", quirk(simulator.Hang), "timeout", true},
		{"stall", quirk(simulator.Stall), "timeout", true},
		{"reset", quirk(simulator.Reset), "connection", true},
		{"hangup", quirk(simulator.Hangup), "connection", true},
		{"truncated", quirk(simulator.Truncated), "connection", true},
		{"half JSON", quirk(simulator.HalfJSON), "malformed", true},
		{"wrong JSON", quirk(simulator.WrongJSON), "malformed", false},
		{"huge", quirk(simulator.Huge), "too_large", false},
		{"redirect", answer(simulator.Redirect("https://example.com/")), "redirect", false},
		{"empty 200", answer(simulator.Empty(ok)), "malformed", true},
		// Its connection is not used again: what stands behind an answer that can have
		// no body may strike the request of another case, which is then repeated.
		{"204 with a body", answer(simulator.Answer{
			Status: http.StatusNoContent, Header: http.Header{"Connection": {"close"}}, Body: []byte(`{"tags":[],"instances":[],"resources":[]}`),
		}), "malformed", true},
		{"HTML with 200", answer(simulator.ErrorE9(ok)), "malformed", false},
		{"another object with 200", answer(simulator.Text(ok, `{"status":"fine"}`)), "malformed", false},
		{"E1 with 200", answer(simulator.ErrorE1(ok, "DBS.280001", "error")), "DBS.280001", false},
		{"E4 with 200", answer(simulator.ErrorE4(ok, "error")), "200", false},
		{"E1", answer(simulator.ErrorE1(denied, "DBS.200047", "no")), "DBS.200047", false},
		{"E2", answer(simulator.ErrorE2(denied, "common.01000403", "no", "ask")), "common.01000403", false},
		{"E3", answer(simulator.ErrorE3(denied, "APIGW.0302", "no")), "APIGW.0302", false},
		{"E4", answer(simulator.ErrorE4(denied, "no")), "403", false},
		{"E5", answer(simulator.ErrorE5(denied, "Svc.0403", "no")), "Svc.0403", false},
		{"E6", answer(simulator.ErrorE6(denied, "DBS.280001", "no")), "DBS.280001", false},
		{"E7", answer(simulator.ErrorE7(denied, "no")), "403", false},
		{"E8", answer(simulator.ErrorE8(denied, "PAP5.0010", "no")), "PAP5.0010", false},
		{"E9", answer(simulator.ErrorE9(denied)), "http_403", false},
		{"E9, empty", answer(simulator.Empty(denied)), "http_403", false},
		{"a code that is no label", answer(simulator.ErrorE1(denied, "\xff{}\n", "no")), "http_403", false},
	}
}

// Each fault of each operation strikes a project of its own, once and for good.
// All are read by one scrape: none may be noticed anywhere but in its service.
func TestFaults(t *testing.T) {
	operations := map[string]string{
		simulator.OpListPoolTags: "modelarts", simulator.OpListInstances: "dds", simulator.OpListInstanceTags: "dds",
		simulator.OpListFabricWorkspaces: "fabric", simulator.OpListFabricProjectTags: "fabric",
	}
	for operation, service := range operations {
		var cases []faultCase
		for _, kind := range kindsOfFaults() {
			for times, duration := range []string{"for good", "once"} {
				if duration == "once" && kind.code != "" && !kind.retry {
					continue // the same as for good
				}
				cases = append(cases, faultCase{kind, operation, service, times, fmt.Sprintf("%032x", len(cases)+1)})
			}
		}
		t.Run(operation, func(t *testing.T) {
			var w *world
			var e exposition
			synctest.Test(t, func(t *testing.T) {
				w = newWorld(t, simulator.Options{}, simulator.Project{}, "{modelarts: {}}")
				for _, c := range cases {
					c.inject(w.cloud)
				}
				w.configure(projectsConfig(w.api.URL, cases))
				e = w.scrape("")
			})
			for _, c := range cases {
				t.Run(fmt.Sprintf("%s, %d times", c.name, c.times), func(t *testing.T) { c.check(t, w, e.of(c.project)) })
			}
		})
	}
}

type faultCase struct {
	kindOfFault
	operation, service string
	times              int // 0: for good
	project            string
}

func (c faultCase) inject(cloud *simulator.Cloud) {
	cloud.SetProject(simulator.Project{
		ID: c.project, Region: "cn-north-4",
		PoolTags: poolKeys(2), Instances: instances(2), Workspaces: workspaces(2),
	})
	fault := c.fault
	fault.Project, fault.Operation, fault.Times = c.project, c.operation, c.times
	if c.operation == simulator.OpListInstanceTags {
		fault.Instance = simulator.InstanceID(1)
	}
	cloud.Inject(fault)
	if c.operation == simulator.OpListFabricProjectTags { // which is asked only if this is refused
		cloud.Inject(simulator.Fault{
			Project: c.project, Operation: simulator.OpListFabricWorkspaces,
			Match: func(r *http.Request) bool {
				body, err := io.ReadAll(r.Body)
				return err == nil && string(body) == "{}"
			},
			Answer: simulator.Instead(simulator.ErrorE2(400, "common.01000001", "no filter", "")),
		})
	}
}

func projectsConfig(url string, cases []faultCase) string {
	var yaml strings.Builder
	fmt.Fprintf(&yaml, "credentials: {default: {access_key: %s, secret_key: %s}}\n", testAK, testSK)
	yaml.WriteString("defaults: {requests_per_second: 0, request_timeout: 2s, max_retries: 1}\nprojects:\n")
	for _, c := range cases {
		fmt.Fprintf(&yaml, "  - {name: p%[1]s, region: cn-north-4, project_id: %[1]s, endpoints: {dds: %[2]s, modelarts: %[2]s, fabric: %[2]s}}\n", c.project, url)
	}
	return yaml.String()
}

// of returns the lines about a project, as if it were the only one.
func (e exposition) of(project string) exposition {
	var lines exposition
	for _, line := range e {
		if strings.Contains(line, `project="p`+project+`"`) {
			lines = append(lines, strings.Replace(line, `project="p`+project+`"`, `project="shop"`, 1))
		}
	}
	return lines
}

func (c faultCase) check(t *testing.T, w *world, e exposition) {
	truths := map[string][]string{
		"modelarts": truthLines("modelarts", w.cloud.TruthModelArts(c.project, nil)),
		"dds":       truthLines("dds", w.cloud.TruthDDS(c.project, nil)),
		"fabric":    truthLines("fabric", w.cloud.TruthFabric(c.project, nil)),
	}
	failures := 0
	switch {
	case c.code == "":
	case c.times > 0:
		failures = c.times
		unanswered := c.fault.Break == simulator.Reset || c.fault.Break == simulator.Hangup
		if unanswered && !strings.Contains(e.about("api_errors_total"), `"connection"`) {
			failures = 0 // the connection was a kept one, and net/http has sent the request again
		}
	default:
		if failures = 1; c.retry {
			failures = 2
		}
		truths[c.service] = []string{fmt.Sprintf(`collector_success{cloud_service=%q} 0`, c.service)}
		if c.operation == simulator.OpListInstanceTags { // of one of two instances
			truths[c.service] = append(truths[c.service],
				`resources{cloud_service="dds"} 1`, `untagged_resources{cloud_service="dds"} 1`, `unreadable_resources{cloud_service="dds"} 1`, `keys{cloud_service="dds"} 0`)
		}
	}
	var want []string
	for _, lines := range truths {
		want = append(want, lines...)
	}
	e.want(t, tagMetrics, strings.Join(want, "\n"))

	lines := ""
	if failures > 0 {
		if c.operation == simulator.OpListFabricWorkspaces && c.times == 0 {
			failures *= 2 // all workspaces, and the untagged ones
		}
		lines = fmt.Sprintf("api_errors_total{cloud_service=%q,error_code=%q,operation=%q} %d\n", c.service, c.code, c.operation, failures)
	}
	if c.operation == simulator.OpListFabricProjectTags {
		lines += `api_errors_total{cloud_service="fabric",error_code="common.01000001",operation="ListTagFabricWorkspaces"} 1`
	}
	e.want(t, "api_errors_total", lines)
}

// Whichever call of a listing fails, nothing is shown of the others.
func TestEachCallCounts(t *testing.T) {
	project := simulator.Project{PoolTags: poolKeys(500), Instances: instances(250), Workspaces: workspaces(250)}
	for name, test := range map[string]struct {
		service, services string
		quirks            simulator.Quirks
		calls             int
	}{
		"modelarts, pages":   {"modelarts", "{modelarts: {}}", simulator.Quirks{}, 3 + 2}, // two of them twice
		"modelarts, records": {"modelarts", "{modelarts: {}}", simulator.Quirks{PoolOffset: simulator.RecordOffset}, 4},
		"dds":                {"dds", "{dds: {tags_from: instance_list}}", simulator.Quirks{}, 3},
		"fabric":             {"fabric", "{fabric: {}}", simulator.Quirks{}, 3 + 1}, // and the untagged
		"fabric, tagged":     {"fabric", "{fabric: {}}", simulator.Quirks{Filterless: simulator.FilterlessTagged}, 2 + 1},
		"fabric, key by key": {"fabric", "{fabric: {}}", simulator.Quirks{Filterless: simulator.FilterlessRefused}, 1 + 1 + 1 + 2 + 2 + 1}, // refused, untagged, keys, three keys
	} {
		for n := range test.calls + 1 {
			bubble(t, fmt.Sprintf("%s, call %d", name, n), func(t *testing.T) {
				w := newWorld(t, simulator.Options{Quirks: test.quirks}, project, test.services)
				if n == test.calls { // none fails
					w.wantTruth(w.scrape(""), test.service)
					if calls := w.cloud.Calls(""); calls != test.calls {
						t.Errorf("%d calls, want %d", calls, test.calls)
					}
					return
				}
				w.cloud.Inject(simulator.Fault{After: n, Times: 1, Answer: simulator.Instead(simulator.ErrorE4(403, "no"))})
				w.scrape("").want(t, tagMetrics, fmt.Sprintf(`collector_success{cloud_service=%q} 0`, test.service))
				w.wantTruth(w.scrape(""), test.service)
			})
		}
	}
}
