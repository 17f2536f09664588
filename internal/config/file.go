package config

import (
	"cmp"
	"fmt"
	"reflect"
	"time"

	"go.yaml.in/yaml/v3"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/policy"
)

// file is the configuration as it is written, and, with the defaults filled in, as
// /config shows it. Nothing else names its keys. A pointer is nil where a key that is
// not given means something else than zero. The tags:
//
//	yaml         the key
//	need         it must be given; a list must not be empty
//	default      what stands there, in YAML, if it is not given
//	is           what a text is: a name (not empty), an id, an endpoint, a file,
//	             certificates (a file of them), an expression, a password, an
//	             id pattern (* at the end: any suffix), a type pattern (likewise)
//	least, most  bounds of a number; any other is from 0 to 2147483647, a duration from 0
//	or           a text that may stand in place of a mapping
//	of           the only services that have the key; several: those with several types
type file struct {
	Credentials map[string]*credential `yaml:"credentials"`
	Defaults    limits                 `yaml:"defaults,omitempty"`
	Projects    []project              `yaml:"projects,omitempty"`
	Accounts    []account              `yaml:"accounts,omitempty"`
	Policy      *policySection         `yaml:"policy,omitempty"`
	Tags        tags                   `yaml:"tags" default:"{}"`
	CAFile      string                 `yaml:"ca_file,omitempty" is:"certificates"`
}

// credential has its keys from huaweicloud. Each secret X can be given as X_file too.
type credential struct{ huaweicloud.CredentialConfig }

// MarshalYAML shows the access key, which is an ID, like the name of a user.
func (c *credential) MarshalYAML() (any, error) {
	shown := &yaml.Node{Kind: yaml.MappingNode}
	for _, f := range reflect.VisibleFields(reflect.TypeOf(c.CredentialConfig)) {
		field := reflect.ValueOf(c.CredentialConfig).FieldByIndex(f.Index).Interface()
		key, value := keyOf(f), fmt.Sprint(field)
		secret, _ := field.(huaweicloud.Secret)
		if secret.File() != "" {
			key, value = key+"_file", secret.File()
		} else if key == "access_key" {
			value, _ = secret.Reveal()
		}
		if key != "" && value != "" {
			shown.Content = append(shown.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value})
		}
	}
	return shown, nil
}

type limits struct {
	MaxConcurrency    *int           `yaml:"max_concurrency,omitempty" least:"1" most:"1000"`
	RequestsPerSecond *float64       `yaml:"requests_per_second,omitempty"`
	RequestTimeout    *time.Duration `yaml:"request_timeout,omitempty" least:"1"`
	MaxRetries        *int           `yaml:"max_retries,omitempty" most:"10"`
}

// or fills in what is not given.
func (l limits) or(base limits) limits {
	return limits{
		cmp.Or(l.MaxConcurrency, base.MaxConcurrency), cmp.Or(l.RequestsPerSecond, base.RequestsPerSecond),
		cmp.Or(l.RequestTimeout, base.RequestTimeout), cmp.Or(l.MaxRetries, base.MaxRetries),
	}
}

// of returns a service that has the limits, all of which are given.
func (l limits) of(name, endpoint string) huaweicloud.ServiceConfig {
	return huaweicloud.ServiceConfig{Name: name, Endpoint: endpoint, Limits: huaweicloud.Limits{
		MaxConcurrency: *l.MaxConcurrency, RequestsPerSecond: *l.RequestsPerSecond,
		RequestTimeout: *l.RequestTimeout, MaxRetries: *l.MaxRetries,
	}}
}

type project struct {
	limits                    `yaml:",inline"`
	huaweicloud.ProjectConfig `yaml:",inline"`

	Account     string            `yaml:"account,omitempty" is:"name"`
	Credentials string            `yaml:"credentials" is:"name"`
	Endpoints   byService[string] `yaml:"endpoints" is:"endpoint"`
	Services    services          `yaml:"services" or:"all"`
}

// services are the settings of services by name. Those of allOthers are the limits of all
// that are not named.
type services map[string]*service

const allOthers = "all"

func (services) keys() []string {
	return append([]string{allOthers}, catalog.Names(catalog.Project)...)
}

// byService is a mapping whose keys are the services that a project can have.
type byService[T any] map[string]*T

func (byService[T]) keys() []string { return catalog.Names(catalog.Project) }

type service struct {
	limits        `yaml:",inline"`
	TagsFrom      string         `yaml:"tags_from,omitempty" of:"modelarts dds"`
	RenewAfter    *time.Duration `yaml:"renew_after,omitempty" of:"dds" default:"0s"`
	MaxTagAge     *time.Duration `yaml:"max_tag_age,omitempty" of:"dds" default:"10m"`
	Selectors     []selector     `yaml:"selectors,omitempty" of:"fabric"`
	ResourceTypes []string       `yaml:"resource_types,omitempty,flow" of:"several"`
}

type selector struct {
	Key    string   `yaml:"key" need:"true" is:"name"`
	Values []string `yaml:"values,flow" need:"true"`
}

type account struct {
	limits                    `yaml:",inline"`
	huaweicloud.AccountConfig `yaml:",inline"`

	Credentials string           `yaml:"credentials" is:"name"`
	Endpoints   accountEndpoints `yaml:"endpoints" default:"{}"`
	Config      *configSource    `yaml:"config,omitempty"`
	Discover    *discover        `yaml:"discover,omitempty"`
}

type accountEndpoints struct {
	Config string `yaml:"config,omitempty" is:"endpoint"`
	IAM    string `yaml:"iam" is:"endpoint"`
	EPS    string `yaml:"eps,omitempty" is:"endpoint"`
}

type configSource struct {
	ResourceTypes     []string      `yaml:"resource_types,flow" default:"['*']" need:"true" is:"type pattern"`
	SkipResourceTypes []string      `yaml:"skip_resource_types,flow" default:"[]" is:"type pattern"`
	RenewAfter        time.Duration `yaml:"renew_after" default:"5m"`
	MaxTagAge         time.Duration `yaml:"max_tag_age" default:"1h"`
}

type discover struct {
	Regions    []string          `yaml:"regions,flow" default:"['*']" need:"true" is:"id pattern"`
	Projects   string            `yaml:"projects" default:".*" is:"expression"`
	Services   []string          `yaml:"services,flow"`
	Endpoints  byService[string] `yaml:"endpoints" is:"endpoint"`
	RenewAfter time.Duration     `yaml:"renew_after" default:"10m"`
}

type policySection struct {
	Effective          []effective   `yaml:"effective,omitempty"`
	Responsible        []string      `yaml:"responsible,omitempty,flow" is:"name"`
	Documents          []string      `yaml:"documents,omitempty" is:"file"`
	Rules              []policy.Rule `yaml:"rules,omitempty"`
	MaxViolationSeries int           `yaml:"max_violation_series" default:"1000"`
}

type effective struct {
	Account     string        `yaml:"account,omitempty" is:"name"`
	AccountID   string        `yaml:"account_id,omitempty" is:"id"`
	Credentials string        `yaml:"credentials" is:"name"`
	Endpoint    string        `yaml:"endpoint" is:"endpoint"`
	RenewAfter  time.Duration `yaml:"renew_after" default:"15m"`
}

type tags struct {
	IncludeKeys     string `yaml:"include_keys" default:".*" is:"expression"`
	ExcludeKeys     string `yaml:"exclude_keys" default:"_sys_.*" is:"expression"`
	MaxKeys         int    `yaml:"max_keys" least:"1" default:"1000"`
	MaxValuesPerKey int    `yaml:"max_values_per_key" least:"1" default:"1000"`
}
