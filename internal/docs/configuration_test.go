package docs

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/config"
)

const configurationPage = "docs/configuration.md"

// probe is a key that no section knows, and that is like none it knows. The
// loader answers it with the keys that it does know. So the reference is held to
// the loader itself, not to another list of keys.
const probe = "zzzzzzzzzzzzzzzz"

// problems returns what the loader says about a value at a path, such as
// "projects[].region"; <name> stands for a key of the user's choice.
func problems(path, value string) []string {
	content := value
	parts := strings.Split(path, ".")
	slices.Reverse(parts)
	for _, part := range parts {
		key, list := strings.CutSuffix(part, "[]")
		if list {
			content = "[" + content + "]"
		}
		if key != "" {
			content = "{" + strings.Trim(key, "<>") + ": " + content + "}"
		}
	}
	at := strings.NewReplacer("<", "", ">", "", "[]", "[0]").Replace(path)
	_, err := config.Parse("c.yml", []byte(content))
	var all config.Errors
	errors.As(err, &all)
	var found []string
	for _, e := range all {
		if message, ok := strings.CutPrefix(e.Error(), "c.yml:1: "+at); ok {
			found = append(found, strings.TrimLeft(message, ".: "))
		}
	}
	return found
}

var unknownKey = regexp.MustCompile(`^` + probe + `: unknown key \(known: (.*)\)$`)

// knownKeys returns the keys of the section at a path, nil if it is no section.
func knownKeys(path string) []string {
	for _, p := range problems(path, "{"+probe+": 1}") {
		if m := unknownKey.FindStringSubmatch(p); m != nil {
			return strings.Split(m[1], ", ")
		}
	}
	return nil
}

// walk finds every key below a path, with its type.
func walk(path string, into map[string]string) {
	for _, key := range knownKeys(path) {
		below := strings.TrimPrefix(path+"."+key, ".")
		switch {
		case knownKeys(below) != nil:
			into[below] = "mapping"
			walk(below, into)
		case knownKeys(below+"[]") != nil:
			into[below] = "list of mappings"
			walk(below+"[]", into)
		case knownKeys(below+".<name>") != nil:
			into[below] = "mapping by name"
			walk(below+".<name>", into)
		default:
			into[below] = typeOf(below)
		}
	}
}

// typeOf tells the type of a key by what the loader says to a mapping, and to a
// text that is no duration.
func typeOf(path string) string {
	said := strings.Join(problems(path, "{}"), "; ")
	for _, is := range []struct{ message, kind string }{
		{"must be a list", "list of texts"},
		{"must be a whole number", "whole number"},
		{"must be a number", "number"},
		{"must be true or false", "true or false"},
	} {
		if strings.Contains(said, is.message) {
			return is.kind
		}
	}
	if strings.Contains(strings.Join(problems(path, "soon"), "; "), "not a duration") {
		return "duration"
	}
	if strings.Contains(said, "must be text") {
		return "text"
	}
	return "unknown: " + said
}

// shared are keys that mean the same in several places and are documented once,
// as those of defaults.
var shared = regexp.MustCompile(`^(projects\[\]\.(services\.[\w-]+\.)?|accounts\[\]\.)(max_concurrency|requests_per_second|request_timeout|max_retries)$`)

// row is a row of the reference.
type row struct{ kind, def string }

var sectionHeading = regexp.MustCompile("^`(.*)`$")

// reference returns the rows of the reference by key. The heading of a section
// is the path that its keys have in front.
func reference(t *testing.T) map[string]row {
	t.Helper()
	rows := make(map[string]row)
	for _, section := range strings.Split(pageOf(t, configurationPage).source, "\n## ")[1:] {
		heading, text, _ := strings.Cut(section, "\n")
		prefix := ""
		if m := sectionHeading.FindStringSubmatch(heading); m != nil {
			prefix = m[1] + "."
		} else if heading != "The file" {
			continue
		}
		for _, cells := range firstTable(text) {
			for _, key := range strings.Split(cells[0], ", ") {
				if _, twice := rows[prefix+key]; twice {
					t.Errorf("%s%s is there twice", prefix, key)
				}
				rows[prefix+key] = row{cells[1], cells[2]}
			}
		}
	}
	return rows
}

// ofService is a key that each service has.
var ofService = regexp.MustCompile(`^(?:projects\[\]|accounts\[\]\.discover)\.(?:services|endpoints)\.([^.]+)(?:\.resource_types)?$`)

// TestConfigurationKeys holds keys and types of the reference to the loader.
func TestConfigurationKeys(t *testing.T) {
	keys := make(map[string]string)
	walk("", keys)
	if len(keys) < 40 {
		t.Fatalf("the loader tells %d keys: %v", len(keys), keys)
	}
	var documented, real []string
	for key, kind := range keys {
		m := ofService.FindStringSubmatch(key)
		if !shared.MatchString(key) && (m == nil || !isListed(m[1])) {
			real = append(real, key+": "+kind)
		}
	}
	for key, r := range reference(t) {
		documented = append(documented, key+": "+r.kind)
	}
	wantSame(t, configurationPage, documented, real)
}

// TestConfigurationDefaults writes each documented default into a configuration,
// which must change nothing.
func TestConfigurationDefaults(t *testing.T) {
	// Where a key of a section goes.
	const template = `
credentials: {default: {token: t}}
defaults: {@defaults.@}
projects: [{@projects[].@ project_id: p1, region: cn-north-4, services: {modelarts: {@projects[].services.modelarts.@}, dds: {@projects[].services.dds.@}}}]
accounts: [{@accounts[].@ name: a, config: {@accounts[].config.@}, discover: {@accounts[].discover.@}}]
policy: {effective: [{@policy.effective[].@ account: a}], @policy.@ rules: [{@policy.rules[].@ key: env, values: [prod]}]}
tags: {@tags.@}
`
	show := func(section, entry string) string {
		content := strings.ReplaceAll(template, "@"+section+"@", entry)
		content = regexp.MustCompile(`@\S+@`).ReplaceAllString(content, "")
		c, err := config.Parse("c.yml", []byte(content))
		if err != nil {
			t.Fatalf("%v\n%s", err, content)
		}
		return string(c.YAML())
	}
	tried := 0
	for path, r := range reference(t) {
		if r.def == "" || r.def == "required" || strings.HasPrefix(r.def, "(") {
			continue // none, or told in words
		}
		cut := strings.LastIndex(path, ".") + 1
		if !strings.Contains(template, "@"+path[:cut]+"@") {
			t.Errorf("%s: no place to write its default", path)
			continue
		}
		if got, want := show(path[:cut], path[cut:]+": "+r.def+","), show(path[:cut], ""); got != want {
			t.Errorf("%s: %s is not the default:\n%s\nwithout it:\n%s", path, r.def, got, want)
		}
		tried++
	}
	if tried < 10 {
		t.Errorf("only %d defaults were tried", tried)
	}
}
