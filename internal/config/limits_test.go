package config

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/strictyaml"
)

// TestSizes: 4 MiB is a whole file, and one byte more is none.
func TestSizes(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string, size int) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content+strings.Repeat("#", size-len(content))), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ca, err := os.ReadFile("testdata/ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	write("ca.pem", string(ca), huaweicloud.MaxFileSize)
	largeCA := write("large.pem", string(ca), huaweicloud.MaxFileSize+1)
	const content = "credentials: {default: {token: t}}\nprojects: [{region: cn-north-4, project_id: p1}]\n"
	if _, err := Parse(filepath.Join(dir, "c.yml"), []byte(content+"ca_file: ca.pem\n")); err != nil {
		t.Error(err)
	}
	large := write("large.yml", content, huaweicloud.MaxFileSize+1)
	if _, err := Load(large); err == nil || err.Error() != large+":1: larger than 4 MiB" {
		t.Errorf("got %v", err)
	}
	_, err = Parse(filepath.Join(dir, "c.yml"), []byte(content+"ca_file: large.pem\n"))
	if want := dir + "/c.yml:3: ca_file: " + largeCA + " is larger than 4 MiB"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestVariableNames(t *testing.T) {
	for _, name := range []string{"a", "z", "A", "Z", "_", "a0", "Z9", "_z", "HW_SECRET_2"} {
		if !isVariable(name) {
			t.Errorf("%s is none", name)
		}
	}
	for _, name := range []string{"", "0", "9a", "a-b", "a.b", "a b", "a`", "a{", "a@", "a[", "a/", "a:", "é"} {
		if isVariable(name) {
			t.Errorf("%s is one", name)
		}
	}
}

// TestOrder: what is wrong with a document stands where the policy does, whatever
// the document is called.
func TestOrder(t *testing.T) {
	content := "credentials: {default: {token: t}}\nprojects: [{region: cn-north-4, project_id: p1, colour: red}]\npolicy:\n  documents: ['1']\ntags: {colour: red}\n"
	_, err := ParseWith("c.yml", []byte(content), func(string) ([]byte, error) { return []byte("{}"), nil })
	var places []string
	for line := range strings.Lines(err.Error()) {
		places = append(places, strings.Join(strings.SplitN(line, ":", 3)[:2], ":"))
	}
	if got := strings.Join(places, " "); got != "c.yml:2 1:1 c.yml:5" {
		t.Errorf("got %s", got)
	}
}

// TestBoundaries: the last value that is allowed is, and the next is not.
func TestBoundaries(t *testing.T) {
	project := func(more string) string {
		return "credentials: {default: {token: t}}\nprojects: [{region: cn-north-4, project_id: p1, " + more + "}]\n"
	}
	selector := func(key, value string) string {
		return project("services: {fabric: {selectors: [{key: " + key + ", values: [" + value + "]}]}}")
	}
	endpoint := func(address string) string { return project("endpoints: {dds: '" + address + "'}") }
	named := func(name string) string {
		return "credentials: {" + name + ": {token: t}}\nprojects: [{region: cn-north-4, project_id: p1, credentials: " + name + "}]\n"
	}
	host := strings.Repeat("a", 63) + "."
	for _, test := range []struct{ name, good, bad, problem string }{
		{"concurrency", project("max_concurrency: 1000"), project("max_concurrency: 1001"), "must be at most 1000: 1001"},
		{"concurrency, least", project("max_concurrency: 1"), project("max_concurrency: 0"), "must be at least 1: 0"},
		{"retries", project("max_retries: 10"), project("max_retries: 11"), "must be at most 10: 11"},
		{"retries, least", project("max_retries: 0"), project("max_retries: -1"), "must be at least 0: -1"},
		{"rate", project("requests_per_second: 0"), project("requests_per_second: -0.1"), `must be at least 0: "-0.1"`},
		{"timeout", project("request_timeout: 1ns"), project("request_timeout: 0s"), `must be more than 0: "0s"`},
		{"renewal", project("services: {dds: {renew_after: 10m}}"), project("services: {dds: {renew_after: 10m1s}}"), "must not be more than max_tag_age: 10m1s is more than 10m0s"},
		{"age", project("services: {dds: {max_tag_age: 0s}}"), project("services: {dds: {max_tag_age: -1s}}"), `must not be negative: "-1s"`},
		{"region", strings.Replace(endpoint("http://h"), "cn-north-4", strings.Repeat("r", 64), 1), strings.Replace(endpoint("http://h"), "cn-north-4", strings.Repeat("r", 65), 1), "must be 1 to 64 letters"},
		{"selector's key", selector(strings.Repeat("键", 128), "v"), selector(strings.Repeat("键", 129), "v"), "must be at most 128 characters"},
		{"selector's value", selector("k", strings.Repeat("键", 255)), selector("k", strings.Repeat("键", 256)), "must be at most 255 characters"},
		{"credentials' name", named(strings.Repeat("n", 100)), named(strings.Repeat("n", 101)), "the name must be 1 to 100 letters"},
		{"port", endpoint("http://h:65535"), endpoint("http://h:65536"), "must have a port from 1 to 65535"},
		{"port, least", endpoint("http://h:1"), endpoint("http://h:0"), "must have a port from 1 to 65535"},
		{"host", endpoint("http://" + strings.Repeat(host, 3) + strings.Repeat("a", 61)), endpoint("http://" + strings.Repeat(host, 3) + strings.Repeat("a", 62)), "must have a host name"},
		{"violations", project("") + "policy: {max_violation_series: 0}\n", project("") + "policy: {max_violation_series: -1}\n", "must be at least 0: -1"},
		{"values", project("") + "tags: {max_values_per_key: 2147483647}\n", project("") + "tags: {max_values_per_key: 2147483648}\n", "must be at most 2147483647"},
		{"keys", project("") + "tags: {max_keys: 1}\n", project("") + "tags: {max_keys: 0}\n", "must be at least 1: 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Parse("c.yml", []byte(test.good)); err != nil {
				t.Errorf("the last: %v", err)
			}
			if _, err := Parse("c.yml", []byte(test.bad)); err == nil || !strings.Contains(err.Error(), test.problem) {
				t.Errorf("the next: %v, want %s", err, test.problem)
			}
		})
	}
}

// TestOneMistakeOneError: what is not a mapping is not also one without services.
func TestOneMistakeOneError(t *testing.T) {
	for services, want := range map[string]string{
		"dds":  "c.yml:2: projects[0].services: must be a mapping or all, not text",
		"[]":   "c.yml:2: projects[0].services: must be a mapping or all, not a list",
		"{}":   "c.yml:2: projects[0].services: must name at least one of " + strings.Join(catalog.Names(catalog.Project), ", "),
		"null": "c.yml:2: projects[0].services: must name at least one of " + strings.Join(catalog.Names(catalog.Project), ", "),
	} {
		_, err := Parse("c.yml", []byte("credentials: {default: {token: t}}\nprojects: [{region: cn-north-4, project_id: p1, services: "+services+"}]\n"))
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", services, err, want)
		}
	}
}

// TestLongLines: the parser reads them in pieces, and yet a line is one line.
func TestLongLines(t *testing.T) {
	_, err := Parse("c.yml", []byte("# "+strings.Repeat("x", 5000)+"\n\nprojects: [\n"))
	if err == nil || !strings.HasPrefix(err.Error(), "c.yml:3: ") {
		t.Errorf("got %v", err)
	}
}

// TestFirstLine: what is wrong at the very beginning is in line 1, before the parser
// has seen the end of it.
func TestFirstLine(t *testing.T) {
	_, err := Parse("c.yml", []byte("\x01"+strings.Repeat("x", 5000)))
	if err == nil || !strings.HasPrefix(err.Error(), "c.yml:1: ") {
		t.Errorf("got %v", err)
	}
}

// TestEmptyAliasBomb: aliases of aliases that bring nothing take as long as others.
func TestEmptyAliasBomb(t *testing.T) {
	var content strings.Builder
	content.WriteString("defaults:\n  <<: [{}")
	for level := range 12 {
		aliases := "{}"
		if level > 0 {
			aliases = strings.TrimSuffix(strings.Repeat("*a"+strconv.Itoa(level-1)+", ", 9), ", ")
		}
		content.WriteString(", &a" + strconv.Itoa(level) + " {<<: [" + aliases + "]}")
	}
	_, err := Parse("c.yml", []byte(content.String()+"]\n"))
	if err == nil || !strings.Contains(err.Error(), "too much, or too many aliases") {
		t.Errorf("got %v", err)
	}
}

// TestOtherCredentials: a wrong name is answered with the right ones, even if there
// is but one.
func TestOtherCredentials(t *testing.T) {
	for credentials, want := range map[string]string{
		", credentials: b": `c.yml:2: projects[0].credentials: no such credentials: "b" (known: a)`,
		"":                 "c.yml:2: projects[0].credentials: missing, and there are no credentials.default (known: a)",
	} {
		_, err := Parse("c.yml", []byte("credentials: {a: {token: t}}\nprojects: [{region: cn-north-4, project_id: p1"+credentials+"}]\n"))
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestYAMLTags(t *testing.T) {
	for content, want := range map[string]string{
		"projects: !x []":                   "c.yml:1: projects: must be a list, not a value with a YAML tag",
		"projects: [!x {}]":                 "c.yml:1: projects[0]: must be a mapping, not a value with a YAML tag",
		"projects: [{region: !x {}}]":       "c.yml:1: projects[0].region: must be text, not a value with a YAML tag",
		"projects: [{region: !x []}]":       "c.yml:1: projects[0].region: must be text, not a value with a YAML tag",
		"projects: [{region: {}}]":          "c.yml:1: projects[0].region: must be text, not a mapping",
		"projects: [{region: !!binary aa}]": "c.yml:1: projects[0].region: must be text, not a value with a YAML tag",
	} {
		if _, err := Parse("c.yml", []byte(content)); err == nil || !strings.Contains(err.Error()+"\n", want+"\n") {
			t.Errorf("%s: got\n%v\nwant %s", content, err, want)
		}
	}
}

// TestListInList: a list of lists is not merged, not even one that holds itself.
func TestListInList(t *testing.T) {
	for content, want := range map[string]string{
		"defaults: {<<: [[{colour: red}]]}": "c.yml:3: defaults: << must name mappings, not lists of lists",
		"defaults: {<<: &l [*l]}":           "c.yml:3: defaults: << must name mappings, not lists of lists",
	} {
		_, err := Parse("c.yml", []byte("credentials: {default: {token: t}}\nprojects: [{region: cn-north-4, project_id: p1}]\n"+content))
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", content, err, want)
		}
	}
}

func TestQuote(t *testing.T) {
	for text, want := range map[string]string{
		"a\n":                     `"a\n"`,
		strings.Repeat("键", 80):   `"` + strings.Repeat("键", 80) + `"`,
		strings.Repeat("键", 81):   `"` + strings.Repeat("键", 80) + `…"`,
		strings.Repeat("a", 1000): `"` + strings.Repeat("a", 80) + `…"`,
	} {
		if got := strictyaml.Quote(text); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestBrokenParts: what is noted about a part is not noted again by what needs it.
func TestBrokenParts(t *testing.T) {
	for content, want := range map[string]string{
		"credentials: {a: {token: t}}\nprojects: [text]\n": "c.yml:2: projects[0]: must be a mapping, not text",
		"credentials: {'': {token: t}, x: {token: t}}\nprojects: [{region: r, project_id: p, credentials: x, endpoints: {dds: 'http://h'}}]\n": "c.yml:1: credentials.: the name must be 1 to 100 letters, digits, -, _ and .",
		"credentials: text\nprojects: [{region: cn-north-4, project_id: p}]\n":                                                                 "c.yml:1: credentials: must be a mapping, not text",
	} {
		if _, err := Parse("c.yml", []byte(content)); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
