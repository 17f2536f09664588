package config

import (
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

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

// Longer keys and values do not exist:
// https://support.huaweicloud.com/intl/en-us/usermanual-tms/tms_01_0014.html
const (
	maxKeyLength   = 128
	maxValueLength = 255
)

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
		if v, _ := sel.get("key"); utf8.RuneCountInString(key) > maxKeyLength {
			s.d.errorf(v, "must be at most %d characters: %s", maxKeyLength, quote(key))
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
			case utf8.RuneCountInString(text) > maxValueLength:
				s.d.errorf(v, "must be at most %d characters: %s", maxValueLength, quote(text))
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
	endpoint, err := parseEndpoint(text)
	if err != nil {
		s.d.errorf(v, "%w", err)
	}
	return endpoint
}

// parseEndpoint returns scheme and host of an endpoint, which must have nothing
// else. A trailing slash is tolerated. Errors do not quote it: it may hold a
// password.
func parseEndpoint(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Opaque != "", u.Host == "":
		return "", errors.New("must be http:// or https:// and a host")
	case u.User != nil:
		return "", errors.New("must hold no user and password")
	case u.Path != "" && u.Path != "/":
		return "", errors.New("must have no path")
	case strings.ContainsAny(text, "?#"):
		return "", errors.New("must have no query and no fragment")
	case !isHost(u.Hostname()):
		return "", errors.New("must have a host name or an IP address")
	case strings.HasSuffix(u.Host, ":") || u.Port() != "" && !isPort(u.Port()):
		return "", errors.New("must have a port from 1 to 65535, or none")
	}
	return u.Scheme + "://" + u.Host, nil
}

func isHost(name string) bool {
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	return len(name) < 254 && regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?$`).MatchString(name)
}

func isPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port > 0
}
