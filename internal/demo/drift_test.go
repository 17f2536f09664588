package demo

import (
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/policy"
	"huaweicloud_tag_exporter/internal/simulator"
)

// eachStep calls f for each step of a day, and the first of the next.
func eachStep(f func(step int64, fleet []simulator.Project)) {
	first := stepOf(testTime)
	for step := first; step <= first+day; step++ {
		f(step, fleetAt(step))
	}
}

func TestEveryStepOfADayIsAFleetThatCanBe(t *testing.T) {
	cloud := simulator.New(simulator.Options{})
	eachStep(func(step int64, fleet []simulator.Project) {
		instances, workspaces, keys := 0, 0, make(map[string]bool)
		for _, p := range fleet {
			if step%7 == 0 { // in time that is every step of every cycle
				cloud.SetProject(p) // panics at wrong and repeated IDs
			}
			instances += len(p.Instances)
			workspaces += len(p.Workspaces)
			if len(p.Instances) > 100 || len(p.Workspaces) > 100 || len(p.PoolTags) > 200 {
				t.Errorf("step %d: %s does not fit in one page of each list", step, p.Name)
			}
			for in := range all(p) {
				checkTags(t, in.Name, in.Tags)
			}
			for _, k := range p.PoolTags {
				keys[k.Key] = true
				if len(slices.Compact(slices.Sorted(slices.Values(k.Values)))) != len(k.Values) {
					t.Errorf("step %d: pool key %s of %s has a value twice", step, k.Key, p.Name)
				}
			}
		}
		if instances < 40 || instances > 60 || workspaces < 60 || workspaces > 80 || len(keys) < 15 || len(keys) > 25 {
			t.Errorf("step %d: %d instances, %d workspaces, %d pool keys", step, instances, workspaces, len(keys))
		}
	})
}

// byKind are all resources of a project.
func byKind(p simulator.Project) map[string][]simulator.Instance {
	kinds := maps.Clone(p.Resources)
	kinds["dds:instance"], kinds["fabric:workspace"] = p.Instances, p.Workspaces
	return kinds
}

func all(p simulator.Project) iter.Seq[simulator.Instance] {
	return func(yield func(simulator.Instance) bool) {
		for _, kind := range byKind(p) {
			for _, in := range kind {
				if !yield(in) {
					return
				}
			}
		}
	}
}

func checkTags(t *testing.T, name string, tags []simulator.Tag) {
	t.Helper()
	keys := make(map[string]bool)
	for _, tag := range tags {
		if tag.Key == "" || utf8.RuneCountInString(tag.Key) > 36 || keys[tag.Key] {
			t.Errorf("%s has the key %q, which is empty, long or there twice", name, tag.Key)
		}
		keys[tag.Key] = true
		if tag.Value != nil && utf8.RuneCountInString(*tag.Value) > 43 {
			t.Errorf("%s has the long value %q", name, *tag.Value)
		}
	}
	if len(tags) > 10 {
		t.Errorf("%s has %d tags", name, len(tags))
	}
}

func TestTheTablesNameWhatExists(t *testing.T) {
	names := make(map[string]bool)
	add := func(project, name string) {
		if names[project+"/"+name] {
			t.Errorf("%s has two resources %s", project, name)
		}
		names[project+"/"+name] = true
	}
	for _, p := range projects() {
		for _, g := range p.groups {
			for _, name := range g.names() {
				add(p.name, name)
			}
		}
	}
	for order, k := range kinds() {
		for i := range k.n {
			r, _ := k.resource(i, order, nil)
			add(minghuiName, r.Name)
		}
	}
	for _, c := range changes() {
		w := c.when
		if !names[c.project+"/"+c.resource] {
			t.Errorf("a change is about %s of %s, which is not there", c.resource, c.project)
		}
		if day%w.cycle != 0 || w.from == w.to || min(w.from, w.to) < 0 || max(w.from, w.to) > w.cycle {
			t.Errorf("window %v of %s is not in a part of a day", w, c.resource)
		}
	}
}

// violations counts resources by what they break, and those that break anything.
func violations(fleet []simulator.Project) (byReason map[string]int, noncompliant, resources int) {
	byReason = make(map[string]int)
	for _, p := range fleet {
		for kind, of := range byKind(p) {
			service, _, _ := strings.Cut(kind, ":")
			for _, in := range of {
				broken := brokenBy(service, in.Tags)
				for _, reason := range broken {
					byReason[reason]++
				}
				resources++
				if len(broken) > 0 {
					noncompliant++
				}
			}
		}
	}
	return byReason, noncompliant, resources
}

// brokenBy returns what is wrong with a resource's tags. It does not know the policy, but
// what the policy means.
func brokenBy(service string, tags []simulator.Tag) (broken []string) {
	values := make(map[string]string)
	for _, tag := range tags {
		values[tag.Key] = ""
		if tag.Value != nil {
			values[tag.Key] = *tag.Value
		}
	}
	for _, rule := range meant {
		if rule.services != "" && !slices.Contains(strings.Fields(rule.services), service) {
			continue
		}
		value, has := values[rule.key]
		if !has && rule.required {
			broken = append(broken, rule.key+" missing")
		}
		if has && !rule.form.MatchString(value) {
			broken = append(broken, rule.key+" value")
		}
		for other := range values {
			if other != rule.key && strings.EqualFold(other, rule.key) {
				broken = append(broken, rule.key+" key_case")
			}
		}
	}
	if _, temp := values["temp"]; temp && slices.Contains(strings.Fields(costly), service) {
		broken = append(broken, "temp forbidden")
	}
	return broken
}

// costly are the services that most rules are about.
const costly = "dds fabric ecs evs rds"

// meant are the rules of the demo, but for the one that forbids temp.
var meant = []struct {
	key, services string // "": all
	required      bool
	form          *regexp.Regexp // of values
}{
	{"owner", "", true, regexp.MustCompile("")},
	{"env", costly, true, regexp.MustCompile("^(prod|staging|dev)$")},
	{"cost-center", costly, false, regexp.MustCompile(`^CC-\d{4}$`)},
	{"BusinessUnit", "", false, regexp.MustCompile("^(Retail|Payments|Data-.*)$")},
	{"DataClass", "dds fabric evs rds sfsturbo", false, regexp.MustCompile("^(Public|Internal|Confidential-.*)$")},
}

func TestViolationsOfEachKindRiseAndFall(t *testing.T) {
	kinds := []string{
		"owner missing", "owner key_case", "env missing", "env value", "env key_case",
		"cost-center value", "cost-center key_case", "temp forbidden",
		"BusinessUnit value", "BusinessUnit key_case", "DataClass value", "DataClass key_case",
	}
	least, most := 1.0, 0.0
	seen := make(map[string]map[int]bool)
	still, last := 0, fleetAt(stepOf(testTime)-1)
	eachStep(func(step int64, fleet []simulator.Project) {
		byReason, bad, of := violations(fleet)
		for _, kind := range kinds {
			if byReason[kind] == 0 {
				t.Errorf("step %d: nothing breaks %s", step, kind)
			}
			if seen[kind] == nil {
				seen[kind] = make(map[int]bool)
			}
			seen[kind][byReason[kind]] = true
		}
		compliance := 1 - float64(bad)/float64(of)
		least, most = min(least, compliance), max(most, compliance)
		if equal(fleet, last) {
			still++
		}
		last = fleet
	})
	for _, kind := range kinds {
		if len(seen[kind]) < 2 {
			t.Errorf("%s is always the same", kind)
		}
	}
	t.Logf("compliance from %.3f to %.3f, %d of %d steps without a change", least, most, still, day)
	if least < 0.79 || most > 0.92 || most-least < 0.05 {
		t.Errorf("compliance from %.3f to %.3f: neither chaos nor peace is wanted", least, most)
	}
	if still > day/10 {
		t.Errorf("nothing changes in %d of %d steps", still, day)
	}
}

// equal compares what the tables of changes can change.
func equal(a, b []simulator.Project) bool {
	return slices.EqualFunc(a, b, func(a, b simulator.Project) bool {
		return maps.EqualFunc(byKind(a), byKind(b), func(a, b []simulator.Instance) bool {
			return slices.EqualFunc(a, b, func(a, b simulator.Instance) bool { return a.ID == b.ID && equalTags(a.Tags, b.Tags) })
		}) && slices.EqualFunc(a.PoolTags, b.PoolTags, func(a, b simulator.PoolTag) bool {
			return a.Key == b.Key && slices.Equal(a.Values, b.Values)
		})
	})
}

func equalTags(a, b []simulator.Tag) bool {
	return slices.EqualFunc(a, b, func(a, b simulator.Tag) bool {
		return a.Key == b.Key && (a.Value == nil) == (b.Value == nil) && (a.Value == nil || *a.Value == *b.Value)
	})
}

func TestTheDayBeginsAnew(t *testing.T) {
	step := stepOf(testTime)
	if !equal(fleetAt(step), fleetAt(step+day)) {
		t.Error("the fleet is not the same a day later")
	}
}

// The policy of the configuration means what violations counts.
func TestThePolicyCountsTheSame(t *testing.T) {
	d, turn := startAt(t, testTime)
	judge := parse(t, d).Policy
	for at := testTime; at.Before(testTime.Add(time.Hour)); at = at.Add(stepLength) {
		turn(at)
		fleet := fleetAt(stepOf(at))
		_, want, _ := violations(fleet)
		got := 0
		for _, p := range fleet {
			for kind, of := range byKind(p) {
				scope := policy.Scope{Project: strings.TrimPrefix(p.Name, p.Region+"_")}
				scope.Service, scope.ResourceType, _ = strings.Cut(kind, ":")
				var inv inventory.Inventory
				inv.Reach = inventory.All
				for _, in := range of {
					inv.Resources = append(inv.Resources, resource(in.ID, in.Tags))
				}
				got += judge.Evaluate(scope, inv, 1000).Noncompliant
			}
		}
		if got != want {
			t.Errorf("%s: the policy finds %d noncompliant resources, counted are %d", at, got, want)
		}
	}
}

func resource(id string, tags []simulator.Tag) inventory.Resource {
	r := inventory.Resource{ID: id}
	for _, tag := range tags {
		value := ""
		if tag.Value != nil {
			value = *tag.Value
		}
		r.Tags = append(r.Tags, inventory.Tag{Key: tag.Key, Value: value})
	}
	return r
}
