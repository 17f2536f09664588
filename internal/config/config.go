// Package config turns the configuration file into a Config, which exists only
// if it is valid. Each error names the file, the line and the key, and all of
// them are found in one go.
package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/policy"
)

// Config is a valid configuration.
type Config struct {
	Projects           []Project      // at least one, names are unique
	CAFile             string         // PEM file, added to the system's roots; "": none
	Tags               Tags           // which tags become series
	Policy             *policy.Policy // nil: there is no policy section
	MaxViolationSeries int            // per project and service

	// What YAML shows besides. No Secret may be here: fmt prints what is in
	// unexported fields without asking it.
	credentials map[string]credentialView // unused ones too
	rules       []policy.Rule
	documents   []string // as opened

	includeKeys, excludeKeys string // as written
}

// Project is one project and the services of it that are read.
type Project struct {
	huaweicloud.ProjectConfig
	Services []Service // at least one, in the order of the catalogue
}

// The sources of a DDS instance's tags.
const (
	TagAPI       = "tag_api"       // one request per instance
	InstanceList = "instance_list" // what the list of instances carries
)

// Service is one service of a project. Fields that belong to another service
// are zero.
type Service struct {
	huaweicloud.ServiceConfig

	TagsFrom   string        // DDS: TagAPI or InstanceList
	RenewAfter time.Duration // DDS: younger tags are not read again; at most MaxTagAge
	MaxTagAge  time.Duration // DDS: older tags are not used; 0: only what this scrape read

	Selectors []inventory.Tag // Fabric: one query each, no two are equal
}

// Tags says which tags become series. Both expressions match whole keys only.
type Tags struct {
	Include, Exclude *regexp.Regexp
	MaxKeys          int // per project and service, at least 1
	MaxValuesPerKey  int // per project and service, at least 1
}

// Errors is everything that is wrong with a configuration, by line.
type Errors []error

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, err := range e {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap makes errors.Is and errors.As look into each of them.
func (e Errors) Unwrap() []error { return e }

// maxSize bounds the files that a configuration consists of. A real one is a
// thousandth of it; /dev/zero is not.
const maxSize = 4 << 20

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
	content, err := io.ReadAll(io.LimitReader(file, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	c, err := Parse(path, content)
	problems := environment()
	if of, ok := errors.AsType[Errors](err); ok {
		problems = append(problems, of...)
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return c, nil
}

// Parse decodes a configuration. Errors begin with its name, and relative paths
// in it are relative to the name's folder. The error is of type Errors.
func Parse(name string, content []byte) (*Config, error) {
	return ParseWith(name, content, readFile)
}

// ParseWith is Parse for a configuration that is not on disk: read returns the
// policy documents that it names, by the paths that Parse would open. Files that
// are read again later, secrets and CA, cannot come from elsewhere.
func ParseWith(name string, content []byte, read func(path string) ([]byte, error)) (*Config, error) {
	d := &decoder{name: name, dir: filepath.Dir(name), read: read}
	var c *Config
	if root, ok := d.document(content); ok {
		c = d.config(root)
	}
	if len(d.problems) > 0 {
		return nil, d.errors()
	}
	return c, nil
}

// config decodes the whole. The result is of use only if no problem was noted.
func (d *decoder) config(root value) *Config {
	s := d.section(root, "credentials", "defaults", "projects", "policy", "tags", "ca_file")
	s.require("projects")
	c := &Config{CAFile: s.caFile("ca_file"), credentials: make(map[string]credentialView)}
	lender := d.lender(s.section("credentials"))
	for _, credential := range lender.credentials {
		c.credentials[credential.Name] = viewCredential(credential)
	}
	defaults := s.section("defaults", limitKeys()...).limits(huaweicloud.Limits{
		MaxConcurrency:    16,
		RequestsPerSecond: 50,
		RequestTimeout:    10 * time.Second,
		MaxRetries:        3,
	})
	c.Projects = d.projects(s, lender, defaults)
	s.section("tags", "include_keys", "exclude_keys", "max_keys", "max_values_per_key").tags(c)
	d.policy(s, c)
	return c
}

// caFile checks a file of PEM certificates and returns its path.
func (s section) caFile(key string) string {
	v, given := s.get(key)
	if !given {
		return ""
	}
	path, content, ok := s.d.file(v)
	if ok {
		if _, err := huaweicloud.ParseCertificates(path, content); err != nil {
			s.d.errorf(v, "%w", err)
		}
	}
	return path
}

func (s section) tags(c *Config) {
	c.Tags.Include, c.includeKeys = s.expression("include_keys", ".*")
	c.Tags.Exclude, c.excludeKeys = s.expression("exclude_keys", "_sys_.*")
	c.Tags.MaxKeys = s.integer("max_keys", 1000, 1, maxInt)
	c.Tags.MaxValuesPerKey = s.integer("max_values_per_key", 1000, 1, maxInt)
}

// errors returns what is wrong, by line. What was found first comes first
// within a line.
func (d *decoder) errors() Errors {
	slices.SortStableFunc(d.problems, func(a, b problem) int { return a.line - b.line })
	errs := make(Errors, len(d.problems))
	for i, p := range d.problems {
		errs[i] = p.err
	}
	return errs
}
