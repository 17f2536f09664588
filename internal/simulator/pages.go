package simulator

import (
	"fmt"
	"hash/fnv"
	"math"
	"strconv"
	"time"
)

const maxInt32 = math.MaxInt32

// pageStyle is how pages are asked for: by a number, or by what an answer says of the
// next page. Without parameters, an API has no pages.
type pageStyle struct {
	start, limit string // the parameters: where a page begins, and how many items it has
	otherStart   string // another name of start, see ListedQuirks.Start
	first        int    // the number that the first page or item has
	lowest       int    // the lowest number that may be asked for; below first, it means first
	ofPages      bool   // the number counts pages, not items
	inBody       bool   // the parameters are members of the body, not of the query
	asText       bool   // there they are strings, not numbers
	form         form   // of a marker; nil: any
	// marker is what asks for the page behind an item; nil: numbers do.
	marker     func(in *Instance) string
	needsLimit bool // a marker without limit says nothing
}

var (
	fromOffset   = pageStyle{start: "offset", limit: "limit"}
	fromOne      = pageStyle{start: "offset", otherStart: "start", limit: "limit", first: 1, lowest: 1}
	fromPage     = pageStyle{start: "offset", limit: "limit", ofPages: true}
	pageNumbers  = pageStyle{start: "offset", limit: "limit", ofPages: true, first: 1}
	clusterPages = pageStyle{start: "currentPage", limit: "pageSize", ofPages: true, first: 1, lowest: 1}
	inBody       = pageStyle{start: "offset", limit: "limit", inBody: true}
	inBodyAsText = pageStyle{start: "offset", limit: "limit", inBody: true, asText: true}
	lastIDs      = pageStyle{start: "marker", limit: "limit", marker: idOf}
	nextMarkers  = pageStyle{start: "marker", limit: "limit", marker: idOf, needsLimit: true}
	nextTimes    = pageStyle{start: "marker", limit: "limit", marker: timeOf, needsLimit: true}
	configPages  = pageStyle{start: "marker", limit: "limit", form: markerForm} // see readMarker
)

func idOf(in *Instance) string { return in.ID }

// timeOf is when a resource was created, which is here as good as any time that no other
// one has.
func timeOf(in *Instance) string {
	hash := fnv.New32a()
	hash.Write([]byte(in.ID))
	return time.Unix(0, int64(hash.Sum32())*1e6).UTC().Format("2006-01-02T15:04:05.000+00:00")
}

// parameters are those of the query.
func (s pageStyle) parameters() []parameter {
	switch {
	case s.start == "", s.inBody:
		return nil
	case s.otherStart != "":
		return []parameter{{name: s.start}, {name: s.limit}, {name: s.otherStart}}
	default:
		return []parameter{{name: s.start, form: s.form}, {name: s.limit}}
	}
}

// readPage reads which page is asked for. get finds what is asked by its name.
func (c *Cloud) readPage(q *call, get func(name string) (text string, given bool)) (err error) {
	read := func(name string, otherwise, lowest, highest int) int {
		text, given := get(name)
		if !given || err != nil {
			return otherwise
		}
		var n int
		n, err = number(name, text, lowest, highest)
		return n
	}
	style := q.api.pages
	q.limit = read(style.limit, q.api.limit, 1, q.api.most)
	if c.quirks.Listed.Clamp > 0 {
		q.limit = min(q.limit, c.quirks.Listed.Clamp)
	}
	start := style.start
	switch {
	case start == "marker":
		return err
	case style.otherStart != "" && c.quirks.Listed.Start:
		start = style.otherStart
	}
	highest := maxInt32
	if q.api.mostOffset > 0 {
		highest = q.api.mostOffset
	}
	q.offset = max(read(start, style.first, style.lowest, highest)-style.first, 0)
	if style.ofPages {
		q.offset *= q.limit // at most 2^62
	}
	return err
}

// number reads a whole number from a range, both ends included.
func number(name, text string, lowest, highest int) (int, error) {
	value, err := strconv.Atoi(text)
	if err != nil || !digits.MatchString(text) {
		return 0, fmt.Errorf("%s %q is not a whole number", name, text)
	}
	if value < lowest || value > highest {
		return 0, fmt.Errorf("%s %d is outside %d-%d", name, value, lowest, highest)
	}
	return value, nil
}

// page returns the bounds of a page of n records; both are n past the end.
func page(n, offset, limit int) (from, to int) {
	from = min(offset, n)
	return from, from + min(limit, n-from)
}
