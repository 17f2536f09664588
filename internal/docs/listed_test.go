package docs

import (
	"cmp"
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
// allows to, or holds them to the code: what is called comes from the sources, the rest from
// the catalogue.
func TestServicesPage(t *testing.T) {
	types := make(map[string]catalog.ResourceType)
	for _, s := range catalog.Services() {
		for _, of := range s.Types {
			types[s.Name+":"+of.Name] = of
		}
	}
	table := "\n| cloud_service | resource_type | call | permission | calls per 1,000 | what is missing |\n| --- | --- | --- | --- | --- | --- |\n"
	rows, actions := 0, []string(nil)
	for _, s := range tagapi.Sources() {
		for _, l := range s.With(everything(s.Service)).Lists {
			of := types[s.Service+":"+l.ResourceType]
			action := ""
			for _, one := range strings.Fields(of.Action) {
				action += " `" + one + "`"
				if quoted := strconv.Quote(one); !slices.Contains(actions, quoted) {
					actions = append(actions, quoted)
				}
			}
			note := ""
			if l.Instead {
				note, action, of.Missing = " ¹", "", ""
			}
			table += fmt.Sprintf("| `%s` | `%s` | `%s %s`%s |%s | %d | %s |\n", s.Service, l.ResourceType, l.Method, l.Path, note, action, calls(l.PageSize), of.Missing)
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
		return m[1] + map[string]string{"services": table, "policy": policy}[m[2]] + "\n" + m[3]
	})
	if *update {
		if err := os.WriteFile(root+servicesPage, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if page != want {
		t.Errorf("%s is not what the program does; look, then: make golden\n%s", servicesPage, want)
	}
}

// calls is how many answers hold 1,000 resources.
func calls(pageSize int) int {
	size := cmp.Or(pageSize, 1000)
	return (1000 + size - 1) / size
}

// everything are the settings with which a service is read as far as it can be.
func everything(service string) tagapi.Settings {
	return tagapi.Settings{TagsInList: true, ResourceTypes: catalog.TypesOf(service)}
}

// isListed reports whether a service has no page of its own: docs/services.md has it.
func isListed(name string) bool {
	return slices.Contains(catalog.Names(catalog.Project), name) && !slices.Contains(catalog.Defaults(), name)
}
