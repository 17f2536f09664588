package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
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
	write("ca.pem", string(ca), maxSize)
	largeCA := write("large.pem", string(ca), maxSize+1)
	const content = "credentials: {default: {token: t}}\nprojects: [{region: cn-north-4, project_id: p1}]\n"
	if _, err := Load(write("whole.yml", content+"ca_file: ca.pem\n", maxSize)); err != nil {
		t.Error(err)
	}
	large := write("large.yml", content, maxSize+1)
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

// TestHints: two slips of the finger are seen through, more are another word.
func TestHints(t *testing.T) {
	known := []string{"region", "name", "project_id"}
	for key, want := range map[string]string{
		"regoin":      "did you mean region?",
		"regions":     "did you mean region?",
		"Region":      "did you mean region?",
		"rregionn":    "did you mean region?",
		"reg":         "known: region, name, project_id",
		"rrregionn":   "known: region, name, project_id",
		"nam":         "did you mean name?",
		"na":          "known: region, name, project_id", // half of it is no slip
		"project-id":  "did you mean project_id?",
		"projectid":   "did you mean project_id?",
		"project_ids": "did you mean project_id?",
		"colour":      "known: region, name, project_id",
	} {
		if got := hint(key, known); got != want {
			t.Errorf("%s: got %s, want %s", key, got, want)
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
