package tagapi

import (
	"bytes"
	"errors"
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
	asPairs   = shape{'[', readTagPairs}   // ["env=prod","note=","note"]
	asMembers = shape{'{', readTagMembers} // {"env":"prod"}
	asText    = shape{'"', readTagText}    // "env=prod,note="
)

// tags reads the tags of a resource.
func (s shape) tags(d *jsontext.Decoder) ([]inventory.Tag, error) {
	if d.PeekKind() == s.kind {
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
	switch string(bytes.Join(bytes.Fields(value), nil)) {
	case `null`, `""`, `[]`, `{}`:
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
	var list huaweicloud.List[huaweicloud.Text]
	if err := json.UnmarshalDecode(d, &list); err != nil {
		return nil, err
	}
	tags := make([]inventory.Tag, len(list))
	for i, pair := range list {
		tags[i] = cutTag(string(pair))
	}
	return tags, nil
}

func readTagMembers(d *jsontext.Decoder) (tags []inventory.Tag, err error) {
	err = readObject(d, func(name []byte) error {
		var value huaweicloud.Text
		key := string(name)
		if err := value.UnmarshalJSONFrom(d); err != nil {
			return err
		}
		tags = append(tags, inventory.Tag{Key: key, Value: string(value)})
		return nil
	})
	return tags, err
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

// cutTag reads key=value. Where there is no "=", the value is empty.
func cutTag(pair string) inventory.Tag {
	key, value, _ := strings.Cut(pair, "=")
	return inventory.Tag{Key: key, Value: value}
}
