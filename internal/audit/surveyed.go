package audit

import (
	"slices"

	"huaweicloud_tag_exporter/collector"
	"huaweicloud_tag_exporter/internal/policy"
)

// surveyed is what is known of which parts, so that it can be told whether a violation
// that is not found any more is mended. What was not read may have it still.
type surveyed struct {
	parts   map[part]collector.Report
	unread  map[part]bool // of a type and region, of whichever project: without one
	listing map[part]bool // reads of many parts that have ended well: without region and type
	failed  map[part]bool // those that have not, likewise
}

// configService is the read of all that an account has.
const configService = "config"

func survey(reports []collector.Report) surveyed {
	s := surveyed{make(map[part]collector.Report), make(map[part]bool), make(map[part]bool), make(map[part]bool)}
	for _, r := range reports {
		is := partOf(r)
		switch {
		case r.AnyProject:
			is.project = ""
			s.unread[is] = true
		case r.ResourceType != "":
			s.parts[is] = r
		case r.Err != nil:
			s.failed[part{account: r.Account, project: r.Project}] = true
		default:
			s.listing[part{account: r.Account, project: r.Project, service: r.Service}] = true
		}
	}
	return s
}

// compares reports whether a violation would have been found if it were there still.
func (s surveyed) compares(r Row) bool {
	anywhere := r.part()
	anywhere.project = ""
	failed := s.failed[part{account: r.Account}] || s.failed[part{account: r.Account, project: r.Project}]
	now, known := s.parts[r.part()]
	switch {
	case s.unread[anywhere]:
		return false
	case known:
		return now.Whole && now.Unreadable == 0 && (!now.RulesMissing || judges(now, r))
	case failed:
		return false
	}
	// A part that a whole listing does not have any more is gone, with all that was in it.
	return s.listing[part{account: r.Account, service: configService}] ||
		s.listing[part{account: r.Account, project: r.Project, service: r.Service}]
}

// judges reports whether a part is held to the rule of a violation.
func judges(now collector.Report, r Row) bool {
	return slices.ContainsFunc(now.Verdict.Counts, func(c policy.Count) bool {
		return c.Rule == r.Rule && c.Key == r.Key && string(c.Reason) == r.Reason
	})
}
