package config

import (
	"regexp"
	"slices"

	"huaweicloud_tag_exporter/internal/policy"
	"huaweicloud_tag_exporter/internal/strictyaml"
)

// responsible returns the keys that name who is responsible. One that names nobody, ever,
// is an error: somebody waits for alerts then that never come.
func (d *decoder) responsible(s *policySection, exclude *regexp.Regexp) []string {
	if at := d.At(&s.Responsible); at.Given() && !at.Bad && len(s.Responsible) == 0 {
		d.Errorf(at, "must name at least one tag key, or %s", policy.EnterpriseProject)
	}
	for i, key := range s.Responsible {
		at := d.At(&s.Responsible[i])
		if at.Bad {
			continue
		}
		if err := policy.CheckKey(key); err != nil {
			d.Errorf(at, "%w", err)
			continue
		}
		if first := slices.Index(s.Responsible, key); first < i {
			d.Errorf(at, "%s is the same as %s", strictyaml.Quote(key), d.At(&s.Responsible[first]).Path)
		}
		if key != policy.EnterpriseProject && exclude != nil && exclude.MatchString(key) {
			d.Errorf(at, "%s is no tag: tags.exclude_keys matches it", strictyaml.Quote(key))
		}
	}
	return s.Responsible
}
