package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/policy"
	"huaweicloud_tag_exporter/internal/strictyaml"
)

// file is the configuration as it is written, and, with the defaults filled in, as
// /config shows it. Nothing else names its keys, but for those that its parts have in
// packages huaweicloud and policy. A pointer is nil where a key that is not given means
// something else than zero. The tags are those of package strictyaml, with
//
//	is   a name (not empty), an id, an endpoint, a file, certificates (a file of them), an
//	     expression, an id pattern (* at the end: any suffix), a type pattern (likewise)
//	of   the only services that have the key; several: those with several types
type file struct {
	Credentials map[string]*credential `yaml:"credentials"`
	Defaults    huaweicloud.Limits     `yaml:"defaults,omitempty" default:"{}"`
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
		key, value := strictyaml.KeyOf(f), fmt.Sprint(field)
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

type project struct {
	huaweicloud.Limits `yaml:"-"` // handed down to the services, which show it
	Project            `yaml:",inline"`

	Credentials string            `yaml:"credentials" is:"name"`
	Endpoints   byService[string] `yaml:"endpoints" is:"endpoint"`
	Services    services          `yaml:"services" or:"all"`
}

// services are the settings of services by name. Those of allOthers are the limits of all
// that are not named.
type services map[string]*service

const allOthers = "all"

func (services) Keys() []string {
	return append([]string{allOthers}, catalog.Names(catalog.Project)...)
}

// byService is a mapping whose keys are the services that a project can have.
type byService[T any] map[string]*T

func (byService[T]) Keys() []string { return catalog.Names(catalog.Project) }

type service struct {
	huaweicloud.Limits `yaml:",inline"`

	TagsFrom      string         `yaml:"tags_from,omitempty" of:"modelarts dds"`
	RenewAfter    *time.Duration `yaml:"renew_after,omitempty" of:"dds" default:"0s"`
	MaxTagAge     *time.Duration `yaml:"max_tag_age,omitempty" of:"dds" default:"10m"`
	Selectors     []selector     `yaml:"selectors,omitempty" of:"fabric"`
	ResourceTypes []string       `yaml:"resource_types,omitempty,flow" of:"several"`
}

// Has reports whether a service has a key that not all have.
func (*service) Has(name, of string) bool {
	if of == "several" {
		return len(catalog.TypesOf(name)) > 1
	}
	return slices.Contains(strings.Fields(of), name)
}

type selector struct {
	Key    string   `yaml:"key" need:"true" is:"name"`
	Values []string `yaml:"values,flow" need:"true"`
}

type account struct {
	huaweicloud.Limits        `yaml:"-"` // likewise
	huaweicloud.AccountConfig `yaml:",inline"`

	Credentials string           `yaml:"credentials" is:"name"`
	Endpoints   accountEndpoints `yaml:"endpoints" default:"{}"`
	Config      *Source          `yaml:"config,omitempty"`
	Discover    *discover        `yaml:"discover,omitempty"`
}

type accountEndpoints struct {
	Config string `yaml:"config,omitempty" is:"endpoint"`
	IAM    string `yaml:"iam" is:"endpoint"`
	EPS    string `yaml:"eps,omitempty" is:"endpoint"`
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
	IncludeKeys string `yaml:"include_keys" default:".*" is:"expression"`
	ExcludeKeys string `yaml:"exclude_keys" default:"_sys_.*" is:"expression"`
	Tags        `yaml:",inline"`
}
