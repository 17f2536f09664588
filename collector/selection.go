package collector

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/config"
)

// None is the name in place of a service with which a scrape reads nothing.
const None = "none"

// Selection narrows a scrape to some accounts, projects and services. Empty lists mean
// all of them. The account "" is that of projects that name none.
type Selection struct {
	Accounts, Projects, Services []string
}

// wants reports whether it has series of this key. What is asked for a whole account is no
// part of a project.
func (s Selection) wants(k seriesKey) bool {
	return s.hasAccount(k.account) &&
		(len(s.Projects) == 0 || slices.Contains(s.Projects, k.project)) &&
		(len(s.Services) == 0 || slices.Contains(s.Services, k.service))
}

func (s Selection) hasAccount(name string) bool {
	return len(s.Accounts) == 0 || slices.Contains(s.Accounts, name)
}

// narrowed reports whether the selection leaves out anything that is read.
func (s Selection) narrowed() bool { return len(s.Accounts)+len(s.Projects)+len(s.Services) > 0 }

func (s Selection) none() bool { return slices.Contains(s.Services, None) }

// Check returns an error if the selection has a name that is unknown, or others
// beside None. A known service that the known projects do not have selects nothing. As
// long as IAM has not said which projects an account has, any name may be one.
func (c *Collector) Check(s Selection) error {
	for _, name := range s.Accounts {
		if name != "" && !slices.Contains(c.Config.AccountNames(), name) {
			return fmt.Errorf("unknown account %q", name)
		}
	}
	targets := c.all()
	unknown := slices.ContainsFunc(targets, func(t *target) bool {
		return t.discovers() && s.hasAccount(t.is.Account) && !t.asks.answered()
	})
	for _, name := range s.Projects {
		known := slices.ContainsFunc(targets, func(t *target) bool { return t.ofProject() && t.is.Project == name })
		if !known && (name == "" || !unknown) {
			return fmt.Errorf("unknown project %q", name)
		}
	}
	for _, name := range s.Services {
		if name != None && !slices.ContainsFunc(catalog.Services(), func(service catalog.Service) bool { return service.Name == name }) &&
			!slices.ContainsFunc(targets, func(t *target) bool { return t.is.Service == name }) { // IAM, Organizations
			return fmt.Errorf("unknown service %q", name)
		}
	}
	if s.none() && (len(s.Accounts)+len(s.Projects) > 0 || slices.ContainsFunc(s.Services, func(name string) bool { return name != None })) {
		return errors.New("collect=none reads nothing, so no account, project or other service goes with it")
	}
	return nil
}

// areConfigured reports whether all projects that are selected are configured.
func (c *Collector) areConfigured(s Selection) bool {
	return !slices.ContainsFunc(s.Projects, func(name string) bool {
		return !slices.ContainsFunc(c.Config.Projects, func(p config.Project) bool { return p.Name == name && s.hasAccount(p.Account) })
	})
}

// Target is what a scrape can be narrowed to: the values of its parameters account,
// project and collect.
type Target struct {
	Account, Project, Service string
	Discovered                bool // IAM named the project
}

// Targets returns all that a scrape can be narrowed to, in the order of the configuration,
// and whether there are accounts. It asks IAM for the projects of accounts where that is
// due, as long as the context allows.
func (c *Collector) Targets(ctx context.Context) (targets []Target, accounts bool) {
	c.discover(ctx)
	for _, t := range c.all() {
		if t.is.Service != catalog.EPS { // which has no series of its own
			targets = append(targets, Target{t.is.Account, t.is.Project, t.is.Service, t.discovered})
		}
	}
	return targets, len(c.Config.AccountNames()) > 0
}
