package config

import (
	"time"
	"unicode/utf8"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

// dds decodes what only the DDS section has.
func (s section) dds(service *Service) {
	before := len(s.d.problems)
	service.TagsFrom = s.text("tags_from", TagAPI)
	service.RenewAfter = s.duration("renew_after", 0, 0)
	service.MaxTagAge = s.duration("max_tag_age", 10*time.Minute, 0)
	if v, _ := s.get("tags_from"); service.TagsFrom != TagAPI && service.TagsFrom != InstanceList {
		s.d.errorf(v, "must be %s or %s: %s", TagAPI, InstanceList, quote(service.TagsFrom))
	}
	if v, _ := s.get("renew_after"); service.RenewAfter > service.MaxTagAge && len(s.d.problems) == before {
		s.d.errorf(v, "must not be more than max_tag_age: %s is more than %s", service.RenewAfter, service.MaxTagAge)
	}
}

// selectors decodes the Fabric queries, one for each key and value.
func (s section) selectors() []inventory.Tag {
	var tags []inventory.Tag
	first := make(map[inventory.Tag]string) // the path that has it
	for _, item := range s.list("selectors") {
		if s.d.spent(item) {
			break
		}
		sel := s.d.section(item, "key", "values")
		sel.require("key", "values")
		key := sel.name("key", "")
		if v, _ := sel.get("key"); utf8.RuneCountInString(key) > inventory.MaxKeyLength {
			s.d.errorf(v, "must be at most %d characters: %s", inventory.MaxKeyLength, quote(key))
		}
		values := sel.list("values")
		if v, _ := sel.get("values"); values != nil && len(values) == 0 {
			s.d.errorf(v, "must not be empty")
		}
		for _, v := range values {
			text, ok := s.d.text(v)
			tag := inventory.Tag{Key: key, Value: text}
			other, twice := first[tag]
			switch {
			case !ok || key == "":
			case utf8.RuneCountInString(text) > inventory.MaxValueLength:
				s.d.errorf(v, "must be at most %d characters: %s", inventory.MaxValueLength, quote(text))
			case twice:
				s.d.errorf(v, "%s is asked for twice, first in %s", quote(key+"="+text), other)
			default:
				first[tag] = v.path
				tags = append(tags, tag)
			}
		}
	}
	return tags
}

// endpoint returns the endpoint below a key, "" if it is not given.
func (s section) endpoint(key string) string {
	v, given := s.get(key)
	text := s.name(key, "")
	if !given || text == "" {
		return ""
	}
	endpoint, err := huaweicloud.ParseEndpoint(text)
	if err != nil {
		s.d.errorf(v, "%w", err)
		return ""
	}
	return endpoint.String()
}
