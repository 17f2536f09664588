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

// api is one call of a service: what may be asked, and what lists resources, what it
// shows unasked and what its answer looks like.
type api struct {
	operation    string
	method, path string // GET, if there is none; a "*" of the path is the project, the next one the resource
	// serve answers; nil lists resources, as all that follows says.
	serve func(c *Cloud, q *call) (Answer, error)

	query       []parameter // besides those of the pages and the next one
	enterprise  string      // the parameter that asks for enterprise projects
	defaultOnly bool        // without it, only what is in the default one is shown
	pages       pageStyle
	limit, most int // items on a page, where the request does not say, and at most
	mostOffset  int // 0: as much as a number can be

	kinds []string // of the resources that it shows; none: that of its service
	// narrow is what the request asks for beyond that. It is nil, or returns nil, for all.
	narrow func(c *Cloud, q *call) (wanted func(in *Instance) bool, err error)
	// hides tells what the request does not show; nil hides nothing.
	hides func(q *call, in *Instance, quirks Quirks) bool
	// refuses is an error for some requests, of which so many were found; nil refuses none.
	refuses func(q *call, found int, quirks Quirks) error

	// answer and item are JSON, whose blanks fill and fillItem know: {items}, {total}, {id},
	// {name}, {tags} and so on. What is not there is left out with the name of its member.
	answer, item string
	mostTotal    int // the highest total that is given; 0: any
	tags         tagShape
	untagged     Form  // of no tags
	system       []Tag // that the service adds to the tags of each
	// given is the form of the tags of all resources; nil: they are given.
	given func(quirks Quirks) Form
}

// parameter is one of a query.
type parameter struct {
	name     string
	values   []string // that it may have; nil is any
	form     form     // of its values; nil: any
	many     int      // how many values it may have, if more than one
	required bool
}

const (
	kindDDS      = "dds:instance"     // in Project.Instances
	kindFabric   = "fabric:workspace" // in Project.Workspaces
	kindCreating = "cce:creating"     // clusters without an ID
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
	tagForm        = lazily(`^[\p{L}\p{Z}\p{N}_.:+\-@]{1,128}(=[\p{L}\p{Z}\p{N}_.:/+\-@]{0,255})?$`)

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
			{operation: OpListAuthProjects, path: "v3/auth/projects", serve: (*Cloud).listAuthProjects},
			// https://support.huaweicloud.com/intl/en-us/api-iam/iam_07_0001.html
			{operation: OpListAuthDomains, path: "v3/auth/domains", serve: (*Cloud).listAuthDomains},
		},
	},
	{
		kind: "rms:resource", scope: ofAccount, errors: configErrors,
		apis: []api{
			// https://support.huaweicloud.com/intl/en-us/api-rms/rms_04_0104.html
			{
				operation: OpListAllResources, path: allResources, serve: (*Cloud).listAllResources,
				query: []parameter{
					{name: "type", form: typeForm},
					{name: "region_id", form: domainIDForm},
					{name: "ep_id", form: domainIDForm},
					{name: "id", form: resourceIDForm},
					nameFilter, tagsFilter,
				},
				pages: configPages, limit: 100, most: 200,
			},
			// https://support.huaweicloud.com/intl/en-us/api-rms/rms_04_0107.html
			{
				operation: OpCountAllResources, path: allResources + "/count", serve: (*Cloud).countAllResources,
				query: append(slices.Clip(summaryFilters), parameter{name: "id", form: resourceIDForm}),
			},
			// https://support.huaweicloud.com/intl/en-us/api-rms/rms_04_0108.html
			{operation: OpSummarizeAllResources, path: allResources + "/summary", serve: (*Cloud).summarizeAllResources, query: summaryFilters},
			// https://support.huaweicloud.com/intl/en-us/api-rms/rms_04_0201.html
			{operation: OpShowTrackerConfig, path: "v1/resource-manager/domains/*/tracker-config", serve: (*Cloud).showTrackerConfig},
		},
	},
	{
		kind: "organizations:policy", scope: ofCallersAccount, errors: organizationsErrors,
		apis: []api{
			// https://support.huaweicloud.com/api-organizations/ShowEffectivePolicies.html
			{
				operation: OpShowEffectivePolicies, path: "v1/organizations/entities/effective-policies", serve: (*Cloud).showEffectivePolicies,
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
				operation: OpListEnterpriseProject, path: "v1.0/enterprise-projects", serve: (*Cloud).listEnterpriseProjects,
				query: []parameter{
					{name: "id"},
					{name: "name"},
					{name: "status", values: []string{"1", "2"}},
					{name: "type", values: []string{"prod", "poc"}},
					{name: "sort_key", values: []string{"created_at", "updated_at"}},
					{name: "sort_dir", values: []string{"desc", "asc"}},
				},
				pages: fromOffset, limit: 1000, most: 1000,
			},
		},
	},
	{
		kind: "modelarts:pool", errors: modelartsErrors,
		apis: []api{
			// https://support.huaweicloud.com/intl/en-us/api-modelarts/ListPoolTags.html
			{
				operation: OpListPoolTags, path: "v1/*/pools/tags", serve: (*Cloud).listPoolTags,
				pages: fromOffset, limit: 200, most: maxInt32,
			},
		},
	},
	{
		kind: kindDDS, errors: databaseErrors,
		apis: []api{
			// https://support.huaweicloud.com/intl/en-us/api-dds/dds_api_0034.html
			{operation: OpListInstanceTags, path: "v3/*/instances/*/tags", serve: (*Cloud).listTags},
			// https://support.huaweicloud.com/eu/api-dds/dds_api_0077.html
			{
				operation: OpListInstances, path: "v3/*/instances", narrow: byParameters,
				query: []parameter{
					{name: "id"},
					{name: "name"},
					{name: "vpc_id"},
					{name: "subnet_id"},
					{name: "tags"},
					{name: "mode", values: []string{"Sharding", "ReplicaSet", "Single"}},
					{name: "datastore_type", values: []string{ddsCommunity, "DDS-Enhanced"}},
				},
				pages: fromOffset, limit: 100, most: 100,
				answer: `{"instances":{items},"total_count":{total}}`, item: ddsInstance,
				given: func(q Quirks) Form { return q.InstanceListTags },
			},
		},
	},
	{
		kind: kindFabric, errors: fabricErrors, shortIDs: true, incorrectToken: true,
		apis: []api{
			// https://support.huaweicloud.com/intl/en-us/api-fabric/ListTagFabricWorkspaces.html
			{
				operation: OpListFabricWorkspaces, method: http.MethodPost, path: "v1/*/fabric-workspace/resource-instances/filter", narrow: byFilter,
				pages: fromOffset, limit: 10, most: 100, mostOffset: 1_000_000_000,
				answer: filteredAnswer, item: filteredItem, mostTotal: 1000,
			},
			// The SDK documents it, in services/dataartsfabric/v1.
			{
				operation: OpListFabricProjectTags, path: "v1/*/fabric-workspace/tags", serve: (*Cloud).listKeys,
				query: []parameter{{name: predefinedTags, values: trueOrFalse, required: true}},
				pages: fromOffset, limit: 1000, most: 1000, mostOffset: 1_000_000_000,
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
