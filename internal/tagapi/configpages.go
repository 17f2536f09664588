package tagapi

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

// resourcePage is a page of ListAllResources. Only a page that names no next one is the
// last: others may be short, or empty.
type resourcePage struct {
	Resources huaweicloud.List[configResource] `json:"resources"`
	Info      struct {
		Next  huaweicloud.Text  `json:"next_marker"`
		Count huaweicloud.Count `json:"current_count"`
	} `json:"page_info"`
}

func (p *resourcePage) Absent() bool    { return p.Resources == nil }
func (*resourcePage) Members() []string { return []string{"resources", "page_info"} }

// Check refuses a page without resources, unless it says that there are none.
func (p *resourcePage) Check() error {
	if p.Resources == nil && (!p.Info.Count.Known || p.Info.Count.N > 0) {
		return errors.New("a page has no resources, and does not say that it is empty")
	}
	return nil
}

type configResource struct {
	ID          huaweicloud.Text `json:"id"`
	Name        huaweicloud.Text `json:"name"`
	Provider    huaweicloud.Text `json:"provider"`
	Type        huaweicloud.Text `json:"type"`
	Region      huaweicloud.Text `json:"region_id"`
	Project     huaweicloud.Text `json:"project_id"`
	ProjectName huaweicloud.Text `json:"project_name"`

	Enterprise     huaweicloud.Text `json:"ep_id"`
	EnterpriseName huaweicloud.Text `json:"ep_name"`

	State huaweicloud.Text `json:"state"`
	Tags  configTags       `json:"tags"`
}

// Check refuses a resource that nobody could tell from others.
func (i *configResource) Check() error {
	if i.ID == "" || i.Provider == "" || i.Type == "" {
		return errors.New("a resource has no id, provider or type")
	}
	return nil
}

// place returns where a resource belongs.
func (i *configResource) place() place {
	return place{strings.ToLower(i.kind()), orGlobal(string(i.Region))}
}

func (i *configResource) kind() string { return string(i.Provider + "." + i.Type) }

// isNextTo reports whether two resources are written to be of the same place.
func (i *configResource) isNextTo(other *configResource) bool {
	return i.Provider == other.Provider && i.Type == other.Type && i.Region == other.Region
}

// isDeleted reports whether Config lists a resource that is gone.
func (i *configResource) isDeleted() bool { return strings.EqualFold(string(i.State), "Deleted") }

// configTags are the tags of a resource, an object of keys and values. They are nil where the
// member is missing or null: that is so for all resources of a type that can have no tags, and
// for single ones whose tags Config does not know.
type configTags []inventory.Tag

// UnmarshalJSONFrom accepts an object whose values a Text accepts, and null.
func (t *configTags) UnmarshalJSONFrom(d *jsontext.Decoder) (err error) {
	*t = nil
	switch kind := d.PeekKind(); {
	case kind == 'n':
		return d.SkipValue()
	case kind != '{':
		return errors.New("tags are no object")
	}
	*t, err = readTagMembers(d)
	return err
}

// errCircle is how a list ends whose next page is one that was there before. It may be
// all there is; what the summary counts will tell.
var errCircle = errors.New("a page names one as the next that was there before")

// pages reads a list from a marker on, which is "" at its beginning. met are the markers
// of the pages before; those of the pages that are read come to them.
func (r *configRead) pages(ctx context.Context, filter url.Values, marker string, met map[string]bool, each func(page *resourcePage)) error {
	filter.Set("limit", strconv.Itoa(resourcesLimit))
	filter.Del("marker")
	for range maxPages {
		if marker != "" {
			filter.Set("marker", marker)
		}
		page, err := get[resourcePage](ctx, r, opListResources, "/all-resources", filter.Encode(), func(e *huaweicloud.Error) bool {
			return isRefusedFilter(e) && filter.Has("region_id") && marker == ""
		})
		if err != nil {
			return err
		}
		met[marker] = true
		marker = string(page.Info.Next)
		each(&page)
		switch {
		case marker == "":
			return nil
		case met[marker]:
			return errCircle
		}
	}
	return fmt.Errorf("more than %d pages", maxPages)
}
