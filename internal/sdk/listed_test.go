package sdk_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	httpclient "github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	bms "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/bms/v1"
	cbr "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/cbr/v1"
	cce "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/cce/v3"
	css "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/css/v1"
	dcs "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dcs/v2"
	dws "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dws/v2"
	ecs "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ecs/v2"
	eip "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/eip/v2"
	elb "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/elb/v3"
	er "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/er/v3"
	evs "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/evs/v2"
	gaussdb "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/gaussdb/v3"
	nosql "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/gaussdbfornosql/v3"
	opengauss "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/gaussdbforopengauss/v3"
	ims "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ims/v2"
	kafka "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/kafka/v2"
	modelartssdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/modelarts/v1"
	mrs "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/mrs/v1"
	nat "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/nat/v2"
	rabbitmq "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/rabbitmq/v2"
	rds "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/rds/v3"
	rocketmq "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/rocketmq/v2"
	sfsturbo "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/sfsturbo/v1"
	smn "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/smn/v2"
	oldvpc "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/vpc/v2"
	vpc "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/vpc/v3"
	vpn "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/vpn/v5"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/simulator"
	"huaweicloud_tag_exporter/internal/tagapi"
)

// sdkList is how one of the SDK's clients lists what carries tags. The request is JSON,
// with {offset}, an item from 0, {first}, the same from 1, {page}, from 1, or {marker}.
type sdkList struct {
	kind      string // service and resource type
	client    any
	operation string
	request   string
	items     string // where the answer has them, as the SDK spells it

	id, name, tags, enterprise string // where an item has them; "": it has no such thing
}

// resource is one as either of the two reads it.
type resource struct {
	name, enterprise string
	tags             map[string]string
}

func sdkLists(client func(*httpclient.HcHttpClientBuilder) *httpclient.HcHttpClient) []sdkList {
	ai := modelartssdk.NewModelArtsClient(client(modelartssdk.ModelArtsClientBuilder()))
	return []sdkList{
		{"ecs:cloudservers", ecs.NewEcsClient(client(ecs.EcsClientBuilder())), "ListServersDetails", `{"limit":50,"offset":{page},"not-tags":"__type_baremetal","enterprise_project_id":"all_granted_eps"}`, "servers", "id", "name", "tags", "enterprise_project_id"},
		{"bms:servers", bms.NewBmsClient(client(bms.BmsClientBuilder())), "ListBareMetalServers", `{"limit":50,"offset":{page},"enterprise_project_id":"all_granted_eps"}`, "servers", "id", "name", "tags", "enterprise_project_id"},
		{"ims:images", ims.NewImsClient(client(ims.ImsClientBuilder())), "ListImages", `{"limit":50,"marker":{marker},"__imagetype":"private","enterprise_project_id":"all_granted_eps"}`, "images", "id", "name", "tags", "enterprise_project_id"},
		{"cce:clusters", cce.NewCceClient(client(cce.CceClientBuilder())), "ListClusters", `{}`, "items", "metadata.uid", "metadata.name", "spec.clusterTags", "spec.extendParam.enterpriseProjectId"},
		{"cce:clusters", cce.NewCceClient(client(cce.CceClientBuilder())), "ListAutopilotClusters", `{}`, "items", "metadata.uid", "metadata.name", "spec.clusterTags", "spec.extendParam.enterpriseProjectId"},
		{"vpc:vpcs", vpc.NewVpcClient(client(vpc.VpcClientBuilder())), "ListVpcs", `{"limit":50,"marker":{marker},"enterprise_project_id":"all_granted_eps"}`, "vpcs", "id", "name", "tags", "enterprise_project_id"},
		{"vpc:subnets", vpc.NewVpcClient(client(vpc.VpcClientBuilder())), "ListVirsubnets", `{"limit":50,"marker":{marker}}`, "virsubnets", "id", "name", "tags", ""},
		{"vpc:subnets", oldvpc.NewVpcClient(client(oldvpc.VpcClientBuilder())), "ListSubnetsByTags", `{"body":{"action":"filter","limit":50,"offset":{offset}}}`, "resources", "resource_id", "resource_name", "tags", ""},
		{"vpc:securitygroups", vpc.NewVpcClient(client(vpc.VpcClientBuilder())), "ListSecurityGroups", `{"limit":50,"marker":{marker},"enterprise_project_id":"all_granted_eps"}`, "security_groups", "id", "name", "tags", "enterprise_project_id"},
		{"vpc:publicips", eip.NewEipClient(client(eip.EipClientBuilder())), "ListPublicips", `{"limit":50,"marker":{marker},"enterprise_project_id":"all_granted_eps"}`, "publicips", "id", "alias", "tags", "enterprise_project_id"},
		{"elb:loadbalancers", elb.NewElbClient(client(elb.ElbClientBuilder())), "ListLoadBalancers", `{"limit":50,"marker":{marker}}`, "loadbalancers", "id", "name", "tags", "enterprise_project_id"},
		{"elb:listeners", elb.NewElbClient(client(elb.ElbClientBuilder())), "ListListeners", `{"limit":50,"marker":{marker}}`, "listeners", "id", "name", "tags", "enterprise_project_id"},
		{"nat:natgateways", nat.NewNatClient(client(nat.NatClientBuilder())), "ListNatGatewayByTag", `{"body":{"action":"filter","limit":"50","offset":"{offset}"}}`, "resources", "resource_id", "resource_name", "tags", ""},
		{"er:instances", er.NewErClient(client(er.ErClientBuilder())), "ListEnterpriseRouters", `{"limit":50,"marker":{marker},"owned_by_self":true}`, "instances", "id", "name", "tags", "enterprise_project_id"},
		{"vpnaas:vpngateways", vpn.NewVpnClient(client(vpn.VpnClientBuilder())), "ListVgws", `{}`, "vpn_gateways", "id", "name", "tags", "enterprise_project_id"},
		{"vpnaas:vpnconnections", vpn.NewVpnClient(client(vpn.VpnClientBuilder())), "ListVpnConnections", `{"limit":50,"marker":{marker}}`, "vpn_connections", "id", "name", "tags", "enterprise_project_id"},
		{"evs:volumes", evs.NewEvsClient(client(evs.EvsClientBuilder())), "ListVolumes", `{"limit":50,"offset":{offset},"enterprise_project_id":"all_granted_eps"}`, "volumes", "id", "name", "tags", "enterprise_project_id"},
		{"cbr:vault", cbr.NewCbrClient(client(cbr.CbrClientBuilder())), "ListVault", `{"limit":50,"offset":{offset},"enterprise_project_id":"all_granted_eps"}`, "vaults", "id", "name", "tags", "enterprise_project_id"},
		{"sfsturbo:shares", sfsturbo.NewSFSTurboClient(client(sfsturbo.SFSTurboClientBuilder())), "ListShares", `{"limit":50,"offset":{offset}}`, "shares", "id", "name", "tags", "enterprise_project_id"},
		{"sfsturbo:shares", sfsturbo.NewSFSTurboClient(client(sfsturbo.SFSTurboClientBuilder())), "ListSharesByTag", `{"body":{"action":"filter","limit":"50","offset":"{offset}"}}`, "resources", "resource_id", "resource_name", "tags", ""},
		{"rds:instances", rds.NewRdsClient(client(rds.RdsClientBuilder())), "ListInstances", `{"limit":50,"offset":{offset}}`, "instances", "id", "name", "tags", "enterprise_project_id"},
		{"rds:instances", rds.NewRdsClient(client(rds.RdsClientBuilder())), "ListInstances", `{"limit":50,"offset":{offset},"group_type":"flexus"}`, "instances", "id", "name", "tags", "enterprise_project_id"},
		{"gaussdb:instance", gaussdb.NewGaussDBClient(client(gaussdb.GaussDBClientBuilder())), "ListGaussMySqlInstancesUnifyStatus", `{"limit":50,"offset":{offset}}`, "instances", "id", "name", "tags", "enterprise_project_id"},
		{"gaussdb-opengauss:instances", opengauss.NewGaussDBforopenGaussClient(client(opengauss.GaussDBforopenGaussClientBuilder())), "ListInstances", `{"limit":50,"offset":{offset}}`, "instances", "id", "name", "tags", "enterprise_project_id"},
		{"nosql:instances", nosql.NewGaussDBforNoSQLClient(client(nosql.GaussDBforNoSQLClientBuilder())), "ListInstancesByTags", `{"body":{"action":"filter","limit":"50","offset":"{offset}"}}`, "instances", "instance_id", "instance_name", "tags", ""},
		{"dcs:redis", dcs.NewDcsClient(client(dcs.DcsClientBuilder())), "ListInstances", `{"limit":50,"offset":{offset},"include_failure":"true"}`, "instances", "instance_id", "name", "tags", "enterprise_project_id"},
		{"dcs:memcached", dcs.NewDcsClient(client(dcs.DcsClientBuilder())), "ListInstances", `{"limit":50,"offset":{offset},"include_failure":"true"}`, "instances", "instance_id", "name", "tags", "enterprise_project_id"},
		{"dms:kafkas", kafka.NewKafkaClient(client(kafka.KafkaClientBuilder())), "ListInstances", `{"engine":"kafka","include_failure":"true","limit":"50","offset":"{offset}"}`, "instances", "instance_id", "name", "tags", "enterprise_project_id"},
		{"dms:rabbitmqs", rabbitmq.NewRabbitMQClient(client(rabbitmq.RabbitMQClientBuilder())), "ListInstancesDetails", `{"engine":"rabbitmq","include_failure":"true","limit":"50","offset":"{offset}"}`, "instances", "instance_id", "name", "tags", "enterprise_project_id"},
		{"dms:rocketmqs", rocketmq.NewRocketMQClient(client(rocketmq.RocketMQClientBuilder())), "ListInstances", `{"engine":"rocketmq","include_failure":"true","limit":50,"offset":{offset}}`, "instances", "instance_id", "name", "tags", "enterprise_project_id"},
		{"dws:clusters", dws.NewDwsClient(client(dws.DwsClientBuilder())), "ListClusters", `{"enterprise_project_id":"all_granted_eps"}`, "clusters", "id", "name", "tags", "enterprise_project_id"},
		{"css:clusters", css.NewCssClient(client(css.CssClientBuilder())), "ListClustersDetails", `{"limit":50,"offset":{first}}`, "clusters", "id", "name", "tags", "enterpriseProjectId"},
		{"mrs:mrs", mrs.NewMrsClient(client(mrs.MrsClientBuilder())), "ListClusters", `{"pageSize":"50","currentPage":"{page}","clusterState":"existing"}`, "clusters", "clusterId", "clusterName", "tags", "enterpriseProjectId"},
		{"mrs:mrs", mrs.NewMrsClient(client(mrs.MrsClientBuilder())), "ListClusters", `{"pageSize":"50","currentPage":"{page}","clusterState":"existing","enterpriseProjectId":"all_granted_eps"}`, "clusters", "clusterId", "clusterName", "tags", "enterpriseProjectId"},
		{"modelarts:pool", ai, "ListPools", `{"workspaceId":"{workspace}"}`, "items", "metadata.name", `metadata.labels.os\.modelarts/name`, `metadata.annotations.os\.modelarts/tms\.tags`, `metadata.labels.os\.modelarts/enterprise\.project\.id`},
		{"modelarts:notebook", ai, "ListAllNotebooks", `{"limit":50,"offset":{offset},"workspace_id":"{workspace}"}`, "data", "id", "name", "tags", ""},
		{"modelarts:service", ai, "ListInferServices", `{"limit":50,"offset":{offset},"workspace_id":"{workspace}"}`, "data", "id", "name", "tags", ""},
		{"smn:topic", smn.NewSmnClient(client(smn.SmnClientBuilder())), "ListTopicsWithAssociatedResources", `{"limit":50,"offset":{offset}}`, "topics", "topic_id", "name", "tags", "enterprise_project_id"},
	}
}

const sdkPage = 50 // the limit in the requests above

// TestSDKLists: the SDK's own clients and the exporter read the same from each list that
// carries tags, and that is what the cloud has. Lists that the exporter only asks instead of
// others are read where those are of no use.
func TestSDKLists(t *testing.T) {
	useless := simulator.Quirks{Listed: simulator.ListedQuirks{SharesUntagged: true, SubnetsUnpublished: true}}
	for _, source := range tagapi.Sources() {
		if source.Service == "modelarts" {
			source = source.With(tagapi.Settings{TagsInList: true, ResourceTypes: []string{"pool", "notebook", "service"}})
		}
		if source.Lists == nil {
			continue
		}
		t.Run(source.Service, func(t *testing.T) { compare(t, source, simulator.Quirks{}, false) })
		if slices.ContainsFunc(source.Lists, func(l tagapi.List) bool { return l.Instead }) {
			t.Run(source.Service+" instead", func(t *testing.T) { compare(t, source, useless, true) })
		}
	}
}

// compare has the SDK and the exporter read the lists of a source.
func compare(t *testing.T, source tagapi.Source, quirks simulator.Quirks, instead bool) {
	cloud := simulator.New(simulator.Options{Quirks: quirks})
	cloud.AddAccessKey(simulator.AccessKey{AK: testAK, SK: testSK})
	cloud.SetProject(listedFleet(source))
	server := httptest.NewServer(cloud.Host(source.Service))
	t.Cleanup(server.Close)
	ours, lists := readListed(t, source, server.URL), sdkLists(sdkClients(t, server.URL))
	for _, resourceType := range source.Types() {
		kind, theirs := source.Service+":"+resourceType, make(map[string]resource)
		for _, l := range source.Lists {
			if l.ResourceType != resourceType || l.Instead != instead {
				continue
			}
			i := slices.IndexFunc(lists, func(theirs sdkList) bool { return theirs.kind == kind && theirs.operation == l.Operation })
			if i < 0 {
				t.Errorf("%s: %s is not read by the SDK", kind, l.Operation)
				continue
			}
			_, query, _ := strings.Cut(l.Path, "?")
			for parameter := range strings.SplitSeq(query, "&") {
				if name, _, given := strings.Cut(parameter, "="); given && !strings.Contains(lists[i].request, strconv.Quote(name)+":") {
					t.Errorf("%s: the SDK is not asked with %s", l.Operation, name)
				}
			}
			maps.Copy(theirs, lists[i].read(t))
			if len(theirs) == 0 {
				t.Errorf("%s: the SDK reads nothing by %s", kind, l.Operation)
			}
			lists = slices.Delete(lists, i, i+1) // one of the same name may have other parameters
		}
		if len(theirs) == 0 {
			continue // has no list that is asked instead of others
		}
		for id, r := range ours[kind] {
			if instead {
				r.enterprise = "" // is not in these lists
			}
			if !reflect.DeepEqual(r, theirs[id]) {
				t.Errorf("%s: %s: the exporter reads\n%q\nthe SDK\n%q", kind, id, r, theirs[id])
			}
		}
		if want := cloud.Truth(testProject, kind, nil).Resources; len(ours[kind]) != want || len(theirs) != want {
			t.Errorf("%s: the exporter reads %d, the SDK %d, the cloud has %d", kind, len(ours[kind]), len(theirs), want)
		}
	}
	if refusals := cloud.Refusals(); len(refusals) > 0 {
		t.Errorf("the cloud refused requests: %q", refusals)
	}
}

// listedFleet returns resources of each type that a source lists, with tags that each of
// them can have.
func listedFleet(source tagapi.Source) simulator.Project {
	random := rand.New(rand.NewPCG(7, 7))
	project := simulator.Project{ID: testProject, Region: "cn-north-4", Resources: make(map[string][]simulator.Instance)}
	for _, l := range source.Lists {
		kind := source.Service + ":" + l.ResourceType
		if project.Resources[kind] != nil {
			continue
		}
		for i := range 2*sdkPage + 7 {
			in := simulator.Instance{ID: fmt.Sprintf("%s-%d", l.ResourceType, i), Name: fmt.Sprintf("n%d", i)}
			if i%3 == 0 {
				in.EnterpriseProjectID = "ep-1"
			}
			switch {
			case i%5 == 0 && kind == "cce:clusters":
				in.Mode = "autopilot"
			case i%5 == 0 && kind == "rds:instances":
				in.Mode = "flexus"
			case i%5 == 0 && source.Service == "modelarts":
				in.Mode = "ws-1"
			}
			for _, j := range random.Perm(4)[:random.IntN(4)] {
				in.Tags = append(in.Tags, simulator.T([]string{"env", "业务线", "a b", "Env"}[j], []string{"", "prod", "值 1"}[random.IntN(3)]))
			}
			project.Resources[kind] = append(project.Resources[kind], in)
		}
		if kind == "modelarts:pool" {
			project.PoolTags = unionOf(project.Resources[kind])
			project.Resources["modelarts:workspace"] = []simulator.Instance{{ID: "0", Name: "default"}, {ID: "ws-1", Name: "vision"}}
		}
	}
	return project
}

// unionOf are the tags of pools as the tag API has them.
func unionOf(pools []simulator.Instance) (union []simulator.PoolTag) {
	values := make(map[string]map[string]bool)
	for _, in := range pools {
		for _, tag := range in.Tags {
			if values[tag.Key] == nil {
				values[tag.Key] = make(map[string]bool)
			}
			values[tag.Key][*tag.Value] = true
		}
	}
	for key := range values {
		union = append(union, simulator.PoolTag{Key: key, Values: slices.Collect(maps.Keys(values[key]))})
	}
	return union
}

// readListed returns what the exporter reads: resources by kind and ID.
func readListed(t *testing.T, source tagapi.Source, url string) map[string]map[string]resource {
	t.Helper()
	client, err := huaweicloud.NewClient(huaweicloud.ClientConfig{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	service, err := client.Service(huaweicloud.ProjectConfig{
		ID:         testProject,
		Credential: huaweicloud.CredentialConfig{AccessKey: huaweicloud.NewSecret(testAK), SecretKey: huaweicloud.NewSecret(testSK)},
	}, huaweicloud.ServiceConfig{Name: source.Service, Endpoint: url, Limits: huaweicloud.Limits{MaxConcurrency: 4, RequestTimeout: time.Minute}})
	if err != nil {
		t.Fatal(err)
	}
	session, err := service.Session(t.Context(), nobody{})
	if err != nil {
		t.Fatal(err)
	}
	reading := inventory.NewReading(inventory.Part{Service: source.Service, ResourceType: source.ResourceType}, source.Reach, inventory.NewFilter(nil))
	if err := source.New(tagapi.Settings{}, nil).Read(t.Context(), session, reading); err != nil {
		t.Fatal(err)
	}
	read := make(map[string]map[string]resource)
	parts, _ := reading.Parts(time.Time{})
	for _, part := range parts {
		byID := make(map[string]resource)
		for _, r := range part.Resources {
			one := resource{name: r.Name, tags: make(map[string]string)}
			if r.Enterprise != nil {
				one.enterprise = r.Enterprise.ID
			}
			for _, tag := range r.Tags {
				one.tags[tag.Key] = tag.Value
			}
			byID[r.ID] = one
		}
		read[source.Service+":"+part.ResourceType] = byID
		if !part.Whole {
			t.Errorf("%s: %v", part.ResourceType, part.Err)
		}
	}
	return read
}

// nobody is not interested in attempts.
type nobody struct{}

func (nobody) Observe(huaweicloud.Attempt) {}
