package tagapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/huaweicloud"
)

const (
	opListEnterpriseProjects = "ListEnterpriseProject"
	enterpriseProjectsLimit  = 1000
)

// EnterpriseProjects returns the source of the names of enterprise projects. It reads no
// tags.
func EnterpriseProjects() Source {
	return Source{Service: catalog.EPS, Operations: []string{opListEnterpriseProjects}}
}

// enterpriseProjects is a page of ListEnterpriseProject. Its total is not read: whether it
// counts the default one, which some lists leave out, is not documented.
type enterpriseProjects struct {
	Projects huaweicloud.List[enterpriseProject] `json:"enterprise_projects"`
}

type enterpriseProject struct {
	ID   huaweicloud.Text `json:"id"`
	Name huaweicloud.Text `json:"name"`
}

// Check refuses what no resource could be of.
func (p *enterpriseProject) Check() error {
	if p.ID == "" {
		return errors.New("an enterprise project has no ID")
	}
	return nil
}

func (a *enterpriseProjects) Absent() bool    { return a.Projects == nil }
func (*enterpriseProjects) Members() []string { return []string{"enterprise_projects", "total_count"} }

// ListEnterpriseProjects asks the Enterprise Project Management Service for the names of
// those that the user of the session may see, by ID. One who may see none, as allowed
// says, is answered so: that is no failure.
// https://support.huaweicloud.com/intl/en-us/api-em/en-us_topic_0121230880.html
func ListEnterpriseProjects(ctx context.Context, s *huaweicloud.Session) (names map[string]string, allowed bool, err error) {
	if _, err := s.AccountID(ctx); err != nil { // in whose name it is asked
		return nil, false, err
	}
	isRefused := func(e *huaweicloud.Error) bool { return e.Status == http.StatusForbidden }
	names = make(map[string]string)
	list := listing[enterpriseProject]{
		limit: enterpriseProjectsLimit, ahead: 1, plain: true,
		id: func(p enterpriseProject) string { return string(p.ID) },
		fetch: func(ctx context.Context, offset int, guess bool) (page[enterpriseProject], error) {
			answer, err := huaweicloud.Call[enterpriseProjects](ctx, s, huaweicloud.Request{
				Operation: opListEnterpriseProjects, Method: http.MethodGet, Path: "/v1.0/enterprise-projects", Guess: guess,
				Query: fmt.Sprintf("limit=%d&offset=%d", enterpriseProjectsLimit, offset), Expected: isRefused,
			})
			return page[enterpriseProject]{items: answer.Projects}, err
		},
	}
	_, err = list.read(ctx, func(p enterpriseProject) {
		if p.Name != "" {
			names[string(p.ID)] = string(p.Name)
		}
	})
	if failed, ok := errors.AsType[*huaweicloud.Error](err); ok && isRefused(failed) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("list the enterprise projects of the account: %w", err)
	}
	return names, true, nil
}
