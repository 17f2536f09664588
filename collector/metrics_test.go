package collector

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/common/expfmt"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/simulator"
)

// contract is section 4 of the contract: every metric, its type and its labels.
// B stands for the labels of series about tags.
var contract = map[string]string{
	"resources":                               "gauge B",
	"untagged_resources":                      "gauge B",
	"unreadable_resources":                    "gauge B",
	"tagged_resources":                        "gauge B key value",
	"info":                                    "gauge B key value",
	"keys":                                    "gauge B",
	"key_values":                              "gauge B key",
	"folded_values":                           "gauge B key",
	"selected_resources":                      "gauge B key value",
	"oldest_read_timestamp_seconds":           "gauge B",
	"source_info":                             "gauge B source",
	"policy_violations":                       "gauge B rule key reason",
	"policy_noncompliant_resources":           "gauge B",
	"policy_violation_info":                   "gauge B resource_id resource_name rule key value reason responsible",
	"policy_violation_info_dropped":           "gauge B",
	"responsible_resources":                   "gauge B responsible",
	"responsible_noncompliant_resources":      "gauge B responsible",
	"api_requests_total":                      "counter account project region cloud_service operation code",
	"api_errors_total":                        "counter account project region cloud_service operation error_code",
	"api_request_duration_seconds":            "histogram account project region cloud_service operation",
	"api_error_ratio":                         "gauge account project region cloud_service operation key value",
	"collector_success":                       "gauge account project region cloud_service",
	"collector_duration_seconds":              "gauge account project region cloud_service",
	"config_recorder_on":                      "gauge account",
	"discovered_projects":                     "gauge account",
	"policy_effective_success":                "gauge account",
	"policy_effective_read_timestamp_seconds": "gauge account",
	"policy_changed_timestamp_seconds":        "gauge account",
}

// fullWorld has something to say about every metric.
func fullWorld(t *testing.T) *world {
	t.Helper()
	const services = "{dds: {}, modelarts: {}, fabric: {selectors: [{key: env, values: [prod]}]}}"
	w := newWorld(t, simulator.Options{}, simulator.Project{
		Instances:  fleet(4),
		Workspaces: []simulator.Workspace{{ID: "w-1", Name: "lake", Tags: []simulator.Tag{simulator.T("env", "prod")}}},
		PoolTags:   []simulator.PoolTag{{Key: "env", Values: []string{"a", "b", "c"}}},
	}, services)
	policy := `
policy: {rules: [{key: env, required: true, values: [prod]}], responsible: [owner, enterprise_project], max_violation_series: 1}
tags: {max_values_per_key: 2}
`
	w.cloud.SetAccount(simulator.Account{
		ID: acme, Resources: []simulator.AccountResource{resource(acme, "server-1", "ecs.cloudServers")},
		Role: simulator.ManagementAccount, EffectivePolicy: inForceSince(time.Now().Add(-time.Hour), "owner"),
	})
	w.cloud.AddAccessKey(simulator.AccessKey{AK: accessKey("acme"), SK: testSK, Account: acme})
	w.change = func(c *config.Config) {
		c.Accounts = []config.Account{w.account("acme", acme)}
		c.Effective = []config.Effective{w.effective("acme", acme, "acme")}
	}
	w.configure(w.both("bank", w.password(), services) + policy)
	return w
}

// TestMetrics holds the list of metrics and a full scrape to the contract.
func TestMetrics(t *testing.T) { synctest.Test(t, testMetrics) }

func testMetrics(t *testing.T) {
	listed, exported, want := make(map[string]string), make(map[string]string), make(map[string]string)
	for name, says := range contract {
		fields := strings.Fields(strings.Replace(says, "B", strings.Join(tagLabels, " "), 1))
		slices.Sort(fields[1:])
		want[namespace+name] = strings.Join(fields, " ")
	}
	help := make(map[string]string)
	for _, m := range Metrics() {
		if !strings.HasSuffix(m.Help, ".") {
			t.Errorf("%s: help %q is no sentence", m.Name, m.Help)
		}
		listed[m.Name] = m.Type + " " + strings.Join(slices.Sorted(slices.Values(m.Labels)), " ")
		help[m.Name] = m.Help
	}
	if !maps.Equal(listed, want) {
		t.Errorf("Metrics()\n got %v\nwant %v", listed, want)
	}

	// A scraper that prefers protobuf, as Prometheus with native histograms does.
	w := fullWorld(t)
	w.ofAccounts("corp", "corp")
	w.cloud.Inject(simulator.Fault{Latency: 20 * time.Millisecond}) // native histograms have no bucket for 0 s
	got := w.get(t.Context(), "", "Accept: application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=1,*/*;q=0.1")
	if got.err != nil || got.status != http.StatusOK {
		t.Fatal(got.status, got.err)
	}
	families, err := decodeAll(expfmt.NewDecoder(strings.NewReader(got.body), expfmt.ResponseFormat(got.header)).Decode)
	if err != nil {
		t.Fatal(err)
	}
	native := 0
	for _, f := range families {
		for _, m := range f.Metric {
			var labels []string
			for _, l := range m.Label {
				labels = append(labels, l.GetName())
			}
			if wanted := want[f.GetName()]; strings.Contains(wanted, "project") && !slices.Contains(labels, "project") {
				labels = append(labels, "project", "region") // it is about an account's own source
			}
			slices.Sort(labels)
			exported[f.GetName()] = strings.ToLower(f.GetType().String()) + " " + strings.Join(labels, " ")
			if wanted := want[f.GetName()]; exported[f.GetName()] != wanted {
				t.Errorf("%s\n got %s\nwant %s", f.GetName(), exported[f.GetName()], wanted)
			}
			h := m.Histogram
			if h != nil && h.GetSampleCount() > 0 && h.Schema != nil && len(h.PositiveSpan) > 0 {
				native++
			}
			var bounds []float64
			for _, b := range h.GetBucket() {
				bounds = append(bounds, b.GetUpperBound())
			}
			if want := []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}; h != nil && !slices.Equal(bounds, want) {
				t.Errorf("%s: buckets up to %v s, want %v", f.GetName(), bounds, want)
			}
		}
		if f.GetHelp() != help[f.GetName()] {
			t.Errorf("%s: help %q, listed as %q", f.GetName(), f.GetHelp(), help[f.GetName()])
		}
	}
	for name := range want {
		if exported[name] == "" {
			t.Errorf("%s is not exported", name)
		}
	}
	if text := w.log.String(); strings.Contains(text, "level=error") {
		t.Errorf("logged:\n%s", text)
	}
	if want := 2*4 + 1 + 6; native != want { // four operations in two projects, and IAM; six of the account
		t.Errorf("%d histograms are classic and native, want %d", native, want)
	}
}

// decodeAll decodes until the input ends.
func decodeAll[T any](decode func(*T) error) (all []*T, err error) {
	for {
		next := new(T)
		switch err := decode(next); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return all, err
		}
		all = append(all, next)
	}
}

// TestErrorSeriesExistBeforeTheFirstFailure: also those of operations that are
// not called.
func TestErrorSeriesExistBeforeTheFirstFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := fullWorld(t)
		got := w.scrape("")
		operations := map[string][]string{
			"dds": {"ListInstances", "ListInstanceTags"}, "modelarts": {"ListPoolTags"},
			"fabric": {"ListTagFabricWorkspaces", "ListFabricProjectTags"},
			"iam":    {"KeystoneCreateUserTokenByPassword"},
		}
		for service, names := range operations {
			for _, operation := range names {
				for _, series := range []string{
					`api_errors_total{cloud_service="%s",error_code="timeout",operation="%s",project="bank",region="eu-west-101"} 0`,
					`api_errors_total{cloud_service="%s",error_code="connection",operation="%s",project="bank",region="eu-west-101"} 0`,
					`api_errors_total{cloud_service="%s",error_code="malformed",operation="%s",project="bank",region="eu-west-101"} 0`,
					`api_errors_total{cloud_service="%s",error_code="redirect",operation="%s",project="bank",region="eu-west-101"} 0`,
					`api_errors_total{cloud_service="%s",error_code="too_large",operation="%s",project="bank",region="eu-west-101"} 0`,
					`api_errors_total{cloud_service="%s",error_code="paused",operation="%s",project="bank",region="eu-west-101"} 0`,
					`api_requests_total{cloud_service="%s",code="200",operation="%s",project="bank",region="eu-west-101"} `,
					`api_requests_total{cloud_service="%s",code="none",operation="%s",project="bank",region="eu-west-101"} 0`,
				} {
					line := namespace + fmt.Sprintf(series, service, operation)
					if !slices.ContainsFunc(got, func(l string) bool { return strings.HasPrefix(l, line) }) {
						t.Errorf("missing: %s", line)
					}
				}
			}
		}
	})
}

// TestPolicyMetrics: every reason that a rule can have is there, 0 too; the
// list of violations is bounded and the rest is counted; where no resources are
// named, pairs are.
func TestPolicyMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{
			Instances: []simulator.Instance{
				{ID: simulator.InstanceID(1), Name: "a", Tags: []simulator.Tag{simulator.T("env", "prod")}},
				{ID: simulator.InstanceID(2), Name: "b", Tags: []simulator.Tag{simulator.T("env", "qa"), simulator.T("temp", "x")}},
				{ID: simulator.InstanceID(3), Name: "c", Tags: []simulator.Tag{simulator.T("Env", "prod")}},
			},
			PoolTags: []simulator.PoolTag{{Key: "env", Values: []string{"prod", "qa", "dev"}}},
		}, "{dds: {}, modelarts: {}}")
		w.configure(w.config("{dds: {}, modelarts: {}}", "policy: {max_violation_series: 2, rules: ["+
			"{key: env, required: true, values: [prod]}, {name: no-temp, key: temp, forbidden: true, services: [dds]}]}"))
		w.scrape("").want(t, "policy_.*", `
			policy_violations{cloud_service="dds",key="env",reason="key_case",rule="env"} 1
			policy_violations{cloud_service="dds",key="env",reason="missing",rule="env"} 1
			policy_violations{cloud_service="dds",key="env",reason="value",rule="env"} 1
			policy_violations{cloud_service="dds",key="temp",reason="forbidden",rule="no-temp"} 1
			policy_noncompliant_resources{cloud_service="dds"} 2
			policy_violation_info{cloud_service="dds",key="env",reason="value",resource_id="`+simulator.InstanceID(2)+`",resource_name="b",rule="env",value="qa"} 1
			policy_violation_info{cloud_service="dds",key="temp",reason="forbidden",resource_id="`+simulator.InstanceID(2)+`",resource_name="b",rule="no-temp",value="x"} 1
			policy_violation_info_dropped{cloud_service="dds"} 2
			policy_violations{cloud_service="modelarts",key="env",reason="key_case",rule="env"} 0
			policy_violations{cloud_service="modelarts",key="env",reason="value",rule="env"} 2
		`)
	})
}

// TestSelectors: a query that fails is absent alone, its ratio says which one,
// and success is 0; the others, and the listing, stand.
func TestSelectors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const services = "{fabric: {max_retries: 1, selectors: [{key: env, values: [prod, dev, gone]}]}}"
		w := newWorld(t, simulator.Options{}, simulator.Project{Workspaces: []simulator.Workspace{
			{ID: "w-1", Tags: []simulator.Tag{simulator.T("env", "prod")}},
			{ID: "w-2", Tags: []simulator.Tag{simulator.T("env", "prod")}},
			{ID: "w-3"},
		}}, services)
		w.cloud.Inject(simulator.Fault{BodyContains: `"dev"`, Answer: simulator.Instead(simulator.ErrorE9(503))})
		w.scrape("").want(t, "selected_resources|resources|untagged_resources|collector_success|api_error_ratio|api_errors_total", `
			resources{cloud_service="fabric"} 3
			untagged_resources{cloud_service="fabric"} 1
			selected_resources{cloud_service="fabric",key="env",value="gone"} 0
			selected_resources{cloud_service="fabric",key="env",value="prod"} 2
			collector_success{cloud_service="fabric"} 0
			api_errors_total{cloud_service="fabric",error_code="http_503",operation="ListTagFabricWorkspaces"} 2
			api_error_ratio{cloud_service="fabric",key="",operation="ListTagFabricWorkspaces",value=""} 0
			api_error_ratio{cloud_service="fabric",key="env",operation="ListTagFabricWorkspaces",value="dev"} 1
			api_error_ratio{cloud_service="fabric",key="env",operation="ListTagFabricWorkspaces",value="gone"} 0
			api_error_ratio{cloud_service="fabric",key="env",operation="ListTagFabricWorkspaces",value="prod"} 0
		`)
	})
}

// TestErrorRatio counts the attempts of this scrape only, retries too.
func TestErrorRatio(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simulator.Options{}, simulator.Project{Instances: fleet(1)}, "{dds: {}}")
		w.cloud.Inject(simulator.Fault{Operation: "ListInstances", Times: 1, Break: simulator.Hangup})
		for _, want := range []string{"0.5", "0"} {
			w.scrape("").want(t, "api_error_ratio|api_errors_total|collector_success", `
				collector_success{cloud_service="dds"} 1
				api_errors_total{cloud_service="dds",error_code="connection",operation="ListInstances"} 1
				api_error_ratio{cloud_service="dds",key="",operation="ListInstances",value=""} `+want+`
				api_error_ratio{cloud_service="dds",key="",operation="ListInstanceTags",value=""} 0
			`)
		}
	})
}
