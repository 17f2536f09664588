package huaweicloud

import (
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/region"
	iam "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/iam/v3/region"
)

// Regions is the official SDK's table of the regions of a service: its function
// SafeValueOf.
type Regions func(regionID string) (*region.Region, error)

// regionTables serialises the look-ups: the SDK keeps one unlocked map behind all
// tables, and two look-ups at once can crash the process.
var regionTables sync.Mutex

// Endpoint returns where the service answers in a region, scheme and host, with the
// SDK's own overrides (HUAWEICLOUD_SDK_REGION_…, regions.yaml) applied; false if the
// table does not know it there.
func (r Regions) Endpoint(regionID string) (string, bool) {
	regionTables.Lock()
	defer regionTables.Unlock()
	found, err := r(regionID)
	if err != nil || len(found.Endpoints) == 0 {
		return "", false
	}
	return strings.TrimRight(found.Endpoints[0], "/"), true
}

// iamAnywhere answers for every region; the table has an entry of its own for
// most of them.
const iamAnywhere = "https://iam.myhuaweicloud.com"

// IAMEndpoint returns where IAM answers for a region.
// https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html
func IAMEndpoint(regionID string) string {
	if endpoint, ok := Regions(iam.SafeValueOf).Endpoint(regionID); ok {
		return endpoint
	}
	return iamAnywhere
}

// ParseEndpoint takes an endpoint apart: scheme and host, and nothing else. A slash
// at the end is tolerated. The error goes on behind the name of what holds the
// endpoint, and does not quote it: it may hold a password.
func ParseEndpoint(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Opaque != "", u.Host == "":
		return nil, errors.New("must be http:// or https:// and a host")
	case u.User != nil:
		return nil, errors.New("must hold no user and password")
	case u.Path != "" && u.Path != "/":
		return nil, errors.New("must have no path")
	case strings.ContainsAny(text, "?#"):
		return nil, errors.New("must have no query and no fragment")
	case !isHost(u.Hostname()):
		return nil, errors.New("must have a host name or an IP address")
	case strings.HasSuffix(u.Host, ":") || u.Port() != "" && !isPort(u.Port()):
		return nil, errors.New("must have a port from 1 to 65535, or none")
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?$`)

func isHost(name string) bool {
	_, err := netip.ParseAddr(name)
	return err == nil || len(name) < 254 && hostName.MatchString(name)
}

func isPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port > 0
}
