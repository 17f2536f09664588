package policy

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"huaweicloud_tag_exporter/internal/inventory"
)

// rule is a checked rule, of ours or of a document.
type rule struct {
	name, key string
	folded    string // fold(key)
	position  string // begins errors about it

	required, forbidden bool

	values  *valueSet      // nil: any
	pattern *regexp.Regexp // nil: any

	types    []string // nil: every type, else like "dds:instance", or "dds:*" for all of DDS
	projects []string // nil: every project
	accounts []string // nil: every account, and what is of none
}

// appliesTo reports whether the rule judges resources of the scope.
func (r *rule) appliesTo(s Scope) bool {
	return (r.types == nil || slices.Contains(r.types, s.Service+":*") || slices.Contains(r.types, s.Service+":"+s.ResourceType)) &&
		(r.projects == nil || slices.Contains(r.projects, s.Project)) &&
		(r.accounts == nil || slices.Contains(r.accounts, s.Account))
}

// checksValues reports whether the rule can be broken by a value.
func (r *rule) checksValues() bool { return r.values != nil || r.pattern != nil }

// accepts reports whether the key may have the value.
func (r *rule) accepts(value string) bool {
	return (r.values == nil || r.values.contains(value)) &&
		(r.pattern == nil || r.pattern.MatchString(value))
}

// services are the first halves of the types, each once.
func (k Known) services() []string {
	var names []string
	for _, t := range k.Types {
		if name, _, _ := strings.Cut(t, ":"); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// compile checks a rule of ours. Each problem begins with the rule's position.
func compile(from Rule, known Known) (r *rule, problems []error) {
	report := func(where string, err error) {
		if err != nil {
			problems = append(problems, fmt.Errorf("%s%s: %w", from.Position, where, err))
		}
	}
	r = &rule{
		name: from.Name, key: from.Key, folded: fold(from.Key), position: from.Position,
		required: from.Required, forbidden: from.Forbidden,
	}
	if r.name == "" {
		r.name = r.key
	}
	report(".key", CheckKey(from.Key))
	report("", checkKind(from))
	if from.Values != nil {
		r.values = newValueSet(from.Values)
		report(".values", checkNotEmpty(from.Values))
		for i, v := range from.Values {
			report(fmt.Sprintf(".values[%d]", i), checkRuleValue(v))
		}
	}
	if from.Pattern != "" {
		var err error
		r.pattern, err = inventory.CompileWhole(from.Pattern)
		report(".pattern", err)
	}
	if len(problems) == 0 && !valuesMeet(r, r) {
		report(".values", fmt.Errorf("none of them matches the pattern %q", from.Pattern))
	}
	problems = append(problems, narrow(r, from, known)...)
	return r, problems
}

// checkKind checks that a rule asks for something, and not for opposites.
func checkKind(r Rule) error {
	asks := r.Required || r.Values != nil || r.Pattern != ""
	if r.Forbidden && asks {
		return errors.New("forbidden stands alone: no required, values or pattern beside it")
	}
	if !r.Forbidden && !asks {
		return errors.New("nothing to check: give required, forbidden, values or pattern")
	}
	return nil
}

func checkNotEmpty(list []string) error {
	if len(list) == 0 {
		return errors.New("the list is empty; leave it out to allow any")
	}
	return nil
}

// The forms that names have in series, where not all of them are known.
var (
	anyService = regexp.MustCompile(`^[a-z0-9._-]+$`)
	anyType    = regexp.MustCompile(`^[a-z0-9._-]+:[a-z0-9._-]+$`)
)

// narrow sets where the rule applies, and returns what is wrong with that.
func narrow(r *rule, from Rule, known Known) (problems []error) {
	check := func(field, what string, names, among []string, form *regexp.Regexp) {
		if names == nil {
			return
		}
		if err := checkNotEmpty(names); err != nil {
			problems = append(problems, fmt.Errorf("%s.%s: %w", from.Position, field, err))
		}
		others := ""
		if form != nil {
			others = ", and others in lower case"
		}
		for i, name := range names {
			if !slices.Contains(among, name) && (form == nil || !form.MatchString(name)) {
				problems = append(problems, fmt.Errorf("%s.%s[%d]: unknown %s %q; known: %s%s",
					from.Position, field, i, what, name, strings.Join(among, ", "), others))
			}
		}
	}
	projects := known.Projects
	if known.AnyProject {
		projects = from.Projects
	}
	var service, ofService *regexp.Regexp // nil: only those that are known
	if known.AnyType {
		service, ofService = anyService, anyType
	}
	check("services", "service", from.Services, known.services(), service)
	check("resource_types", "resource type", from.ResourceTypes, known.Types, ofService)
	check("projects", "project", from.Projects, projects, nil)
	check("accounts", "account", from.Accounts, known.Accounts, nil)
	r.projects, r.accounts = slices.Clone(from.Projects), slices.Clone(from.Accounts)
	if from.Services == nil && from.ResourceTypes == nil {
		return problems
	}
	r.types = known.chosen(from)
	if len(r.types) == 0 && len(problems) == 0 {
		problems = append(problems, fmt.Errorf("%s.resource_types: none of them belongs to the rule's services (%s)",
			from.Position, strings.Join(from.Services, ", ")))
	}
	return problems
}

// chosen returns the types that a rule names, itself or by their services.
func (k Known) chosen(by Rule) []string {
	types := []string{}
	among := k.Types
	if k.AnyType {
		among = slices.Concat(among, by.ResourceTypes)
	}
	for _, name := range among {
		service, _, _ := strings.Cut(name, ":")
		if (by.Services == nil || slices.Contains(by.Services, service)) &&
			(by.ResourceTypes == nil || slices.Contains(by.ResourceTypes, name)) && !slices.Contains(types, name) {
			types = append(types, name)
		}
	}
	if k.AnyType && by.ResourceTypes == nil {
		for _, service := range by.Services {
			types = append(types, service+":*")
		}
	}
	return types
}

// CheckKey checks that a tag can have the key.
func CheckKey(key string) error {
	switch {
	case key == "":
		return errors.New("missing")
	case utf8.RuneCountInString(key) > inventory.MaxKeyLength:
		return fmt.Errorf("%q is longer than the %d characters that a tag key may have", key, inventory.MaxKeyLength)
	case strings.HasPrefix(key, "_sys_"):
		return fmt.Errorf("%q: keys that begin with _sys_ are system tags, which are never judged", key)
	case strings.TrimSpace(key) != key:
		return fmt.Errorf("%q begins or ends with a space, which no tag key does", key)
	}
	if c, bad := badCharacter(key); bad {
		return fmt.Errorf("%q has %q, which no tag key may have", key, c)
	}
	return nil
}

// checkRuleValue checks a value of a rule of ours.
func checkRuleValue(value string) error {
	bare := strings.TrimSuffix(value, "*")
	if strings.Contains(bare, "*") {
		return fmt.Errorf("%q: only one * is allowed, at the end", value)
	}
	return checkValue(bare, value)
}

// checkValue checks that a tag can have the value. Shown is how the value is
// written, with its wildcard.
func checkValue(value, shown string) error {
	if utf8.RuneCountInString(value) > inventory.MaxValueLength {
		return fmt.Errorf("%q is longer than the %d characters that a tag value may have", shown, inventory.MaxValueLength)
	}
	if c, bad := badCharacter(value); bad {
		return fmt.Errorf("%q has %q, which no tag value may have", shown, c)
	}
	return nil
}

// badCharacter returns the first character that no edition of the tag rules
// allows. Newer editions list what is allowed (letters, digits, spaces and
// _ . : / = + - @, Fabric also tabs, backslashes and parentheses), older ones
// what is not (control characters and = * < > \ , | /): what follows is outside
// of both.
func badCharacter(s string) (c rune, bad bool) {
	for _, c := range s {
		if strings.ContainsRune("*<>,|", c) || c == utf8.RuneError || (unicode.IsControl(c) && c != '\t') {
			return c, true
		}
	}
	return 0, false
}

// fold maps keys that are equal under strings.EqualFold to the same string,
// which strings.ToLower does not: the Kelvin sign equals k, and ſ equals s.
func fold(key string) string {
	return strings.Map(func(c rune) rune {
		least := c
		for next := unicode.SimpleFold(c); next != c; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, key)
}
