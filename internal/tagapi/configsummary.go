package tagapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// knownPlace is what is known of a place.
type knownPlace struct {
	names                 []string // provider.type as Config writes it, which may be in several ways
	service, resourceType string   // as series name it
	count                 int      // resources, as the summary says; 0 also where it does not count
	listing               *configListing
	settled               time.Time // begin of the last read that found out whether its list is whole; zero: none has
	err                   error     // why the last read brought no new listing; nil: it did, or none was due
}

// counted is a place in the summary.
type counted struct {
	names []string // provider.type, in the summary's own case
	n     int
}

// summaryAnswer is the answer of CollectAllResourcesSummary, an array.
// https://support.huaweicloud.com/intl/en-us/api-rms/rms_04_0108.html
type summaryAnswer struct {
	huaweicloud.List[summaryProvider]
}

func (*summaryAnswer) Absent() bool      { return false }
func (*summaryAnswer) Members() []string { return nil }
func (*summaryAnswer) Array()            {}

type summaryProvider struct {
	Name  huaweicloud.Text                   `json:"provider"`
	Types huaweicloud.ListOrOne[summaryType] `json:"types"`
}

// Check refuses what could not be asked for.
func (p *summaryProvider) Check() error {
	if p.Name == "" {
		return errors.New("a provider has no name")
	}
	return nil
}

type summaryType struct {
	Name    huaweicloud.Text                     `json:"type"`
	Regions huaweicloud.ListOrOne[summaryRegion] `json:"regions"`
}

// Check refuses what could not be asked for.
func (t *summaryType) Check() error {
	if t.Name == "" {
		return errors.New("a type has no name")
	}
	return nil
}

type summaryRegion struct {
	ID    huaweicloud.Text  `json:"region_id"`
	Count huaweicloud.Count `json:"count"`
}

// Check refuses a count that is none: nothing could be held against it.
func (r *summaryRegion) Check() error {
	if !r.Count.Known {
		return errors.New("a region has no count")
	}
	return nil
}

// global is what Config calls the region of resources that are of none.
const global = "global"

// places returns what the summary counts.
func (a *summaryAnswer) places() map[place]counted {
	counts := make(map[place]counted)
	for _, provider := range a.List {
		for _, t := range provider.Types.List {
			name := string(provider.Name + "." + t.Name)
			for _, region := range t.Regions.List {
				if region.Count.N == 0 {
					continue
				}
				p := place{strings.ToLower(name), orGlobal(string(region.ID))}
				sum := counts[p]
				sum.n += region.Count.N
				sum.names = appendNew(sum.names, name)
				counts[p] = sum
			}
		}
	}
	return counts
}

func orGlobal(region string) string {
	if region == "" {
		return global
	}
	return region
}

// askSummary returns how many resources Config counts. There is nothing to go by if it
// refuses to, or counts none: which may be true, but must not be believed of an account
// without a look at the list.
func (r *configRead) askSummary(ctx context.Context) (map[place]counted, error) {
	answer, err := get[summaryAnswer](ctx, r, opSummary, "/all-resources/summary", "", isRefusedSummary)
	if failed, ok := errors.AsType[*huaweicloud.Error](err); ok && isRefusedSummary(failed) {
		r.into.Notice("Config gives this user no summary of the resources; so they are read as one list, page after page, which takes longer")
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("ask how many resources Config has: %w", err)
	}
	return answer.places(), nil
}

func isRefusedSummary(e *huaweicloud.Error) bool {
	return e.Code != codeRecorderOff && (e.Status == http.StatusForbidden || e.Status == http.StatusNotFound)
}

// take replaces the counts by those of a new summary. The caller holds the lock.
func (r *rememberedConfig) take(counts map[place]counted) {
	if r.unsummed = len(counts) == 0; !r.unsummed {
		delete(r.cut, everything) // what it has so far will be older than what is listed now
	}
	for p, known := range r.places {
		known.count = 0
		if _, still := counts[p]; !still && known.listing.isEmpty() {
			delete(r.places, p)
		}
	}
	for p, c := range counts {
		known := r.know(p)
		known.names, known.count = c.names, c.n
	}
}

// know returns what is known of a place, which may be nothing yet. The caller holds the
// lock.
func (r *rememberedConfig) know(p place) *knownPlace {
	if r.places[p] == nil {
		provider, name, _ := strings.Cut(p.kind, ".")
		known := &knownPlace{names: []string{p.kind}}
		known.service, known.resourceType = catalog.TypeOf(provider, name)
		r.places[p] = known
	}
	return r.places[p]
}
