package simulator

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// listAllResources is GET …/all-resources, page by page.
func (c *Cloud) listAllResources(q *call) (Answer, error) {
	if code := c.quirks.TypeRegionRefused; code != "" && q.query.Has("type") && q.query.Has("region_id") {
		return Answer{}, quietly(ErrorE1(http.StatusBadRequest, code, "type and region are not supported together"))
	}
	if kind := q.query.Get("type"); kind != "" && !strings.Contains(kind, ".") {
		return Answer{}, fmt.Errorf("type %q is not provider.type", kind)
	}
	found, err := c.recordedOf(q)
	if err != nil {
		return Answer{}, err
	}
	at, err := c.readMarker(q.query.Get("marker"), found)
	if err != nil {
		return Answer{}, &refusal{answer: ErrorE1(http.StatusBadRequest, "RMS.00010034", "marker is invalid"), reason: err.Error()}
	}
	limit := q.limit
	if c.quirks.Pages == PagesShort {
		limit = (limit + 1) / 2
	}
	if at.empty {
		limit = 0
	}
	from, to := page(len(found), at.index, limit)
	b := append(make([]byte, 0, 512*(1+to-from)), '{')
	b = appendItems(b, "resources", to-from, c.quirks.EmptyArrays, func(b []byte, i int) []byte {
		return append(b, found[from+i].item...)
	})
	b = append(appendMember(b, "page_info"), '{')
	b = strconv.AppendInt(appendMember(b, "current_count"), int64(to-from), 10)
	b = c.appendNextMarker(b, c.nextMarker(q, at, found, to))
	return ok(append(b, "}}"...)), nil
}

// recordedOf are the account's resources that the query asks for.
func (c *Cloud) recordedOf(q *call) ([]*recorded, error) {
	if q.inventory.account.Recorder.Off {
		switch c.quirks.RecorderOff {
		case OffRefused:
			return nil, quietly(ErrorE1(http.StatusBadRequest, "RMS.00010091", "the resource recorder is not enabled"))
		case OffEmpty:
			return nil, nil
		}
	}
	kinds, regions := q.values("type"), q.values("region_id")
	if slices.Contains(regions, globalRegion) {
		switch c.quirks.GlobalRegion {
		case GlobalRefused:
			return nil, quietly(ErrorE1(http.StatusBadRequest, "RMS.00010001", "region is restricted"))
		case GlobalEmpty:
			return nil, nil
		}
	}
	for i := range kinds {
		kinds[i] = c.comparable(kinds[i])
	}
	wanted := q.inventory.narrowed(kinds, regions)
	for _, p := range q.api.query {
		values := q.values(p.name)
		if p.many == 0 {
			values = q.query[p.name] // a name may have commas
		}
		if p.name != "type" && p.name != "region_id" && values != nil {
			wanted = slices.DeleteFunc(slices.Clone(wanted), func(r *recorded) bool { return !r.has(p.name, values) })
		}
	}
	return wanted, nil
}

// narrowed are the resources of the types and regions, in the order of places;
// none given is all.
func (s *inventory) narrowed(kinds, regions []string) (wanted []*recorded) {
	orAll := func(values []string) []string {
		if values == nil {
			return []string{""}
		}
		return slices.Compact(slices.Sorted(slices.Values(values)))
	}
	kinds, regions = orAll(kinds), orAll(regions)
	if len(kinds) == 1 && len(regions) == 1 {
		return s.lists[listKey{kinds[0], regions[0]}]
	}
	for _, kind := range kinds {
		for _, region := range regions {
			wanted = append(wanted, s.lists[listKey{kind, region}]...)
		}
	}
	slices.SortFunc(wanted, func(a, b *recorded) int { return cmp.Compare(a.place, b.place) })
	return wanted
}

// has tells whether a parameter lets the resource through: one of the values has to
// be right, or all of them if they are tags.
func (r *recorded) has(parameter string, values []string) bool {
	switch parameter {
	case "ep_id":
		return slices.Contains(values, r.epID())
	case "project_id":
		return slices.Contains(values, r.Project)
	case "id":
		return slices.Contains(values, r.ID)
	case "name":
		return slices.Contains(values, r.Name)
	default:
		return !slices.ContainsFunc(values, func(text string) bool {
			key, value, given := strings.Cut(text, "=")
			return !slices.ContainsFunc(r.Tags, func(t Tag) bool {
				return t.Key == key && (!given || textOf(t.Value) == value)
			})
		})
	}
}

// counted are those of recordedOf that the summary counts.
func (c *Cloud) counted(q *call) ([]*recorded, error) {
	found, err := c.recordedOf(q)
	if err != nil || c.quirks.SummaryCountsDeleted {
		return found, err
	}
	return slices.DeleteFunc(slices.Clone(found), func(r *recorded) bool { return r.State == stateDeleted }), nil
}

// countAllResources is GET …/all-resources/count.
func (c *Cloud) countAllResources(q *call) (Answer, error) {
	found, err := c.counted(q)
	if err != nil {
		return Answer{}, err
	}
	return ok(fmt.Appendf(nil, `{"total_count":%d}`, len(found))), nil
}

// summarizeAllResources is GET …/all-resources/summary: an array without an object
// around it.
func (c *Cloud) summarizeAllResources(q *call) (Answer, error) {
	if c.quirks.NoSummary {
		return Answer{}, unpublished("")
	}
	found, err := c.counted(q)
	if err != nil {
		return Answer{}, err
	}
	counts := make(map[countedBy]int)
	for _, r := range found {
		kind := countedBy{r.Provider, r.Type, r.region()}
		if c.quirks.SummaryLowerCase {
			kind.provider, kind.kind = strings.ToLower(r.Provider), strings.ToLower(r.Type)
		}
		counts[kind]++
	}
	if says := q.inventory.account.Counted; says != nil {
		for kind, n := range counts {
			counts[kind] = says(kind.provider+"."+kind.kind, kind.region, n)
		}
		maps.DeleteFunc(counts, func(_ countedBy, n int) bool { return n < 0 })
	}
	return ok(summary(counts)), nil
}

// countedBy is what the summary counts resources by.
type countedBy struct{ provider, kind, region string }

func (k countedBy) compare(other countedBy) int {
	return cmp.Or(cmp.Compare(k.provider, other.provider), cmp.Compare(k.kind, other.kind), cmp.Compare(k.region, other.region))
}

type providerCounts struct {
	Provider string       `json:"provider"`
	Types    []typeCounts `json:"types"`
}

type typeCounts struct {
	Type    string        `json:"type"`
	Regions []regionCount `json:"regions"`
}

type regionCount struct {
	Region string `json:"region_id"`
	Count  int    `json:"count"`
}

// summary has types in their provider and regions in their type.
func summary(counts map[countedBy]int) []byte {
	providers := []providerCounts{}
	for _, at := range slices.SortedFunc(maps.Keys(counts), countedBy.compare) {
		if n := len(providers); n == 0 || providers[n-1].Provider != at.provider {
			providers = append(providers, providerCounts{Provider: at.provider})
		}
		types := &providers[len(providers)-1].Types
		if n := len(*types); n == 0 || (*types)[n-1].Type != at.kind {
			*types = append(*types, typeCounts{Type: at.kind})
		}
		regions := &(*types)[len(*types)-1].Regions
		*regions = append(*regions, regionCount{at.region, counts[at]})
	}
	return mustEncode(providers)
}

// showTrackerConfig is GET …/tracker-config: what the recorder records, and where
// it puts that.
func (c *Cloud) showTrackerConfig(q *call) (Answer, error) {
	recorder := q.inventory.account.Recorder
	if recorder.Off {
		return Answer{}, quietly(ErrorE1(http.StatusNotFound, "RMS.00010005", "the resource recorder does not exist"))
	}
	b := fmt.Appendf(nil, `{"domain_id":%s,"channel":{"smn":null,"obs":{"bucket_name":"cfg","bucket_prefix":null,"region_id":"cn-north-4"}},"selector":{"all_supported":%t`,
		text(q.inventory.account.ID), len(recorder.Types) == 0)
	b = appendItems(b, "resource_types", len(recorder.Types), c.quirks.EmptyArrays, func(b []byte, i int) []byte {
		return appendText(b, recorder.Types[i])
	})
	b = append(b, `},"retention_period_in_days":2557,"agency_name":"rms_tracker_agency"`...)
	switch {
	case recorder.Frozen:
		b = append(b, `,"frozen_status":{"is_frozen":true,"frozen_scene":["ARREAR"]}`...)
	case c.quirks.NotFrozen == Documented:
		b = append(b, `,"frozen_status":null`...)
	case c.quirks.NotFrozen == AsObject:
		b = append(b, `,"frozen_status":{"is_frozen":false,"frozen_scene":[]}`...)
	}
	return ok(closeObject(b)), nil
}
