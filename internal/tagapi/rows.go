package tagapi

// everywhere asks for the resources of all enterprise projects that the user may see. Some
// services give only those of the default one, unless they are asked.
const everywhere = "enterprise_project_id=all_granted_eps"

// rows are the services whose lists carry tags. Rows of a service stand together.
func rows() []row {
	return []row{
		{
			// A server carries its user data, which may be tens of kB: an answer of 1000 might be too large.
			service: "ecs", kind: "cloudservers", operation: "ListServersDetails",
			path: "/v1/{project}/cloudservers/detail", query: "not-tags=__type_baremetal&" + everywhere,
			pages: byNumber("offset", "limit", 200), items: "servers", total: "count", shape: asPairs, system: ofCCE,
		},
		{
			service: "evs", kind: "volumes", operation: "ListVolumes",
			path: "/v2/{project}/cloudvolumes/detail", query: everywhere,
			pages: byOffset(1000), items: "volumes", total: "count", shape: asMembers,
		},
	}
}

// ofCCE are the keys that Cloud Container Engine sets on the servers of its clusters.
var ofCCE = []string{"CCE-Cluster-ID", "CCE-Dynamic-Provisioning-Node"}
