package audit

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/collector"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/policy"
)

// drift is an audit of two projects: violations of resources and of pairs, and
// names that would drive a terminal or break a table.
func drift() []collector.Report {
	return []collector.Report{
		{
			Part: inventory.Part{Project: "shop-prod", Service: "modelarts"}, Whole: true,
			Verdict: policy.Verdict{Counts: []policy.Count{
				{Rule: "env", Key: "env", Reason: policy.KeyCase, Resources: 2},
				{Rule: "env", Key: "env", Reason: policy.Value},
			}},
		},
		{
			Part: inventory.Part{Project: "shop-prod", Service: "dds"}, Whole: true, Reach: inventory.All, Resources: 3, Untagged: 1,
			Verdict: policy.Verdict{
				Counts: []policy.Count{
					{Rule: "env", Key: "env", Reason: policy.Missing, Resources: 1},
					{Rule: "owner", Key: "owner", Reason: policy.Missing, Resources: 2},
				},
				Noncompliant: 2,
				Violations: []policy.Violation{
					{ResourceID: "i1", ResourceName: "orders", Rule: "owner", Key: "owner", Reason: policy.Missing},
					{ResourceID: "i2", Rule: "owner", Key: "owner", Reason: policy.Missing},
					{ResourceID: "i2", Rule: "env", Key: "env", Value: "a\x1b[2Jb,\"c\"\n支付", Reason: policy.Missing},
				},
			},
		},
		{Part: inventory.Part{Project: "lake", Service: "fabric"}, Whole: true, Reach: inventory.All, Resources: 1},
	}
}

func TestWrite(t *testing.T) {
	for format, want := range map[string]string{
		"table": `PROJECT    SERVICE    RESOURCE             RULE   KEY    VALUE                  REASON
shop-prod  dds        i2                   env    env    "a\x1b[2Jb,\"c\"\n支付"  missing
shop-prod  dds        i2                   owner  owner                         missing
shop-prod  dds        orders               owner  owner                         missing
shop-prod  modelarts  (2 key/value pairs)  env    env                           key_case

shop-prod: 3 resources, 2 noncompliant, 1 untagged, 0 unreadable, 5 violations
lake: 1 resources, 0 noncompliant, 0 untagged, 0 unreadable, 0 violations
`,
		"csv": `account,project,region,service,resource_type,resource_id,resource_name,rule,key,value,reason,count,responsible,known
,shop-prod,,dds,,i2,,env,env,"a` + "\x1b" + `[2Jb,""c""
支付",missing,1,,false
,shop-prod,,dds,,i2,,owner,owner,,missing,1,,false
,shop-prod,,dds,,i1,orders,owner,owner,,missing,1,,false
,shop-prod,,modelarts,,,,env,env,,key_case,2,,false
`,
	} {
		checkWritten(t, format, drift(), want)
	}
}

func checkWritten(t *testing.T, format string, reports []collector.Report, want string) {
	t.Helper()
	var got bytes.Buffer
	if err := New(reports, nil).Write(&got, format); err != nil {
		t.Fatal(err)
	}
	if got.String() != want {
		t.Errorf("%s\ngot:\n%s\nwant:\n%s", format, got.String(), want)
	}
}

// TestJSON holds the whole of it, as jq reads it: lists are lists even where they
// are empty, and nothing in a text is changed.
func TestJSON(t *testing.T) {
	reports := slices.Concat(drift()[1:], []collector.Report{{
		Part: inventory.Part{Project: "lake", Service: "dds"}, Reach: inventory.All, Unreadable: 2, Err: errors.New("list: <403> =no & \"none\""),
	}})
	reports[0].Verdict.Violations[0].Value = "=1+1"
	checkWritten(t, "json", reports, `{
  "violations": [
    {
      "account": "",
      "project": "shop-prod",
      "region": "",
      "service": "dds",
      "resource_type": "",
      "resource_id": "i2",
      "resource_name": "",
      "rule": "env",
      "key": "env",
      "value": "a\u001b[2Jb,\"c\"\n支付",
      "reason": "missing",
      "count": 1,
      "responsible": "",
      "known": false
    },
    {
      "account": "",
      "project": "shop-prod",
      "region": "",
      "service": "dds",
      "resource_type": "",
      "resource_id": "i2",
      "resource_name": "",
      "rule": "owner",
      "key": "owner",
      "value": "",
      "reason": "missing",
      "count": 1,
      "responsible": "",
      "known": false
    },
    {
      "account": "",
      "project": "shop-prod",
      "region": "",
      "service": "dds",
      "resource_type": "",
      "resource_id": "i1",
      "resource_name": "orders",
      "rule": "owner",
      "key": "owner",
      "value": "=1+1",
      "reason": "missing",
      "count": 1,
      "responsible": "",
      "known": false
    }
  ],
  "mended": [],
  "uncompared": [],
  "projects": [
    {
      "account": "",
      "project": "shop-prod",
      "resources": 3,
      "noncompliant": 2,
      "untagged": 1,
      "unreadable": 0,
      "violations": 3,
      "known": 0,
      "mended": 0,
      "uncompared": 0,
      "errors": []
    },
    {
      "account": "",
      "project": "lake",
      "resources": 1,
      "noncompliant": 0,
      "untagged": 0,
      "unreadable": 2,
      "violations": 0,
      "known": 0,
      "mended": 0,
      "uncompared": 0,
      "errors": [
        "dds: list: <403> =no & \"none\""
      ]
    }
  ],
  "responsible": []
}
`)
}

// TestEmpty: an audit of nothing has no head of a table over nothing, and no null
// in its JSON.
func TestEmpty(t *testing.T) {
	for format, want := range map[string]string{
		"table": "",
		"csv":   "account,project,region,service,resource_type,resource_id,resource_name,rule,key,value,reason,count,responsible,known\n",
		"json":  "{\n  \"violations\": [],\n  \"mended\": [],\n  \"uncompared\": [],\n  \"projects\": [],\n  \"responsible\": []\n}\n",
	} {
		checkWritten(t, format, nil, want)
	}
	checkWritten(t, "table", drift()[2:], "lake: 1 resources, 0 noncompliant, 0 untagged, 0 unreadable, 0 violations\n")
}

// TestRows: resources with most violations come first, each counted for itself,
// though other projects and services may have one of the same ID. Pairs of key and
// value come last, however many they are.
func TestRows(t *testing.T) {
	broken := func(project, service string, violations ...policy.Violation) collector.Report {
		return collector.Report{Part: inventory.Part{Project: project, Service: service}, Reach: inventory.All, Verdict: policy.Verdict{Violations: violations}}
	}
	v := func(id, rule string) policy.Violation {
		return policy.Violation{ResourceID: id, Rule: rule, Key: rule, Reason: policy.Missing}
	}
	reports := []collector.Report{
		{Part: inventory.Part{Project: "a", Service: "modelarts"}, Verdict: policy.Verdict{Counts: []policy.Count{
			{Rule: "many", Key: "k", Reason: policy.Value, Resources: 9},
			{Rule: "few", Key: "k", Reason: policy.Value, Resources: 1},
		}}},
		broken("b", "dds", v("1", "x"), v("2", "x"), v("2", "y")),
		broken("b", "fabric", v("1", "x")),
		broken("c", "dds", v("1", "x")),
		broken("a", "dds", v("3", "y"), v("3", "x")),
		{Part: inventory.Part{Project: "c", Service: "modelarts"}, Verdict: policy.Verdict{Counts: []policy.Count{{Rule: "most", Key: "k", Reason: policy.Value, Resources: 11}}}},
	}
	want := "a dds 3 x, a dds 3 y, b dds 2 x, b dds 2 y, b dds 1 x, b fabric 1 x, c dds 1 x, c modelarts  most, a modelarts  few, a modelarts  many"
	var got []string
	for _, r := range rows(reports) {
		got = append(got, strings.Join([]string{r.Project, r.Service, r.ResourceID, r.Rule}, " "))
	}
	if strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
}

// TestSummaries adds up the services of a project, and lets nothing drive the
// terminal.
func TestSummaries(t *testing.T) {
	pairs := func(n int) policy.Verdict {
		return policy.Verdict{Noncompliant: n - 2, Counts: []policy.Count{{Rule: "r", Reason: policy.Value, Resources: n}}}
	}
	reports := []collector.Report{
		{
			Part: inventory.Part{Project: "p\x1b[2J", Service: "dds"}, Resources: 5, Untagged: 2, Unreadable: 3,
			Verdict: pairs(6), Err: errors.New("a\x1b[2Jb"),
		},
		{
			Part: inventory.Part{Project: "p\x1b[2J", Service: "fabric"}, Resources: 50, Untagged: 20, Unreadable: 30,
			Verdict: pairs(60),
		},
	}
	var got bytes.Buffer
	if err := New(reports, nil).Write(&got, "table"); err != nil {
		t.Fatal(err)
	}
	_, summary, _ := strings.Cut(got.String(), "\n\n")
	want := `"p\x1b[2J": 55 resources, 62 noncompliant, 22 untagged, 33 unreadable, 66 violations` + "\n" +
		`  could not be read: "dds: a\x1b[2Jb"` + "\n"
	if summary != want {
		t.Errorf("got:\n%s\nwant:\n%s", summary, want)
	}
}

// full is a disk that takes one byte more.
type full struct{}

var errFull = errors.New("no space left on device")

func (full) Write(p []byte) (int, error) { return min(1, len(p)), errFull }

// TestWriteFails: half an audit must not look like a whole one.
func TestWriteFails(t *testing.T) {
	for _, format := range Formats() {
		if err := New(drift(), nil).Write(full{}, format); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

func TestExitCode(t *testing.T) {
	broken := append(drift(), collector.Report{Part: inventory.Part{Project: "lake", Service: "dds"}, Err: errors.New("list dds instances: 403")})
	one := []collector.Report{{Verdict: policy.Verdict{Counts: []policy.Count{{Rule: "env", Reason: policy.Missing, Resources: 1}}}}}
	for name, test := range map[string]struct { // the numbers, as pipelines know them
		reports []collector.Report
		want    int
	}{
		"nothing":                          {nil, 0},
		"compliant":                        {drift()[2:], 0},
		"one violation":                    {one, 2},
		"violations":                       {drift(), 2},
		"violations, and something unread": {broken, 1},
		"something unread, and violations": {append(broken[3:], drift()...), 1},
	} {
		if got := New(test.reports, nil).ExitCode(); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
	want := "lake: 1 resources, 0 noncompliant, 0 untagged, 0 unreadable, 0 violations\n  could not be read: dds: list dds instances: 403"
	var got bytes.Buffer
	if err := New(broken, nil).Write(&got, "table"); err != nil || !strings.Contains(got.String(), "\n"+want+"\n") {
		t.Errorf("got:\n%s\nwant:\n%s", got.String(), want)
	}
}
