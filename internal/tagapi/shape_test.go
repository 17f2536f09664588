package tagapi

import (
	"testing"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// TestNoTags: an untagged resource may have anything empty where its tags would be, with
// white space in it or not.
func TestNoTags(t *testing.T) {
	for name, shape := range map[string]shape{"objects": asObjects, "pairs": asPairs, "members": asMembers, "text": asText, "JSON": asJSON} {
		for _, tags := range []string{`null`, `""`, `[]`, `{}`, "[ ]", "{\n}"} {
			page := &rowPage{row: &row{items: "all", shape: shape}}
			err := huaweicloud.Decode([]byte(`{"all":[{"id":"a","tags":`+tags+`}]}`), page)
			if err != nil || len(page.items) != 1 || len(page.items[0].Tags) > 0 || page.items[0].unreadable {
				t.Errorf("%s: %q: %+v, %v", name, tags, page.items, err)
			}
		}
	}
}
