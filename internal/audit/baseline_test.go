package audit

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/collector"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/policy"
)

// has returns the report of a part whose resources lack the tag env.
func has(p inventory.Part, ids ...string) collector.Report {
	r := collector.Report{Part: p, Whole: true, Reach: inventory.All, Resources: 9}
	r.Verdict.Counts = []policy.Count{{Rule: "env", Key: "env", Reason: policy.Missing, Resources: len(ids)}}
	for _, id := range ids {
		r.Verdict.Violations = append(r.Verdict.Violations, policy.Violation{ResourceID: id, ResourceName: "the " + id, Rule: "env", Key: "env", Reason: policy.Missing})
	}
	return r
}

// pairs returns the report of a part that names no resources.
func pairs(n int) collector.Report {
	return collector.Report{
		Part: inventory.Part{Project: "shop", Region: "r", Service: "modelarts", ResourceType: "pool"}, Whole: true,
		Verdict: policy.Verdict{Counts: []policy.Count{{Rule: "env", Key: "env", Reason: policy.Value, Resources: n}}},
	}
}

// written returns the JSON of an audit, as a baseline.
func written(t *testing.T, a *Audit) *Baseline {
	t.Helper()
	var out bytes.Buffer
	if err := a.Write(&out, "json"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "baseline.json")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := ReadBaseline(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func shown(rows []Row) string {
	var all []string
	for _, r := range rows {
		sign := "+"
		if r.Known {
			sign = "="
		}
		all = append(all, fmt.Sprintf("%s%s%d", sign, r.ResourceID, r.Count))
	}
	return strings.Join(all, " ")
}

var (
	dds    = inventory.Part{Project: "shop", ProjectID: "p", Region: "r", Service: "dds", ResourceType: "instance"}
	ecs    = inventory.Part{Account: "acme", Project: "r", Region: "r", Service: "ecs", ResourceType: "cloudservers"}
	config = inventory.Part{Account: "acme", Service: "config"}
	iam    = inventory.Part{Account: "acme", Service: "iam"}
)

// TestBaseline: what is known is told from what is new; what is gone from what could not
// be read.
func TestBaseline(t *testing.T) {
	failed := errors.New("HTTP 500")
	broken := func(r collector.Report) collector.Report {
		r.Err = failed
		return r
	}
	type reports = []collector.Report
	other := ecs
	other.ResourceType = "volumes"
	for name, test := range map[string]struct {
		before, now                   reports
		violations, mended, unchecked string
		code                          int
	}{
		"nothing has changed":   {reports{has(dds, "a", "b")}, reports{has(dds, "a", "b")}, "=a1 =b1", "", "", 0},
		"one is new":            {reports{has(dds, "a")}, reports{has(dds, "a", "b")}, "=a1 +b1", "", "", 2},
		"one is mended":         {reports{has(dds, "a", "b")}, reports{has(dds, "b")}, "=b1", "=a1", "", 0},
		"one for another":       {reports{has(dds, "a")}, reports{has(dds, "b")}, "+b1", "=a1", "", 2},
		"an ID in another type": {reports{has(ecs, "a")}, reports{has(ecs), has(other, "a"), {Part: config}}, "+a1", "=a1", "", 2},
		"an empty baseline":     {nil, reports{has(dds, "a")}, "+a1", "", "", 2},
		"more pairs":            {reports{pairs(2)}, reports{pairs(5)}, "=2 +3", "", "", 2},
		"fewer pairs":           {reports{pairs(5)}, reports{pairs(2)}, "=2", "=3", "", 0},
		"a part is not read":    {reports{has(dds, "a")}, reports{{Part: dds, Err: failed}}, "", "", "=a1", 1},
		"some cannot be read": {reports{has(dds, "a", "b")}, reports{func() collector.Report {
			r := broken(has(dds, "b"))
			r.Unreadable = 1
			return r
		}()}, "=b1", "", "=a1", 1},
		"a selector fails":             {reports{has(dds, "a", "b")}, reports{broken(has(dds, "b"))}, "=b1", "=a1", "", 1},
		"what it adds is new":          {reports{has(dds, "a")}, reports{has(dds, "a"), {Part: ecs, Err: failed}}, "=a1", "", "", 1},
		"a project is not audited":     {reports{has(dds, "a"), has(ecs, "b")}, reports{has(ecs, "b")}, "=b1", "", "=a1", 0},
		"Config lists it no more":      {reports{{Part: config}, has(ecs, "a")}, reports{{Part: config}, has(other)}, "", "=a1", "", 0},
		"Config fails":                 {reports{{Part: config}, has(ecs, "a")}, reports{{Part: config, Err: failed}}, "", "", "=a1", 1},
		"IAM fails, which may hide it": {reports{{Part: config}, has(ecs, "a")}, reports{{Part: config}, {Part: iam, Err: failed}}, "", "", "=a1", 1},
		"IAM alone lists nothing":      {reports{has(ecs, "a")}, reports{{Part: iam}}, "", "", "=a1", 0},
		"another account fails":        {reports{{Part: config}, has(ecs, "a")}, reports{{Part: config}, {Part: inventory.Part{Account: "b", Service: "config"}, Err: failed}}, "", "=a1", "", 1},
		"a type fails in its region":   {reports{{Part: config}, has(ecs, "a")}, reports{{Part: config}, {Part: inventory.Part{Account: "acme", Region: "r", Service: "ecs", ResourceType: "cloudservers"}, AnyProject: true, Err: failed}}, "", "", "=a1", 1},
		"and in another region":        {reports{{Part: config}, has(ecs, "a")}, reports{{Part: config}, {Part: inventory.Part{Account: "acme", Region: "s", Service: "ecs", ResourceType: "cloudservers"}, AnyProject: true, Err: failed}}, "", "=a1", "", 1},
		"a rule is gone":               {reports{has(ecs, "a")}, reports{{Part: config}, {Part: ecs, Whole: true, Reach: inventory.All}}, "", "=a1", "", 0},
		"the rule's source fails":      {reports{has(ecs, "a")}, reports{{Part: inventory.Part{Account: "acme", Service: "organizations"}, Err: failed}, {Part: ecs, Whole: true, Reach: inventory.All, RulesMissing: true}}, "", "", "=a1", 1},
		"the rule is judged all the same": {reports{has(ecs, "a")}, reports{{Part: inventory.Part{Account: "acme", Service: "organizations"}, Err: failed}, func() collector.Report {
			r := has(ecs)
			r.RulesMissing = true
			return r
		}()}, "", "=a1", "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			a := New(test.now, written(t, New(test.before, nil)))
			if got := []string{shown(a.Violations), shown(a.Mended), shown(a.Uncompared)}; !slices.Equal(got, []string{test.violations, test.mended, test.unchecked}) {
				t.Errorf("got %q", got)
			}
			if a.ExitCode() != test.code {
				t.Errorf("exit code %d, want %d", a.ExitCode(), test.code)
			}
			// What could not be compared is known to the next audit still.
			next := New(test.before, written(t, a))
			for _, r := range a.Uncompared {
				if !slices.ContainsFunc(next.Violations, func(v Row) bool { return v.violation() == r.violation() && v.Known }) {
					t.Errorf("%+v is new after it could not be read for once", r)
				}
			}
		})
	}
}

// TestBaselineNames: names, values and who is responsible may change: it is the same
// violation.
func TestBaselineNames(t *testing.T) {
	now := has(dds, "a")
	now.Verdict.Violations[0].ResourceName, now.Verdict.Violations[0].Value, now.Verdict.Violations[0].Responsible = "renamed", "x", "bo"
	if got := shown(New([]collector.Report{now}, written(t, New([]collector.Report{has(dds, "a")}, nil))).Violations); got != "=a1" {
		t.Error(got)
	}
}

// TestBadBaselines: a file that is none of ours is told from one without violations.
func TestBadBaselines(t *testing.T) {
	const row = `{"account":"","project":"p","region":"r","service":"dds","resource_type":"instance","resource_id":"i","rule":"env","key":"env","reason":"missing","count":1}`
	for content, want := range map[string]string{
		`{"violations":[]}`:                       "",
		"\ufeff" + `{"violations":[` + row + `]}`: "",
		`{"violations":[` + row + `],"new":[1]}`:  "",
		``:                                        "FILE is empty, as a shell leaves a file that the output goes to",
		"\n":                                      "FILE is empty, as a shell leaves a file that the output goes to",
		"account,project\n,p\n":                   `FILE:1: not JSON: invalid character 'a' at start of value`,
		"{\"violations\": [\n" + row + ",\n{":     "FILE:3: not JSON: unexpected EOF",
		`{"violations":[` + row + `]}` + "\n\n{}": `FILE:3: not JSON: invalid character '{' after top-level value`,
		`[]`:                                   "FILE:1: not what the JSON of an audit has there",
		`{}`:                                   "FILE:1: not the JSON of an audit: it has no violations",
		`{"violations":null}`:                  "FILE:1: not the JSON of an audit: it has no violations",
		`{"violations":{}}`:                    "FILE:1: violations: not what the JSON of an audit has there",
		"{\"violations\":[\n" + row + ",\n1]}": "FILE:3: violations.1: a violation is no object",
		"{\n\"violations\":[{\"account\":\"a\"}]}":                                                      "FILE:2: violations.0: a violation has no project, so it is not of this version's audit --format=json",
		"{\n\"violations\":[\n" + strings.Replace(row, `"count":1`, `"count":"1"`, 1) + "]}":            "FILE:3: violations.0: count of a violation is not what the JSON of an audit has there",
		"{\n\"violations\":[\n" + strings.Replace(row, `"count":1`, `"count":0`, 1) + "]}":              "FILE:3: violations.0: a violation has a count of 0",
		"{\n\"violations\":[],\"uncompared\":[" + strings.Replace(row, `missing`, `absent`, 1) + "]}":   `FILE:2: uncompared.0: a violation has an unknown reason "absent"`,
		"{\n\"violations\":[],\n\"uncompared\":[" + strings.Replace(row, `"rule":"env",`, ``, 1) + "]}": "FILE:3: uncompared.0: a violation has no rule, so it is not of this version's audit --format=json",
	} {
		path := filepath.Join(t.TempDir(), "b.json")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got := ""
		if _, err := ReadBaseline(path); err != nil {
			got = strings.TrimPrefix(strings.ReplaceAll(err.Error(), path, "FILE"), "read the baseline: ")
		}
		if got != want {
			t.Errorf("%s\ngot  %s\nwant %s", content, got, want)
		}
	}
	if _, err := ReadBaseline(t.TempDir() + "/none.json"); !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "read the baseline: open ") {
		t.Error(err)
	}
}
