package audit

import (
	"bytes"
	"errors"
	"testing"

	"huaweicloud_tag_exporter/collector"
	"huaweicloud_tag_exporter/internal/policy"
)

// drift is an audit of two projects: violations of resources and of pairs, and
// names that would drive a terminal or break a table.
func drift() []collector.Report {
	return []collector.Report{
		{
			Project: "shop-prod", Service: "modelarts", Whole: true,
			Verdict: policy.Verdict{Counts: []policy.Count{
				{Rule: "env", Key: "env", Reason: policy.KeyCase, Resources: 2},
				{Rule: "env", Key: "env", Reason: policy.Value},
			}},
		},
		{
			Project: "shop-prod", Service: "dds", Whole: true, Named: true, Resources: 3, Untagged: 1,
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
		{Project: "lake", Service: "fabric", Whole: true, Named: true, Resources: 1},
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
		"csv": `project,service,resource_id,resource_name,rule,key,value,reason,count
shop-prod,dds,i2,,env,env,"a` + "\x1b" + `[2Jb,""c""
支付",missing,1
shop-prod,dds,i2,,owner,owner,,missing,1
shop-prod,dds,i1,orders,owner,owner,,missing,1
shop-prod,modelarts,,,env,env,,key_case,2
`,
		"json": `{
  "violations": [
    {
      "project": "shop-prod",
      "service": "dds",
      "resource_id": "i2",
      "resource_name": "",
      "rule": "env",
      "key": "env",
      "value": "a\u001b[2Jb,\"c\"\n支付",
      "reason": "missing",
      "count": 1
    },
`,
	} {
		var got bytes.Buffer
		if err := Write(&got, format, drift()); err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(got.Bytes(), []byte(want)) || (format != "json" && got.Len() != len(want)) {
			t.Errorf("%s\ngot:\n%s\nwant:\n%s", format, got.String(), want)
		}
	}
}

func TestExitCode(t *testing.T) {
	broken := append(drift(), collector.Report{Project: "lake", Service: "dds", Err: errors.New("list dds instances: 403")})
	for name, test := range map[string]struct {
		reports []collector.Report
		want    int
	}{
		"compliant":                        {drift()[2:], Compliant},
		"violations":                       {drift(), Violations},
		"violations, and something unread": {broken, Incomplete},
	} {
		if got := ExitCode(test.reports); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
	want := "lake: 1 resources, 0 noncompliant, 0 untagged, 0 unreadable, 0 violations\n  could not be read: dds: list dds instances: 403"
	if got := Summaries(broken)[1].String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
