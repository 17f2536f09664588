package tagapi

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

// shape is how a listing writes the tags of a resource. Untagged resources have null, "",
// [], {} or no such member in each of them. Everything else that is not the shape is an
// error: taken for no tags, it would make a whole fleet look untagged.
type shape struct {
	kind jsontext.Kind
	read func(d *jsontext.Decoder) ([]inventory.Tag, error)
}

var (
	asObjects = shape{'[', readTagObjects} // [{"key":"env","value":"prod"}]
	asArray   = shape{0, readTagObjects}   // likewise, but {} is no empty array
	asPairs   = shape{'[', readTagPairs}   // ["env=prod","note=","note"]
	asMembers = shape{'{', readTagMembers} // {"env":"prod"}
	asText    = shape{'"', readTagText}    // "env=prod,note="
	asJSON    = shape{0, readTagJSON}      // "[{\"key\":\"env\",\"value\":\"prod\"}]"
)

// errUnreadable is how a shape says that the tags of one resource cannot be read, and that
// this says nothing about those of others.
var errUnreadable = errors.New("tags that are no JSON as expected")

// tags reads the tags of a resource.
func (s shape) tags(d *jsontext.Decoder) ([]inventory.Tag, error) {
	if s.kind == 0 || d.PeekKind() == s.kind {
		return s.read(d)
	}
	return nil, readNothing(d, "tags in another shape than documented")
}

// readNothing reads what may stand in the place of an empty array or object, and fails
// with a reason if it is anything else.
func readNothing(d *jsontext.Decoder, otherwise string) error {
	value, err := d.ReadValue()
	if err != nil {
		return err
	}
	switch kind := value.Kind(); {
	case kind == 'n', kind == '"' && string(value) == `""`:
		return nil
	case (kind == '[' || kind == '{') && len(bytes.TrimSpace(value[1:len(value)-1])) == 0:
		return nil
	}
	return errors.New(otherwise) // what it is instead may be secret
}

func readTagObjects(d *jsontext.Decoder) ([]inventory.Tag, error) {
	var list tagList
	err := list.UnmarshalJSONFrom(d)
	return list, err
}

func readTagPairs(d *jsontext.Decoder) ([]inventory.Tag, error) {
	var few [16]inventory.Tag // enough for most, without growing
	tags := few[:0]
	var pair huaweicloud.Text // out here, or each tag would have its own on the heap
	err := readItems(d, func() error {
		if kind := d.PeekKind(); kind != '"' && kind != 0 { // 0: reading it says what is wrong
			return errors.New("a tag is no text")
		}
		if err := pair.UnmarshalJSONFrom(d); err != nil {
			return err
		}
		if pair == "" {
			return errors.New("a tag has no key")
		}
		tags = append(tags, cutTag(string(pair)))
		return nil
	})
	return slices.Clone(tags), err
}

func readTagMembers(d *jsontext.Decoder) ([]inventory.Tag, error) {
	var few [16]inventory.Tag
	tags := few[:0]
	var value huaweicloud.Text
	err := readObject(d, func(name []byte) error {
		key := string(name)
		if err := value.UnmarshalJSONFrom(d); err != nil {
			return err
		}
		tags = append(tags, inventory.Tag{Key: key, Value: string(value)})
		return nil
	})
	return slices.Clone(tags), err
}

// readTagText reads tags in one text. Neither character that divides it may be part of
// a tag where it is used.
func readTagText(d *jsontext.Decoder) (tags []inventory.Tag, err error) {
	var text huaweicloud.Text
	if err := text.UnmarshalJSONFrom(d); err != nil {
		return nil, err
	}
	for pair := range strings.SplitSeq(string(text), ",") {
		if pair != "" {
			tags = append(tags, cutTag(pair))
		}
	}
	return tags, nil
}

// readTagJSON reads tags that are JSON in a text, or in its place. What it looks like is
// not documented, so all is accepted that is a list of keys with their values.
func readTagJSON(d *jsontext.Decoder) (tags []inventory.Tag, err error) {
	value, err := d.ReadValue()
	if err != nil {
		return nil, err
	}
	var text huaweicloud.Text
	if value.Kind() == '"' && json.Unmarshal(value, &text, d.Options()) == nil {
		value = jsontext.Value(text)
	}
	if len(bytes.TrimSpace(value)) == 0 {
		return nil, nil
	}
	var list huaweicloud.ListOrOne[poolTag]
	if json.Unmarshal(value, &list, d.Options()) == nil {
		for _, t := range list.List {
			tags = append(tags, t.tags()...)
		}
		return tags, nil
	}
	var members map[string]huaweicloud.Text
	if json.Unmarshal(value, &members, d.Options()) != nil {
		return nil, errUnreadable
	}
	for key, v := range members {
		tags = append(tags, inventory.Tag{Key: key, Value: string(v)})
	}
	return tags, nil
}

// cutTag reads key=value. Where there is no "=", the value is empty.
func cutTag(pair string) inventory.Tag {
	key, value, _ := strings.Cut(pair, "=")
	return inventory.Tag{Key: key, Value: value}
}
