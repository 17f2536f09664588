package policy

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"huaweicloud_tag_exporter/internal/inventory"
)

// What follows says again, slowly and in other words, what a policy means: the
// truth tests hold the package to it. It shares no logic with the package.

// naiveRule is a rule for counting slowly: allowed nil is any value.
type naiveRule struct {
	Rule
	allowed []string
}

// naivePolicy puts the documents into words of rules.
func naivePolicy(rules []Rule, documents []map[string]any) (all []naiveRule) {
	for _, r := range rules {
		all = append(all, naiveRule{r, r.Values})
	}
	for _, key := range []string{"env", "owner", "cc", "team"} {
		first := slices.IndexFunc(documents, func(d map[string]any) bool { return under(d, key) != nil })
		if first < 0 || !naiveAllows(documents, first, "@@assign") {
			continue
		}
		r := naiveRule{Rule: Rule{Key: key, Name: key}}
		if documents[first][key] == nil {
			r.Name = strings.ToUpper(key)
		}
		for i, d := range documents {
			if own := under(d, key, "tag_key"); own != nil && naiveAllows(documents, i, "@@assign", key, "tag_key") {
				r.Key = own["@@assign"].(string)
			}
		}
		if values := naiveValues(documents, len(documents)-1, key); len(values) > 0 {
			r.allowed = slices.Collect(maps.Keys(values))
		}
		all = append(all, r)
	}
	return all
}

// under follows a path in a document's tags, whose policy keys are in lower or
// upper case.
func under(tags map[string]any, path ...string) map[string]any {
	at := tags
	for _, name := range path {
		next, ok := at[name].(map[string]any)
		if !ok {
			next, ok = at[strings.ToUpper(name)].(map[string]any)
		}
		if !ok {
			return nil
		}
		at = next
	}
	return at
}

// naiveAllows asks every ancestor of document i, at each step of the path.
func naiveAllows(documents []map[string]any, i int, operator string, path ...string) bool {
	for _, d := range documents[:i] {
		for steps := range len(path) + 1 {
			allowed, given := under(d, path[:steps]...)[childControl].([]string)
			if given && !slices.Contains(allowed, operator) && !slices.Contains(allowed, "@@all") {
				return false
			}
		}
	}
	return true
}

// naiveValues is what account i may use, from its parent's values upwards.
func naiveValues(documents []map[string]any, i int, key string) map[string]bool {
	if i < 0 {
		return map[string]bool{}
	}
	values := naiveValues(documents, i-1, key)
	own := under(documents[i], key, "tag_value")
	use := func(operator string) (list []string, used bool) {
		list, given := own[operator].([]string)
		return list, given && naiveAllows(documents, i, operator, key, "tag_value")
	}
	if list, used := use("@@remove"); used {
		for _, v := range list {
			delete(values, v)
		}
	}
	if list, used := use("@@assign"); used {
		values = map[string]bool{}
		for _, v := range list {
			values[v] = true
		}
	}
	if list, used := use("@@append"); used {
		for _, v := range list {
			values[v] = true
		}
	}
	return values
}

func (r naiveRule) in(s Scope) bool {
	ok := func(list []string, name string) bool {
		return list == nil || strings.Contains("\n"+strings.Join(list, "\n")+"\n", "\n"+name+"\n")
	}
	return ok(r.Services, s.Service) && ok(r.ResourceTypes, s.Service+":"+s.ResourceType) && ok(r.Projects, s.Project) && ok(r.Accounts, s.Account)
}

// reasons that can happen, and whether these tags break the rule for them.
func (r naiveRule) reasons(tags []inventory.Tag, named bool) map[Reason]bool {
	var exact []inventory.Tag
	other := false
	for _, t := range tags {
		if t.Key == r.Key {
			exact = append(exact, t)
		} else if strings.EqualFold(t.Key, r.Key) {
			other = true
		}
	}
	if r.Forbidden {
		return map[Reason]bool{Forbidden: len(exact) > 0}
	}
	found := map[Reason]bool{KeyCase: other}
	if r.Required && named {
		found[Missing] = len(exact) == 0
	}
	if r.allowed != nil || r.Pattern != "" {
		found[Value] = len(exact) > 0 && !r.good(exact[0].Value)
	}
	return found
}

func (r naiveRule) good(value string) bool {
	if r.Pattern != "" {
		if whole := regexp.MustCompile(`\A(?s:` + r.Pattern + `)\z`); !whole.MatchString(value) {
			return false
		}
	}
	if r.allowed == nil {
		return true
	}
	var alternatives []string
	for _, v := range r.allowed {
		alternatives = append(alternatives, strings.ReplaceAll(regexp.QuoteMeta(v), `\*`, `.*`))
	}
	return regexp.MustCompile(`(?s)\A(` + strings.Join(alternatives, "|") + `)\z`).MatchString(value)
}

// naiveCounts counts by rule and reason, slowly.
func naiveCounts(rules []naiveRule, s Scope, inv inventory.Inventory) (counts map[string]int, noncompliant int) {
	counts = map[string]int{}
	units := inv.Resources
	if inv.Reach == inventory.Pairs { // each pair is a resource of its own
		for key, values := range inv.Values {
			for _, v := range values {
				units = append(units, inventory.Resource{Tags: []inventory.Tag{{Key: key, Value: v}}})
			}
		}
	}
	broken := map[int]bool{}
	for _, r := range rules {
		if !r.in(s) {
			continue
		}
		for reason := range r.reasons(nil, inv.Reach == inventory.All) {
			counts[fmt.Sprint(r.Name, "/", r.Key, "/", reason)] += 0
		}
		for i, unit := range units {
			for reason, is := range r.reasons(unit.Tags, inv.Reach == inventory.All) {
				if is {
					counts[fmt.Sprint(r.Name, "/", r.Key, "/", reason)]++
					broken[i] = true
				}
			}
		}
	}
	if inv.Reach == inventory.All {
		noncompliant = len(broken)
	}
	return counts, noncompliant
}
