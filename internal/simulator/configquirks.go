package simulator

// ConfigQuirks are the readings of what is open about Huawei Cloud Config.
type ConfigQuirks struct {
	Pages     Pages
	EndMarker EndMarker
	// MarkerIsIndex: a marker is a place in the list by its number, so that resources
	// that come or go between two pages shift others over their border. Else it is the
	// last resource of a page.
	MarkerIsIndex bool

	// ExactTypes: the parameter type compares letter case.
	ExactTypes bool
	// TypeRegionRefused is the code with which a list by type and region answers 400:
	// RMS.00010001 (region), RMS.00010002 (type), RMS.00010004 (parameter). "": it answers.
	TypeRegionRefused string
	GlobalRegion      GlobalRegion

	// NoSummary: the API does not exist, and answers 404.
	NoSummary bool
	// SummaryCountsDeleted: resources in state Deleted are counted.
	SummaryCountsDeleted bool
	// SummaryLowerCase: the summary has providers and types in lower case, whatever the
	// list has.
	SummaryLowerCase bool

	RecorderOff RecorderOff
	NotFrozen   NotFrozen
}

// Pages is how a list is cut into pages.
type Pages int

const (
	// PagesFull are full, but the last.
	PagesFull Pages = iota
	// PagesShort have half of the limit.
	PagesShort
	// PagesThenEmpty gives the last page with resources a marker too, of an empty one.
	PagesThenEmpty
	// PagesBetween has an empty page between two others, whose marker goes on.
	PagesBetween
	// PagesRepeat gives on all pages but the first the marker that they were asked
	// for, which is wrong and never ends.
	PagesRepeat
)

// EndMarker is the next_marker of the last page.
type EndMarker int

// The next_marker of the last page: null, no such member, or "".
const (
	EndNull EndMarker = iota
	EndAbsent
	EndEmpty
)

// GlobalRegion is what region_id=global gives.
type GlobalRegion int

const (
	// GlobalKnown is the resources that belong to no region.
	GlobalKnown GlobalRegion = iota
	// GlobalRefused is 400 RMS.00010001.
	GlobalRefused
	// GlobalEmpty is an empty list.
	GlobalEmpty
)

// RecorderOff is what Config lists and counts of an account whose recorder is off.
type RecorderOff int

const (
	// OffEmpty is nothing, as where it was never on.
	OffEmpty RecorderOff = iota
	// OffStale is what it recorded last.
	OffStale
	// OffRefused is 400 RMS.00010091.
	OffRefused
)

// NotFrozen is the frozen_status of a recorder that is not frozen.
type NotFrozen int

// The frozen_status of a recorder that is not frozen: null, no such member, or
// is_frozen false.
const (
	NotFrozenNull NotFrozen = iota
	NotFrozenAbsent
	NotFrozenFalse
)
