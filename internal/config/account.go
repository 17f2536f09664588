package config

import (
	"regexp"
	"time"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

// Account is an account that is read as a whole. It has at least one of Config and
// Discover.
type Account struct {
	huaweicloud.AccountConfig
	IAM      huaweicloud.ServiceConfig  // says which projects there are, and which account it is
	EPS      *huaweicloud.ServiceConfig // says what enterprise projects are called; nil: nobody asks
	Config   *Source                    // nil: the Config service is not read
	Discover *Discover                  // nil: only those projects are read that the file names
}

// Source is how the Config service is read, which lists what an account has.
type Source struct {
	huaweicloud.ServiceConfig `yaml:"-"`

	// Types and SkipTypes are provider.type, in any case; a trailing * matches any suffix.
	Types     []string `yaml:"resource_types,flow" default:"['*']" need:"true" is:"type pattern"`
	SkipTypes []string `yaml:"skip_resource_types,flow" default:"[]" is:"type pattern"`

	RenewAfter time.Duration `yaml:"renew_after" default:"5m"` // younger listings are not read again; at most MaxTagAge
	MaxTagAge  time.Duration `yaml:"max_tag_age" default:"1h"` // older ones are not used; 0: only what this scrape read
}

// Discover says which of the projects that IAM names are read, and how.
type Discover struct {
	Regions    []string       // IDs; a trailing * matches any suffix
	Projects   *regexp.Regexp // IAM's names, whole
	Services   []Service      // of each project; one without an endpoint is where the region table has it
	RenewAfter time.Duration  // IAM is not asked again before that
}

// Chooses reports whether a project is to be read.
func (d *Discover) Chooses(name, region string) bool {
	return d.Projects.MatchString(name) && inventory.MatchesAny(d.Regions, region)
}

// Project returns the configuration of a project that IAM has named. It leaves out
// services that are not known in the region; a project may have none.
func (d *Discover) Project(account huaweicloud.AccountConfig, id, name, region string) Project {
	made := Project{Account: account.Name, ProjectConfig: huaweicloud.ProjectConfig{
		Name: name, Region: region, ID: id, Credential: account.Credential,
	}}
	for _, service := range d.Services {
		if service.Endpoint == "" {
			service.Endpoint, _ = catalog.Endpoint(service.Name, region)
		}
		if service.Endpoint != "" {
			made.Services = append(made.Services, service)
		}
	}
	return made
}
