// Package huaweicloud sends requests to Huawei Cloud's services: it signs them, keeps
// them within deadlines, rates and concurrency, retries what may be retried, and
// reports every attempt. It knows no tag API: those are in package tagapi.
//
// Client.Service and Client.AccountService give a Service, Service.Session a Session,
// which is one read, and Call sends one request in it. The path of a request is in
// call.go.
package huaweicloud

import "time"

// IAM is the name of the service that gives tokens and knows accounts and their projects,
// in series and in the SDK's settings. It has no tags.
const IAM = "iam"

// Kind is how a credential proves to the cloud who sends a request.
type Kind int

// The kinds of credentials.
const (
	AccessKey   Kind = iota // AK/SK, permanent, or temporary with a security token
	Token                   // a ready IAM token
	Password                // an IAM user's; IAM issues tokens for it
	Environment             // what the official SDK's provider chain finds
)

// CredentialConfig describes one credential. Only the fields of its Kind are
// set. Its tags are for package config, whose file has it so.
type CredentialConfig struct {
	Name string `yaml:"-"` // unique in a configuration
	Kind Kind   `yaml:"-"`

	AccessKey     Secret `yaml:"access_key" also:"_file"`
	SecretKey     Secret `yaml:"secret_key" also:"_file"`
	SecurityToken Secret `yaml:"security_token" also:"_file"` // optional

	Token Secret `yaml:"token" also:"_file"`

	DomainName  string `yaml:"domain_name" is:"name"`
	Username    string `yaml:"username" is:"name"`
	Password    Secret `yaml:"password" also:"_file"`
	IAMEndpoint string `yaml:"iam_endpoint" is:"endpoint"` // "": by the project's region
}

// Limits bound the requests to one service of one project. Its tags are for package config,
// as above.
type Limits struct {
	MaxConcurrency    int           `yaml:"max_concurrency" inherit:"defaults" default:"16" least:"1" most:"1000"` // requests in flight
	RequestsPerSecond float64       `yaml:"requests_per_second" inherit:"defaults" default:"50"`                   // with a burst of a tenth, at least 1; 0: unlimited
	RequestTimeout    time.Duration `yaml:"request_timeout" inherit:"defaults" default:"10s" least:"1"`            // of one attempt
	MaxRetries        int           `yaml:"max_retries" inherit:"defaults" default:"3" most:"10"`                  // attempts after the first
}

// ProjectConfig names a project, which belongs to one region. Its tags are for package
// config, as above.
type ProjectConfig struct {
	Name       string           `yaml:"name" is:"name"` // label project, unique in a configuration
	Region     string           `yaml:"region" need:"true" is:"id"`
	ID         string           `yaml:"project_id" need:"true" is:"id"`
	Credential CredentialConfig `yaml:"-"`
}

// AccountConfig names an account, which the APIs call a domain.
type AccountConfig struct {
	Name       string           `yaml:"name" need:"true" is:"name"`  // label account, unique in a configuration
	ID         string           `yaml:"domain_id,omitempty" is:"id"` // "": IAM knows it
	Credential CredentialConfig `yaml:"-"`
}

// ServiceConfig is one service of a project or of an account.
type ServiceConfig struct {
	Name     string // label cloud_service
	Endpoint string // scheme and host, no path
	Limits   Limits
}
