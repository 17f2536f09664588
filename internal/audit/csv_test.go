package audit

import (
	"testing"

	"huaweicloud_tag_exporter/collector"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/policy"
)

// TestFormulas: a spreadsheet runs what begins like a formula, and tags are
// strangers' input.
func TestFormulas(t *testing.T) {
	for value, want := range map[string]string{
		`=HYPERLINK("http://example.com","a")`: `"'=HYPERLINK(""http://example.com"",""a"")"`,
		"+1":                                   "'+1",
		"-1":                                   "'-1",
		"@SUM(1)":                              "'@SUM(1)",
		"\t=1":                                 "'\t=1",
		"\r=1":                                 "\"'\r=1\"",
		"\n=1":                                 "\"'\n=1\"",
		"＝1":                                   "'＝1", // full-width; some spreadsheets take it for =
		"a=1":                                  "a=1",
		"'=1":                                  "'=1",
		"":                                     "",
	} {
		reports := []collector.Report{{
			Part: inventory.Part{Project: "p", Service: "dds"}, Reach: inventory.All,
			Verdict: policy.Verdict{Violations: []policy.Violation{{ResourceID: "i", Rule: "env", Key: "env", Value: value, Reason: policy.Value}}},
		}}
		checkWritten(t, "csv", reports, "account,project,region,service,resource_type,resource_id,resource_name,rule,key,value,reason,count,responsible,known\n,p,,dds,,i,,env,env,"+want+",value,1,,false\n")
	}
	// Each cell, not the value alone.
	checkWritten(t, "csv", []collector.Report{{
		Part: inventory.Part{Project: "=p", Service: "dds"}, Reach: inventory.All,
		Verdict: policy.Verdict{Violations: []policy.Violation{{ResourceID: "-i", ResourceName: "=n", Rule: "+r", Key: "@k", Reason: policy.Missing}}},
	}}, "account,project,region,service,resource_type,resource_id,resource_name,rule,key,value,reason,count,responsible,known\n,'=p,,dds,,'-i,'=n,'+r,'@k,,missing,1,,false\n")
}
