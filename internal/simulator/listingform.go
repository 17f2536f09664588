package simulator

import (
	"bytes"
	"hash/fnv"
	"regexp"
	"time"
)

// tagShape is how tags are written.
type tagShape int

// The forms of tags: [{"key":"env","value":"prod"}], ["env=prod","note"],
// {"env":"prod"}, "env=prod,note=", and the first of them as the text of its JSON.
const (
	tagObjects tagShape = iota
	tagPairs
	tagMembers
	tagText
	tagsAsJSON
)

// ListedQuirks are those of services whose lists carry the tags.
type ListedQuirks struct {
	// OtherEnterpriseProjects: a list that is not asked for enterprise projects shows the
	// default one's only, where the documentation does not say so, and all where it does.
	OtherEnterpriseProjects bool
	// EnterpriseNumbers: IDs of enterprise projects that are numbers are given as such.
	EnterpriseNumbers bool
	// SystemTags: resources show _sys_enterprise_project_id among their tags.
	SystemTags bool
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

// fillTags writes tags; nil leaves the member out.
func (l *listing) fillTags(tags []Tag, q Quirks) []byte {
	if len(tags) > 0 {
		return l.tags.append(tags, q)
	}
	switch form := q.EmptyArrays; {
	case form == EmptyAbsent, form == EmptyArray && l.untagged == "absent":
		return nil
	case form == EmptyNull, l.untagged == "null":
		return []byte("null")
	}
	return l.tags.append(nil, q)
}

func (f tagShape) append(tags []Tag, q Quirks) []byte {
	var b []byte
	switch f {
	case tagObjects:
		q.EmptyArrays = EmptyArray
		return appendTags([]byte{'{'}, "", tags, q)[len(`{"":`):]
	case tagPairs:
		b = append(b, '[')
		for i, t := range tags {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendText(b, pairOf(t))
		}
		return append(b, ']')
	case tagMembers:
		b = append(b, '{')
		for _, t := range tags {
			b = appendMemberOf(b, t)
		}
		return closeObject(b)
	}
	text := ""
	if f == tagsAsJSON {
		return appendText(b, string(q.Listed.PoolTags.text(tags)))
	}
	for i, t := range tags {
		if i > 0 {
			text += ","
		}
		text += pairOf(t)
	}
	return appendText(b, text)
}

// pairOf writes a tag as key=value, or as its key alone if it has no value.
func pairOf(t Tag) string {
	if t.Value == nil {
		return t.Key
	}
	return t.Key + "=" + *t.Value
}

// appendMemberOf writes a tag as a member, whose name may need escapes.
func appendMemberOf(b []byte, t Tag) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	b = append(appendText(b, t.Key), ':')
	if t.Value == nil {
		return append(b, "null"...)
	}
	return appendText(b, *t.Value)
}

var blank = regexp.MustCompile(`("[^"{}]+":)?\{([a-z]+)\}`)

// fillIn replaces each {name} of a JSON text. Where there is no value, it leaves out the
// member that would have it.
func fillIn(text string, value func(name string) []byte) []byte {
	var b []byte
	rest := []byte(text)
	for {
		at := blank.FindSubmatchIndex(rest)
		if at == nil {
			return append(b, rest...)
		}
		b = append(b, rest[:at[0]]...)
		v := value(string(rest[at[4]:at[5]]))
		before := rest[at[0] : at[4]-1]
		rest = rest[at[1]:]
		switch {
		case v != nil:
			b = append(append(b, before...), v...)
		case bytes.HasSuffix(b, []byte{','}):
			b = b[:len(b)-1]
		default:
			rest = bytes.TrimPrefix(rest, []byte{','})
		}
	}
}

// PoolTagText is the form of the tags of a pool, as JSON in a text.
type PoolTagText int

// The forms: {key, value}, {key, values[]}, an object with a member for each tag, and what
// is no JSON.
const (
	PoolTagObjects PoolTagText = iota
	PoolTagValues
	PoolTagMembers
	PoolTagGarbage
)

func (f PoolTagText) text(tags []Tag) []byte {
	switch f {
	case PoolTagValues:
		return appendItems([]byte{'{'}, "", len(tags), EmptyArray, func(b []byte, i int) []byte {
			b = appendTextMember(append(b, '{'), "key", tags[i].Key)
			return append(appendText(append(appendMember(b, "values"), '['), textOf(tags[i].Value)), "]}"...)
		})[len(`{"":`):]
	case PoolTagMembers:
		return tagMembers.append(tags, Quirks{})
	case PoolTagGarbage:
		return []byte("{env=prod}")
	}
	return tagObjects.append(tags, Quirks{})
}

// marker is what asks for the page behind a resource: its ID, or when it was created, which
// is here as good as any time that no other one has.
func (s pageStyle) marker(in shown) string {
	if s != nextTimes {
		return in.ID
	}
	hash := fnv.New32a()
	hash.Write([]byte(in.ID))
	return time.Unix(0, int64(hash.Sum32())*1e6).UTC().Format("2006-01-02T15:04:05.000+00:00")
}
