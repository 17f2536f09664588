package tagapi

import (
	"slices"
	"strings"
)

// everywhere asks for the resources of all enterprise projects that the user may see. Some
// services give only those of the default one, unless they are asked.
const everywhere = "enterprise_project_id=all_granted_eps"

// rows are the services whose lists carry tags. Rows of a service stand together.
func rows() []row {
	return slices.Concat(computeRows(), networkRows(), storageRows(), databaseRows(), applicationRows())
}

func computeRows() []row {
	return []row{
		{
			// A server carries its user data, which may be tens of kB: an answer of 1000 might be too large.
			service: "ecs", kind: "cloudservers", operation: "ListServersDetails",
			path: "/v1/{project}/cloudservers/detail", query: "not-tags=__type_baremetal&" + everywhere,
			pages: byNumber("offset", "limit", 200), items: "servers", total: "count", shape: asPairs, system: ofCCE,
		},
		{
			// Its count is no total: it does not exceed the limit.
			service: "bms", kind: "servers", operation: "ListBareMetalServers",
			path: "/v1/{project}/baremetalservers/detail", query: everywhere,
			pages: byNumber("offset", "limit", 200), items: "servers", shape: asPairs, system: []string{"__type_baremetal"},
		},
		{
			// The project is the one that the request is signed for.
			service: "ims", kind: "images", operation: "ListImages",
			path: "/v2/cloudimages", query: "__imagetype=private&" + everywhere,
			pages: byLastID(500), items: "images", shape: asPairs, noEnterprise: "0",
		},
		{
			service: "cce", kind: "clusters", operation: "ListClusters", path: "/api/v3/projects/{project}/clusters",
			items: "items", id: "metadata.uid", name: "metadata.name", tags: "spec.clusterTags", enterprise: "spec.extendParam.enterpriseProjectId", noID: true,
		},
		{
			// Not every region has it.
			service: "cce", kind: "clusters", operation: "ListAutopilotClusters", path: "/autopilot/v3/projects/{project}/clusters",
			items: "items", id: "metadata.uid", name: "metadata.name", tags: "spec.clusterTags", enterprise: "spec.extendParam.enterpriseProjectId", noID: true,
			missing: isUnpublished,
		},
	}
}

// ofCCE are the keys that Cloud Container Engine sets on the servers of its clusters.
var ofCCE = []string{"CCE-Cluster-ID", "CCE-Dynamic-Provisioning-Node"}

func networkRows() []row {
	return []row{
		{
			service: "vpc", kind: "vpcs", operation: "ListVpcs", path: "/v3/{project}/vpc/vpcs", query: everywhere,
			pages: byMarker(), items: "vpcs",
		},
		{
			service: "vpc", kind: "subnets", operation: "ListVirsubnets", path: "/v3/{project}/vpc/virsubnets",
			pages: byMarker(), items: "virsubnets",
			sure: &row{
				service: "vpc", kind: "subnets", operation: "ListSubnetsByTags",
				path: "/v2.0/{project}/subnets/resource_instances/action", body: `{"action":"filter"}`,
				pages: byBody(1000, ""), items: "resources", total: "total_count", id: "resource_id", name: "resource_name",
			},
		},
		{
			service: "vpc", kind: "securitygroups", operation: "ListSecurityGroups", path: "/v3/{project}/vpc/security-groups", query: everywhere,
			pages: byMarker(), items: "security_groups",
		},
		{
			service: "vpc", kind: "publicips", operation: "ListPublicips", path: "/v1/{project}/publicips", query: everywhere,
			pages: byLastID(500), items: "publicips", name: "alias", orName: "public_ip_address", shape: asPairs,
		},
		{
			service: "elb", kind: "loadbalancers", operation: "ListLoadBalancers", path: "/v3/{project}/elb/loadbalancers",
			pages: byMarker(), items: "loadbalancers",
		},
		{
			service: "elb", kind: "listeners", operation: "ListListeners", path: "/v3/{project}/elb/listeners",
			pages: byMarker(), items: "listeners",
		},
		{
			service: "nat", kind: "natgateways", operation: "ListNatGatewayByTag",
			path: "/v3/{project}/nat_gateways/resource_instances/action", body: `{"action":"filter"}`,
			pages: byBody(1000, `"`), items: "resources", total: "total_count", id: "resource_id", name: "resource_name",
		},
		{
			service: "er", kind: "instances", operation: "ListEnterpriseRouters",
			path: "/v3/{project}/enterprise-router/instances", query: "owned_by_self=true",
			pages: byMarker(), items: "instances",
		},
		{
			service: "vpnaas", kind: "vpngateways", operation: "ListVgws", path: "/v5/{project}/vpn-gateways",
			items: "vpn_gateways",
		},
		{
			service: "vpnaas", kind: "vpnconnections", operation: "ListVpnConnections", path: "/v5/{project}/vpn-connection",
			pages: byMarker(), items: "vpn_connections", total: "total_count",
		},
	}
}

func storageRows() []row {
	return []row{
		{
			service: "evs", kind: "volumes", operation: "ListVolumes", path: "/v2/{project}/cloudvolumes/detail", query: everywhere,
			pages: byOffset(1000), items: "volumes", total: "count", shape: asMembers,
		},
		{
			service: "cbr", kind: "vault", operation: "ListVault", path: "/v3/{project}/vaults", query: everywhere,
			pages: byOffset(1000), items: "vaults", total: "count",
		},
		{
			service: "sfsturbo", kind: "shares", operation: "ListShares", path: "/v1/{project}/sfs-turbo/shares/detail",
			pages: byOffset(1000), items: "shares", total: "count",
			sure: &row{
				service: "sfsturbo", kind: "shares", operation: "ListSharesByTag",
				path: "/v1/{project}/sfs-turbo/resource_instances/action", body: `{"action":"filter"}`,
				pages: byBody(1000, `"`), items: "resources", total: "total_count", id: "resource_id", name: "resource_name",
			},
		},
	}
}

func databaseRows() []row {
	return []row{
		{
			service: "rds", kind: "instances", operation: "ListInstances", path: "/v3/{project}/instances",
			pages: byOffset(100), items: "instances", total: "total_count",
		},
		{
			service: "rds", kind: "instances", operation: "ListInstances", path: "/v3/{project}/instances", query: "group_type=flexus",
			pages: byOffset(100), items: "instances", total: "total_count",
		},
		{
			service: "gaussdb", kind: "instance", operation: "ListGaussMySqlInstancesUnifyStatus", path: "/v3.1/{project}/instances",
			pages: byOffset(100), items: "instances", total: "total_count", where: "datastore.type", wanted: speaksMySQL,
		},
		{
			service: "gaussdb-opengauss", kind: "instances", operation: "ListInstances", path: "/v3/{project}/instances",
			pages: byOffset(100), items: "instances", total: "total_count", where: "datastore.type", wanted: not(speaksMySQL),
		},
		{
			service: "nosql", kind: "instances", operation: "ListInstancesByTags",
			path: "/v3/{project}/instances/resource_instances/action", body: `{"action":"filter"}`,
			pages: byBody(100, `"`), items: "instances", total: "total_count", id: "instance_id", name: "instance_name",
		},
		{
			service: "dcs", kind: "redis", operation: "ListInstances", path: "/v2/{project}/instances", query: "include_failure=true",
			pages: byOffset(1000), items: "instances", total: "instance_num", id: "instance_id", where: "engine", wanted: not(is("Memcached")),
		},
		{
			service: "dcs", kind: "memcached", operation: "ListInstances", path: "/v2/{project}/instances", query: "include_failure=true",
			pages: byOffset(1000), items: "instances", total: "instance_num", id: "instance_id", where: "engine", wanted: is("Memcached"),
		},
		{
			service: "dms", kind: "kafkas", operation: "ListInstances", path: "/v2/{project}/instances", query: "engine=kafka&include_failure=true",
			pages: byOffset(50), items: "instances", total: "instance_num", id: "instance_id",
		},
		{
			service: "dms", kind: "rabbitmqs", operation: "ListInstancesDetails", path: "/v2/{project}/instances", query: "engine=rabbitmq&include_failure=true",
			pages: byOffset(50), items: "instances", total: "instance_num", id: "instance_id",
		},
		{
			service: "dms", kind: "rocketmqs", operation: "ListInstances", path: "/v2/{project}/instances", query: "engine=reliability&include_failure=true",
			pages: byOffset(50), items: "instances", total: "instance_num", id: "instance_id",
		},
	}
}

func applicationRows() []row {
	return []row{
		{
			service: "dws", kind: "clusters", operation: "ListClusters", path: "/v1.0/{project}/clusters", query: everywhere,
			items: "clusters", total: "count",
		},
		{
			service: "css", kind: "clusters", operation: "ListClustersDetails", path: "/v1.0/{project}/clusters",
			pages: fromOne(1000), items: "clusters", total: "totalSize", enterprise: "enterpriseProjectId",
		},
		// Whether a list that is not asked for enterprise projects has those of the default
		// one only is documented in both ways; whether it can be asked for all of them, not
		// at all.
		{
			service: "mrs", kind: "mrs", operation: "ListClusters", path: "/v1.1/{project}/cluster_infos", query: "clusterState=existing",
			pages: byNumber("currentPage", "pageSize", 500), items: "clusters", total: "clusterTotal", id: "clusterId", name: "clusterName", enterprise: "enterpriseProjectId",
			shape: asText, where: "clusterState", wanted: not(is("terminated")),
		},
		{
			service: "mrs", kind: "mrs", operation: "ListClusters", path: "/v1.1/{project}/cluster_infos",
			query: "clusterState=existing&enterpriseProjectId=all_granted_eps", missing: isRefused,
			pages: byNumber("currentPage", "pageSize", 500), items: "clusters", total: "clusterTotal", id: "clusterId", name: "clusterName", enterprise: "enterpriseProjectId",
			shape: asText, where: "clusterState", wanted: not(is("terminated")),
		},
		{
			service: "smn", kind: "topic", operation: "ListTopicsWithAssociatedResources", path: "/v2/{project}/notifications/topics-with-associated-resources",
			pages: byOffset(100), items: "topics", total: "topic_count", id: "topic_id",
		},
	}
}

func is(wanted string) func(string) bool {
	return func(value string) bool { return strings.EqualFold(value, wanted) }
}

func not(wanted func(string) bool) func(string) bool {
	return func(value string) bool { return !wanted(value) }
}

// speaksMySQL tells the databases of TaurusDB from those of GaussDB. Their services share a
// host in some regions, and might list the other's: each database is of one of them.
func speaksMySQL(datastore string) bool {
	datastore = strings.ToLower(datastore)
	return strings.Contains(datastore, "mysql") || strings.Contains(datastore, "taurus")
}
