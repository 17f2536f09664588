package simulator

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// list answers with the page of resources that was asked for.
func (c *Cloud) list(q *call) (Answer, error) {
	found, err := c.found(q)
	if err != nil {
		return Answer{}, err
	}
	if q.api.refuses != nil {
		if err := q.api.refuses(q, len(found), c.quirks); err != nil {
			return Answer{}, err
		}
	}
	if q.offset > 0 && q.offset >= len(found) && c.quirks.PastEndRefused {
		return c.malformed(q, "offset is past the end"), nil
	}
	style, from, to := q.api.pages, q.offset, len(found)
	if marker := q.query.Get("marker"); style.marker != nil && marker != "" && (q.query.Has("limit") || !style.needsLimit) {
		from = 1 + slices.IndexFunc(found, func(in *Instance) bool { return style.marker(in) == marker })
		if from == 0 {
			return ErrorE1(http.StatusNotFound, q.service.errors.gone, "the marker could not be found"), nil
		}
	}
	if style.start != "" {
		from, to = page(len(found), from, q.limit)
	}
	next := ""
	if style.marker != nil && to > from && (to < len(found) || c.quirks.Listed.LastMarker) {
		next = style.marker(found[to-1])
	}
	total := len(found)
	if q.api.mostTotal > 0 {
		total = min(total, q.api.mostTotal)
	}
	return ok(c.fill(q.api.answer, to-from, total, next, func(b []byte, i int) []byte {
		return c.fillItem(b, q.api, found[from+i])
	})), nil
}

// found are the resources that the request asks for, on all pages.
func (c *Cloud) found(q *call) (found []*Instance, err error) {
	var wanted func(in *Instance) bool // nil: all
	if q.api.narrow != nil {
		if wanted, err = q.api.narrow(c, q); err != nil {
			return nil, err
		}
	}
	kinds := q.api.kinds
	if kinds == nil {
		kinds = []string{q.service.kind}
	}
	if len(kinds) == 1 && wanted == nil && q.api.enterprise == "" && q.api.hides == nil {
		return q.data.fleets[kinds[0]].list, nil // all, as often as a page of them is asked for
	}
	for _, kind := range kinds {
		list := q.data.fleets[kind].list
		found = slices.Grow(found, len(list))
		for _, in := range list {
			if q.shows(in, c.quirks) && (wanted == nil || wanted(in)) {
				found = append(found, in)
			}
		}
	}
	return found, nil
}

const allEnterpriseProjects = "all_granted_eps"

func (q *call) shows(in *Instance, quirks Quirks) bool {
	if parameter := q.api.enterprise; parameter != "" {
		wanted, own := q.query.Get(parameter), in.enterprise()
		switch {
		case wanted == "" && (q.api.defaultOnly != quirks.Listed.OtherEnterpriseProjects) && own != "0":
			return false
		case wanted != "" && wanted != allEnterpriseProjects && wanted != own:
			return false
		}
	}
	return q.api.hides == nil || !q.api.hides(q, in, quirks)
}

func (in *Instance) enterprise() string { return cmp.Or(in.EnterpriseProjectID, "0") }

// fill is an answer of so many items on a page, with its blanks filled in.
func (c *Cloud) fill(answer string, items, total int, next string, item func(b []byte, i int) []byte) []byte {
	return fillIn(nil, answer, func(b []byte, name string) []byte {
		switch name {
		case "items":
			form := c.quirks.EmptyArrays
			if form == Absent && !strings.Contains(answer, "{total}") {
				form = Documented // nothing would be left that says that there is nothing
			}
			return appendArray(b, items, form, item)
		case "total":
			return appendTotal(b, total, c.quirks.TotalCount)
		case "count":
			return strconv.AppendInt(b, int64(items), 10)
		case "next":
			return appendUnlessEmpty(b, next)
		}
		panic("simulator: an answer has no " + name)
	})
}

func (c *Cloud) fillItem(b []byte, a *api, in *Instance) []byte {
	return fillIn(b, a.item, func(b []byte, name string) []byte {
		switch name {
		case "id":
			return appendUnlessEmpty(b, in.ID)
		case "name":
			return appendText(b, in.Name)
		case "alias":
			return appendUnlessEmpty(b, in.Name)
		case "status":
			return appendText(b, cmp.Or(in.Status, "normal"))
		case "mode":
			return appendText(b, in.Mode)
		case "region":
			return appendText(b, in.region)
		case "created":
			return in.Created.UTC().AppendFormat(b, `"2006-01-02T15:04:05-0700"`)
		case "vpc":
			return appendText(b, in.VPCID)
		case "subnet":
			return appendText(b, in.SubnetID)
		case "other":
			if in.enterprise() == "0" {
				return b
			}
			return appendText(b, in.EnterpriseProjectID)
		case "enterprise":
			if own := in.enterprise(); c.quirks.Listed.EnterpriseNumbers && digits.MatchString(own) {
				return append(b, own...)
			}
			return appendText(b, in.enterprise())
		case "tags":
			return a.appendTags(b, in.Tags, c.quirks)
		case "system":
			var system []Tag
			if in.EnterpriseProjectID != "" {
				system = []Tag{T(enterpriseTag, in.EnterpriseProjectID)}
			}
			return appendTags(b, system, c.quirks)
		case "detail":
			return append(b, either(c.quirks.NullDetail, "null", "{}")...)
		case "port":
			return append(b, either(c.quirks.DDSPageScalars, "8635", `"8635"`)...)
		case "ssl":
			return append(b, either(c.quirks.DDSPageScalars, `"1"`, "1")...)
		}
		panic("simulator: an item has no " + name)
	})
}

// either is one of two ways to write what all resources have.
func either(quirk bool, then, otherwise string) string {
	if quirk {
		return then
	}
	return otherwise
}
