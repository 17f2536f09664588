package huaweicloud

import (
	"fmt"
	"strings"
	"sync"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/region"
	fabric "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dataartsfabric/v1/region"
	dds "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dds/v3/region"
	iam "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/iam/v3/region"
	modelarts "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/modelarts/v1/region"
)

// regionTables serialises the look-ups: the SDK keeps an unlocked map behind
// them, and two at once can crash the process.
var regionTables sync.Mutex

// Endpoint returns where a service answers in a region, scheme and host, as the
// official SDK's region table has it, with the SDK's own overrides
// (HUAWEICLOUD_SDK_REGION_…, regions.yaml) applied. It fails when the table
// does not know the service there.
func Endpoint(service, regionID string) (string, error) {
	valueOf := map[string]func(string) (*region.Region, error){
		ModelArts: modelarts.SafeValueOf,
		DDS:       dds.SafeValueOf,
		Fabric:    fabric.SafeValueOf,
		IAM:       iam.SafeValueOf,
	}[service]
	if valueOf == nil {
		return "", fmt.Errorf("no service %q", service)
	}
	regionTables.Lock()
	defer regionTables.Unlock()
	r, err := valueOf(regionID)
	if err != nil || len(r.Endpoints) == 0 {
		return "", fmt.Errorf("the region table knows no %s in region %q", service, regionID)
	}
	return strings.TrimRight(r.Endpoints[0], "/"), nil
}

// RegionVariable returns the environment variable from which the SDK takes the
// endpoint of a service in a region, where it is set.
func RegionVariable(service, regionID string) string {
	if service == Fabric {
		service = "dataartsfabric" // as the SDK calls it
	}
	return strings.ToUpper("HUAWEICLOUD_SDK_REGION_" + service + "_" + strings.ReplaceAll(regionID, "-", "_"))
}

// iamAnywhere answers for every region; the table has an entry of its own for
// most of them.
const iamAnywhere = "https://iam.myhuaweicloud.com"

// IAMEndpoint returns where IAM answers for a region.
// https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html
func IAMEndpoint(regionID string) string {
	if endpoint, err := Endpoint(IAM, regionID); err == nil {
		return endpoint
	}
	return iamAnywhere
}
