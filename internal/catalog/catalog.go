// Package catalog is the one list of the services whose tags can be read. What names
// services elsewhere asks it: the configuration, the policy, the pages, the tests of
// the documentation. So a further service is a row here, and its tag API.
package catalog

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// Service is a service of Huawei Cloud whose tags can be read.
type Service struct {
	Name  string         // label cloud_service, and key in the configuration
	Title string         // what is read of it, for people, in the plural
	Types []ResourceType // that rules may name
	Scope Scope
	// Default is whether it is read in a project that names no services. Each service
	// costs calls and series, and needs a permission: so others are read if they are named.
	Default bool
	SDK     string              // what the official SDK calls it in its settings; "": Name
	Regions huaweicloud.Regions // the official SDK's table of the regions that have it
}

// ResourceType is a kind of thing that carries tags.
type ResourceType struct {
	Name   string // label resource_type
	Config string // provider.type, as the Config service calls it; "": that is not known
	// Named is whether it is only read where the settings of its service name it.
	Named bool

	// For docs/services.md, of types that one call lists with their tags:
	Action  string // that a policy must allow, or several with blanks between them; "": that is not known
	Missing string // what is known to be missing, for people; "": nothing
}

// Scope says whose resources one answer of a service holds.
type Scope int

// The scopes.
const (
	Project Scope = iota // those of one project of one region
	Account              // those of all projects and regions of an account
)

// Names returns the names of the services of a scope.
func Names(scope Scope) []string {
	return texts(func(s Service) (string, bool) { return s.Name, s.Scope == scope })
}

// Defaults returns the names of the services that are read in a project that names none.
func Defaults() []string {
	return texts(func(s Service) (string, bool) { return s.Name, s.Default })
}

// texts returns one of each service, where it is wanted.
func texts(of func(Service) (text string, wanted bool)) (all []string) {
	for _, s := range Services() {
		if text, wanted := of(s); wanted {
			all = append(all, text)
		}
	}
	return all
}

// Types returns all resource types in the form that rules use: "dds:instance".
func Types() []string {
	var types []string
	for _, s := range Services() {
		for _, t := range s.Types {
			types = append(types, s.Name+":"+t.Name)
		}
	}
	return types
}

// TypesOf returns the resource types of a service.
func TypesOf(service string) (types []string) {
	s, _ := find(service)
	for _, t := range s.Types {
		types = append(types, t.Name)
	}
	return types
}

// DefaultTypesOf returns those that are read where the settings of the service name none.
func DefaultTypesOf(service string) (types []string) {
	s, _ := find(service)
	for _, t := range s.Types {
		if !t.Named {
			types = append(types, t.Name)
		}
	}
	return types
}

// Titles returns what is read of a project that names no services, as a part of a
// sentence.
func Titles() string {
	titles := texts(func(s Service) (string, bool) { return s.Title, s.Default })
	last := len(titles) - 1
	return strings.Join(titles[:last], ", ") + " and " + titles[last]
}

// find returns the row of a service.
func find(name string) (Service, bool) {
	services := append(Services(), others...)
	i := slices.IndexFunc(services, func(s Service) bool { return s.Name == name })
	if i < 0 {
		return Service{}, false
	}
	return services[i], true
}

// Endpoint returns where a service, or IAM, answers in a region, scheme and host, as the
// official SDK's table of regions or the SDK's own settings have it; "" if neither knows
// the service there. It fails if the settings have no endpoint there, but something else.
func Endpoint(service, regionID string) (string, error) {
	endpoint := ""
	if s, ok := find(service); ok {
		endpoint, _ = s.Regions.Endpoint(regionID)
	} else if service == huaweicloud.IAM {
		endpoint = huaweicloud.IAMEndpoint(regionID)
	}
	if endpoint == "" {
		return "", nil
	}
	if _, err := huaweicloud.ParseEndpoint(endpoint); err != nil {
		return "", fmt.Errorf("the endpoint of %s in %s %w", service, settings(service, regionID), err)
	}
	return endpoint, nil
}

// globalRegion is the one in whose row the SDK's tables have the host of a service that
// answers for all regions.
const globalRegion = "cn-north-4"

// AccountEndpoint returns where a service answers that is asked per account, scheme and
// host. Of IAM that is one host for all regions.
func AccountEndpoint(service string) (string, error) {
	if service == huaweicloud.IAM {
		return Endpoint(service, "")
	}
	return Endpoint(service, globalRegion)
}

// TypeOf returns the service and the resource type, as series name them, of what the
// Config service calls provider.type, in any case.
func TypeOf(provider, name string) (service, resourceType string) {
	provider, name = strings.ToLower(provider), strings.ToLower(name)
	for _, s := range Services() {
		for _, t := range s.Types {
			if strings.ToLower(t.Config) == provider+"."+name {
				return s.Name, t.Name
			}
		}
	}
	return provider, name
}

// KnownRegion returns the region to which a project of that name belongs: the longest ID
// of a region that is the name, or that the name begins with, before a "_". It is "" if
// no table, and none of the regions given besides, has such a region.
// https://support.huaweicloud.com/intl/en-us/api-iam/iam_06_0001.html
func KnownRegion(project string, besides ...string) string {
	for end := len(project); end > 0; end = strings.LastIndexByte(project[:end], '_') {
		region := project[:end]
		if slices.Contains(besides, region) {
			return region
		}
		for _, s := range Services() {
			if _, ok := s.Regions.Endpoint(region); ok {
				return region
			}
		}
	}
	return ""
}

// settings says where the SDK took an endpoint from that is not in its tables.
func settings(service, regionID string) string {
	if name := regionVariable(service, regionID); os.Getenv(name) != "" {
		return "environment variable " + name
	}
	return "the SDK's region settings"
}

// regionVariable returns the environment variable from which the SDK takes the
// endpoint of a service, or of IAM, in a region, where it is set.
func regionVariable(service, regionID string) string {
	if s, ok := find(service); ok && s.SDK != "" {
		service = s.SDK
	}
	return strings.ToUpper("HUAWEICLOUD_SDK_REGION_" + service + "_" + strings.ReplaceAll(regionID, "-", "_"))
}
