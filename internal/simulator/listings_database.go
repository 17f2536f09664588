package simulator

import (
	"net/http"
	"strings"
)

func databaseServices() []*service {
	nosql := filtered("ListInstancesByTags", "v3/*/instances/resource_instances/action", inBodyAsText, 100)
	nosql.answer = `{"instances":{items},"total_count":{total}}`
	nosql.item = `{"instance_id":{id},"instance_name":{name},"tags":{tags}}`
	rds := databaseListing("ListInstances", "v3/*/instances", "3306", "rds:instances")
	rds.query = []parameter{{name: "group_type", values: []string{"flexus"}}}
	rds.hides = func(q *call, in *Instance, _ Quirks) bool { return (in.Mode == "flexus") != q.query.Has("group_type") }
	opengauss := databaseListing("ListInstances", "v3/*/instances", "8000", bothGauss...)
	opengauss.untagged = Absent
	opengauss.hides = foreignDatabase("gaussdb:instance")
	taurus := databaseListing("ListGaussMySqlInstancesUnifyStatus", "v3.1/*/instances", `"3306"`, bothGauss...)
	taurus.hides = foreignDatabase("gaussdb-opengauss:instances")
	return []*service{
		listed("rds:instances", "DBS.280001", rds),
		listed("gaussdb:instance", "DBS.280001", taurus),
		listed("gaussdb-opengauss:instances", "DBS.280001", opengauss),
		listed("nosql:instances", "DBS.280001", nosql),
		listed("dcs:redis", "DCS.4001", api{
			operation: "ListInstances", path: "v2/*/instances", query: []parameter{{name: "include_failure", values: trueOrFalse}},
			pages: fromOffset, limit: 10, most: 1000,
			answer:   `{"instance_num":{total},"instances":{items}}`,
			item:     `{"instance_id":{id},"name":{name},"engine":{mode},"status":"RUNNING","enterprise_project_id":{enterprise},"tags":{tags}}`,
			untagged: Absent,
			kinds:    []string{"dcs:memcached", "dcs:redis"},
			hides:    unlessFailed,
		}),
		listed("dms:kafkas", "DMS.00400001", api{
			operation: "ListInstances", path: "v2/*/instances",
			query: []parameter{{name: "engine", values: []string{"kafka", "rabbitmq", "rocketmq", "reliability"}, required: true}, {name: "include_failure", values: trueOrFalse}},
			pages: fromOffset, limit: 10, most: 50,
			answer:   `{"instance_num":{total},"instances":{items}}`,
			item:     `{"instance_id":{id},"name":{name},"engine":{mode},"status":"RUNNING","enterprise_project_id":{enterprise},"tags":{tags}}`,
			untagged: Absent,
			kinds:    []string{"dms:kafkas", "dms:rabbitmqs", "dms:rocketmqs"},
			hides: func(q *call, in *Instance, quirks Quirks) bool {
				engine := strings.Replace(q.query.Get("engine"), "reliability", "rocketmq", 1)
				return engine != in.Mode || unlessFailed(q, in, quirks)
			},
			refuses: refusedPastEnd("DMS.40050010"),
		}),
	}
}

// bothGauss are the kinds of databases whose services share a host in some regions.
var bothGauss = []string{"gaussdb-opengauss:instances", "gaussdb:instance"}

func foreignDatabase(kind string) func(*call, *Instance, Quirks) bool {
	return func(_ *call, in *Instance, q Quirks) bool { return in.kind == kind && !q.Listed.ForeignDatabases }
}

func databaseListing(operation, path, port string, kinds ...string) api {
	return api{
		operation: operation, path: path,
		pages: fromOffset, limit: 100, most: 100,
		answer: `{"instances":{items},"total_count":{total}}`,
		item: `{"id":{id},"name":{name},"status":"ACTIVE","port":` + port + `,"type":"Single","datastore":{"type":{mode},"version":"8.0"},"nodes":[{"id":"n1"}],` +
			`"enterprise_project_id":{enterprise},"tags":{tags}}`,
		kinds: kinds,
	}
}

// unlessFailed hides what could not be created, unless a request asks for it.
func unlessFailed(q *call, in *Instance, _ Quirks) bool {
	return in.Status == "CREATEFAILED" && q.query.Get("include_failure") != "true"
}

func applicationServices() []*service {
	return []*service{
		listed("dws:clusters", "DWS.0001", api{
			operation: "ListClusters", path: "v1.0/*/clusters", enterprise: "enterprise_project_id",
			answer:   `{"clusters":{items},"count":{total}}`,
			item:     `{"id":{id},"name":{name},"status":"AVAILABLE","endpoints":[],"enterprise_project_id":{enterprise},"tags":{tags}}`,
			untagged: Null,
		}),
		listed("css:clusters", "CSS.0001", api{
			operation: "ListClustersDetails", path: "v1.0/*/clusters",
			pages: fromOne, limit: 10, most: 1000,
			answer:   `{"totalSize":{total},"clusters":{items}}`,
			item:     `{"id":{id},"name":{name},"status":"200","datastore":{"type":"elasticsearch"},"enterpriseProjectId":{enterprise},"tags":{tags}}`,
			untagged: Absent,
		}),
		listed("mrs:mrs", "MRS.0001", api{
			operation: "ListClusters", path: "v1.1/*/cluster_infos",
			query:      []parameter{{name: "clusterState", values: []string{"starting", "running", "terminated", "failed", "abnormal", "terminating", "frozen", "scaling-out", "scaling-in", "existing"}}},
			enterprise: "enterpriseProjectId", defaultOnly: true,
			pages: clusterPages, limit: 10, most: maxInt32,
			answer: `{"clusterTotal":{total},"clusters":{items}}`,
			item:   `{"clusterId":{id},"clusterName":{name},"clusterState":{mode},"componentList":[{"componentName":"Hadoop"}],"enterpriseProjectId":{enterprise},"tags":{tags}}`,
			tags:   tagText,
			kinds:  []string{"mrs:mrs", "mrs:terminated"},
			hides: func(q *call, in *Instance, quirks Quirks) bool {
				return in.Mode == "terminated" && q.query.Get("clusterState") == "existing" && !quirks.Listed.TerminatedExist
			},
			refuses: func(q *call, _ int, quirks Quirks) error {
				if quirks.Listed.GrantedRefused && q.query.Get("enterpriseProjectId") == allEnterpriseProjects {
					return quietly(ErrorE1(http.StatusBadRequest, "MRS.0001", "enterpriseProjectId is invalid"))
				}
				return nil
			},
		}),
		listed("smn:topic", "SMN.0002", api{
			operation: "ListTopicsWithAssociatedResources", path: "v2/*/notifications/topics-with-associated-resources",
			pages: fromOffset, limit: 100, most: 100,
			answer:   `{"request_id":"r-1","topic_count":{total},"topics":{items}}`,
			item:     `{"topic_urn":"urn:smn:r:p:t","topic_id":{id},"name":{name},"attributes":{"access_policy":"{}"},"enterprise_project_id":{enterprise},"tags":{tags}}`,
			untagged: Absent,
		}),
	}
}
