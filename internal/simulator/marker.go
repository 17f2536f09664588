package simulator

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
)

// place is where a page begins.
type place struct {
	index int
	empty bool // the page has no resources, see PagesBetween
}

// A marker is three parts of fixed length in base64: a letter for markers as such,
// one for whether the next page is empty, and a place in the order of the list, after
// which it goes on, or an index.
const (
	markerLetter = 'M'
	markerFull   = 'f'
	markerEmpty  = 'e'
	markerLength = 10
)

func (c *Cloud) readMarker(text string, list []*recorded) (at place, err error) {
	if text == "" {
		return place{}, nil
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != markerLength || raw[0] != markerLetter {
		return place{}, fmt.Errorf("marker %q is not one of ours", text)
	}
	at.empty = raw[1] == markerEmpty
	number := binary.BigEndian.Uint64(raw[2:])
	if c.quirks.MarkerIsIndex {
		at.index = int(min(number, uint64(len(list))))
		return at, nil
	}
	at.index = slices.IndexFunc(list, func(r *recorded) bool { return r.place > number })
	if at.index < 0 {
		at.index = len(list)
	}
	return at, nil
}

// nextMarker is where the page after the one from at to an index begins, "" if there
// is none.
func (c *Cloud) nextMarker(q *call, at place, list []*recorded, to int) string {
	more := to < len(list)
	switch asked := q.query.Get("marker"); {
	case c.quirks.Pages == PagesRepeat && asked != "":
		return asked
	case c.quirks.Pages == PagesThenEmpty:
		more = to > at.index
	case at.empty:
		more = true
	}
	if !more {
		return ""
	}
	next, number := byte(markerFull), uint64(to)
	if c.quirks.Pages == PagesBetween && !at.empty {
		next = markerEmpty
	}
	if !c.quirks.MarkerIsIndex && to > 0 {
		number = list[to-1].place
	}
	raw := append(make([]byte, 0, markerLength), markerLetter, next)
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint64(raw, number))
}

func (c *Cloud) appendNextMarker(b []byte, marker string) []byte {
	if marker == "" {
		switch c.quirks.EndMarker {
		case Documented:
			return append(appendMember(b, "next_marker"), "null"...)
		case Absent:
			return b
		}
	}
	return appendTextMember(b, "next_marker", marker)
}
