package catalog

import (
	config "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/config/v1/region"
	fabric "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dataartsfabric/v1/region"
	dds "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dds/v3/region"
	eps "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/eps/v1/region"
	modelarts "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/modelarts/v1/region"
	organizations "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/organizations/v1/region"
)

// Services returns all services, in the order in which people see them.
func Services() []Service {
	return append([]Service{
		{
			Name: "modelarts", Title: "ModelArts pools", Scope: Project, Default: true,
			Types: []ResourceType{
				{Name: "pool", Action: "modelarts:pool:list modelarts:workspace:list", Missing: "pools that could not be created"},
				{Name: "notebook", Named: true, Action: "modelarts:notebook:list modelarts:workspace:list", Missing: "those of the free CodeLab; their enterprise projects"},
				{Name: "service", Named: true, Action: "modelarts:workspace:list", Missing: "their enterprise projects"},
			},
			Regions: modelarts.SafeValueOf,
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
	}, listed()...)
}

// Organizations is the service that knows which tag policy is in force for an account.
const Organizations = "organizations"

// EPS is the service that knows what enterprise projects are called.
const EPS = "eps"

// others are services that are asked and have no resources of their own.
var others = []Service{
	{Name: Organizations, Scope: Account, Regions: organizations.SafeValueOf},
	{Name: EPS, Scope: Account, Regions: eps.SafeValueOf},
}
