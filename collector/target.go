package collector

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/go-kit/log"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/tagapi"
)

// target is what one reader reads: one service of one project, or one service that is
// asked for a whole account.
type target struct {
	is         inventory.Part // its names; the source knows the resource type
	asks       asker          // its reader, if that is held; nil: it reads tags
	policy     *inForce       // that it reads; nil: it reads something else
	discovered bool           // it is of a project that IAM has named
	accountID  string         // "": IAM knows it
	endpoint   string
	source     tagapi.Source
	origin     string // where its tags come from, as series say
	maxTagAge  time.Duration
	selectors  int // queries that are to be answered
	exclude    *regexp.Regexp
	service    *huaweicloud.Service
	counters   map[string]*apiSeries // of its calls, by the service that is called
	logger     log.Logger

	reader  tagapi.Reader
	journal *journal // taken over by the next configuration
	memory  *memory  // likewise, if it is about the same project or account

	mu      sync.Mutex
	current *flight
}

// memory is what is known of a target from its reads so far.
type memory struct {
	last lastRead
	seen seenParts
}

// isOf reports whether another target is of the same project or account.
func (t *target) isOf(other *target) bool {
	return t.is.ProjectID == other.is.ProjectID && t.accountID == other.accountID
}

// part is what the target reads; without a resource type if it reads many parts.
func (t *target) part() inventory.Part {
	p := t.is
	p.ResourceType = t.source.ResourceType
	return p
}

// onePart reports whether the target reads one part, which is known beforehand.
func (t *target) onePart() bool { return t.source.ResourceType != "" }

// ofProject reports whether the target reads what a project has.
func (t *target) ofProject() bool { return t.is.ProjectID != "" }

// discovers reports whether the target asks IAM for the account's projects.
func (t *target) discovers() bool { return t.is.Service == huaweicloud.IAM }

// projectTargets returns the targets of a project, one for each service.
func (c *Collector) projectTargets(project config.Project, from kept) ([]*target, error) {
	var targets []*target
	for _, service := range project.Services {
		t, err := c.projectTarget(project, service, from)
		if err != nil {
			return nil, fmt.Errorf("project %s, service %s: %w", project.Name, service.Name, err)
		}
		targets = append(targets, t)
	}
	return targets, nil
}

func (c *Collector) projectTarget(project config.Project, service config.Service, from kept) (*target, error) {
	sources := tagapi.Sources()
	i := slices.IndexFunc(sources, func(s tagapi.Source) bool { return s.Service == service.Name })
	if i < 0 {
		return nil, errors.New("no such service")
	}
	session, err := c.client.Service(project.ProjectConfig, service.ServiceConfig)
	if err != nil {
		return nil, err
	}
	settings := tagapi.Settings{
		TagsInList: service.TagsFrom == config.InstanceList || service.TagsFrom == config.PoolList,
		RenewAfter: service.RenewAfter, MaxTagAge: service.MaxTagAge, Selectors: service.Selectors, ResourceTypes: service.ResourceTypes,
	}
	t := &target{
		is:       inventory.Part{Account: project.Account, Project: project.Name, ProjectID: project.ID, Region: project.Region, Service: service.Name},
		endpoint: service.Endpoint, source: sources[i].With(settings), origin: config.TagAPI, maxTagAge: service.MaxTagAge,
		selectors: len(service.Selectors), service: session,
	}
	if settings.TagsInList {
		t.origin = config.InstanceList
	}
	c.prepare(t, from)
	if project.Credential.Kind == huaweicloud.Password {
		c.count(t, huaweicloud.IAM, []string{huaweicloud.OpToken}, from)
	}
	t.reader = t.source.New(settings, from.reader(t))
	return t, nil
}

// prepare gives a target what lasts, and what all targets have.
func (c *Collector) prepare(t *target, from kept) {
	t.exclude, t.logger = c.Config.Tags.Exclude, c.logger
	if t.is.Account != "" {
		t.logger = log.With(t.logger, "account", t.is.Account)
	}
	if t.is.Project != "" {
		t.logger = log.With(t.logger, "project", t.is.Project)
	}
	t.logger = log.With(t.logger, "service", t.is.Service)
	t.counters = make(map[string]*apiSeries)
	c.count(t, t.is.Service, t.source.Operations, from)
	t.journal, t.memory = new(journal), new(memory)
	if old := from.target(t); old != nil {
		t.journal = old.journal
		if old.isOf(t) {
			t.memory = old.memory
		}
	}
}

// count lets a target count its calls of a service, in the series of before if there are some.
func (c *Collector) count(t *target, service string, operations []string, from kept) {
	key := keyOf(t.is)
	key.service = service
	if c.series[key] == nil {
		c.series[key] = from.series[key]
	}
	if c.series[key] == nil {
		c.series[key] = newAPISeries(key)
	}
	c.series[key].foresee(operations)
	t.counters[service] = c.series[key]
}

// kept is what a new target or collector goes on with: the targets, and the series of
// those before.
type kept struct {
	targets []*target
	series  map[seriesKey]*apiSeries
	gone    map[seriesKey]time.Time
}

// target returns the target of the same names, nil if there was none.
func (k kept) target(t *target) *target {
	i := slices.IndexFunc(k.targets, func(old *target) bool {
		return old.is.Account == t.is.Account && old.is.Project == t.is.Project && old.is.Service == t.is.Service
	})
	if i < 0 {
		return nil
	}
	return k.targets[i]
}

// reader returns what has read the same before, nil if nothing has.
func (k kept) reader(t *target) tagapi.Reader {
	old := k.target(t)
	if old == nil || !old.isOf(t) || old.endpoint != t.endpoint {
		return nil
	}
	if t.asks == nil && old.exclude.String() != t.exclude.String() { // other keys are tags now
		return nil
	}
	return old.reader
}
