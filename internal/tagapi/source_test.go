package tagapi

import (
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/catalog"
)

// Each service of the catalogue is read by one source, and there is no other source.
func TestSourcesOfCatalog(t *testing.T) {
	var read []string
	for _, s := range Sources() {
		for _, name := range s.With(Settings{ResourceTypes: typesOf(s.Service)}).Types() {
			read = append(read, s.Service+":"+name)
		}
	}
	slices.Sort(read)
	if want := slices.Sorted(slices.Values(catalog.Types())); !slices.Equal(read, want) {
		t.Errorf("the sources read %q, the catalogue has %q", read, want)
	}
}

// typesOf returns the resource types that the catalogue has of a service.
func typesOf(service string) (types []string) {
	for _, name := range catalog.Types() {
		if of, resourceType, _ := strings.Cut(name, ":"); of == service {
			types = append(types, resourceType)
		}
	}
	return types
}
