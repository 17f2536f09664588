package catalog

import (
	config "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/config/v1/region"
	fabric "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dataartsfabric/v1/region"
	dds "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dds/v3/region"
	ecs "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ecs/v2/region"
	evs "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/evs/v2/region"
	modelarts "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/modelarts/v1/region"
)

// Services returns all services, in the order in which people see them.
func Services() []Service {
	return []Service{
		{
			Name: "modelarts", Title: "ModelArts pools", Scope: Project, Default: true,
			Types: []ResourceType{{Name: "pool"}}, Regions: modelarts.SafeValueOf,
		},
		{
			Name: "dds", Title: "DDS instances", Scope: Project, Default: true,
			Types: []ResourceType{{Name: "instance", Config: "dds.instances"}}, Regions: dds.SafeValueOf,
		},
		{
			Name: "fabric", Title: "DataArts Fabric workspaces", Scope: Project, Default: true,
			Types: []ResourceType{{Name: "workspace"}}, Regions: fabric.SafeValueOf, SDK: "dataartsfabric",
		},
		{
			Name: "config", Title: "what Huawei Cloud Config lists", Scope: Account, Regions: config.SafeValueOf,
		},
		{
			Name: "ecs", Title: "Elastic Cloud Servers", Scope: Project,
			Types: []ResourceType{{
				Name: "cloudservers", Config: "ecs.cloudservers", Action: "ecs:cloudServers:list",
				Missing: "servers in the recycle bin; tags that CCE sets itself",
			}},
			Regions: ecs.SafeValueOf,
		},
		{
			Name: "evs", Title: "EVS disks", Scope: Project,
			Types:   []ResourceType{{Name: "volumes", Config: "evs.volumes", Action: "evs:volumes:list", Missing: "disks in the recycle bin"}},
			Regions: evs.SafeValueOf,
		},
	}
}
