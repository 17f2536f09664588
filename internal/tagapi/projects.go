package tagapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/huaweicloud"
)

const opAuthProjects = "KeystoneListAuthProjects"

// IAMOperations returns the operations that IAM is asked for about an account.
func IAMOperations() []string { return []string{opAuthProjects, huaweicloud.OpAuthDomains} }

// Project is a project of an account. It belongs to one region.
type Project struct{ ID, Name, Region string }

// projectList is the answer of KeystoneListAuthProjects, which has no pages.
type projectList struct {
	Projects huaweicloud.ListOrOne[authProject] `json:"projects"`
}

func (a *projectList) Absent() bool    { return a.Projects.List == nil }
func (*projectList) Members() []string { return []string{"projects"} }

type authProject struct {
	ID      huaweicloud.Text   `json:"id"`
	Name    huaweicloud.Text   `json:"name"`
	Account huaweicloud.Text   `json:"domain_id"`
	Enabled huaweicloud.Member `json:"enabled"`
}

// Check refuses a project that no request could name, or of which it is unknown whether
// it is in use.
func (p *authProject) Check() error {
	switch {
	case !instanceID.MatchString(string(p.ID)):
		return fmt.Errorf("not a project ID: %.80q", p.ID)
	case p.Name == "" || !p.Enabled.Given:
		return errors.New("a project has no name, or it is not said whether it is enabled")
	}
	return nil
}

// ListProjects asks IAM, with a session of the account's IAM, for the projects that its
// user may enter. It leaves out those that are disabled, and those that belong to no
// region that the catalogue knows or that is given: "MOS", for one, is where OBS keeps
// its buckets, in all regions.
// https://support.huaweicloud.com/intl/en-us/api-iam/iam_06_0001.html
func ListProjects(ctx context.Context, s *huaweicloud.Session, regions ...string) ([]Project, error) {
	account, err := s.AccountID(ctx)
	if err != nil {
		return nil, err
	}
	answer, err := huaweicloud.Call[projectList](ctx, s, huaweicloud.Request{
		Operation: opAuthProjects, Method: http.MethodGet, Path: "/v3/auth/projects",
	})
	if err != nil {
		return nil, fmt.Errorf("ask IAM for the projects of the account: %w", err)
	}
	var projects []Project
	met := make(map[string]bool)
	for _, p := range answer.Projects.List {
		region := catalog.KnownRegion(string(p.Name), regions...)
		foreign := p.Account != "" && string(p.Account) != account
		if region == "" || foreign || p.Enabled.Text != "true" || met[string(p.ID)] {
			continue
		}
		met[string(p.ID)] = true
		projects = append(projects, Project{ID: string(p.ID), Name: string(p.Name), Region: region})
	}
	return projects, nil
}
