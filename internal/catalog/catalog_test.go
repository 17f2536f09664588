package catalog

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestEndpoints(t *testing.T) {
	for _, test := range [][3]string{
		{"modelarts", "ap-southeast-1", "https://modelarts.ap-southeast-1.myhuaweicloud.cn"},
		{"dds", "eu-west-101", "https://dds.eu-west-101.myhuaweicloud.eu"},
		{"fabric", "cn-north-4", "https://fabric.cn-north-4.myhuaweicloud.com"},
		{"fabric", "eu-west-101", ""},
		{"dds", "nowhere", ""},
		{"evs", "eu-west-101", "https://evs.eu-west-101.myhuaweicloud.com"},
		{"spaceship", "cn-north-4", ""},
		{"iam", "cn-north-4", "https://iam.cn-north-4.myhuaweicloud.com"},
		{"iam", "nowhere", "https://iam.myhuaweicloud.com"},
	} {
		if got, err := Endpoint(test[0], test[1]); got != test[2] || err != nil {
			t.Errorf("%s in %s: %q, %v", test[0], test[1], got, err)
		}
	}
}

// TestHosts: each service has the hosts of its own API. Some are not called like it.
func TestHosts(t *testing.T) {
	others := map[string]string{"vpnaas": "vpn", "sfsturbo": "sfs-turbo", "nosql": "gaussdb-nosql"}
	for _, name := range Names(Project) {
		host := name
		if other, ok := others[name]; ok {
			host = other
		}
		if got, err := Endpoint(name, "cn-north-4"); got != "https://"+host+".cn-north-4.myhuaweicloud.com" || err != nil {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	for _, test := range [][3]string{
		{"css", "cn-north-1", "es.cn-north-1"},
		{"gaussdb", "tr-west-1", "gaussdbformysql.tr-west-1"},
		{"gaussdb", "af-south-1", "gaussdb-mysql.af-south-1"},
		{"gaussdb-opengauss", "tr-west-1", "gaussdb.tr-west-1"},
	} {
		if got, err := Endpoint(test[0], test[1]); got != "https://"+test[2]+".myhuaweicloud.com" || err != nil {
			t.Errorf("%s in %s: %s, %v", test[0], test[1], got, err)
		}
	}
}

func TestAccountEndpoints(t *testing.T) {
	for service, want := range map[string]string{
		"config":        "https://rms.myhuaweicloud.com",
		"iam":           "https://iam.myhuaweicloud.com",
		"organizations": "https://organizations.myhuaweicloud.com",
		"eps":           "https://eps.myhuaweicloud.com",
		"spaceship":     "",
	} {
		if got, err := AccountEndpoint(service); got != want || err != nil {
			t.Errorf("%s: %q, %v", service, got, err)
		}
	}
}

func TestTypeOf(t *testing.T) {
	for _, test := range [][4]string{
		{"ecs", "cloudServers", "ecs", "cloudservers"},
		{"dds", "instances", "dds", "instance"},
		{"DDS", "Instances", "dds", "instance"},
		{"dds", "nodes", "dds", "nodes"},
		{"", "", "", ""}, // types of which Config's name is not known are none of it
	} {
		if service, name := TypeOf(test[0], test[1]); service != test[2] || name != test[3] {
			t.Errorf("%s.%s is %s:%s", test[0], test[1], service, name)
		}
	}
}

// TestConfigNames: a series is called as it would be if its resource came from Config, but
// where that has a poor name.
func TestConfigNames(t *testing.T) {
	poor := map[string]string{"dds:instance": "dds.instances", "dms:rocketmqs": "dms.reliabilitys"}
	unknown := []string{"modelarts:pool", "modelarts:notebook", "modelarts:service", "fabric:workspace", "vpc:subnets", "gaussdb-opengauss:instances"}
	for _, s := range Services() {
		for _, is := range s.Types {
			name := s.Name + ":" + is.Name
			want, exception := poor[name]
			if !exception {
				want = s.Name + "." + is.Name
			}
			if slices.Contains(unknown, name) {
				want = ""
			}
			if got := strings.ToLower(is.Config); got != want {
				t.Errorf("%s is %q in Config, want %q", name, got, want)
			}
			if is.Name != strings.ToLower(is.Name) || s.Name != strings.ToLower(s.Name) {
				t.Errorf("%s is not in lower case", name)
			}
		}
	}
}

func TestKnownRegion(t *testing.T) {
	for project, want := range map[string]string{
		"cn-north-4":          "cn-north-4",
		"cn-north-4_team-a":   "cn-north-4",
		"cn-north-4_team_a_b": "cn-north-4",
		"cn-north-4_":         "cn-north-4",
		"cn-north-4-team":     "",
		"cn-north":            "",
		"eu-west-101":         "eu-west-101",
		"MOS":                 "",
		"":                    "",
		"_":                   "",
		"lab":                 "lab",
		"lab_1":               "lab_1",
		"lab_1_x":             "lab_1",
		"lab_2":               "lab",
	} {
		if got := KnownRegion(project, "lab", "lab_1"); got != want {
			t.Errorf("%q is of %q, want %q", project, got, want)
		}
	}
}

// TestRegionVariables: the SDK itself takes the endpoint from the variable of that
// name.
func TestRegionVariables(t *testing.T) {
	for _, s := range Services() {
		want := "https://" + s.Name + ".example.com"
		t.Setenv(regionVariable(s.Name, "no-where-1"), want)
		if got, err := Endpoint(s.Name, "no-where-1"); got != want {
			t.Errorf("%s: %q, %v", regionVariable(s.Name, "no-where-1"), got, err)
		}
	}
}

// TestSettings: what is no endpoint in the SDK's own settings is an error that names
// the variable, or else the file of regions, and quotes nothing.
func TestSettings(t *testing.T) {
	t.Setenv("HUAWEICLOUD_SDK_REGION_DATAARTSFABRIC_NO_WHERE_2", "https://user:hidden@example.com")
	const want = "the endpoint of fabric in environment variable HUAWEICLOUD_SDK_REGION_DATAARTSFABRIC_NO_WHERE_2 must hold no user and password"
	if got, err := Endpoint("fabric", "no-where-2"); got != "" || err == nil || err.Error() != want {
		t.Errorf("got %q, %v, want %s", got, err, want)
	}
	if got := settings("dds", "no-where-2"); got != "the SDK's region settings" {
		t.Errorf("without a variable: %s", got)
	}
}

func TestRows(t *testing.T) {
	names := make(map[string]bool)
	for _, s := range Services() {
		if names[s.Name] || s.Title == "" || len(s.Types) == 0 && s.Scope == Project || s.Regions == nil {
			t.Errorf("the row of %q", s.Name)
		}
		names[s.Name] = true
	}
	if got, want := Titles(), "ModelArts pools, DDS instances and DataArts Fabric workspaces"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// near is how many lines a list of services may take for each of them.
const near = 3

// TestNoOtherList: no file of the project lists services beside this package, or the two
// lists would differ one day. What reads or plays a single service may name it, and the
// configuration may name those that have settings of their own: it is held to not naming
// all. Tests may list them, and pages, which package docs holds to the catalogue.
func TestNoOtherList(t *testing.T) {
	all := Names(Project) // those of accounts are everyday words
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		name := strings.TrimPrefix(filepath.ToSlash(path), "../../")
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{
			"internal/catalog", "internal/tagapi", "internal/simulator", "internal/demo", // each service is a row or a file
			"deploy/prometheus/tests", // data
			".git", "bin", "dist",     // not ours
		}, name) || entry.Name() == "testdata":
			return fs.SkipDir
		case !entry.Type().IsRegular() || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, ".md"):
			return nil
		}
		content, err := os.ReadFile(path)
		least := 2
		if strings.HasPrefix(name, "internal/config/") {
			least = len(Defaults()) + 1 // each of those has settings of its own
		}
		// Two of the others may be in one sentence: the agency of an ECS server, an identity in CCE.
		for _, found := range slices.Concat(lists(content, Defaults(), least), lists(content, all, max(least, 3))) {
			t.Errorf("%s%s", name, found)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestLists: the search finds what it is to find.
func TestLists(t *testing.T) {
	words := []string{"one", "two", "three"}
	for text, want := range map[string]int{
		`[]string{"one", "two"}`:                1,
		`x=~"one|three"`:                        1,
		"- ONE\n- Two\n":                        1,
		"case one:\n\tone()\ncase two:":         1,
		"one" + strings.Repeat("\n", 9) + "two": 0,
		"one phone":                             0,
		"one_two":                               0,
	} {
		if got := lists([]byte(text), words, 2); len(got) != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	if got := lists([]byte("one two"), words, 3); got != nil {
		t.Errorf("two of three: %q", got)
	}
}

// lists returns where at least so many different words stand close together, in any
// case.
func lists(content []byte, words []string, least int) (found []string) {
	word := regexp.MustCompile(`(?i)\b(` + strings.Join(words, "|") + `)\b`)
	seen := make(map[string]int) // the line that had the word last
	number := 0
	for line := range bytes.Lines(content) {
		number++
		for _, w := range word.FindAll(line, -1) {
			seen[strings.ToLower(string(w))] = number
		}
		close := 0
		for _, at := range seen {
			if number-at < near*least {
				close++
			}
		}
		if close >= least {
			found = append(found, fmt.Sprintf(":%d names %d services: %s", number, close, bytes.TrimSpace(line)))
			clear(seen)
		}
	}
	return found
}
