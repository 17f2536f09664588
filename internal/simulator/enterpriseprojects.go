package simulator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// EnterpriseProject is one that the account's users are authorised for. The default
// one is always there, and need not be given.
type EnterpriseProject struct {
	ID, Name, Description string
	Disabled              bool // status 2, not 1
	POC                   bool // type poc, not prod
	Created, Updated      time.Time
}

// EPSQuirks are the readings of what is open about enterprise projects.
type EPSQuirks struct {
	// DefaultUnlisted: the default project is only in the answer to its ID, not in lists
	// without one.
	DefaultUnlisted bool
}

const defaultEnterpriseProject = "0"

// status and kind are as the parameters status and type have them.
func (p EnterpriseProject) status() string {
	if p.Disabled {
		return "2"
	}
	return "1"
}

func (p EnterpriseProject) kind() string {
	if p.POC {
		return "poc"
	}
	return "prod"
}

// listEnterpriseProjects is GET /v1.0/enterprise-projects: those of whoever asks.
func (c *Cloud) listEnterpriseProjects(q *call) (Answer, error) {
	found := slices.Clone(q.inventory.account.EnterpriseProjects)
	isDefault := func(p EnterpriseProject) bool { return p.ID == defaultEnterpriseProject }
	if !slices.ContainsFunc(found, isDefault) {
		found = append(found, EnterpriseProject{ID: defaultEnterpriseProject, Name: "default", Description: "default"})
	}
	if c.quirks.DefaultUnlisted && !q.query.Has("id") {
		found = slices.DeleteFunc(found, isDefault)
	}
	found = slices.DeleteFunc(found, func(p EnterpriseProject) bool { return !p.wanted(q) })
	slices.SortFunc(found, func(a, b EnterpriseProject) int {
		order := a.Created.Compare(b.Created)
		if q.query.Get("sort_key") == "updated_at" {
			order = a.Updated.Compare(b.Updated)
		}
		if q.query.Get("sort_dir") != "asc" {
			order = -order
		}
		return cmp.Or(order, strings.Compare(a.ID, b.ID))
	})
	from, to := page(len(found), q.offset, q.limit)
	return ok(c.fill(`{"enterprise_projects":{items},"total_count":{total}}`, to-from, len(found), "", func(b []byte, i int) []byte {
		return found[from+i].append(b)
	})), nil
}

// wanted tells whether the query lets the project through.
func (p EnterpriseProject) wanted(q *call) bool {
	for parameter, value := range map[string]string{"id": p.ID, "status": p.status(), "type": p.kind()} {
		if q.query.Has(parameter) && q.query.Get(parameter) != value {
			return false
		}
	}
	return strings.Contains(p.Name, q.query.Get("name"))
}

func (p EnterpriseProject) append(b []byte) []byte {
	return fmt.Appendf(b, `{"id":%s,"name":%s,"description":%s,"status":%s,"created_at":"%s","updated_at":"%s","delete_flag":false,"type":"%s"}`,
		text(p.ID), text(p.Name), text(p.Description), p.status(), p.Created.UTC().Format(time.RFC3339), p.Updated.UTC().Format(time.RFC3339), p.kind())
}
