// Package tagapi reads tags through the tag APIs of Huawei Cloud, one file each; Config,
// which has the most to it, has several. What it reads goes into an inventory.Reading. It makes no metrics, writes no logs and
// knows nothing of the configuration file.
package tagapi

import (
	"context"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

// Source is one tag API.
type Source struct {
	Service string // label cloud_service, key in the configuration
	// ResourceType and Reach are those of the one part that the source reads. A source
	// without a type reads many, and its reader calls Reading.Part for each.
	ResourceType string
	Reach        inventory.Reach
	Operations   []string // that it calls, by the official SDK's names
	Lists        []List   // of those, the ones that give resources with their tags, a page at a time
	// New returns a reader that goes on with what previous has learnt, which is
	// nil or a reader of the same source, project or account, endpoint and excluded keys.
	New func(s Settings, previous Reader) Reader
	// types are those of the parts, where there are several.
	types []string
	// with returns the source with settings that change what it reads; nil: there are none.
	with func(s Settings) Source
}

// With returns the source as it is with these settings: they may say which types it reads.
func (s Source) With(settings Settings) Source {
	if s.with == nil {
		return s
	}
	return s.with(settings)
}

// Types returns the resource types that the source reads. One that reads what an account
// has knows none beforehand.
func (s Source) Types() []string {
	if s.ResourceType != "" {
		return []string{s.ResourceType}
	}
	return s.types
}

// List is a call that lists resources of a type with their tags.
type List struct {
	ResourceType, Operation, Method string
	Path                            string // {project} is the project's ID
	PageSize                        int    // resources that an answer has at most; 0: all
	Instead                         bool   // only called where the one before it is not there, or gives no tags
}

// Settings are what a user may set for a source. Those that a source does not have
// mean nothing to it.
type Settings struct {
	TagsInList    bool            // DDS: take the tags that the list of instances carries
	RenewAfter    time.Duration   // DDS, Config: what is younger is not read again; at most MaxTagAge
	MaxTagAge     time.Duration   // DDS, Config: what is older is not used; 0: only what this read read
	Selectors     []inventory.Tag // Fabric: one query each
	Types         []string        // Config: provider.type in any case, a trailing * matches any suffix; none: all
	SkipTypes     []string        // Config: likewise, of those the ones that are not read
	ResourceTypes []string        // of a source with several: those to read; none: all
}

// Reader reads the tags of one project, or of one account, through one tag API.
//
// Read writes what it learns into a reading, which it calls whole as soon as
// the listing is complete; until then nothing of it is shown. It returns an
// error if anything is missing, whole or not, except where one of many parts fails:
// that part is told, by Reading.Fail. It may be called by a scrape while an earlier,
// abandoned call is still returning.
type Reader interface {
	Read(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading) error
}

// Sources returns every tag API that is read per project. Config is the one that is read
// per account.
func Sources() []Source {
	return append([]Source{modelArts(Settings{}), dds(), fabric()}, listedSources()...)
}
