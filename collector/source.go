// Package collector turns what the tag APIs say into metrics. It holds one file
// for each tag API, and the scrape that reads them all at once. It and package
// server are the only ones that know Prometheus.
package collector

import (
	"context"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

// Source is one tag API.
type Source struct {
	Service      string   // label cloud_service, key in the configuration
	ResourceType string   // label resource_type
	Named        bool     // the API names the resources that carry the tags
	Operations   []string // that it calls, by the official SDK's names
	// New returns a reader that goes on with what previous has learnt, which is
	// nil or a reader of the same source, project, endpoint and excluded keys.
	New func(c config.Service, previous Reader) Reader
}

// Reader reads the tags of one project through one tag API.
//
// Read writes what it learns into a reading, which it calls whole as soon as
// the listing is complete; until then nothing of it is shown. It returns an
// error if anything is missing, whole or not. It may be called by a scrape
// while an earlier, abandoned call is still returning.
type Reader interface {
	Read(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading) error
}

// Sources returns every tag API that the exporter reads.
func Sources() []Source {
	return []Source{modelArts(), dds(), fabric()}
}
