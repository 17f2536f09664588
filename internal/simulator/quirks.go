package simulator

// Quirks choose how the cloud behaves where the public pages are silent or
// contradict each other. The zero value is the documented reading, or the most
// plausible one. A request that only a chosen reading refuses is not recorded as
// a refusal: a client has no way to know.
type Quirks struct {
	// TokenStatusOK: a created token is answered with 200, not with 201.
	TokenStatusOK bool

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
	// InstanceListTags is what the items of ListInstances carry.
	InstanceListTags InstanceListTags
	// GoneBadRequest: the tags of an instance that does not exist answer 400, not 404.
	GoneBadRequest bool
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
	// NullDetail: resource_detail is null, not {}.
	NullDetail bool

	// PastEndRefused: a page at the end of a list of resources or behind it answers 400, not
	// an empty list. The first page is never at the end.
	PastEndRefused bool
	// TotalCount is how lists give the number of all that they have.
	TotalCount TotalCount
	// EmptyArrays is how an array without items is given, in all answers.
	EmptyArrays EmptyArrays
	// AbsentNullValue: a tag without a value lacks the member, which is not null.
	AbsentNullValue bool

	ConfigQuirks
	OrganizationsQuirks
	EPSQuirks
	// Listed are those of services whose lists carry the tags.
	Listed ListedQuirks
}

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

// InstanceListTags is what the items of a list have as their tags.
type InstanceListTags int

// The tags of an item.
const (
	ListTagsPresent InstanceListTags = iota // the tags
	ListTagsNull                            // null, whatever the resource has
	ListTagsAbsent                          // no such member
)

// Filterless is what a Fabric filter that filters by nothing gives.
type Filterless int

// What no filter gives.
const (
	FilterlessAll     Filterless = iota // all workspaces
	FilterlessRefused                   // a 400
	FilterlessTagged                    // all workspaces that have a tag
)

// TotalCount is the form of total_count.
type TotalCount int

// The forms of a number of items.
const (
	TotalNumber TotalCount = iota // 7
	TotalString                   // "7"
	TotalAbsent                   // no such member
)

// EmptyArrays is the form of an array without items.
type EmptyArrays int

// The forms of an empty array.
const (
	EmptyArray  EmptyArrays = iota // []
	EmptyNull                      // null
	EmptyAbsent                    // no such member
)
