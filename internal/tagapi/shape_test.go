package tagapi

import (
	"errors"
	"io"
	"slices"
	"testing"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
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

// TestScalarTags: keys and values may be given as numbers, as an example of DCS has them.
func TestScalarTags(t *testing.T) {
	for tags, shape := range map[string]shape{`[{"key":1,"value":2.50}]`: asObjects, `{"1":2.50}`: asMembers, `[{"key":"1","value":"2.50"}]`: asObjects, `["1=2.50"]`: asPairs} {
		page := &rowPage{row: &row{items: "all", shape: shape}}
		err := huaweicloud.Decode([]byte(`{"all":[{"id":7,"tags":`+tags+`}]}`), page)
		if err != nil || len(page.items) != 1 || page.items[0].ID != "7" || !slices.Equal(page.items[0].Tags, []inventory.Tag{{Key: "1", Value: "2.50"}}) {
			t.Errorf("%s: %+v, %v", tags, page.items, err)
		}
	}
}

// TestCutInTags: an answer that ends within the tags of a resource is one that is cut, whatever
// shape they have: it is asked for again.
func TestCutInTags(t *testing.T) {
	for name, test := range map[string]struct {
		shape shape
		tags  string
	}{
		"objects": {asObjects, `[{"key":"env","value":"prod"},{"key":"team","value":"sea"}]`},
		"array":   {asArray, `[{"key":"env","value":"prod"},{"key":"team","value":"sea"}]`},
		"pairs":   {asPairs, `["env=prod","team=sea"]`},
		"members": {asMembers, `{"env":"prod","team":"sea"}`},
		"text":    {asText, `"env=prod,team=sea"`},
		"JSON":    {asJSON, `"[{\"key\":\"env\",\"value\":\"prod\"}]"`},
	} {
		for end := range len(test.tags) {
			page := &rowPage{row: &row{items: "items", shape: test.shape}}
			err := huaweicloud.Decode([]byte(`{"items":[{"id":"a","tags":`+test.tags[:end]), page)
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s, %q: %v", name, test.tags[:end], err)
			}
		}
	}
}
