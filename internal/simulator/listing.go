package simulator

import (
	"cmp"
	"errors"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
)

// listing is a call that lists resources with their tags: what may be asked, what it
// shows unasked, and what its answer looks like.
type listing struct {
	operation, method, path string
	query                   []parameter // besides those of the pages
	pages                   pageStyle
	limit, most             int // resources on a page, where the request does not say, and at most

	// answer and item are JSON, with {items}, {total}, {next}, {id}, {name}, {alias}, {enterprise},
	// {status}, {mode} and {tags} where these belong; {other} is an enterprise project that is
	// not the default one. What is not there is left out with the name of its member.
	answer, item string
	tags         tagShape
	untagged     string // "null" or "absent", if that is what no tags look like
	system       []Tag  // that the service adds to the tags of each
	// kinds of Project.Resources that it shows, each with its mode; none: that of its
	// service.
	kinds map[string]string

	// enterprise is the parameter that asks for enterprise projects. Without it, defaultOnly
	// shows only those of the default one.
	enterprise  string
	defaultOnly bool
	// hides tells what a request does not show; nil hides nothing.
	hides func(q *call, in shown, quirks Quirks) bool
	// keepsTags tells that the list does not give the tags; nil: it does.
	keepsTags func(quirks Quirks) bool
	// refuses is an answer to some requests instead of a list; nil refuses none.
	refuses func(q *call, found []shown, quirks Quirks) *Answer
}

// shown is a resource of a kind, with the mode of its kind if it has none of its own.
type shown struct {
	Instance
	kind string
}

// pageStyle is how pages are asked for. Those of filter calls are in their bodies.
type pageStyle int

const (
	onePage      pageStyle = iota
	fromOffset             // offset, an item counted from 0, and limit
	fromOne                // the same counted from 1; the parameter may be called start
	fromPage               // offset, a page counted from 0, and limit
	pageNumbers            // offset, a page counted from 1, and limit
	clusterPages           // the same, currentPage and pageSize
	lastIDs                // marker, the ID of an item, and limit
	nextMarkers            // the same, which goes without limit and then says nothing
	nextTimes              // the same, but the marker is a time
)

// parameters are those of the pages.
func (s pageStyle) parameters() []parameter {
	switch s {
	case onePage:
		return nil
	case fromOne:
		return []parameter{{name: "start"}, {name: "offset"}, {name: "limit"}}
	case clusterPages:
		return []parameter{{name: "currentPage"}, {name: "pageSize"}}
	case lastIDs, nextMarkers, nextTimes:
		return []parameter{{name: "marker"}, {name: "limit"}}
	default:
		return []parameter{{name: "offset"}, {name: "limit"}}
	}
}

// api is the row of services that plays the listing.
func (l listing) api() api {
	query := append(slices.Clip(l.query), l.pages.parameters()...)
	if l.enterprise != "" {
		query = append(query, parameter{name: l.enterprise})
	}
	if l.method == "" {
		l.method = http.MethodGet
	}
	return api{
		operation: l.operation, method: l.method, path: l.path, query: query,
		serve: l.serve,
	}
}

func (l *listing) serve(c *Cloud, q *call) (Answer, error) {
	found := l.found(q, c.quirks)
	if l.refuses != nil {
		if a := l.refuses(q, found, c.quirks); a != nil {
			return *a, nil
		}
	}
	from, to, err := l.page(q, found, c.quirks)
	if from > 0 && from >= len(found) && c.quirks.PastEndRefused && !q.query.Has("marker") {
		return c.malformed(q, "offset is past the end"), nil
	}
	if errors.Is(err, errNoMarker) {
		return plainError(c.quirks, http.StatusNotFound, q.service.errors.gone, err.Error()), nil
	}
	if err != nil {
		return Answer{}, err
	}
	from = min(from, to)
	next := ""
	if to > from && (to < len(found) || c.quirks.Listed.LastMarker) {
		next = l.pages.marker(found[to-1])
	}
	return ok(l.fill(found[from:to], len(found), next, c.quirks)), nil
}

// found is what the request shows, without regard to pages.
func (l *listing) found(q *call, quirks Quirks) []shown {
	kinds := l.kinds
	if kinds == nil {
		kinds = map[string]string{q.service.kind: ""}
	}
	var found []shown
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		for _, in := range q.data.project.resources(kind) {
			in.Mode = cmp.Or(in.Mode, kinds[kind])
			if one := (shown{in, kind}); l.shows(q, one, quirks) {
				found = append(found, one)
			}
		}
	}
	return found
}

const allEnterpriseProjects = "all_granted_eps"

func (l *listing) shows(q *call, in shown, quirks Quirks) bool {
	if l.enterprise != "" {
		wanted, own := q.query.Get(l.enterprise), enterpriseOf(in.Instance)
		switch {
		case wanted == "" && (l.defaultOnly != quirks.Listed.OtherEnterpriseProjects) && own != "0":
			return false
		case wanted != "" && wanted != allEnterpriseProjects && wanted != own:
			return false
		}
	}
	return l.hides == nil || !l.hides(q, in, quirks)
}

func enterpriseOf(in Instance) string {
	if in.EnterpriseProjectID == "" {
		return "0"
	}
	return in.EnterpriseProjectID
}

// errNoMarker says that the page would begin behind something that is not there.
var errNoMarker = errors.New("the marker could not be found")

// page returns which of the resources the request asks for.
func (l *listing) page(q *call, found []shown, quirks Quirks) (from, to int, err error) {
	read := func(name string, otherwise, lowest, highest int) int {
		if !q.query.Has(name) || err != nil {
			return otherwise
		}
		var n int
		n, err = number(name, q.query.Get(name), lowest, highest)
		return n
	}
	limitName := "limit"
	if l.pages == clusterPages {
		limitName = "pageSize"
	}
	limit := read(limitName, l.limit, 1, l.most)
	if quirks.Listed.Clamp > 0 {
		limit = min(limit, quirks.Listed.Clamp)
	}
	switch l.pages {
	case onePage:
		return 0, len(found), nil
	case fromOffset:
		from = read("offset", 0, 0, math.MaxInt32)
	case fromOne:
		from = l.readStart(read, quirks)
	case fromPage:
		from = limit * read("offset", 0, 0, math.MaxInt32)
	case pageNumbers:
		from = limit * (max(read("offset", 1, 0, math.MaxInt32), 1) - 1)
	case clusterPages:
		from = limit * (read("currentPage", 1, 1, math.MaxInt32) - 1)
	case lastIDs, nextMarkers, nextTimes:
		marker := q.query.Get("marker")
		if marker == "" || l.pages != lastIDs && !q.query.Has("limit") {
			break
		}
		from = 1 + slices.IndexFunc(found, func(in shown) bool { return l.pages.marker(in) == marker })
		if from == 0 {
			return 0, 0, errNoMarker
		}
	}
	return from, min(from+limit, len(found)), err
}

// readStart reads where a page begins that counts from 1. It is open which of two names
// the parameter has; the other one is then ignored.
func (l *listing) readStart(read func(name string, otherwise, lowest, highest int) int, quirks Quirks) int {
	name := "offset"
	if quirks.Listed.Start {
		name = "start"
	}
	return read(name, 1, 1, math.MaxInt32) - 1
}

// fill writes the answer.
func (l *listing) fill(page []shown, total int, next string, quirks Quirks) []byte {
	return fillIn(l.answer, func(name string) []byte {
		switch name {
		case "items":
			if len(page) == 0 && quirks.EmptyArrays == EmptyNull {
				return []byte("null")
			}
			b := appendItems([]byte{'{'}, "", len(page), EmptyArray, func(b []byte, i int) []byte {
				return append(b, l.fillItem(page[i], quirks)...)
			})
			return b[len(`{"":`):]
		case "total":
			switch quirks.TotalCount {
			case TotalAbsent:
				return nil
			case TotalString:
				return appendText(nil, strconv.Itoa(total))
			}
			return strconv.AppendInt(nil, int64(total), 10)
		case "count":
			return strconv.AppendInt(nil, int64(len(page)), 10)
		case "next":
			if next == "" {
				return nil
			}
			return appendText(nil, next)
		}
		panic("simulator: an answer has no " + name)
	})
}

func (l *listing) fillItem(in shown, quirks Quirks) []byte {
	return fillIn(l.item, func(name string) []byte {
		switch name {
		case "id":
			if in.ID == "" {
				return nil
			}
			return appendText(nil, in.ID)
		case "name":
			return appendText(nil, in.Name)
		case "alias":
			if in.Name == "" {
				return nil
			}
			return appendText(nil, in.Name)
		case "status":
			return appendText(nil, in.Status)
		case "mode":
			return appendText(nil, in.Mode)
		case "other":
			if enterpriseOf(in.Instance) == "0" {
				return nil
			}
			return appendText(nil, in.EnterpriseProjectID)
		case "enterprise":
			if own := enterpriseOf(in.Instance); quirks.Listed.EnterpriseNumbers && digits.MatchString(own) {
				return []byte(own)
			}
			return appendText(nil, enterpriseOf(in.Instance))
		case "tags":
			if l.keepsTags != nil && l.keepsTags(quirks) {
				return nil
			}
			tags := append(slices.Clip(in.Tags), l.system...)
			if quirks.Listed.SystemTags {
				tags = append(tags, T("_sys_enterprise_project_id", enterpriseOf(in.Instance)))
			}
			return l.fillTags(tags, quirks)
		}
		panic("simulator: an item has no " + name)
	})
}
