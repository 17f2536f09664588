package collector

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/tagapi"
)

// account is one that is read as a whole. Its Config and its IAM are targets; so are the
// services of the projects that IAM names.
type account struct {
	config    config.Account
	discovery *held[[]tagapi.Project]  // nil: only those projects are read that are configured
	names     *held[map[string]string] // of enterprise projects, by ID; nil: nobody asks for them

	// Guarded by Collector.mu:
	projects []config.Project // that IAM has named and discover chooses
	found    []*target        // of these
}

// addAccount adds an account and its targets.
func (c *Collector) addAccount(of config.Account, from kept) error {
	a := &account{config: of}
	c.accounts = append(c.accounts, a)
	if of.Config != nil {
		source := tagapi.Config()
		t, err := c.accountTarget(of.AccountConfig, of.IAM, of.Config.ServiceConfig, source, from)
		if err != nil {
			return err
		}
		t.maxTagAge, t.origin = of.Config.MaxTagAge, source.Service
		t.reader = source.New(tagapi.Settings{
			Types: of.Config.Types, SkipTypes: of.Config.SkipTypes, RenewAfter: of.Config.RenewAfter, MaxTagAge: of.Config.MaxTagAge,
		}, from.reader(t))
	}
	if of.EPS != nil {
		if err := c.addEnterpriseNames(a, from); err != nil {
			return err
		}
	}
	if of.Discover == nil {
		return nil
	}
	t, err := c.accountTarget(of.AccountConfig, of.IAM, of.IAM, tagapi.Source{Service: huaweicloud.IAM, Operations: tagapi.IAMOperations()}, from)
	if err != nil {
		return err
	}
	regions := slices.DeleteFunc(slices.Clone(of.Discover.Regions), func(pattern string) bool { return strings.HasSuffix(pattern, "*") })
	a.discovery = &held[[]tagapi.Project]{
		renewAfter: of.Discover.RenewAfter,
		ask: func(ctx context.Context, s *huaweicloud.Session, _ *inventory.Reading) ([]tagapi.Project, error) {
			return tagapi.ListProjects(ctx, s, regions...)
		},
		adopt: func(_, answer []tagapi.Project) ([]tagapi.Project, error) { return answer, c.adopt(a, answer) },
	}
	t.reader, t.asks = a.discovery, a.discovery
	if old, ok := from.reader(t).(*held[[]tagapi.Project]); ok {
		a.discovery.goOn(old)
		return c.find(a, a.discovery.answer, from, nil)
	}
	return nil
}

// accountTarget adds the target of a service that is asked for a whole account.
func (c *Collector) accountTarget(of huaweicloud.AccountConfig, iam, service huaweicloud.ServiceConfig, source tagapi.Source, from kept) (*target, error) {
	session, err := c.client.AccountService(of, iam, service)
	if err != nil {
		return nil, fmt.Errorf("account %s, service %s: %w", of.Name, source.Service, err)
	}
	var operations []string // that IAM is asked for
	if of.ID == "" {
		operations = append(operations, huaweicloud.OpAuthDomains)
	}
	if of.Credential.Kind == huaweicloud.Password {
		operations = append(operations, huaweicloud.OpToken)
	}
	t := &target{
		is: inventory.Part{Account: of.Name, Service: source.Service}, accountID: of.ID,
		endpoint: service.Endpoint, source: source, service: session,
	}
	c.prepare(t, from)
	c.count(t, huaweicloud.IAM, operations, from)
	c.targets = append(c.targets, t)
	return t, nil
}
