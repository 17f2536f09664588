package tagapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

// row is a call that lists resources with their tags. All rows are read alike: what is
// special about a service is in its row. Paths lead to a member of an object, of the answer
// or of an item, through objects around it: "metadata.uid".
type row struct {
	service, kind string // labels cloud_service and resource_type; rows that share both are read as one
	operation     string // the official SDK's name
	path          string // {project} is the project's ID
	query         string // parameters that each request has, encoded
	body          string // an object that each request carries; "": it is a GET
	key, value    string // the tag by which it selects; "": it does not
	pages         pages

	items string // path in the answer
	total string // path in the answer of how many there are in all; "": it does not say

	// Paths in an item.
	id, name, tags string // "": that is what they are called there
	orName         string // where name is not given
	enterprise     string // the ID of the enterprise project
	noEnterprise   string // the ID of that of an item that names none; "": that is not known
	shape          shape  // of the tags; none: asObjects
	// documented are the arrays and objects that an item may have beside its tags. Any other,
	// in an item without tags, may be those under another name: it is malformed. nil: any may
	// be there.
	documented []string

	// What is not wanted, although it is listed. An item without what where leads to is
	// malformed.
	where   string
	wanted  func(value string) bool
	noID    bool     // an item may have no ID yet: then it is passed over
	emptyID bool     // an ID may be null or empty, but not missing
	inPath  bool     // the ID becomes part of a path, and must be fit for that
	system  []string // keys that the service itself sets, which are no tags

	// eachWorkspace: a request lists what one workspace of ModelArts has, and {workspace} in
	// the query is its ID.
	eachWorkspace bool
	// instead, if there is one, reads pairs of keys and values that name no resources: there is
	// no list.
	instead func(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading) error
	besides string // an operation that is called, too
	// check, if there is one, says what is wrong with all that was read of the type.
	check func(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading) error
	// plain: see listing. Nor does a refusal say of a page that it is not there.
	plain bool
	// missing tells the answer that there is no such list, such as that the service does not
	// know a parameter. Then the other rows of the type list all that there is. nil: it is a
	// failure like any other.
	missing func(*huaweicloud.Error) bool
	// sure is asked where this one is not published, or lists resources of which none has
	// a tag: it may be that it never gives them.
	sure *row
}

// reach is that of what the row reads.
func (r *row) reach() inventory.Reach {
	if r.instead != nil {
		return inventory.Pairs
	}
	return inventory.All
}

// idPath, namePath, tagsPath and enterprisePath are where an item has them.
func (r *row) idPath() string   { return cmp.Or(r.id, "id") }
func (r *row) namePath() string { return cmp.Or(r.name, "name") }
func (r *row) tagsPath() string { return cmp.Or(r.tags, "tags") }

func (r *row) enterprisePath() string { return cmp.Or(r.enterprise, "enterprise_project_id") }

// inSystemTags is the path where the enterprise project is one of the tags that the platform
// gives a resource.
const inSystemTags = "sys_tags"

func (r *row) tagShape() shape {
	if r.shape.read == nil {
		return asObjects
	}
	return r.shape
}

// pages is how a listing is asked for page by page.
type pages struct {
	size     int  // items on a page; 0: all come at once
	numbered bool // see listing
	chained  bool // the answer says behind which marker the next page begins
	lastID   bool // that marker is the ID of the last item
	inBody   bool // the parameters are members of the body
	// at returns the parameters that ask for the page that begins with an item, counted
	// from 0.
	at func(offset, size int) string
}

// byOffset counts items from 0.
func byOffset(size int) pages {
	return pages{size: size, at: func(offset, size int) string { return fmt.Sprintf("limit=%d&offset=%d", size, offset) }}
}

// fromOne counts items from 1. Sources disagree about the name of the parameter, so it is
// given by both.
func fromOne(size int) pages {
	return pages{size: size, at: func(offset, size int) string {
		return fmt.Sprintf("limit=%d&start=%d&offset=%[2]d", size, offset+1)
	}}
}

// byBody is byOffset in the body, with quotes around the numbers, or without.
func byBody(size int, quote string) pages {
	return pages{size: size, inBody: true, at: func(offset, size int) string {
		return fmt.Sprintf(`"limit":%[3]s%[1]d%[3]s,"offset":%[3]s%[2]d%[3]s`, size, offset, quote)
	}}
}

// byWholePages is byOffset for a service that refuses an offset within a page.
func byWholePages(size int) pages {
	whole := byOffset(size)
	whole.numbered = true
	return whole
}

// byNumber counts pages from 1, in parameters of any names.
func byNumber(number, limit string, size int) pages {
	return pages{size: size, numbered: true, at: func(offset, size int) string {
		return fmt.Sprintf("%s=%d&%s=%d", limit, size, number, offset/size+1)
	}}
}

// byMarker follows the markers in page_info.next_marker. All that have them allow 2000
// items.
func byMarker() pages { return pages{size: 1000, chained: true} }

// byLastID begins each page behind the last item of the one before. It ends with an empty
// page: a short one may be as long as the service allows.
func byLastID(size int) pages { return pages{size: size, chained: true, lastID: true} }

// request returns the request for the page with these parameters. It may come later than
// another page, and find that it is not there any more.
func (r *row) request(projectID, page string, later bool) huaweicloud.Request {
	query, body := joined(r.query, page, "&"), r.body
	if r.pages.inBody {
		query, body = r.query, strings.TrimSuffix(r.body, "}")+","+page+"}"
	}
	request := huaweicloud.Request{
		Operation: r.operation, Method: http.MethodGet, Path: strings.ReplaceAll(r.path, "{project}", projectID),
		Query: query, Key: r.key, Value: r.value,
	}
	if body != "" {
		request.Method, request.Body = http.MethodPost, []byte(body)
	}
	if !r.plain {
		request.Expected = func(e *huaweicloud.Error) bool {
			return r.isMissing(e) || r.sure != nil && e.Status == http.StatusNotFound || later && isNoPage(e)
		}
	}
	return request
}

// behind returns the parameters that ask for the page behind a marker.
func (r *row) behind(marker string) string {
	if r.pages.size == 0 {
		return ""
	}
	page := fmt.Sprintf("limit=%d", r.pages.size)
	if marker != "" {
		page += "&marker=" + url.QueryEscape(marker)
	}
	return page
}

// isNoPage reports whether a service, not the gateway before it, says that a page does not
// exist. It did when the page before it was read.
func isNoPage(err error) bool {
	e, ok := errors.AsType[*huaweicloud.Error](err)
	return ok && huaweicloud.IsAbsent(e) && e.OfService()
}

// isMissing reports whether an answer says that there is no such list.
func (r *row) isMissing(e *huaweicloud.Error) bool { return r.missing != nil && r.missing(e) }

// isRefused reports whether a service says that the request is wrong.
func isRefused(e *huaweicloud.Error) bool { return e.Status == http.StatusBadRequest && e.OfService() }

// isUnpublished reports whether the gateway says that a region has no such operation. It
// says so, too, if the address is wrong: then the other lists of the type fail.
func isUnpublished(e *huaweicloud.Error) bool {
	return e.Status == http.StatusNotFound && (e.Code == "APIG.0101" || e.Code == "APIGW.0101")
}

// joined puts a separator between two texts, if there are two.
func joined(a, b, separator string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + separator + b
}
