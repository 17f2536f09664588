package collector

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// TestIsolation: whatever happens to one service, the others are exact, and
// what is shown of the one that fails is its success, duration, attempts and
// errors.
func TestIsolation(t *testing.T) {
	const services = "{dds: {max_retries: 0}, modelarts: {max_retries: 0}, fabric: {max_retries: 0}}"
	failures := []struct {
		name  string
		fault simulator.Fault
		code  string // error_code
	}{
		{"no permission", simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(403, "X.0001", "no"))}, "X.0001"},
		{"broken", simulator.Fault{Answer: simulator.Instead(simulator.ErrorE9(500))}, "http_500"},
		{"throttled", simulator.Fault{Answer: simulator.Instead(simulator.ErrorE3(429, "APIG.0308", "slow down"))}, "APIG.0308"},
		{"no API", simulator.Fault{Answer: simulator.Instead(simulator.ErrorE3(404, "APIG.0101", "no such API"))}, "APIG.0101"},
		{"elsewhere", simulator.Fault{Answer: &simulator.Answer{Status: 302, Header: map[string][]string{"Location": {"/"}}}}, "redirect"},
		{"empty", simulator.Fault{Answer: &simulator.Answer{Status: 200}}, "malformed"},
		{"something else", simulator.Fault{Answer: &simulator.Answer{Status: 200, Body: []byte(`{"pets":[]}`)}}, "malformed"},
		{"hangup", simulator.Fault{Break: simulator.Hangup}, "connection"},
		{"reset", simulator.Fault{Break: simulator.Reset}, "connection"},
		{"truncated", simulator.Fault{Break: simulator.Truncated}, "connection"},
		{"half of the JSON", simulator.Fault{Break: simulator.HalfJSON}, "malformed"},
		{"wrong JSON", simulator.Fault{Break: simulator.WrongJSON}, "malformed"},
		{"huge", simulator.Fault{Break: simulator.Huge}, "too_large"},
		{"hang", simulator.Fault{Break: simulator.Hang}, "timeout"},
	}
	const shown = "resources|untagged_resources|unreadable_resources|tagged_resources|info|keys|key_values|selected_resources|collector_success"
	operations := map[string]string{"dds": "ListInstances", "modelarts": "ListPoolTags", "fabric": "ListTagFabricWorkspaces"}
	for service, operation := range operations {
		for _, failure := range failures {
			bubble(t, service+"/"+failure.name, func(t *testing.T) {
				w := newWorld(t, simulator.Options{}, simulator.Project{
					Instances:  fleet(3),
					Workspaces: []simulator.Workspace{{ID: "w-1", Tags: []simulator.Tag{simulator.T("env", "prod")}}, {ID: "w-2"}},
					PoolTags:   []simulator.PoolTag{{Key: "env", Values: []string{"prod", "dev"}}},
				}, services)
				w.configure(w.patient(services))
				healthy := w.scrape("")
				others := regexp.MustCompile(`(?m)^.*cloud_service="`+service+`".*\n?`).ReplaceAllString(healthy.about(shown), "")
				failure.fault.Operation = operation
				recovered := w.cloud.Inject(failure.fault)
				got := w.scrapeWithin("", time.Minute)
				got.want(t, shown, others+"\n"+`collector_success{cloud_service="`+service+`"} 0`)
				if errors := got.about("api_errors_total"); !strings.Contains(errors, `{cloud_service="`+service+`",error_code="`+failure.code+`",operation="`+operation+`"} `) {
					t.Errorf("no error %s among\n%s", failure.code, errors)
				}
				if strings.Count(got.about("collector_duration_seconds"), "\n") != 2 {
					t.Errorf("durations:\n%s", got.about("collector_duration_seconds"))
				}
				recovered()
				if got := w.scrapeWithin("", time.Minute).about(shown); got != healthy.about(shown) {
					t.Errorf("after that:\n%s\nwant:\n%s", got, healthy.about(shown))
				}
			})
		}
	}
}

// TestRefusedProject: a project whose credentials are refused fails alone, and
// its access key is not locked.
func TestRefusedProject(t *testing.T) {
	const services = "{dds: {}, modelarts: {}, fabric: {}}"
	tests := []struct{ name, credentials, principal string }{
		{"access key", "{access_key: SIMACCESSKEY0002, secret_key: wrong-" + testSK + "}", "SIMACCESSKEY0002"},
		{"token", "{token: MIIsim-" + testPassword + "}", ""},
		{"password", "{domain_name: sim, username: exporter, password: wrong-" + testPassword + ", iam_endpoint: IAM}", "sim/exporter"},
	}
	for _, test := range tests {
		bubble(t, test.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(2)}, services)
			w.expectRefusals = true
			w.cloud.AddAccessKey(simulator.AccessKey{AK: "SIMACCESSKEY0002", SK: testSK})
			w.configure(w.both("bank", strings.Replace(test.credentials, "IAM", w.api.URL, 1), services))
			for range 3 {
				w.scrape("").want(t, "resources|collector_success", `
					resources{cloud_service="dds"} 2
					resources{cloud_service="fabric"} 0
					collector_success{cloud_service="dds"} 1
					collector_success{cloud_service="fabric"} 1
					collector_success{cloud_service="modelarts"} 1
					collector_success{cloud_service="dds",project="bank",region="eu-west-101"} 0
					collector_success{cloud_service="fabric",project="bank",region="eu-west-101"} 0
					collector_success{cloud_service="modelarts",project="bank",region="eu-west-101"} 0
				`)
			}
			if n := w.cloud.AuthFailures(test.principal); n > 5 || w.cloud.Locked(test.principal) {
				t.Errorf("%d failed authentications in a row, locked: %t", n, w.cloud.Locked(test.principal))
			}
			if got := w.scrape("").about("api_errors_total"); !strings.Contains(got, `error_code="paused"`) {
				t.Errorf("nothing is paused:\n%s", got)
			}
		})
	}
}
