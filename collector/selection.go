package collector

import (
	"errors"
	"fmt"
	"slices"

	"huaweicloud_tag_exporter/internal/tagapi"
)

// None is the name in place of a service with which a scrape reads nothing.
const None = "none"

// Selection narrows a scrape to some accounts, projects and services. Empty lists mean
// all of them. The account "" is that of projects that name none.
type Selection struct {
	Accounts, Projects, Services []string
}

// has reports whether the series of a target are wanted. What is asked for a whole
// account is no part of a project, and IAM no service that could be asked for.
func (s Selection) has(t *target) bool {
	return s.hasAccount(t.is.Account) &&
		(len(s.Projects) == 0 || !t.ofAccount() && slices.Contains(s.Projects, t.is.Project)) &&
		(len(s.Services) == 0 || slices.Contains(s.Services, t.source.Service))
}

func (s Selection) hasAccount(name string) bool {
	return len(s.Accounts) == 0 || slices.Contains(s.Accounts, name)
}

// narrowed reports whether the selection leaves out anything that is read.
func (s Selection) narrowed() bool { return len(s.Accounts)+len(s.Projects)+len(s.Services) > 0 }

func (s Selection) none() bool { return slices.Contains(s.Services, None) }

// Check returns an error if the selection has a name that is unknown, or others
// beside None. A known service that the known projects do not have selects nothing.
func (c *Collector) Check(s Selection) error {
	for _, name := range s.Accounts {
		if name != "" && !slices.ContainsFunc(c.targets, func(t *target) bool { return t.is.Account == name }) {
			return fmt.Errorf("unknown account %q", name)
		}
	}
	for _, name := range s.Projects {
		if name == "" || !slices.ContainsFunc(c.targets, func(t *target) bool { return t.is.Project == name }) {
			return fmt.Errorf("unknown project %q", name)
		}
	}
	for _, name := range s.Services {
		if name != None && !slices.ContainsFunc(tagapi.Sources(), func(source tagapi.Source) bool { return source.Service == name }) {
			return fmt.Errorf("unknown service %q", name)
		}
	}
	if s.none() && (len(s.Accounts)+len(s.Projects) > 0 || slices.ContainsFunc(s.Services, func(name string) bool { return name != None })) {
		return errors.New("collect=none reads nothing, so no account, project or other service goes with it")
	}
	return nil
}

// Target is what a scrape can be narrowed to: the values of its parameters account,
// project and collect.
type Target struct {
	Account, Project, Service string
}

// Targets returns all targets, in the order of the configuration.
func (c *Collector) Targets() []Target {
	targets := make([]Target, len(c.targets))
	for i, t := range c.targets {
		targets[i] = Target{t.is.Account, t.is.Project, t.source.Service}
	}
	return targets
}
