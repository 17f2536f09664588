package simulator

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestListingLimits: how many resources a page of each list has where a request does not
// say, and how many it may ask for. More is refused.
func TestListingLimits(t *testing.T) {
	const all = 2100
	for _, test := range []struct {
		kind, path, limit string
		otherwise, most   int // 0: there are no pages, or that is not known
	}{
		{"ecs:cloudservers", "/v1/*/cloudservers/detail?not-tags=__type_baremetal", "limit", 25, 1000},
		{"bms:servers", "/v1/*/baremetalservers/detail?", "limit", 25, 1000},
		{"ims:images", "/v2/cloudimages?__imagetype=private", "limit", 500, 0},
		{"cce:clusters", "/api/v3/projects/*/clusters?", "limit", 0, 0},
		{"vpc:vpcs", "/v3/*/vpc/vpcs?", "limit", 0, 2000},
		{"vpc:subnets", "/v3/*/vpc/virsubnets?", "limit", 0, 2000},
		{"vpc:securitygroups", "/v3/*/vpc/security-groups?", "limit", 0, 2000},
		{"elb:loadbalancers", "/v3/*/elb/loadbalancers?", "limit", 2000, 2000},
		{"elb:listeners", "/v3/*/elb/listeners?", "limit", 2000, 2000},
		{"er:instances", "/v3/*/enterprise-router/instances?owned_by_self=true", "limit", 0, 2000},
		{"vpnaas:vpngateways", "/v5/*/vpn-gateways?", "limit", 0, 0},
		{"vpnaas:vpnconnections", "/v5/*/vpn-connection?", "limit", 0, 2000},
		{"evs:volumes", "/v2/*/cloudvolumes/detail?", "limit", 1000, 1000},
		{"cbr:vault", "/v3/*/vaults?", "limit", 0, 1000},
		{"sfsturbo:shares", "/v1/*/sfs-turbo/shares/detail?", "limit", 1000, 2000},
		{"rds:instances", "/v3/*/instances?", "limit", 100, 100},
		{"gaussdb:instance", "/v3.1/*/instances?", "limit", 100, 100},
		{"gaussdb-opengauss:instances", "/v3/*/instances?", "limit", 100, 100},
		{"dcs:redis", "/v2/*/instances?", "limit", 10, 1000},
		{"dms:kafkas", "/v2/*/instances?engine=kafka", "limit", 10, 50},
		{"dws:clusters", "/v1.0/*/clusters?", "limit", 0, 0},
		{"css:clusters", "/v1.0/*/clusters?", "limit", 10, 0},
		{"smn:topic", "/v2/*/notifications/topics-with-associated-resources?", "limit", 100, 100},
		{"modelarts:notebook", "/v1/*/notebooks/all?", "limit", 10, 50},
		{"modelarts:service", "/v2/*/services?", "limit", 10, 500},
		{"modelarts:workspace", "/v1/*/workspaces?", "limit", 1000, 1000},
		{"mrs:mrs", "/v1.1/*/cluster_infos?clusterState=existing", "pageSize", 0, 0},
	} {
		t.Run(test.kind, func(t *testing.T) {
			r := newLimitsRig(t, test.kind, all)
			path := strings.Replace(test.path, "*", testProject, 1) + "&"
			if got := shownIn(r.get(path)); test.otherwise > 0 && got != test.otherwise {
				t.Errorf("%d without a limit, want %d", got, test.otherwise)
			}
			if got := shownIn(r.get(fmt.Sprintf("%s%s=%d", path, test.limit, test.most))); test.most > 0 && got != test.most {
				t.Errorf("%d of %d", got, test.most)
			}
			paged := test.otherwise > 0 || test.kind == "mrs:mrs"
			if test.most > 0 || !paged {
				wantReply(t, r.get(fmt.Sprintf("%s%s=%d", path, test.limit, test.most+1)), http.StatusBadRequest, "limit")
			}
		})
	}
	for _, test := range []struct {
		kind, path, number string
		most               int
	}{
		{"vpc:subnets", "/v2.0/*/subnets/resource_instances/action", "%d", 1000},
		{"nat:natgateways", "/v3/*/nat_gateways/resource_instances/action", `"%d"`, 1000},
		{"sfsturbo:shares", "/v1/*/sfs-turbo/resource_instances/action", `"%d"`, 1000},
		{"nosql:instances", "/v3/*/instances/resource_instances/action", `"%d"`, 100},
	} {
		t.Run(test.kind+" by a filter", func(t *testing.T) {
			r := newLimitsRig(t, test.kind, all)
			ask := func(members string, arguments ...any) reply {
				return r.do(http.MethodPost, strings.Replace(test.path, "*", testProject, 1), fmt.Sprintf(`{"action":"filter"`+members+`}`, arguments...))
			}
			for _, got := range []reply{ask(""), ask(`,"limit":`+test.number, test.most)} {
				if shown := shownIn(got); shown != test.most {
					t.Errorf("%d of %d", shown, test.most)
				}
			}
			wantReply(t, ask(`,"limit":`+test.number, test.most+1), http.StatusBadRequest, "limit")
			other := map[string]string{"%d": `"%d"`, `"%d"`: "%d"}[test.number]
			wantReply(t, ask(`,"limit":`+other, 10), http.StatusBadRequest, "limit")
			wantReply(t, r.do(http.MethodPost, strings.Replace(test.path, "*", testProject, 1), `{}`), http.StatusBadRequest, "action")
		})
	}
}

// newLimitsRig has many resources of one kind, which its own host lists.
func newLimitsRig(t *testing.T, kind string, n int) *rig {
	t.Helper()
	r := newRig(t, Options{})
	host, _, _ := strings.Cut(kind, ":")
	server := httptest.NewServer(r.Host(host))
	t.Cleanup(server.Close)
	r.url = server.URL
	r.UpdateProject(testProject, func(p *Project) {
		p.Resources = make(map[string][]Instance)
		for i := range n {
			p.Resources[kind] = append(p.Resources[kind], Instance{ID: fmt.Sprintf("limits-%04d", i), Name: "n"})
		}
	})
	return r
}

// shownIn returns how many resources an answer has.
func shownIn(got reply) int { return strings.Count(got.body, `d":"limits-`) }
