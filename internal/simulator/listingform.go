package simulator

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// tagShape is how tags are written.
type tagShape int

const (
	tagObjects tagShape = iota // [{"key":"env","value":"prod"}]
	tagPairs                   // ["env=prod","note"]
	tagMembers                 // {"env":"prod"}
	tagText                    // "env=prod,note"
	tagsAsJSON                 // the first of them as the text of its JSON
)

// ListedQuirks are those of services whose lists carry the tags.
type ListedQuirks struct {
	// OtherEnterpriseProjects: a list that is not asked for enterprise projects shows the
	// default one's only, where the documentation does not say so, and all where it does.
	OtherEnterpriseProjects bool
	// EnterpriseNumbers: IDs of enterprise projects that are numbers are given as such.
	EnterpriseNumbers bool
	// LastMarker: the last page of a list has a marker, too.
	LastMarker bool
	// Start: CSS calls the first item start, not offset.
	Start bool
	// Clamp: no page has more than so many items, whatever is asked for; 0: as documented.
	Clamp int
	// ForeignDatabases: the lists of GaussDB and TaurusDB have the instances of both.
	ForeignDatabases bool
	// SharesUntagged: the list of SFS Turbo never has tags.
	SharesUntagged bool
	// SubnetsUnpublished: a region does not have the newer list of subnets.
	SubnetsUnpublished bool
	// TerminatedExist: MRS counts terminated clusters as existing.
	TerminatedExist bool
	// PoolTags is what the text of the tags of ModelArts' pools looks like.
	PoolTags PoolTagText
	// GrantedRefused: MRS does not know all_granted_eps.
	GrantedRefused bool
}

// appendTags writes the tags of a resource, or nothing, which leaves the member out.
func (a *api) appendTags(b []byte, tags []Tag, q Quirks) []byte {
	tags = append(slices.Clip(tags), a.system...)
	form := Documented
	if a.given != nil {
		form = a.given(q)
	}
	if form == Documented && len(tags) == 0 {
		form = cmp.Or(q.EmptyArrays, a.untagged)
	}
	switch form {
	case Absent:
		return b
	case Null:
		return append(b, "null"...)
	default:
		return a.tags.append(b, tags, q)
	}
}

func (f tagShape) append(b []byte, tags []Tag, q Quirks) []byte {
	switch f {
	case tagPairs:
		return appendArray(b, len(tags), Documented, func(b []byte, i int) []byte { return appendText(b, pairOf(tags[i])) })
	case tagMembers:
		return appendTagMembers(b, tags)
	case tagText:
		pairs := make([]string, len(tags))
		for i, t := range tags {
			pairs[i] = pairOf(t)
		}
		return appendText(b, strings.Join(pairs, ","))
	case tagsAsJSON:
		return appendText(b, string(q.Listed.PoolTags.text(tags)))
	default:
		return appendTags(b, tags, q)
	}
}

// pairOf writes a tag as key=value, or as its key alone if it has no value.
func pairOf(t Tag) string {
	if t.Value == nil {
		return t.Key
	}
	return t.Key + "=" + *t.Value
}

// fillIn appends a JSON text, with what value appends for each {name} of it. Where that
// is nothing, it leaves out the member that would have it.
func fillIn(b []byte, text string, value func(b []byte, name string) []byte) []byte {
	for {
		before, behind, found := strings.Cut(text, "{")
		b = append(b, before...)
		if !found {
			return b
		}
		name, rest, _ := strings.Cut(behind, "}")
		if name == "" || name[0] == '"' { // an object
			b, text = append(b, '{'), behind
			continue
		}
		filled := value(b, name)
		if len(filled) == len(b) {
			if member, isMember := bytes.CutSuffix(b, []byte(`":`)); isMember {
				b = b[:bytes.LastIndexByte(member, '"')]
			}
			var comma bool
			if filled, comma = bytes.CutSuffix(b, []byte{','}); !comma {
				rest = strings.TrimPrefix(rest, ",")
			}
		}
		b, text = filled, rest
	}
}

// PoolTagText is the form of the tags of a pool, as JSON in a text.
type PoolTagText int

// The forms of that text.
const (
	PoolTagObjects PoolTagText = iota // an array of {key, value}
	PoolTagValues                     // an array of {key, values[]}
	PoolTagMembers                    // an object with a member for each tag
	PoolTagGarbage                    // no JSON
)

func (f PoolTagText) text(tags []Tag) []byte {
	switch f {
	case PoolTagValues:
		return appendArray(nil, len(tags), Documented, func(b []byte, i int) []byte {
			b = appendTextMember(append(b, '{'), "key", tags[i].Key)
			return append(appendText(append(appendMember(b, "values"), '['), textOf(tags[i].Value)), "]}"...)
		})
	case PoolTagMembers:
		return appendTagMembers(nil, tags)
	case PoolTagGarbage:
		return []byte("{env=prod}")
	}
	return appendTags(nil, tags, Quirks{})
}
