package tagapi

import (
	"slices"
	"testing"

	"huaweicloud_tag_exporter/internal/catalog"
)

// Each service of the catalogue is read by one source, and there is no other source.
func TestSourcesOfCatalog(t *testing.T) {
	var read []string
	for _, s := range Sources() {
		for _, name := range s.With(Settings{ResourceTypes: catalog.TypesOf(s.Service)}).Types() {
			read = append(read, s.Service+":"+name)
		}
	}
	slices.Sort(read)
	if want := slices.Sorted(slices.Values(catalog.Types())); !slices.Equal(read, want) {
		t.Errorf("the sources read %q, the catalogue has %q", read, want)
	}
}
