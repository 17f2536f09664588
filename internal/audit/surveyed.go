package audit

import (
	"slices"

	"huaweicloud_tag_exporter/collector"
	"huaweicloud_tag_exporter/internal/policy"
)

// surveyed is what is known of which parts, so that it can be told whether a violation
// that is not found any more is mended. What was not read may have it still.
type surveyed struct {
	parts   map[Part]collector.Report
	unread  map[Part]bool // of a type and region, of whichever project: without one
	listing map[Part]bool // reads of many parts that have ended well: without region and type
	failed  map[Part]bool // those that have not, likewise
}

// configService is the read of all that an account has.
const configService = "config"

func survey(reports []collector.Report) surveyed {
	s := surveyed{make(map[Part]collector.Report), make(map[Part]bool), make(map[Part]bool), make(map[Part]bool)}
	for _, r := range reports {
		is := partOf(r)
		switch {
		case r.AnyProject:
			is.Project = ""
			s.unread[is] = true
		case r.ResourceType != "":
			s.parts[is] = r
		case r.Err != nil:
			s.failed[Part{Account: r.Account, Project: r.Project}] = true
		default:
			s.listing[Part{Account: r.Account, Project: r.Project, Service: r.Service}] = true
		}
	}
	return s
}

// compares reports whether a violation would have been found if it were there still.
func (s surveyed) compares(r Row) bool {
	anywhere := r.Part
	anywhere.Project = ""
	failed := s.failed[Part{Account: r.Account}] || s.failed[Part{Account: r.Account, Project: r.Project}]
	now, known := s.parts[r.Part]
	switch {
	case s.unread[anywhere]:
		return false
	case known:
		return now.Whole && now.Unreadable == 0 && (!now.RulesMissing || judges(now, r))
	case failed:
		return false
	}
	// A part that a whole listing does not have any more is gone, with all that was in it.
	return s.listing[Part{Account: r.Account, Service: configService}] ||
		s.listing[Part{Account: r.Account, Project: r.Project, Service: r.Service}]
}

// judges reports whether a part is held to the rule of a violation.
func judges(now collector.Report, r Row) bool {
	return slices.ContainsFunc(now.Verdict.Counts, func(c policy.Count) bool {
		return c.Rule == r.Rule && c.Key == r.Key && string(c.Reason) == r.Reason
	})
}
