package policy

import (
	"reflect"
	"testing"

	"huaweicloud_tag_exporter/internal/inventory"
)

// known is what the rules of these tests may name.
var known = Known{Projects: []string{"shop", "lab"}, Accounts: []string{"corp", "shop-account", "lab-account"}, Types: []string{"modelarts:pool", "dds:instance", "fabric:workspace"}}

func dds(project string) Scope {
	return Scope{Project: project, Service: "dds", ResourceType: "instance"}
}

func resource(id string, keysAndValues ...string) inventory.Resource {
	r := inventory.Resource{ID: id, Name: "name of " + id}
	for i := 0; i < len(keysAndValues); i += 2 {
		r.Tags = append(r.Tags, inventory.Tag{Key: keysAndValues[i], Value: keysAndValues[i+1]})
	}
	return r
}

func named(resources ...inventory.Resource) inventory.Inventory {
	return inventory.Inventory{Reach: inventory.All, Resources: resources}
}

func mustNew(t testing.TB, rules []Rule, documents ...string) *Policy {
	t.Helper()
	var docs []Document
	for _, d := range documents {
		docs = append(docs, Document{Name: "doc.json", Content: []byte(d)})
	}
	p, err := New(rules, docs, known)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEvaluateResources(t *testing.T) {
	const document = `{"tags":{"costcenter":{"tag_key":{"@@assign":"CostCenter"},"tag_value":{"@@assign":["100","2*","*x*y"]}}}}`
	const oneWildcard = `{"tags":{"costcenter":{"tag_key":{"@@assign":"CostCenter"},"tag_value":{"@@assign":["100","2*","ab*ba"]}}}}`
	if _, err := New(nil, []Document{{Name: "d", Content: []byte(document)}}, known); err == nil {
		t.Error("two wildcards in one value are accepted")
	}
	// broken is a violation of the only rule by resource "r".
	type broken struct {
		Reason Reason
		Value  string
	}
	required := Rule{Key: "owner", Required: true}
	values := Rule{Key: "env", Values: []string{"prod", "dev-*"}}
	both := Rule{Key: "cc", Values: []string{"CC-1*", "x"}, Pattern: `CC-[0-9]{2}|y`}
	all := Rule{Key: "env", Required: true, Values: []string{"prod"}}
	for _, test := range []struct {
		name     string
		rule     Rule
		document string
		tags     []string
		want     []broken
	}{
		{"required, there", required, "", []string{"owner", ""}, nil},
		{"required, absent", required, "", []string{"a", "b"}, []broken{{Missing, ""}}},
		{"required, untagged", required, "", nil, []broken{{Missing, ""}}},
		{"required, other case", required, "", []string{"Owner", "x"}, []broken{{KeyCase, "Owner"}, {Missing, ""}}},
		{"required, both cases", required, "", []string{"OWNER", "x", "owner", "x"}, []broken{{KeyCase, "OWNER"}}},
		{"two other cases count once", required, "", []string{"owner", "x", "owneR", "x", "OWNER", "x"}, []broken{{KeyCase, "OWNER"}}},
		{"case is Unicode's", Rule{Key: "sk", Required: true}, "", []string{"sk", "", "ſ\u212a", ""}, []broken{{KeyCase, "ſ\u212a"}}},
		{"no Latin key", Rule{Key: "业务线", Required: true}, "", []string{"业务线", "支付"}, nil},

		{"value, exact", values, "", []string{"env", "prod"}, nil},
		{"value, suffix", values, "", []string{"env", "dev-7"}, nil},
		{"value, empty suffix", values, "", []string{"env", "dev-"}, nil},
		{"value, too short", values, "", []string{"env", "dev"}, []broken{{Value, "dev"}}},
		{"value, case", values, "", []string{"env", "Prod"}, []broken{{Value, "Prod"}}},
		{"value, empty", values, "", []string{"env", ""}, []broken{{Value, ""}}},
		{"value, key absent", values, "", []string{"a", "b"}, nil},
		{"value, other case is not judged", values, "", []string{"ENV", "nonsense"}, []broken{{KeyCase, "ENV"}}},
		{"any value", Rule{Key: "env", Values: []string{"*"}}, "", []string{"env", ""}, nil},
		{"only the empty value", Rule{Key: "env", Values: []string{""}}, "", []string{"env", "x"}, []broken{{Value, "x"}}},

		{"pattern, whole", Rule{Key: "cc", Pattern: `CC-[0-9]`}, "", []string{"cc", "CC-1"}, nil},
		{"pattern, part", Rule{Key: "cc", Pattern: `CC-[0-9]`}, "", []string{"cc", "CC-12"}, []broken{{Value, "CC-12"}}},
		{"pattern, alternatives", Rule{Key: "cc", Pattern: `a|b`}, "", []string{"cc", "ab"}, []broken{{Value, "ab"}}},
		{"pattern, longest", Rule{Key: "cc", Pattern: `a|ab`}, "", []string{"cc", "ab"}, nil},
		{"pattern, lines", Rule{Key: "cc", Pattern: `(?m)a`}, "", []string{"cc", "a\nb"}, []broken{{Value, "a\nb"}}},
		{"pattern, a dot is any character", Rule{Key: "cc", Pattern: `a.*b`}, "", []string{"cc", "a\n\nb"}, nil},
		{"pattern, open quotation", Rule{Key: "cc", Pattern: `\Qa.c`}, "", []string{"cc", "abc"}, []broken{{Value, "abc"}}},
		{"pattern, open quotation met", Rule{Key: "cc", Pattern: `\Qa.c`}, "", []string{"cc", "a.c"}, nil},
		{"values and pattern, both", both, "", []string{"cc", "CC-12"}, nil},
		{"values and pattern, only values", both, "", []string{"cc", "CC-123"}, []broken{{Value, "CC-123"}}},
		{"values and pattern, only pattern", both, "", []string{"cc", "y"}, []broken{{Value, "y"}}},
		{"values and pattern, neither counts once", both, "", []string{"cc", "z"}, []broken{{Value, "z"}}},

		{"forbidden", Rule{Key: "temp", Forbidden: true}, "", []string{"temp", "yes"}, []broken{{Forbidden, "yes"}}},
		{"forbidden, absent", Rule{Key: "temp", Forbidden: true}, "", nil, nil},
		{"forbidden is exact", Rule{Key: "temp", Forbidden: true}, "", []string{"Temp", "yes"}, nil},
		{"all reasons", all, "", []string{"Env", "prod", "env", "x"}, []broken{{KeyCase, "Env"}, {Value, "x"}}},

		{"document, right", Rule{}, oneWildcard, []string{"CostCenter", "100"}, nil},
		{"document, wildcard at the end", Rule{}, oneWildcard, []string{"CostCenter", "2"}, nil},
		{"document, wildcard inside", Rule{}, oneWildcard, []string{"CostCenter", "abcba"}, nil},
		{"document, wildcard does not overlap", Rule{}, oneWildcard, []string{"CostCenter", "aba"}, []broken{{Value, "aba"}}},
		{"document, value", Rule{}, oneWildcard, []string{"CostCenter", "1000"}, []broken{{Value, "1000"}}},
		{"document, case", Rule{}, oneWildcard, []string{"costcenter", "7"}, []broken{{KeyCase, "costcenter"}}},
		{"document, absent is compliant", Rule{}, oneWildcard, nil, nil},
		{"document, no tag key is lower case", Rule{}, `{"tags":{"CostCenter":{}}}`, []string{"CostCenter", ""}, []broken{{KeyCase, "CostCenter"}}},
		{"document, no values is any", Rule{}, `{"tags":{"CostCenter":{}}}`, []string{"costcenter", ""}, nil},
		{"document, enforced elsewhere is judged", Rule{}, `{"tags":{"a":{"enforced_for":{"@@assign":["apig:instance"]}}}}`, []string{"A", ""}, []broken{{KeyCase, "A"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var p *Policy
			if test.document != "" {
				p = mustNew(t, nil, test.document)
			} else {
				p = mustNew(t, []Rule{test.rule})
			}
			verdict := p.Evaluate(dds("shop"), named(resource("r", test.tags...)), 10)
			var got []broken
			for _, v := range verdict.Violations {
				if v.Rule != p.rules[0].name || v.Key != p.rules[0].key || v.ResourceID != "r" || v.ResourceName != "name of r" {
					t.Errorf("violation names %+v", v)
				}
				got = append(got, broken{v.Reason, v.Value})
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			if verdict.Noncompliant != min(1, len(test.want)) || verdict.Dropped != 0 {
				t.Errorf("noncompliant %d, dropped %d", verdict.Noncompliant, verdict.Dropped)
			}
		})
	}
}

func TestEvaluateCountsWhatCanHappen(t *testing.T) {
	p := mustNew(t, []Rule{
		{Name: "r", Key: "owner", Required: true},
		{Key: "env", Required: true, Values: []string{"prod"}},
		{Name: "p", Key: "cc", Pattern: "x"},
		{Key: "temp", Forbidden: true},
		{Name: "elsewhere", Key: "a", Forbidden: true, Services: []string{"fabric"}},
	}, `{"tags":{"Team":{},"Zone":{"tag_key":{"@@assign":"Zone"},"tag_value":{"@@assign":["1"]}}}}`)
	want := []Count{
		{"Team", "team", KeyCase, 0},
		{"Zone", "Zone", KeyCase, 1},
		{"Zone", "Zone", Value, 0},
		{"r", "owner", KeyCase, 0},
		{"r", "owner", Missing, 2},
		{"env", "env", KeyCase, 1},
		{"env", "env", Missing, 1},
		{"env", "env", Value, 1},
		{"p", "cc", KeyCase, 0},
		{"p", "cc", Value, 0},
		{"temp", "temp", Forbidden, 0},
	}
	got := p.Evaluate(dds("shop"), named(resource("1", "ENV", "x", "zone", ""), resource("2", "env", "x")), 0)
	if !reflect.DeepEqual(got, Verdict{Counts: want, Noncompliant: 2, Dropped: 6}) {
		t.Errorf("got %+v", got)
	}
}

func TestEvaluatePairs(t *testing.T) {
	p := mustNew(t, []Rule{
		{Key: "env", Required: true, Values: []string{"prod"}},
		{Key: "temp", Forbidden: true},
		{Key: "gone", Required: true},
	})
	got := p.Evaluate(Scope{Project: "shop", Service: "modelarts", ResourceType: "pool"}, inventory.Inventory{Values: map[string][]string{
		"env":  {"prod", "x", "y"},
		"ENV":  {"prod", "z"},
		"Env":  {},
		"temp": nil,
		"none": {"1"},
	}}, 10)
	want := Verdict{Counts: []Count{
		{"env", "env", KeyCase, 3},
		{"env", "env", Value, 2},
		{"temp", "temp", Forbidden, 1},
		{"gone", "gone", KeyCase, 0},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestEvaluateScopes(t *testing.T) {
	dds, lake := dds("shop"), Scope{Project: "lab", Service: "fabric", ResourceType: "workspace", Account: "corp"}
	for _, test := range []struct {
		name              string
		rule              Rule
		inDDS, inLabsLake bool
	}{
		{"everywhere", Rule{}, true, true},
		{"service", Rule{Services: []string{"fabric", "modelarts"}}, false, true},
		{"resource type", Rule{ResourceTypes: []string{"dds:instance"}}, true, false},
		{"project", Rule{Projects: []string{"lab"}}, false, true},
		{"both projects", Rule{Projects: []string{"lab", "shop"}}, true, true},
		{"service and project", Rule{Services: []string{"dds"}, Projects: []string{"lab"}}, false, false},
		{"account", Rule{Accounts: []string{"corp"}}, false, true},
		{"all accounts", Rule{Accounts: []string{"corp", "lab-account", "shop-account"}}, false, true},
		{"another account", Rule{Accounts: []string{"lab-account"}}, false, false},
		{"project and account", Rule{Projects: []string{"lab"}, Accounts: []string{"corp"}}, false, true},
		{"project of another account", Rule{Projects: []string{"lab"}, Accounts: []string{"shop-account"}}, false, false},
		{"service and type", Rule{Services: []string{"dds", "fabric"}, ResourceTypes: []string{"fabric:workspace"}}, false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.rule.Key, test.rule.Forbidden = "temp", true
			p := mustNew(t, []Rule{test.rule})
			inv := named(resource("1", "temp", ""))
			if got := p.Evaluate(dds, inv, 1); (len(got.Counts) == 1 && got.Noncompliant == 1) != test.inDDS {
				t.Errorf("dds: %+v", got)
			}
			if got := p.Evaluate(lake, inv, 1); (len(got.Counts) == 1 && got.Noncompliant == 1) != test.inLabsLake {
				t.Errorf("fabric: %+v", got)
			}
		})
	}
}

// TestAnyNames: where not all names are known, a rule may be narrowed to others, and
// judges those alone.
func TestAnyNames(t *testing.T) {
	open := Known{Projects: known.Projects, Types: known.Types, AnyProject: true, AnyType: true}
	ecs := Scope{Project: "found", Service: "ecs", ResourceType: "cloudservers"}
	for _, test := range []struct {
		name         string
		rule         Rule
		inDDS, inECS bool
	}{
		{"service", Rule{Services: []string{"ecs"}}, false, true},
		{"both services", Rule{Services: []string{"dds", "ecs"}}, true, true},
		{"type", Rule{ResourceTypes: []string{"ecs:cloudservers"}}, false, true},
		{"another type", Rule{ResourceTypes: []string{"ecs:disks"}}, false, false},
		{"service and type", Rule{Services: []string{"dds", "ecs"}, ResourceTypes: []string{"ecs:cloudservers"}}, false, true},
		{"known type", Rule{ResourceTypes: []string{"dds:instance"}}, true, false},
		{"project", Rule{Projects: []string{"found"}}, false, true},
	} {
		test.rule.Key, test.rule.Forbidden = "temp", true
		p, err := New([]Rule{test.rule}, nil, open)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		inv := named(resource("1", "temp", ""))
		inDDS, inECS := p.Evaluate(dds("shop"), inv, 1), p.Evaluate(ecs, inv, 1)
		if (inDDS.Noncompliant == 1) != test.inDDS || (inECS.Noncompliant == 1) != test.inECS {
			t.Errorf("%s: %+v in dds, %+v in ecs", test.name, inDDS, inECS)
		}
	}
	_, err := New(at(Rule{
		Key: "a", Required: true, Services: []string{"ECS"}, ResourceTypes: []string{"ecs:cloudServers", "ecs"}, Accounts: []string{"x"},
	}), nil, open)
	wantError(t, err, `c.yml:1: policy.rules[0].services[0]: unknown service "ECS"; known: modelarts, dds, fabric, and others in lower case`+"\n"+
		`c.yml:1: policy.rules[0].resource_types[0]: unknown resource type "ecs:cloudServers"; known: modelarts:pool, dds:instance, fabric:workspace, and others in lower case`+"\n"+
		`c.yml:1: policy.rules[0].resource_types[1]: unknown resource type "ecs"; known: modelarts:pool, dds:instance, fabric:workspace, and others in lower case`+"\n"+
		`c.yml:1: policy.rules[0].accounts[0]: unknown account "x"; known: `)
}

func TestEvaluateLimit(t *testing.T) {
	p := mustNew(t, []Rule{{Key: "a", Required: true}, {Key: "b", Required: true}})
	backwards := named(resource("3"), resource("1", "a", ""), resource("2"))
	backwards.Resources[0].Name, backwards.Resources[1].Name = "first by name", "second" // these may be given to others any day
	for _, test := range []struct {
		limit, dropped int
		want           []string
	}{
		{-1, 5, nil},
		{0, 5, nil},
		{2, 3, []string{"1 b", "2 a"}},
		{4, 1, []string{"1 b", "2 a", "2 b", "3 a"}},
		{9, 0, []string{"1 b", "2 a", "2 b", "3 a", "3 b"}},
	} {
		verdict := p.Evaluate(dds("shop"), backwards, test.limit)
		var got []string
		for _, v := range verdict.Violations {
			got = append(got, v.ResourceID+" "+v.Key)
		}
		if !reflect.DeepEqual(got, test.want) || verdict.Dropped != test.dropped {
			t.Errorf("limit %d: got %q and %d dropped", test.limit, got, verdict.Dropped)
		}
	}
}

func TestEvaluateNothing(t *testing.T) {
	inv := named(resource("1", "temp", ""))
	var none *Policy
	if got := none.Evaluate(dds("shop"), inv, 9); !reflect.DeepEqual(got, Verdict{}) {
		t.Errorf("nil policy: %+v", got)
	}
	if got := mustNew(t, nil).Evaluate(dds("shop"), inv, 9); !reflect.DeepEqual(got, Verdict{}) {
		t.Errorf("empty policy: %+v", got)
	}
}
