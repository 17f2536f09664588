package huaweicloud

import (
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
