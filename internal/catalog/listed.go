package catalog

import (
	bms "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/bms/v1/region"
	cbr "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/cbr/v1/region"
	cce "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/cce/v3/region"
	css "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/css/v1/region"
	dcs "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dcs/v2/region"
	dws "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dws/v2/region"
	ecs "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ecs/v2/region"
	elb "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/elb/v3/region"
	er "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/er/v3/region"
	evs "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/evs/v2/region"
	gaussdb "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/gaussdb/v3/region"
	nosql "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/gaussdbfornosql/v3/region"
	opengauss "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/gaussdbforopengauss/v3/region"
	ims "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ims/v2/region"
	dms "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/kafka/v2/region"
	mrs "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/mrs/v1/region"
	nat "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/nat/v2/region"
	rds "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/rds/v3/region"
	sfsturbo "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/sfsturbo/v1/region"
	smn "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/smn/v2/region"
	vpc "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/vpc/v3/region"
	vpnaas "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/vpn/v5/region"
)

// listed are the services whose lists carry the tags of what they list. They are read in
// projects that name them.
func listed() []Service {
	return []Service{
		{
			Name: "ecs", Title: "Elastic Cloud Servers", Scope: Project, Regions: ecs.SafeValueOf,
			Types: []ResourceType{{Name: "cloudservers", Config: "ecs.cloudservers", Action: "ecs:cloudServers:list", Missing: "servers in the recycle bin; the tags that CCE sets itself"}},
		},
		{
			Name: "bms", Title: "Bare Metal Servers", Scope: Project, Regions: bms.SafeValueOf,
			Types: []ResourceType{{Name: "servers", Config: "bms.servers", Action: "bms:servers:list"}},
		},
		{
			Name: "ims", Title: "private images", Scope: Project, Regions: ims.SafeValueOf,
			Types: []ResourceType{{Name: "images", Config: "ims.images", Action: "ims:images:list", Missing: "images that are still being registered"}},
		},
		{
			Name: "cce", Title: "CCE clusters", Scope: Project, Regions: cce.SafeValueOf,
			Types: []ResourceType{{Name: "clusters", Config: "cce.clusters", Action: "cce:cluster:list", Missing: "yearly clusters that are being created"}},
		},
		{
			Name: "vpc", Title: "VPCs, subnets, security groups and public IPs", Scope: Project, Regions: vpc.SafeValueOf,
			Types: []ResourceType{
				{Name: "vpcs", Config: "vpc.vpcs", Action: "vpc:vpcs:list"},
				{Name: "subnets", Action: "vpc:subnets:list", Missing: "their enterprise projects"},
				{Name: "securitygroups", Config: "vpc.securityGroups", Action: "vpc:securityGroups:list"},
				{Name: "publicips", Config: "vpc.publicips", Action: "vpc:publicIps:list", Missing: "shared bandwidths"},
			},
		},
		{
			Name: "elb", Title: "load balancers and their listeners", Scope: Project, Regions: elb.SafeValueOf,
			Types: []ResourceType{
				{Name: "loadbalancers", Config: "elb.loadbalancers", Action: "elb:loadbalancers:list"},
				{Name: "listeners", Config: "elb.listeners", Action: "elb:listeners:list"},
			},
		},
		{
			Name: "nat", Title: "public NAT gateways", Scope: Project, Regions: nat.SafeValueOf,
			Types: []ResourceType{{Name: "natgateways", Config: "nat.natGateways", Missing: "private NAT gateways; the enterprise projects of public ones"}},
		},
		{
			Name: "er", Title: "enterprise routers", Scope: Project, Regions: er.SafeValueOf,
			Types: []ResourceType{{Name: "instances", Config: "er.instances", Action: "er:instances:list", Missing: "routers that other accounts share"}},
		},
		{
			Name: "vpnaas", Title: "VPN gateways and connections", Scope: Project, Regions: vpnaas.SafeValueOf, SDK: "vpn",
			Types: []ResourceType{
				{Name: "vpngateways", Config: "vpnaas.vpnGateways", Action: "vpn:vpnGateways:list", Missing: "gateways for single clients"},
				{Name: "vpnconnections", Config: "vpnaas.vpnConnections", Action: "vpn:vpnConnections:list", Missing: "customer gateways"},
			},
		},
		{
			Name: "evs", Title: "EVS disks", Scope: Project, Regions: evs.SafeValueOf,
			Types: []ResourceType{{Name: "volumes", Config: "evs.volumes", Action: "evs:volumes:list", Missing: "disks in the recycle bin"}},
		},
		{
			Name: "cbr", Title: "backup vaults", Scope: Project, Regions: cbr.SafeValueOf,
			Types: []ResourceType{{Name: "vault", Config: "cbr.vault", Action: "cbr:vaults:list"}},
		},
		{
			Name: "sfsturbo", Title: "SFS Turbo file systems", Scope: Project, Regions: sfsturbo.SafeValueOf,
			Types: []ResourceType{{Name: "shares", Config: "sfsturbo.shares", Action: "sfsturbo:shares:getAllShares"}},
		},
		{
			Name: "rds", Title: "RDS instances", Scope: Project, Regions: rds.SafeValueOf,
			Types: []ResourceType{{Name: "instances", Config: "rds.instances", Action: "rds:instance:list"}},
		},
		{
			Name: "gaussdb", Title: "TaurusDB instances", Scope: Project, Regions: gaussdb.SafeValueOf,
			Types: []ResourceType{{Name: "instance", Config: "gaussdb.instance", Action: "gaussdb:instance:list", Missing: "the HTAP instances beside them"}},
		},
		{
			Name: "gaussdb-opengauss", Title: "GaussDB instances", Scope: Project, Regions: opengauss.SafeValueOf, SDK: "gaussdbforopengauss",
			Types: []ResourceType{{Name: "instances"}},
		},
		{
			Name: "nosql", Title: "GeminiDB instances", Scope: Project, Regions: nosql.SafeValueOf, SDK: "gaussdbfornosql",
			Types: []ResourceType{{Name: "instances", Config: "nosql.instances", Missing: "maybe those with the interfaces of HBase and DynamoDB; their enterprise projects"}},
		},
		{
			Name: "dcs", Title: "DCS instances", Scope: Project, Regions: dcs.SafeValueOf,
			Types: []ResourceType{
				{Name: "redis", Config: "dcs.redis", Action: "dcs:instance:list"},
				{Name: "memcached", Config: "dcs.memcached", Action: "dcs:instance:list"},
			},
		},
		{
			Name: "dms", Title: "instances of Kafka, RabbitMQ and RocketMQ", Scope: Project, Regions: dms.SafeValueOf, SDK: "kafka",
			Types: []ResourceType{
				{Name: "kafkas", Config: "dms.kafkas", Action: "dms:instance:list"},
				{Name: "rabbitmqs", Config: "dms.rabbitmqs", Action: "dms:instance:list"},
				{Name: "rocketmqs", Config: "dms.reliabilitys", Action: "dms:instance:list"},
			},
		},
		{
			Name: "dws", Title: "DWS clusters", Scope: Project, Regions: dws.SafeValueOf,
			Types: []ResourceType{{Name: "clusters", Config: "dws.clusters", Action: "dws:openAPICluster:list"}},
		},
		{
			Name: "css", Title: "CSS clusters", Scope: Project, Regions: css.SafeValueOf,
			Types: []ResourceType{{Name: "clusters", Config: "css.clusters", Action: "css:cluster:list"}},
		},
		{
			Name: "mrs", Title: "MRS clusters", Scope: Project, Regions: mrs.SafeValueOf,
			Types: []ResourceType{{Name: "mrs", Config: "mrs.mrs", Action: "mrs:cluster:list", Missing: "maybe clusters of other enterprise projects, where the second list is refused: the log says so"}},
		},
		{
			Name: "smn", Title: "SMN topics", Scope: Project, Regions: smn.SafeValueOf,
			Types: []ResourceType{{Name: "topic", Config: "smn.topic", Action: "smn:topic:list"}},
		},
	}
}
