package collector

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-kit/log"

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
	var operations []string
	if of.ID == "" {
		operations = append(operations, huaweicloud.OpAuthDomains)
	}
	if of.Discover != nil {
		operations = tagapi.IAMOperations()
	}
	if of.Credential.Kind == huaweicloud.Password {
		operations = append(operations, huaweicloud.OpToken)
	}
	iam := c.keepSeries(from, seriesKey{account: of.Name, service: huaweicloud.IAM}, operations)
	if of.Config != nil {
		source := tagapi.Config()
		t, err := c.accountTarget(a, source, of.Config.ServiceConfig, from)
		if err != nil {
			return err
		}
		t.iam, t.maxTagAge, t.origin = iam, of.Config.MaxTagAge, source.Service
		t.reader = source.New(tagapi.Settings{
			Types: of.Config.Types, SkipTypes: of.Config.SkipTypes, RenewAfter: of.Config.RenewAfter, MaxTagAge: of.Config.MaxTagAge,
		}, from.reader(t))
	}
	if of.EPS != nil {
		if err := c.addEnterpriseNames(a, iam, from); err != nil {
			return err
		}
	}
	if of.Discover == nil {
		return nil
	}
	t, err := c.accountTarget(a, tagapi.Source{Service: huaweicloud.IAM}, of.IAM, from)
	if err != nil {
		return err
	}
	t.iam = iam
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
func (c *Collector) accountTarget(a *account, source tagapi.Source, service huaweicloud.ServiceConfig, from kept) (*target, error) {
	session, err := c.client.AccountService(a.config.AccountConfig, a.config.IAM, service)
	if err != nil {
		return nil, fmt.Errorf("account %s, service %s: %w", a.config.Name, source.Service, err)
	}
	t := &target{
		is: inventory.Part{Account: a.config.Name, Service: source.Service}, account: a, accountID: a.config.ID,
		endpoint: service.Endpoint, source: source, service: session,
	}
	c.prepare(t, from)
	t.logger = log.With(c.logger, "account", a.config.Name, "service", source.Service)
	c.targets = append(c.targets, t)
	return t, nil
}
