// Package config turns the configuration file into a Config, which exists only
// if it is valid. Each error names the file, the line and the key, and all of
// them are found in one go.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/policy"
	"huaweicloud_tag_exporter/internal/strictyaml"
)

// Config is a valid configuration.
type Config struct {
	Projects           []Project      // names are unique
	Accounts           []Account      // likewise; there is at least one project or account
	CAFile             string         // PEM file, added to the system's roots; "": none
	Tags               Tags           // which tags become series
	Policy             *policy.Policy // nil: there is no policy section
	Effective          []Effective    // policies in force, at most one for an account
	MaxViolationSeries int            // per project and service

	file *file // as YAML shows it
}

// Project is one project and the services of it that are read.
type Project struct {
	huaweicloud.ProjectConfig `yaml:",inline"`

	Account  string    `yaml:"account,omitempty" is:"name"` // label account; "": none
	Services []Service `yaml:"-"`                           // at least one, in the order of the catalogue
}

// The sources of a DDS instance's tags.
const (
	TagAPI       = "tag_api"       // one request per instance
	InstanceList = "instance_list" // what the list of instances carries
	PoolTags     = "pool_tags"     // what the pools of ModelArts have together
	PoolList     = "pool_list"     // what the list of pools carries
)

// Service is one service of a project. Fields that belong to another service
// are zero.
type Service struct {
	huaweicloud.ServiceConfig

	TagsFrom   string        // DDS: TagAPI or InstanceList; ModelArts: PoolTags or PoolList
	RenewAfter time.Duration // DDS: younger tags are not read again; at most MaxTagAge
	MaxTagAge  time.Duration // DDS: older tags are not used; 0: only what this scrape read

	Selectors []inventory.Tag // Fabric: one query each, no two are equal

	ResourceTypes []string // of a service with several: those that are read
}

// Tags says which tags become series. Both expressions match whole keys only.
type Tags struct {
	Include         *regexp.Regexp `yaml:"-"`
	Exclude         *regexp.Regexp `yaml:"-"`
	MaxKeys         int            `yaml:"max_keys" least:"1" default:"1000"`           // per project and service
	MaxValuesPerKey int            `yaml:"max_values_per_key" least:"1" default:"1000"` // per project and service
}

// Errors is everything that is wrong with a configuration, by line.
type Errors []error

func (e Errors) Error() string { return errors.Join(e...).Error() }

// Unwrap makes errors.Is and errors.As look into each of them.
func (e Errors) Unwrap() []error { return e }

// Load reads a configuration file, and looks at what libraries read from the
// environment. If the file can be read, the error is of type Errors.
func Load(path string) (*Config, error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no configuration file %s", path)
	}
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, huaweicloud.MaxFileSize+1))
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	c, err := Parse(path, content)
	problems, _ := errors.AsType[Errors](err)
	if problems = append(huaweicloud.CheckEnvironment(), problems...); len(problems) > 0 {
		return nil, problems
	}
	return c, nil
}

// Parse decodes a configuration. Errors begin with its name, and relative paths
// in it are relative to the name's folder. The error is of type Errors.
func Parse(name string, content []byte) (*Config, error) {
	return ParseWith(name, content, huaweicloud.ReadFile)
}

// ParseWith is Parse for a configuration that is not on disk: read returns the
// files that it names, by the paths that Parse would open. Files that are read again
// later, secrets and CA, cannot come from elsewhere.
func ParseWith(name string, content []byte, read func(path string) ([]byte, error)) (*Config, error) {
	d := &decoder{dir: filepath.Dir(name), read: read, files: make(map[string][]byte)}
	d.Decoder = &strictyaml.Decoder{Name: name, MaxSize: huaweicloud.MaxFileSize, Check: d.check, Own: d.secret}
	f, c := new(file), (*Config)(nil)
	if d.Decode(content, f) {
		c = d.config(f)
	}
	if problems := d.Problems(); len(problems) > 0 {
		return nil, Errors(problems)
	}
	return c, nil
}

// decoder makes a Config of a file.
type decoder struct {
	*strictyaml.Decoder

	dir   string // of the configuration file
	read  func(path string) ([]byte, error)
	files map[string][]byte // what was read, by path

	credentials map[string]huaweicloud.CredentialConfig // by name
	names       []string                                // of the credentials, in the order of the file
}

// config checks what goes beyond a single value, and fills in defaults. The result is of
// use only if no problem was noted.
func (d *decoder) config(f *file) *Config {
	if !d.At(&f.Projects).Bad && !d.At(&f.Accounts).Bad && len(f.Projects)+len(f.Accounts) == 0 {
		d.Errorf(&f.Projects, "there must be a project, or an account in accounts")
	}
	d.checkCredentials(f)
	c := &Config{Projects: d.projects(f), Accounts: d.accounts(f), CAFile: f.CAFile, Tags: f.Tags.Tags, MaxViolationSeries: 1000, file: f}
	c.Tags.Include, _ = inventory.CompileWhole(f.Tags.IncludeKeys) // an error was noted
	c.Tags.Exclude, _ = inventory.CompileWhole(f.Tags.ExcludeKeys)
	if f.Policy != nil && d.At(f.Policy).IsNull() {
		f.Policy = nil
	}
	if f.Policy != nil {
		c.Policy = d.policy(f.Policy, c)
		c.Effective = d.effective(f, c)
		c.MaxViolationSeries = f.Policy.MaxViolationSeries
	}
	f.Defaults = huaweicloud.Limits{} // handed down
	return c
}

// YAML returns the running configuration: defaults filled in for each project and
// service, endpoints resolved, files as they are opened. Every secret but the access
// key ID shows as <secret>, one that is read from a file as the path of that file. But
// for the secrets, it is the same configuration.
func (c *Config) YAML() []byte {
	content, _ := yaml.Marshal(c.file) // which can be: there is nothing in it but texts and numbers
	return content
}

// policy lets package policy judge the rules and the documents. Those with a problem are
// left out, so that the others are judged too.
func (d *decoder) policy(s *policySection, c *Config) *policy.Policy {
	var documents []policy.Document
	for i, path := range s.Documents {
		if !d.At(&s.Documents[i]).Bad {
			documents = append(documents, policy.Document{Name: path, Content: d.files[path]})
		}
	}
	var rules []policy.Rule
	for i := range s.Rules {
		r, at := &s.Rules[i], d.At(&s.Rules[i])
		r.Name = cmp.Or(r.Name, r.Key)
		r.Position = fmt.Sprintf("%s:%d: %s", d.Name, at.Line, at.Path)
		if !at.Bad {
			rules = append(rules, *r)
		}
	}
	known := policy.Known{Types: catalog.Types(), Accounts: c.AccountNames()}
	for _, p := range c.Projects {
		known.Projects = append(known.Projects, p.Name)
	}
	for _, a := range c.Accounts {
		known.AnyType, known.AnyProject = known.AnyType || a.Config != nil, known.AnyProject || a.Discover != nil
	}
	responsible := d.responsible(s, c.Tags.Exclude)
	made, err := policy.New(rules, documents, known)
	var problems []error
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		problems = joined.Unwrap()
	}
	for _, err := range problems {
		line := d.At(s).Line // errors about documents begin with a line of theirs
		if rest, ours := strings.CutPrefix(err.Error(), d.Name+":"); ours {
			_, _ = fmt.Sscanf(rest, "%d", &line)
		}
		d.Note(line, err)
	}
	if made != nil {
		made = made.WithResponsible(responsible)
	}
	return made
}

// AccountNames returns the names of all accounts, also of those that only projects name.
func (c *Config) AccountNames() (names []string) {
	add := func(name string) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, p := range c.Projects {
		add(p.Account)
	}
	for _, a := range c.Accounts {
		add(a.Name)
	}
	return names
}
