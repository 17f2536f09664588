package docs

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/tagapi"
)

const servicesPage = "docs/services.md"

var servicesParts = regexp.MustCompile(`(?s)(<!-- (services|policy): [^\n]* -->\n).*?(<!-- end -->)`)

// TestServicesPage writes the table of the services that are listed, and a policy that
// allows to read all services, or holds them to the code: what is called comes from the
// sources, how often from reading with them, the rest from the catalogue.
func TestServicesPage(t *testing.T) {
	types := make(map[string]catalog.ResourceType)
	for _, s := range catalog.Services() {
		for _, of := range s.Types {
			types[s.Name+":"+of.Name] = of
		}
	}
	text := "\n| cloud_service | resource_type | call | permission | calls per 1,000 | what is missing |\n| --- | --- | --- | --- | --- | --- |\n"
	rows, actions := 0, []string(nil)
	allow := func(action string) {
		if quoted := strconv.Quote(action); !slices.Contains(actions, quoted) {
			actions = append(actions, quoted)
		}
	}
	for _, row := range table(t, permissionsPage, "permissions") { // of the services that are read where none are named
		action, _, _ := strings.Cut(row[2], " ")
		allow(action)
	}
	for _, s := range tagapi.Sources() {
		for _, l := range s.With(everything(s.Service)).Lists {
			of := types[s.Service+":"+l.ResourceType]
			action := ""
			for _, one := range strings.Fields(of.Action) {
				action += " `" + one + "`"
				allow(one)
			}
			note := ""
			if l.Instead {
				note, action, of.Missing = " ¹", "", ""
			}
			first, calls := callsOf(t, s, l)
			again := ""
			switch first {
			case calls:
			case 2 * calls:
				again = " ²"
			default:
				t.Errorf("%s: %d calls, then %d", l.Operation, first, calls)
			}
			text += fmt.Sprintf("| `%s` | `%s` | `%s %s`%s |%s | %d%s | %s |\n", s.Service, l.ResourceType, l.Method, l.Path, note, action, calls, again, of.Missing)
			rows++
		}
	}
	if rows == 0 {
		t.Fatal("no service is listed")
	}
	policy := fmt.Sprintf("\n```json\n{\n  \"Version\": \"1.1\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": [\n        %s\n      ]\n    }\n  ]\n}\n```\n",
		strings.Join(actions, ",\n        "))
	page := pageOf(t, servicesPage).source
	want := servicesParts.ReplaceAllStringFunc(page, func(part string) string {
		m := servicesParts.FindStringSubmatch(part)
		return m[1] + map[string]string{"services": text, "policy": policy}[m[2]] + "\n" + m[3]
	})
	if *update {
		if err := os.WriteFile(root+servicesPage, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if page != want {
		t.Errorf("%s is not what the program does; look, then: make golden\n%s", servicesPage, want)
	}
}

// everything are the settings with which a service is read as far as it can be.
func everything(service string) tagapi.Settings {
	return tagapi.Settings{TagsInList: true, ResourceTypes: catalog.TypesOf(service)}
}

// isListed reports whether a service has no page of its own: docs/services.md has it.
func isListed(name string) bool {
	return slices.Contains(catalog.Names(catalog.Project), name) && !slices.Contains(catalog.Defaults(), name)
}
