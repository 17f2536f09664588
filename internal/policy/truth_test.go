package policy

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/inventory"
)

// world makes random fleets and policies from few words, so that they often
// meet.
type world struct{ *rand.Rand }

func newWorld(seed uint64) world { return world{rand.New(rand.NewPCG(seed, 7))} }

func pick[T any](w world, from ...T) T { return from[w.IntN(len(from))] }

// some returns up to n different words.
func some(w world, n int, from ...string) []string {
	words := slices.Clone(from)
	w.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	return words[:w.IntN(n+1)]
}

func (w world) key() string {
	return pick(w, "env", "env", "Env", "ENV", "owner", "owner", "Owner", "temp", "Temp", "cc", "CC", "ſys", "sys", "SYS")
}

func (w world) value() string {
	return pick(w, "", "1", "12", "121", "123", "21", "a1", "1a", "prod", "2")
}

func (w world) fleet(n int) inventory.Inventory {
	inv := inventory.Inventory{Reach: inventory.All, Unreadable: w.IntN(5)}
	for i := range n {
		r := inventory.Resource{ID: fmt.Sprintf("id-%03d", (i*37)%n), Name: "n"}
		for range w.IntN(8) {
			r.Tags = append(r.Tags, inventory.Tag{Key: w.key(), Value: w.value()})
		}
		r.Tags = inventory.NewFilter(nil).Clean(r.Tags)
		inv.Resources = append(inv.Resources, r)
	}
	return inv
}

func (w world) rule(i int) Rule {
	r := Rule{Name: fmt.Sprint("rule ", i), Key: w.key()}
	if kind := w.IntN(8); kind == 0 {
		r.Forbidden = true
	} else {
		r.Required = kind&1 != 0
		if kind&2 != 0 {
			r.Values = append(some(w, 3, "", "1", "12", "prod", "1*", "a*"), "123")
		}
		if kind&4 != 0 {
			r.Pattern = pick(w, "[0-9]+", "1.*", ".*3", "prod|123|", "")
		}
		if !r.Required && r.Values == nil && r.Pattern == "" {
			r.Required = true
		}
	}
	switch w.IntN(6) {
	case 0:
		r.Services = []string{pick(w, "dds", "fabric", "modelarts")}
	case 1:
		r.ResourceTypes = []string{"dds:instance", pick(w, "fabric:workspace", "modelarts:pool")}
	}
	if w.IntN(3) == 0 {
		r.Projects = []string{pick(w, "shop", "lab")}
	}
	if w.IntN(4) == 0 {
		r.Accounts = []string{pick(w, "shop-account", "lab-account")}
	}
	return r
}

// document returns the tags of a tag policy.
func (w world) document() map[string]any {
	control := func(of map[string]any) map[string]any {
		if w.IntN(6) == 0 {
			allowed := some(w, 3, "@@assign", "@@append", "@@remove")
			if w.IntN(4) == 0 {
				allowed = []string{"@@all"}
			} else if len(allowed) == 0 {
				allowed = []string{"@@none"}
			}
			of[childControl] = allowed
		}
		return of
	}
	tags := control(map[string]any{})
	for _, name := range some(w, 3, "env", "owner", "cc", "team") {
		statement := control(map[string]any{})
		if w.IntN(2) == 0 {
			statement["tag_key"] = control(map[string]any{"@@assign": pick(w, name, strings.ToUpper(name), strings.ToUpper(name[:1])+name[1:])})
		}
		values := control(map[string]any{})
		for _, operator := range some(w, 3, "@@assign", "@@append", "@@remove") {
			values[operator] = some(w, 4, "1", "12", "1*", "*1", "1*3", "12*21", "prod", "", "*")
		}
		statement["tag_value"] = values
		tags[pick(w, name, strings.ToUpper(name))] = statement
	}
	return tags
}

// policy returns rules and documents that New accepts, and the policy that it makes of
// them. Rules that contradict earlier ones are left out.
func (w world) policy(t *testing.T) (rules []Rule, documents []map[string]any, p *Policy) {
	var written []Document
	for i := range w.IntN(5) {
		tags := w.document()
		content, err := json.Marshal(map[string]any{"tags": tags})
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, tags)
		written = append(written, Document{fmt.Sprint(i), content})
	}
	p, err := New(nil, written, known)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 8 {
		more := append(slices.Clone(rules), w.rule(i))
		if q, err := New(more, written, known); err == nil {
			rules, p = more, q
		}
	}
	return rules, documents, p
}

func allScopes() (scopes []Scope) {
	for _, project := range []string{"shop", "lab", "other"} {
		for _, of := range [][2]string{{"dds", "instance"}, {"fabric", "workspace"}, {"modelarts", "pool"}} {
			scopes = append(scopes, Scope{Project: project, Service: of[0], ResourceType: of[1], Account: project + "-account"})
		}
	}
	return scopes
}

// TestTruth holds verdicts over generated fleets to a slow, independent count.
func TestTruth(t *testing.T) {
	met := map[Reason]int{} // so that the test is about something
	rulesMet, documentsMet := 0, 0
	for seed := range uint64(60) {
		w := newWorld(seed)
		rules, documents, p := w.policy(t)
		naive := naivePolicy(rules, documents)
		rulesMet += len(rules)
		documentsMet += len(naive) - len(rules)
		for _, scope := range allScopes() {
			inv := w.fleet(30)
			if scope.Service == "modelarts" {
				inv = unnamed(inv)
			}
			limit := w.IntN(60)
			verdict := p.Evaluate(scope, inv, limit)
			counts, sum := map[string]int{}, 0
			for _, c := range verdict.Counts {
				counts[fmt.Sprint(c.Rule, "/", c.Key, "/", c.Reason)] += c.Resources
				met[c.Reason] += c.Resources
				sum += c.Resources
			}
			want, noncompliant := naiveCounts(naive, scope, inv)
			if !reflect.DeepEqual(counts, want) || len(counts) != len(verdict.Counts) || verdict.Noncompliant != noncompliant {
				t.Fatalf("seed %d, %v: got %v, %d noncompliant; want %v, %d\nrules %+v\ndocuments %v",
					seed, scope, counts, verdict.Noncompliant, want, noncompliant, rules, documents)
			}
			if inv.Reach == inventory.All && (len(verdict.Violations) != min(limit, sum) || verdict.Dropped != sum-len(verdict.Violations)) {
				t.Fatalf("seed %d, %v: %d violations and %d dropped of %d, limit %d",
					seed, scope, len(verdict.Violations), verdict.Dropped, sum, limit)
			}
			if inv.Reach == inventory.Pairs && (verdict.Violations != nil || verdict.Dropped != 0) {
				t.Fatalf("seed %d, %v: violations without resources: %+v", seed, scope, verdict)
			}
			checkNamed(t, naive, scope, inv, p.Evaluate(scope, inv, sum))
		}
	}
	if len(met) != 4 || rulesMet < 200 || documentsMet < 80 {
		t.Errorf("too little was tested: %v, %d rules, %d policy keys", met, rulesMet, documentsMet)
	}
}

// checkNamed holds every violation to the resource that it names.
func checkNamed(t *testing.T, naive []naiveRule, s Scope, inv inventory.Inventory, verdict Verdict) {
	t.Helper()
	for _, v := range verdict.Violations {
		i := slices.IndexFunc(inv.Resources, func(r inventory.Resource) bool { return r.ID == v.ResourceID })
		n := slices.IndexFunc(naive, func(r naiveRule) bool { return r.Name == v.Rule })
		tags := inv.Resources[i].Tags
		if !naive[n].in(s) || !naive[n].reasons(tags, true)[v.Reason] {
			t.Errorf("%+v is not true of %v", v, tags)
		}
		ok := v.Value == ""
		for _, tag := range tags {
			switch v.Reason {
			case KeyCase:
				ok = ok || tag.Key == v.Value && strings.EqualFold(tag.Key, v.Key) && tag.Key != v.Key
			default:
				ok = ok || tag == inventory.Tag{Key: v.Key, Value: v.Value}
			}
		}
		if !ok {
			t.Errorf("%+v: no such tag in %v", v, tags)
		}
	}
}

// unnamed is what an API that names no resources says of a fleet.
func unnamed(inv inventory.Inventory) inventory.Inventory {
	values := map[string][]string{}
	for _, r := range inv.Resources {
		for _, t := range r.Tags {
			if !slices.Contains(values[t.Key], t.Value) {
				values[t.Key] = append(values[t.Key], t.Value)
			}
		}
	}
	return inventory.Inventory{Values: values}
}

// TestCompliantTag: a tag that breaks nothing by itself never adds a violation
// to a resource that lacks its key.
func TestCompliantTag(t *testing.T) {
	added, fewer := 0, 0
	for seed := range uint64(60) {
		w := newWorld(1000 + seed)
		_, _, p := w.policy(t)
		for _, scope := range allScopes() {
			tag := inventory.Tag{Key: w.key(), Value: w.value()}
			alone := p.Evaluate(scope, unnamed(named(resource("1", tag.Key, tag.Value))), 0)
			if slices.ContainsFunc(alone.Counts, func(c Count) bool { return c.Resources > 0 }) {
				continue
			}
			for _, r := range w.fleet(20).Resources {
				if slices.ContainsFunc(r.Tags, func(t inventory.Tag) bool { return t.Key == tag.Key }) {
					continue
				}
				before := p.Evaluate(scope, named(r), 100).Violations
				r.Tags = append(slices.Clone(r.Tags), tag)
				after := p.Evaluate(scope, named(r), 100).Violations
				for _, v := range after {
					if !slices.Contains(before, v) {
						t.Fatalf("seed %d: %+v added %+v to %v", seed, tag, v, before)
					}
				}
				added++
				fewer += len(before) - len(after)
			}
		}
	}
	if added < 1000 || fewer == 0 {
		t.Errorf("too little was tested: %d tags added, %d violations fewer", added, fewer)
	}
}

// TestOrder: neither the order of resources nor that of tags changes a verdict.
func TestOrder(t *testing.T) {
	for seed := range uint64(50) {
		w := newWorld(2000 + seed)
		_, _, p := w.policy(t)
		inv := w.fleet(40)
		want := p.Evaluate(dds("shop"), inv, 15)
		w.Shuffle(len(inv.Resources), func(i, j int) {
			inv.Resources[i], inv.Resources[j] = inv.Resources[j], inv.Resources[i]
		})
		for _, r := range inv.Resources {
			w.Shuffle(len(r.Tags), func(i, j int) { r.Tags[i], r.Tags[j] = r.Tags[j], r.Tags[i] })
		}
		if got := p.Evaluate(dds("shop"), inv, 15); !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: got %+v, want %+v", seed, got, want)
		}
	}
}
