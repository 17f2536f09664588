package simulator

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// service is a row of the table below: how one service speaks, what its resources
// look like, and where its APIs are.
type service struct {
	// kind is the first label of the service's host names, and what its APIs list.
	kind  string
	scope scope
	// shortIDs means project IDs of up to 36 characters, not 64.
	shortIDs bool
	// incorrectToken means that an unknown token is answered with APIG.1002, not
	// with APIG.0301.
	incorrectToken bool
	errors         dialect

	// idForm is what the IDs of its resources look like; nil is anything.
	idForm *regexp.Regexp
	// newestFirst lists resources by their creation, not as the project has them.
	newestFirst bool
	// prepare fills in what the service adds to a resource; nil adds nothing.
	prepare func(in Instance, q Quirks) Instance
	// item appends the members of a resource in a list; nil is appendResource.
	item func(b []byte, in Instance, region string, q Quirks) []byte

	apis []api
}

// scope is what the APIs of a service belong to.
type scope int

const (
	ofProject        scope = iota // which the first "*" of their paths is
	ofAccount                     // which the first "*" of their paths is
	ofCaller                      // whoever asks
	ofCallersAccount              // whoever asks, by an access key or a token of the account as such
	open                          // nobody: they need no authentication
)

// host is the first label of the service's host names.
func (s *service) host() string {
	label, _, _ := strings.Cut(s.kind, ":")
	return label
}

// dialect is how a service says no.
type dialect struct {
	answer    func(q Quirks, status int, code, message string) Answer
	malformed string // the code for a malformed request
	prefix    string // of the message that goes with it
	gone      string // the code for a resource that does not exist
	unready   string // the code for one whose tags cannot be read yet
	denied    string // the code for an operation that whoever asks has no right to
}

// api is one call of a service.
type api struct {
	operation    string
	method, path string // a "*" of the path is the project, the next one the resource
	serve        func(c *Cloud, q *call) (Answer, error)
	query        []parameter // besides offset and limit
	paging       paging
	member       string // of the answer, with the list
	maxTotal     int    // the highest total_count that is given; 0 gives none
}

// parameter is one of a query.
type parameter struct {
	name     string
	values   []string // that it may have; nil is any
	form     form     // of its values; nil: any
	many     int      // how many values it may have, if more than one
	required bool
}

// paging is by offset, a record from 0, or marker, and limit, from 1.
type paging struct {
	limit     int // where the request gives none
	maxLimit  int // 0: the API has no pages
	maxOffset int
	inBody    bool // offset and limit are members of the body, not of the query
	asText    bool // there they are strings, not numbers
	byMarker  bool // what an answer says of the next page is asked for, not an offset
}

// The kinds of resources that a Project has fields for.
const (
	kindDDS    = "dds:instance"
	kindFabric = "fabric:workspace"
)

var (
	databaseErrors  = dialect{answer: databaseError, malformed: "DBS.280001", prefix: "parameter error: ", gone: "DBS.280343", unready: "DBS.280011"}
	modelartsErrors = dialect{answer: plainError, malformed: "ModelArts.50004000", prefix: "invalid request: "}
	fabricErrors    = dialect{answer: fabricError, malformed: "common.01000001", prefix: "request could not be parsed, "}

	configErrors = dialect{answer: plainError, malformed: "RMS.00010004", prefix: "parameter error: ", denied: "RMS.00010006"}

	organizationsErrors = dialect{answer: plainError, malformed: "Organizations.1004", prefix: "invalid parameter: ", denied: "Organizations.1007"}
	epsErrors           = dialect{answer: nestedError, malformed: "EPS.0002", prefix: "bad request: ", denied: "EPS.0004"}

	ddsInstanceID = regexp.MustCompile(`^[0-9a-f]{32}in02$`)
	entityIDForm  = regexp.MustCompile(`^[\w-]{1,100}$`)
	trueOrFalse   = []string{"true", "false"}
)

const allResources = "v1/resource-manager/domains/*/all-resources"

// The parameters of Config's lists.
var (
	resourceIDForm = regexp.MustCompile(`^[_.:\w-]{1,512}$`)
	typeForm       = regexp.MustCompile(`^[\w.-]{1,40}$`)
	markerForm     = regexp.MustCompile(`^[A-Za-z0-9+/=%_-]{4,400}$`)
	tagForm        = &lazyForm{expression: `^[\p{L}\p{Z}\p{N}_.:+\-@]{1,128}(=[\p{L}\p{Z}\p{N}_.:/+\-@]{0,255})?$`}

	nameFilter     = parameter{name: "name", form: regexp.MustCompile(`^[^']{1,512}$`)}
	tagsFilter     = parameter{name: "tags", form: tagForm, many: 5}
	summaryFilters = []parameter{
		{name: "type", form: typeForm, many: 100},
		{name: "region_id", form: domainIDForm, many: 10},
		{name: "ep_id", form: domainIDForm, many: 10},
		{name: "project_id", form: domainIDForm, many: 10},
		nameFilter, tagsFilter,
	}
)

// services are all that the cloud has. Where two have an API with the same method
// and path, it is the first one's, except on the other's host.
var services = append([]*service{
	{
		kind: "iam:token", scope: open, errors: dialect{answer: iamError},
		apis: []api{
			// https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html
			{operation: OpCreateToken, method: http.MethodPost, path: "v3/auth/tokens", serve: (*Cloud).createToken},
		},
	},
	{
		kind: "iam:project", scope: ofCaller, errors: dialect{answer: iamError},
		apis: []api{
			// https://support.huaweicloud.com/intl/en-us/api-iam/iam_06_0003.html
			{operation: OpListAuthProjects, method: http.MethodGet, path: "v3/auth/projects", serve: (*Cloud).listAuthProjects},
			// https://support.huaweicloud.com/intl/en-us/api-iam/iam_07_0001.html
			{operation: OpListAuthDomains, method: http.MethodGet, path: "v3/auth/domains", serve: (*Cloud).listAuthDomains},
		},
	},
	{
		kind: "rms:resource", scope: ofAccount, errors: configErrors,
		apis: []api{
			// https://support.huaweicloud.com/intl/en-us/api-rms/rms_04_0104.html
			{
				operation: OpListAllResources, method: http.MethodGet, path: allResources, serve: (*Cloud).listAllResources,
				query: []parameter{
					{name: "type", form: typeForm},
					{name: "region_id", form: domainIDForm},
					{name: "ep_id", form: domainIDForm},
					{name: "id", form: resourceIDForm},
					nameFilter, tagsFilter,
				},
				paging: paging{limit: 100, maxLimit: 200, byMarker: true},
			},
			// https://support.huaweicloud.com/intl/en-us/api-rms/rms_04_0107.html
			{
				operation: OpCountAllResources, method: http.MethodGet, path: allResources + "/count", serve: (*Cloud).countAllResources,
				query: append(slices.Clip(summaryFilters), parameter{name: "id", form: resourceIDForm}),
			},
			// https://support.huaweicloud.com/intl/en-us/api-rms/rms_04_0108.html
			{operation: OpSummarizeAllResources, method: http.MethodGet, path: allResources + "/summary", serve: (*Cloud).summarizeAllResources, query: summaryFilters},
			// https://support.huaweicloud.com/intl/en-us/api-rms/rms_04_0201.html
			{operation: OpShowTrackerConfig, method: http.MethodGet, path: "v1/resource-manager/domains/*/tracker-config", serve: (*Cloud).showTrackerConfig},
		},
	},
	{
		kind: "organizations:policy", scope: ofCallersAccount, errors: organizationsErrors,
		apis: []api{
			// https://support.huaweicloud.com/api-organizations/ShowEffectivePolicies.html
			{
				operation: OpShowEffectivePolicies, method: http.MethodGet, path: "v1/organizations/entities/effective-policies", serve: (*Cloud).showEffectivePolicies,
				query: []parameter{
					{name: "entity_id", form: entityIDForm, required: true},
					{name: "policy_type", values: []string{"tag_policy"}, required: true},
				},
			},
		},
	},
	{
		kind: "eps:project", scope: ofCallersAccount, errors: epsErrors,
		apis: []api{
			// https://support.huaweicloud.com/intl/en-us/api-em/en-us_topic_0121230880.html
			{
				operation: OpListEnterpriseProject, method: http.MethodGet, path: "v1.0/enterprise-projects", serve: (*Cloud).listEnterpriseProjects,
				query: []parameter{
					{name: "id"},
					{name: "name"},
					{name: "status", values: []string{"1", "2"}},
					{name: "type", values: []string{"prod", "poc"}},
					{name: "sort_key", values: []string{"created_at", "updated_at"}},
					{name: "sort_dir", values: []string{"desc", "asc"}},
				},
				paging: paging{limit: 1000, maxLimit: 1000, maxOffset: maxInt32},
			},
		},
	},
	{
		kind: "modelarts:pool", errors: modelartsErrors,
		apis: []api{
			// https://support.huaweicloud.com/intl/en-us/api-modelarts/ListPoolTags.html
			{
				operation: OpListPoolTags, method: http.MethodGet, path: "v1/*/pools/tags", serve: (*Cloud).listPoolTags,
				paging: paging{limit: 200, maxLimit: maxInt32, maxOffset: maxInt32},
			},
		},
	},
	{
		kind: kindDDS, errors: databaseErrors, idForm: ddsInstanceID, newestFirst: true, prepare: prepareDatabase, item: appendDDSInstance,
		apis: []api{
			// https://support.huaweicloud.com/intl/en-us/api-dds/dds_api_0034.html
			{operation: OpListInstanceTags, method: http.MethodGet, path: "v3/*/instances/*/tags", serve: (*Cloud).listTags},
			// https://support.huaweicloud.com/eu/api-dds/dds_api_0077.html
			{
				operation: OpListInstances, method: http.MethodGet, path: "v3/*/instances", serve: (*Cloud).listResources,
				query: []parameter{
					{name: "id"},
					{name: "name"},
					{name: "vpc_id"},
					{name: "subnet_id"},
					{name: "tags"},
					{name: "mode", values: []string{"Sharding", "ReplicaSet", "Single"}},
					{name: "datastore_type", values: []string{ddsCommunity, "DDS-Enhanced"}},
				},
				paging: paging{limit: 100, maxLimit: 100, maxOffset: maxInt32},
				member: "instances", maxTotal: maxInt32,
			},
		},
	},
	{
		kind: kindFabric, errors: fabricErrors, shortIDs: true, incorrectToken: true,
		apis: []api{
			// https://support.huaweicloud.com/intl/en-us/api-fabric/ListTagFabricWorkspaces.html
			{
				operation: OpListFabricWorkspaces, method: http.MethodPost, path: "v1/*/fabric-workspace/resource-instances/filter", serve: (*Cloud).filterResources,
				paging: paging{limit: 10, maxLimit: 100, maxOffset: 1_000_000_000},
				member: "resources", maxTotal: 1000,
			},
			// The SDK documents it, in services/dataartsfabric/v1.
			{
				operation: OpListFabricProjectTags, method: http.MethodGet, path: "v1/*/fabric-workspace/tags", serve: (*Cloud).listKeys,
				query:  []parameter{{name: predefinedTags, values: trueOrFalse, required: true}},
				paging: paging{limit: 1000, maxLimit: 1000, maxOffset: 1_000_000_000},
				member: "tags",
			},
		},
	},
}, listedServices()...)

func plainError(_ Quirks, status int, code, message string) Answer {
	return ErrorE1(status, code, message)
}

func databaseError(q Quirks, status int, code, message string) Answer {
	if q.DDSExternalMessage {
		return ErrorE6(status, code, message)
	}
	return ErrorE1(status, code, message)
}

// fabricError cuts the message at 512 characters.
func fabricError(_ Quirks, status int, code, message string) Answer {
	runes := []rune(message)
	return ErrorE2(status, code, string(runes[:min(len(runes), 512)]), "check the request parameters")
}

func nestedError(_ Quirks, status int, code, message string) Answer {
	return ErrorE10(status, code, message)
}

func iamError(_ Quirks, status int, _, message string) Answer { return ErrorE7(status, message) }
