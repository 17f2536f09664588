package tagapi

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

// tagList is an array of tags as most services give it, [{"key":"env","value":"prod"}].
// It is nil where there is null, "" or nothing in its place.
type tagList []inventory.Tag

// UnmarshalJSONFrom reads the tags one by one, since a large fleet has millions of them,
// and decoding them into a struct takes twice the memory.
func (l *tagList) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*l = nil
	if d.PeekKind() != '[' {
		var empty huaweicloud.List[struct{}]
		return empty.UnmarshalJSONFrom(d)
	}
	var few [16]inventory.Tag
	tags := few[:0]
	var t tag
	read := func(name []byte) error { return t.readMember(d, name) }
	err := readItems(d, func() error {
		t = tag{}
		if err := readObject(d, read); err != nil {
			return err
		}
		tags = append(tags, inventory.Tag{Key: string(t.key.Text), Value: string(t.value.Text)})
		return t.check()
	})
	*l = append(make(tagList, 0, len(tags)), tags...)
	return err
}

// tag is one tag as it is being read.
type tag struct {
	key, value huaweicloud.Member
	others     bool // it has members that are not documented
}

func (t *tag) readMember(d *jsontext.Decoder, name []byte) error {
	switch {
	case bytes.EqualFold(name, []byte("key")):
		return t.key.UnmarshalJSONFrom(d)
	case bytes.EqualFold(name, []byte("value")):
		return t.value.UnmarshalJSONFrom(d)
	}
	t.others = true
	return d.SkipValue()
}

// check refuses what is no tag as documented, such as {"env":"prod"}: without a
// key it would be no tag at all, and its resource an untagged one. A value may be
// left out, but not for another member that may be the value under another name.
func (t *tag) check() error {
	switch {
	case !t.key.Given:
		return errors.New("a tag has no key")
	case !t.value.Given && t.others:
		return errors.New("a tag has no value, but members that are not documented")
	}
	return nil
}

// readSystemTags reads the tags that the platform gives a resource, of which only the
// enterprise project is of interest. What is no array of tags names none, and the resource and
// its own tags are known all the same.
func readSystemTags(d *jsontext.Decoder) (enterpriseProject huaweicloud.Text, err error) {
	value, err := d.ReadValue()
	if err != nil || string(value) == "[]" { // as most have it
		return "", err
	}
	var tags []struct{ Key, Value huaweicloud.Text }
	if err := json.Unmarshal(value, &tags, d.Options()); err != nil {
		return "", nil //nolint:nilerr // as said above
	}
	for _, t := range tags {
		if t.Key == "_sys_enterprise_project_id" {
			enterpriseProject = t.Value
		}
	}
	return enterpriseProject, nil
}
