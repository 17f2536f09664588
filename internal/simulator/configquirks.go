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

// The pages of a list.
const (
	PagesFull      Pages = iota // full, but the last
	PagesShort                  // of half of the limit
	PagesThenEmpty              // the last page with resources has a marker too, of an empty one
	PagesBetween                // an empty page, whose marker goes on, is between two others
	PagesRepeat                 // all but the first have the marker that they were asked for, which never ends
)

// EndMarker is the next_marker of the last page.
type EndMarker int

// The last next_marker.
const (
	EndNull   EndMarker = iota // null
	EndAbsent                  // no such member
	EndEmpty                   // ""
)

// GlobalRegion is what region_id=global gives.
type GlobalRegion int

// What the global region has.
const (
	GlobalKnown   GlobalRegion = iota // the resources that belong to no region
	GlobalRefused                     // 400 RMS.00010001
	GlobalEmpty                       // an empty list
)

// RecorderOff is what Config lists and counts of an account whose recorder is off.
type RecorderOff int

// What an account without recorder has.
const (
	OffEmpty   RecorderOff = iota // nothing, as where it was never on
	OffStale                      // what it recorded last
	OffRefused                    // 400 RMS.00010091
)

// NotFrozen is the frozen_status of a recorder that is not frozen.
type NotFrozen int

// The forms of frozen_status.
const (
	NotFrozenNull   NotFrozen = iota // null
	NotFrozenAbsent                  // no such member
	NotFrozenFalse                   // an object in which is_frozen is false
)
