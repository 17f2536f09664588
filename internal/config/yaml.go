package config

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

// The running configuration, in the file's own form.
type (
	configView struct {
		CAFile      string                    `yaml:"ca_file,omitempty"`
		Credentials map[string]credentialView `yaml:"credentials"`
		Projects    []projectView             `yaml:"projects"`
		Tags        tagsView                  `yaml:"tags"`
		Policy      *policyView               `yaml:"policy,omitempty"`
	}
	credentialView struct {
		AccessKey         string `yaml:"access_key,omitempty"`
		AccessKeyFile     string `yaml:"access_key_file,omitempty"`
		SecretKey         string `yaml:"secret_key,omitempty"`
		SecretKeyFile     string `yaml:"secret_key_file,omitempty"`
		SecurityToken     string `yaml:"security_token,omitempty"`
		SecurityTokenFile string `yaml:"security_token_file,omitempty"`
		Token             string `yaml:"token,omitempty"`
		TokenFile         string `yaml:"token_file,omitempty"`
		DomainName        string `yaml:"domain_name,omitempty"`
		Username          string `yaml:"username,omitempty"`
		Password          string `yaml:"password,omitempty"`
		PasswordFile      string `yaml:"password_file,omitempty"`
		IAMEndpoint       string `yaml:"iam_endpoint,omitempty"`
	}
	projectView struct {
		Name        string                 `yaml:"name"`
		Region      string                 `yaml:"region"`
		ID          string                 `yaml:"project_id"`
		Credentials string                 `yaml:"credentials"`
		Endpoints   map[string]string      `yaml:"endpoints"`
		Services    map[string]serviceView `yaml:"services"`
	}
	serviceView struct {
		MaxConcurrency    int            `yaml:"max_concurrency"`
		RequestsPerSecond float64        `yaml:"requests_per_second"`
		RequestTimeout    string         `yaml:"request_timeout"`
		MaxRetries        int            `yaml:"max_retries"`
		TagsFrom          string         `yaml:"tags_from,omitempty"`
		RenewAfter        string         `yaml:"renew_after,omitempty"`
		MaxTagAge         string         `yaml:"max_tag_age,omitempty"`
		Selectors         []selectorView `yaml:"selectors,omitempty"`
	}
	selectorView struct {
		Key    string   `yaml:"key"`
		Values []string `yaml:"values,flow"`
	}
	tagsView struct {
		IncludeKeys     string `yaml:"include_keys"`
		ExcludeKeys     string `yaml:"exclude_keys"`
		MaxKeys         int    `yaml:"max_keys"`
		MaxValuesPerKey int    `yaml:"max_values_per_key"`
	}
	policyView struct {
		Documents          []string   `yaml:"documents,omitempty"`
		Rules              []ruleView `yaml:"rules,omitempty"`
		MaxViolationSeries int        `yaml:"max_violation_series"`
	}
	ruleView struct {
		Name          string   `yaml:"name"`
		Key           string   `yaml:"key"`
		Required      bool     `yaml:"required,omitempty"`
		Forbidden     bool     `yaml:"forbidden,omitempty"`
		Values        []string `yaml:"values,omitempty,flow"`
		Pattern       string   `yaml:"pattern,omitempty"`
		Services      []string `yaml:"services,omitempty,flow"`
		ResourceTypes []string `yaml:"resource_types,omitempty,flow"`
		Projects      []string `yaml:"projects,omitempty,flow"`
	}
)

// YAML returns the running configuration: defaults filled in for each project
// and service, endpoints resolved, files as they are opened. Every secret but
// the access key ID shows as <secret>, one that is read from a file as the path
// of that file.
func (c *Config) YAML() []byte {
	view := configView{
		CAFile:      c.CAFile,
		Credentials: c.credentials,
		Tags: tagsView{
			IncludeKeys:     c.includeKeys,
			ExcludeKeys:     c.excludeKeys,
			MaxKeys:         c.Tags.MaxKeys,
			MaxValuesPerKey: c.Tags.MaxValuesPerKey,
		},
		Policy: c.policyView(),
	}
	for _, p := range c.Projects {
		view.Projects = append(view.Projects, viewProject(p))
	}
	content, err := yaml.Marshal(view)
	if err != nil { // cannot happen: there is nothing here but texts and numbers
		return fmt.Appendf(nil, "# cannot show the configuration: %s\n", err)
	}
	return content
}

func viewCredential(c huaweicloud.CredentialConfig) credentialView {
	accessKey := c.AccessKey.String()
	if c.AccessKey.File() == "" {
		accessKey, _ = c.AccessKey.Reveal() // an ID, no secret; cannot fail without a file
	}
	return credentialView{
		AccessKey:         unlessFile(c.AccessKey, accessKey),
		AccessKeyFile:     c.AccessKey.File(),
		SecretKey:         unlessFile(c.SecretKey, c.SecretKey.String()),
		SecretKeyFile:     c.SecretKey.File(),
		SecurityToken:     unlessFile(c.SecurityToken, c.SecurityToken.String()),
		SecurityTokenFile: c.SecurityToken.File(),
		Token:             unlessFile(c.Token, c.Token.String()),
		TokenFile:         c.Token.File(),
		DomainName:        c.DomainName,
		Username:          c.Username,
		Password:          unlessFile(c.Password, c.Password.String()),
		PasswordFile:      c.Password.File(),
		IAMEndpoint:       c.IAMEndpoint,
	}
}

func unlessFile(s huaweicloud.Secret, text string) string {
	if s.File() != "" {
		return ""
	}
	return text
}

func viewProject(p Project) projectView {
	view := projectView{
		Name:        p.Name,
		Region:      p.Region,
		ID:          p.ID,
		Credentials: p.Credential.Name,
		Endpoints:   make(map[string]string),
		Services:    make(map[string]serviceView),
	}
	for _, s := range p.Services {
		view.Endpoints[s.Name] = s.Endpoint
		view.Services[s.Name] = viewService(s)
	}
	return view
}

func viewService(s Service) serviceView {
	view := serviceView{
		MaxConcurrency:    s.Limits.MaxConcurrency,
		RequestsPerSecond: s.Limits.RequestsPerSecond,
		RequestTimeout:    s.Limits.RequestTimeout.String(),
		MaxRetries:        s.Limits.MaxRetries,
		Selectors:         viewSelectors(s.Selectors),
	}
	if s.Name == "dds" {
		view.TagsFrom = s.TagsFrom
		view.RenewAfter = s.RenewAfter.String()
		view.MaxTagAge = s.MaxTagAge.String()
	}
	return view
}

// viewSelectors puts the values of a key together again.
func viewSelectors(tags []inventory.Tag) []selectorView {
	var views []selectorView
	for _, t := range tags {
		if n := len(views); n == 0 || views[n-1].Key != t.Key {
			views = append(views, selectorView{Key: t.Key})
		}
		last := &views[len(views)-1]
		last.Values = append(last.Values, t.Value)
	}
	return views
}

func (c *Config) policyView() *policyView {
	if c.Policy == nil {
		return nil
	}
	view := &policyView{Documents: c.documents, MaxViolationSeries: c.MaxViolationSeries}
	for _, r := range c.rules {
		view.Rules = append(view.Rules, ruleView{
			Name: r.Name, Key: r.Key, Required: r.Required, Forbidden: r.Forbidden,
			Values: r.Values, Pattern: r.Pattern,
			Services: r.Services, ResourceTypes: r.ResourceTypes, Projects: r.Projects,
		})
	}
	return view
}
