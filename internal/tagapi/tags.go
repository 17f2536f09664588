package tagapi

import (
	"errors"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

// tagList is the array of tags as DDS and DataArts Fabric give it.
type tagList = huaweicloud.List[tag]

type tag struct {
	Key    huaweicloud.Member `json:"key"`
	Value  huaweicloud.Member `json:"value"`
	Others huaweicloud.Others `json:",embed"`
}

// Check refuses what is no tag as documented, such as {"env":"prod"}: without a
// key it would be no tag at all, and its resource an untagged one. A value may be
// left out, but not for another member that may be the value under another name.
func (t *tag) Check() error {
	switch {
	case !t.Key.Given:
		return errors.New("a tag has no key")
	case !t.Value.Given && len(t.Others) > 0:
		return errors.New("a tag has no value, but members that are not documented")
	}
	return nil
}

func toTags(list tagList) []inventory.Tag {
	tags := make([]inventory.Tag, len(list))
	for i, t := range list {
		tags[i] = inventory.Tag{Key: string(t.Key.Text), Value: string(t.Value.Text)}
	}
	return tags
}
