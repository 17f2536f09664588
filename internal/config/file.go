package config

import (
	"cmp"
	"time"

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
//	is           what a text is: a name (not empty), an id, an endpoint, a file, a password
//	least, most  bounds of a number; any other is not negative
//	of           the only service that has the key
type file struct {
	Credentials map[string]*credential `yaml:"credentials"`
	Defaults    limits                 `yaml:"defaults,omitempty"`
	Projects    []project              `yaml:"projects" need:"true"`
	Policy      *policySection         `yaml:"policy,omitempty"`
	Tags        tags                   `yaml:"tags"`
	CAFile      string                 `yaml:"ca_file,omitempty" is:"file"`
}

type credential struct {
	AccessKey         accessKey          `yaml:"access_key,omitempty"`
	AccessKeyFile     string             `yaml:"access_key_file,omitempty" is:"file"`
	SecretKey         huaweicloud.Secret `yaml:"secret_key,omitempty"`
	SecretKeyFile     string             `yaml:"secret_key_file,omitempty" is:"file"`
	SecurityToken     huaweicloud.Secret `yaml:"security_token,omitempty"`
	SecurityTokenFile string             `yaml:"security_token_file,omitempty" is:"file"`
	Token             huaweicloud.Secret `yaml:"token,omitempty"`
	TokenFile         string             `yaml:"token_file,omitempty" is:"file"`
	DomainName        string             `yaml:"domain_name,omitempty" is:"name"`
	Username          string             `yaml:"username,omitempty" is:"name"`
	Password          huaweicloud.Secret `yaml:"password,omitempty" is:"password"`
	PasswordFile      string             `yaml:"password_file,omitempty" is:"file"`
	IAMEndpoint       string             `yaml:"iam_endpoint,omitempty" is:"endpoint"`
}

// accessKey is a secret that /config shows: it is an ID, like the name of a user.
type accessKey struct{ huaweicloud.Secret }

func (k accessKey) MarshalYAML() (any, error) { return k.Reveal() }

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

type project struct {
	limits      `yaml:",inline"`
	Name        string             `yaml:"name" is:"name"`
	Region      string             `yaml:"region" need:"true" is:"id"`
	ID          string             `yaml:"project_id" need:"true" is:"id"`
	Credentials string             `yaml:"credentials" is:"name"`
	Endpoints   byService[string]  `yaml:"endpoints" is:"endpoint"`
	Services    byService[service] `yaml:"services"`
}

// byService is a mapping whose keys are the services that a project can have.
type byService[T any] map[string]*T

func (byService[T]) keys() []string { return catalog.Names(catalog.Project) }

type service struct {
	limits     `yaml:",inline"`
	TagsFrom   string         `yaml:"tags_from,omitempty" of:"dds"`
	RenewAfter *time.Duration `yaml:"renew_after,omitempty" of:"dds"`
	MaxTagAge  *time.Duration `yaml:"max_tag_age,omitempty" of:"dds"`
	Selectors  []selector     `yaml:"selectors,omitempty" of:"fabric"`
}

type selector struct {
	Key    string   `yaml:"key" need:"true" is:"name"`
	Values []string `yaml:"values,flow" need:"true"`
}

type policySection struct {
	Documents          []string      `yaml:"documents,omitempty" is:"file"`
	Rules              []policy.Rule `yaml:"rules,omitempty"`
	MaxViolationSeries *int          `yaml:"max_violation_series"`
}

type tags struct {
	IncludeKeys     string `yaml:"include_keys"`
	ExcludeKeys     string `yaml:"exclude_keys"`
	MaxKeys         int    `yaml:"max_keys" least:"1"`
	MaxValuesPerKey int    `yaml:"max_values_per_key" least:"1"`
}
