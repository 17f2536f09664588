package simulator

// Quirks choose how the cloud behaves where the public pages are silent or
// contradict each other. The zero value is the documented reading, or the most
// plausible one. A request that only a chosen reading refuses is not recorded as
// a refusal: a client has no way to know.
type Quirks struct {
	// TokenStatusOK: a created token is answered with 200, not with 201.
	TokenStatusOK bool
	// GatewayRecorded: the gateway refuses with ErrorE3Recorded, as real hosts do,
	// not with ErrorE3, as its page has it.
	GatewayRecorded bool

	PoolOffset  PoolOffset
	PoolPastEnd PoolPastEnd
	// NoPoolsError: a project without resource pools answers 400
	// ModelArts.50015001, not an empty list.
	NoPoolsError bool
	PoolTagShape PoolTagShape
	// SplitPoolKeys: a key with several values is listed twice, with the first
	// half of them among the first items and the other half among the last, so
	// that long lists repeat keys on different pages.
	SplitPoolKeys bool

	// DDSPageScalars: ListInstances gives port as a number and ssl as a string,
	// as the page's example does, not the other way round, as the SDK has it.
	DDSPageScalars bool
	// InstanceListTags is how the items of ListInstances have their tags: given, or as all
	// instances have them, Null or Absent.
	InstanceListTags Form
	// GoneBadRequest: the tags of an instance that does not exist answer 400, not 404.
	GoneBadRequest bool
	// UnreadyBadRequest: the tags of an instance that is creating, createfail or
	// frozen answer 400, not 200.
	UnreadyBadRequest bool
	// DDSExternalMessage: DDS errors are {"errCode","externalMessage"}, as of its
	// sisters in the database family, not {"error_code","error_msg"}.
	DDSExternalMessage bool
	// SystemTags: resources show _sys_enterprise_project_id among their tags.
	SystemTags bool

	Filterless Filterless
	// StrictFilter: a Fabric filter answers 400 where only a narrow reading refuses
	// it: without any body, a match without value, a tag without values or with more
	// than 10, an empty key or enterprise project ID.
	StrictFilter bool
	// OrBetweenKeys: a workspace with one of several asked-for keys matches a
	// Fabric filter; else it needs all of them.
	OrBetweenKeys bool
	// ExactNames: resource_name matches whole names, not parts of them.
	ExactNames bool
	// NullDetail: resource_detail is null, not {}.
	NullDetail bool

	// PastEndRefused: a page at the end of a list of resources or behind it answers 400, not
	// an empty list. The first page is never at the end.
	PastEndRefused bool
	// TotalCount is how lists give the number of all that they have: 7, AsText or Absent.
	TotalCount Form
	// EmptyArrays is how an array without items is given, in all answers: [], Null or Absent.
	EmptyArrays Form
	// AbsentNullValue: a tag without a value lacks the member, which is not null.
	AbsentNullValue bool

	ConfigQuirks
	OrganizationsQuirks
	EPSQuirks
	// Listed are those of services whose lists carry the tags.
	Listed ListedQuirks
}

// Form is how a member is given.
type Form int

// The forms of a member.
const (
	Documented Form = iota // as the first reading has it
	Null                   // null
	Absent                 // no such member
	AsText                 // a text, where the first reading has something else
	AsObject               // an object, where the first reading has something else
)

// PoolOffset is the unit of the offset of ListPoolTags.
type PoolOffset int

// The units of that offset.
const (
	PageOffset   PoolOffset = iota // as documented ("start page")
	RecordOffset                   // as other lists of ModelArts have it
)

// PoolPastEnd is the answer of ListPoolTags to an offset past the end.
type PoolPastEnd int

// The answers past the end.
const (
	PastEndEmpty PoolPastEnd = iota // an empty list
	PastEndError                    // 400 ModelArts.6400 "fromIndex(200) > toIndex(33)"; at the very end, an empty list
	AtEndError                      // the same, at the very end too (not for an empty list)
)

// PoolTagShape is the form of the tags of ListPoolTags.
type PoolTagShape int

// The forms of those tags.
const (
	PoolKeyValues PoolTagShape = iota // an array of {key, values[]}
	PoolKeyValue                      // an array of {key, value}, one item for each pair
	PoolObject                        // the same, but a single item without its array, as the schema of the EU edition has it
)

// Filterless is what a Fabric filter that filters by nothing gives.
type Filterless int

// What no filter gives.
const (
	FilterlessAll     Filterless = iota // all workspaces
	FilterlessRefused                   // a 400
	FilterlessTagged                    // all workspaces that have a tag
)

// ConfigQuirks are the readings of what is open about Huawei Cloud Config.
type ConfigQuirks struct {
	Pages Pages
	// EndMarker is the next_marker of the last page: null, AsText ("") or Absent.
	EndMarker Form
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
	// NotFrozen is the frozen_status of a recorder that is not frozen: null, Absent, or
	// AsObject, in which is_frozen is false.
	NotFrozen Form
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
