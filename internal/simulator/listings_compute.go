package simulator

func computeServices() []*service {
	return []*service{
		listed("ecs:cloudservers", "Ecs.0005", api{
			operation: "ListServersDetails", path: "v1/*/cloudservers/detail",
			query: []parameter{{name: "not-tags", values: []string{"__type_baremetal"}}}, enterprise: "enterprise_project_id",
			pages: pageNumbers, limit: 25, most: 1000,
			answer: `{"count":{total},"servers":{items}}`,
			item: `{"id":{id},"name":{name},"status":"ACTIVE","enterprise_project_id":{enterprise},"OS-EXT-SRV-ATTR:user_data":"IyEvYmluL3NoCg==",` +
				`"addresses":{"v1":[{"version":"4","addr":"192.0.2.1"}]},"metadata":{"charging_mode":"0"},"tags":{tags},"sys_tags":[{"key":"_sys_enterprise_project_id","value":{enterprise}}]}`,
			tags: tagPairs, system: []Tag{T("CCE-Cluster-ID", "cce-1"), {Key: "CCE-Dynamic-Provisioning-Node"}},
			kinds: []string{"bms:servers", "ecs:cloudservers"},
			hides: func(q *call, in *Instance, _ Quirks) bool { return in.kind == "bms:servers" && q.query.Has("not-tags") },
		}),
		listed("bms:servers", "BMS.0005", api{
			operation: "ListBareMetalServers", path: "v1/*/baremetalservers/detail", enterprise: "enterprise_project_id",
			pages: pageNumbers, limit: 25, most: 1000,
			answer: `{"count":{count},"servers":{items}}`, // which is no total
			item:   `{"id":{id},"name":{name},"status":"ACTIVE","enterprise_project_id":{enterprise},"metadata":{"chargingMode":"0"},"tags":{tags},"sys_tags":[]}`,
			tags:   tagPairs, system: []Tag{{Key: "__type_baremetal"}},
		}),
		listed("ims:images", "IMG.0144", api{
			operation: "ListImages", path: "v2/cloudimages",
			query:      []parameter{{name: "__imagetype", values: []string{"gold", "private", "shared", "market"}}},
			enterprise: "enterprise_project_id", defaultOnly: true,
			pages: lastIDs, limit: 500, most: 1000,
			answer: `{"images":{items},"schema":"/v2/schemas/images","first":"/v2/cloudimages"}`,
			item:   `{"id":{id},"name":{name},"status":"active","__imagetype":{mode},"min_disk":40,"enterprise_project_id":{other},"tags":{tags}}`,
			tags:   tagPairs,
			kinds:  []string{"ims:images", "ims:public"},
			hides: func(q *call, in *Instance, _ Quirks) bool {
				return q.query.Has("__imagetype") && q.query.Get("__imagetype") != in.Mode
			},
		}),
		listed("cce:clusters", "CCE.01400001", clusterListing("ListClusters", "api/v3/projects/*/clusters", false),
			clusterListing("ListAutopilotClusters", "autopilot/v3/projects/*/clusters", true)),
	}
}

// clusterListing lists the clusters of CCE, either those of the mode Autopilot or the
// others. Some have no ID yet.
func clusterListing(operation, path string, autopilot bool) api {
	return api{
		operation: operation, path: path,
		answer: `{"kind":"Cluster","apiVersion":"v3","items":{items}}`,
		item: `{"kind":"Cluster","apiVersion":"v3","metadata":{"uid":{id},"name":{name},"labels":{"FeatureGates":"x"}},` +
			`"spec":{"type":"VirtualMachine","clusterTags":{tags},"extendParam":{"enterpriseProjectId":{enterprise}}},"status":{"phase":"Available"}}`,
		untagged: Absent,
		kinds:    []string{"cce:clusters", kindCreating},
		hides:    func(_ *call, in *Instance, _ Quirks) bool { return (in.Mode == "autopilot") != autopilot },
	}
}
