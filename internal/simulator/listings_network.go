package simulator

import (
	"net/http"
)

func networkServices() []*service {
	return []*service{
		listed("vpc:vpcs", "VPC.0101", api{
			operation: "ListVpcs", path: "v3/*/vpc/vpcs", enterprise: "enterprise_project_id",
			pages: nextMarkers, limit: 2000, most: 2000, answer: chained("vpcs"),
			item: `{"id":{id},"name":{name},"cidr":"192.168.0.0/16","cloud_resources":[{"resource_type":"virsubnet","resource_count":1}],"enterprise_project_id":{enterprise},"tags":{tags}}`,
		}),
		listed("vpc:subnets", "VPC.0101", api{
			operation: "ListVirsubnets", path: "v3/*/vpc/virsubnets",
			pages: nextMarkers, limit: 2000, most: 2000, answer: chained("virsubnets"),
			item: `{"id":{id},"name":{name},"vpc_id":"v1","status":"ACTIVE","tags":{tags}}`,
			refuses: func(_ *call, _ int, q Quirks) error {
				if q.Listed.SubnetsUnpublished {
					return quietly(ErrorE3(http.StatusNotFound, "APIGW.0101", "The API does not exist or has not been published in the environment"))
				}
				return nil
			},
		}, filtered("ListSubnetsByTags", "v2.0/*/subnets/resource_instances/action", inBody, 1000)),
		listed("vpc:securitygroups", "VPC.0101", api{
			operation: "ListSecurityGroups", path: "v3/*/vpc/security-groups", enterprise: "enterprise_project_id",
			pages: nextMarkers, limit: 2000, most: 2000, answer: chained("security_groups"),
			item: `{"id":{id},"name":{name},"project_id":"p","enterprise_project_id":{enterprise},"tags":{tags}}`,
		}),
		listed("vpc:publicips", "VPC.0501", api{
			operation: "ListPublicips", path: "v1/*/publicips", enterprise: "enterprise_project_id",
			pages: lastIDs, limit: 2000, most: maxInt32,
			answer: `{"publicips":{items}}`,
			item:   `{"id":{id},"alias":{alias},"public_ip_address":"192.0.2.10","status":"ACTIVE","profile":{"order_id":"o"},"enterprise_project_id":{enterprise},"tags":{tags}}`,
			tags:   tagPairs, untagged: Absent,
		}),
		listed("elb:loadbalancers", "ELB.8902", api{
			operation: "ListLoadBalancers", path: "v3/*/elb/loadbalancers",
			pages: nextMarkers, limit: 2000, most: 2000, answer: chained("loadbalancers"),
			item: `{"id":{id},"name":{name},"provisioning_status":"ACTIVE","listeners":[{"id":"l1"}],"enterprise_project_id":{enterprise},"tags":{tags}}`,
		}),
		listed("elb:listeners", "ELB.8902", api{
			operation: "ListListeners", path: "v3/*/elb/listeners",
			pages: nextMarkers, limit: 2000, most: 2000, answer: chained("listeners"),
			item: `{"id":{id},"name":{name},"protocol":"TCP","loadbalancers":[{"id":"lb1"}],"enterprise_project_id":{enterprise},"tags":{tags}}`,
		}),
		listed("nat:natgateways", "NAT.0101", filtered("ListNatGatewayByTag", "v3/*/nat_gateways/resource_instances/action", inBodyAsText, 1000)),
		listed("er:instances", "ER.01010001", api{
			operation: "ListEnterpriseRouters", path: "v3/*/enterprise-router/instances",
			query: []parameter{{name: "owned_by_self", values: trueOrFalse}},
			pages: nextMarkers, limit: 2000, most: 2000, answer: chained("instances"),
			item:     `{"id":{id},"name":{name},"asn":64512,"state":"available","enterprise_project_id":{enterprise},"tags":{tags}}`,
			untagged: Absent,
			kinds:    []string{"er:instances", "er:shared"},
			hides: func(q *call, in *Instance, _ Quirks) bool {
				return in.kind == "er:shared" && q.query.Get("owned_by_self") == "true"
			},
		}),
		listed("vpnaas:vpngateways", "VPN.0001", api{
			operation: "ListVgws", path: "v5/*/vpn-gateways",
			answer:   `{"vpn_gateways":{items},"request_id":"r-1"}`,
			item:     `{"id":{id},"name":{name},"status":"ACTIVE","attachment_type":"vpc","enterprise_project_id":{enterprise},"tags":{tags}}`,
			untagged: Absent,
		}),
		listed("vpnaas:vpnconnections", "VPN.0001", api{
			operation: "ListVpnConnections", path: "v5/*/vpn-connection",
			pages: nextTimes, limit: 2000, most: 2000,
			answer:   `{"vpn_connections":{items},"total_count":{total},"page_info":{"next_marker":{next},"current_count":{count}},"request_id":"r-1"}`,
			item:     `{"id":{id},"name":{name},"status":"ACTIVE","peer_subnets":["192.0.2.0/24"],"enterprise_project_id":{enterprise},"tags":{tags}}`,
			untagged: Absent,
		}),
	}
}
