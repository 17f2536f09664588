package config

import (
	"regexp"
	"slices"

	"huaweicloud_tag_exporter/internal/policy"
)

// responsible returns the keys that name who is responsible. One that names nobody, ever,
// is an error: somebody waits for alerts then that never come.
func (d *decoder) responsible(s *policySection, exclude *regexp.Regexp) []string {
	if at := d.at(&s.Responsible); at.given() && !at.bad && len(s.Responsible) == 0 {
		d.errorf(at, "must name at least one tag key, or %s", policy.EnterpriseProject)
	}
	for i, key := range s.Responsible {
		at := d.at(&s.Responsible[i])
		if at.bad {
			continue
		}
		if err := policy.CheckKey(key); err != nil {
			d.errorf(at, "%w", err)
			continue
		}
		if first := slices.Index(s.Responsible, key); first < i {
			d.errorf(at, "%s is the same as %s", quote(key), d.at(&s.Responsible[first]).path)
		}
		if key != policy.EnterpriseProject && exclude != nil && exclude.MatchString(key) {
			d.errorf(at, "%s is no tag: tags.exclude_keys matches it", quote(key))
		}
	}
	return s.Responsible
}
