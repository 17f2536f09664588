package sdk_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http/httptest"
	"reflect"
	"slices"
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
	kind            string // service and resource type
	client          any
	operation       string
	request         string
	items, id, tags string // where the answer has them, as the SDK spells it
}

func sdkLists(client func(*httpclient.HcHttpClientBuilder) *httpclient.HcHttpClient) []sdkList {
	ai := modelartssdk.NewModelArtsClient(client(modelartssdk.ModelArtsClientBuilder()))
	return []sdkList{
		{"ecs:cloudservers", ecs.NewEcsClient(client(ecs.EcsClientBuilder())), "ListServersDetails", `{"limit":50,"offset":{page},"not-tags":"__type_baremetal","enterprise_project_id":"all_granted_eps"}`, "servers", "id", "tags"},
		{"bms:servers", bms.NewBmsClient(client(bms.BmsClientBuilder())), "ListBareMetalServers", `{"limit":50,"offset":{page},"enterprise_project_id":"all_granted_eps"}`, "servers", "id", "tags"},
		{"ims:images", ims.NewImsClient(client(ims.ImsClientBuilder())), "ListImages", `{"limit":50,"marker":{marker},"__imagetype":"private","enterprise_project_id":"all_granted_eps"}`, "images", "id", "tags"},
		{"cce:clusters", cce.NewCceClient(client(cce.CceClientBuilder())), "ListClusters", `{}`, "items", "metadata.uid", "spec.clusterTags"},
		{"cce:clusters", cce.NewCceClient(client(cce.CceClientBuilder())), "ListAutopilotClusters", `{}`, "items", "metadata.uid", "spec.clusterTags"},
		{"vpc:vpcs", vpc.NewVpcClient(client(vpc.VpcClientBuilder())), "ListVpcs", `{"limit":50,"marker":{marker},"enterprise_project_id":"all_granted_eps"}`, "vpcs", "id", "tags"},
		{"vpc:subnets", vpc.NewVpcClient(client(vpc.VpcClientBuilder())), "ListVirsubnets", `{"limit":50,"marker":{marker}}`, "virsubnets", "id", "tags"},
		{"vpc:subnets", oldvpc.NewVpcClient(client(oldvpc.VpcClientBuilder())), "ListSubnetsByTags", `{"body":{"action":"filter","limit":50,"offset":{offset}}}`, "resources", "resource_id", "tags"},
		{"vpc:securitygroups", vpc.NewVpcClient(client(vpc.VpcClientBuilder())), "ListSecurityGroups", `{"limit":50,"marker":{marker},"enterprise_project_id":"all_granted_eps"}`, "security_groups", "id", "tags"},
		{"vpc:publicips", eip.NewEipClient(client(eip.EipClientBuilder())), "ListPublicips", `{"limit":50,"marker":{marker},"enterprise_project_id":"all_granted_eps"}`, "publicips", "id", "tags"},
		{"elb:loadbalancers", elb.NewElbClient(client(elb.ElbClientBuilder())), "ListLoadBalancers", `{"limit":50,"marker":{marker}}`, "loadbalancers", "id", "tags"},
		{"elb:listeners", elb.NewElbClient(client(elb.ElbClientBuilder())), "ListListeners", `{"limit":50,"marker":{marker}}`, "listeners", "id", "tags"},
		{"nat:natgateways", nat.NewNatClient(client(nat.NatClientBuilder())), "ListNatGatewayByTag", `{"body":{"action":"filter","limit":"50","offset":"{offset}"}}`, "resources", "resource_id", "tags"},
		{"er:instances", er.NewErClient(client(er.ErClientBuilder())), "ListEnterpriseRouters", `{"limit":50,"marker":{marker},"owned_by_self":true}`, "instances", "id", "tags"},
		{"vpnaas:vpngateways", vpn.NewVpnClient(client(vpn.VpnClientBuilder())), "ListVgws", `{}`, "vpn_gateways", "id", "tags"},
		{"vpnaas:vpnconnections", vpn.NewVpnClient(client(vpn.VpnClientBuilder())), "ListVpnConnections", `{"limit":50,"marker":{marker}}`, "vpn_connections", "id", "tags"},
		{"evs:volumes", evs.NewEvsClient(client(evs.EvsClientBuilder())), "ListVolumes", `{"limit":50,"offset":{offset},"enterprise_project_id":"all_granted_eps"}`, "volumes", "id", "tags"},
		{"cbr:vault", cbr.NewCbrClient(client(cbr.CbrClientBuilder())), "ListVault", `{"limit":50,"offset":{offset},"enterprise_project_id":"all_granted_eps"}`, "vaults", "id", "tags"},
		{"sfsturbo:shares", sfsturbo.NewSFSTurboClient(client(sfsturbo.SFSTurboClientBuilder())), "ListShares", `{"limit":50,"offset":{offset}}`, "shares", "id", "tags"},
		{"sfsturbo:shares", sfsturbo.NewSFSTurboClient(client(sfsturbo.SFSTurboClientBuilder())), "ListSharesByTag", `{"body":{"action":"filter","limit":"50","offset":"{offset}"}}`, "resources", "resource_id", "tags"},
		{"rds:instances", rds.NewRdsClient(client(rds.RdsClientBuilder())), "ListInstances", `{"limit":50,"offset":{offset}}`, "instances", "id", "tags"},
		{"rds:instances", rds.NewRdsClient(client(rds.RdsClientBuilder())), "ListInstances", `{"limit":50,"offset":{offset},"group_type":"flexus"}`, "instances", "id", "tags"},
		{"gaussdb:instance", gaussdb.NewGaussDBClient(client(gaussdb.GaussDBClientBuilder())), "ListGaussMySqlInstancesUnifyStatus", `{"limit":50,"offset":{offset}}`, "instances", "id", "tags"},
		{"gaussdb-opengauss:instances", opengauss.NewGaussDBforopenGaussClient(client(opengauss.GaussDBforopenGaussClientBuilder())), "ListInstances", `{"limit":50,"offset":{offset}}`, "instances", "id", "tags"},
		{"nosql:instances", nosql.NewGaussDBforNoSQLClient(client(nosql.GaussDBforNoSQLClientBuilder())), "ListInstancesByTags", `{"body":{"action":"filter","limit":"50","offset":"{offset}"}}`, "instances", "instance_id", "tags"},
		{"dcs:redis", dcs.NewDcsClient(client(dcs.DcsClientBuilder())), "ListInstances", `{"limit":50,"offset":{offset},"include_failure":"true"}`, "instances", "instance_id", "tags"},
		{"dms:kafkas", kafka.NewKafkaClient(client(kafka.KafkaClientBuilder())), "ListInstances", `{"engine":"kafka","include_failure":"true","limit":"50","offset":"{offset}"}`, "instances", "instance_id", "tags"},
		{"dms:rabbitmqs", rabbitmq.NewRabbitMQClient(client(rabbitmq.RabbitMQClientBuilder())), "ListInstancesDetails", `{"engine":"rabbitmq","include_failure":"true","limit":"50","offset":"{offset}"}`, "instances", "instance_id", "tags"},
		{"dms:rocketmqs", rocketmq.NewRocketMQClient(client(rocketmq.RocketMQClientBuilder())), "ListInstances", `{"engine":"rocketmq","include_failure":"true","limit":50,"offset":{offset}}`, "instances", "instance_id", "tags"},
		{"dws:clusters", dws.NewDwsClient(client(dws.DwsClientBuilder())), "ListClusters", `{"enterprise_project_id":"all_granted_eps"}`, "clusters", "id", "tags"},
		{"css:clusters", css.NewCssClient(client(css.CssClientBuilder())), "ListClustersDetails", `{"limit":50,"offset":{first}}`, "clusters", "id", "tags"},
		{"mrs:mrs", mrs.NewMrsClient(client(mrs.MrsClientBuilder())), "ListClusters", `{"pageSize":"50","currentPage":"{page}","clusterState":"existing","enterpriseProjectId":"all_granted_eps"}`, "clusters", "clusterId", "tags"},
		{"modelarts:pool", ai, "ListPools", `{"workspaceId":"0"}`, "items", "metadata.name", `metadata.annotations.os\.modelarts/tms\.tags`},
		{"modelarts:notebook", ai, "ListAllNotebooks", `{"limit":50,"offset":{offset},"workspace_id":"0"}`, "data", "id", "tags"},
		{"modelarts:service", ai, "ListInferServices", `{"limit":50,"offset":{offset},"workspace_id":"0"}`, "data", "id", "tags"},
		{"smn:topic", smn.NewSmnClient(client(smn.SmnClientBuilder())), "ListTopicsWithAssociatedResources", `{"limit":50,"offset":{offset}}`, "topics", "topic_id", "tags"},
	}
}

const sdkPage = 50 // the limit in the requests above

// TestSDKLists: the SDK's own clients and the exporter read the same from the lists that
// carry tags, and that is what the cloud has.
func TestSDKLists(t *testing.T) {
	var listed []string
	ofModelArts := tagapi.Settings{TagsInList: true, ResourceTypes: []string{"pool", "notebook", "service"}}
	for _, source := range tagapi.Sources() {
		if source.Service == "modelarts" {
			source = source.With(ofModelArts)
		}
		if source.Lists == nil {
			continue
		}
		t.Run(source.Service, func(t *testing.T) {
			cloud := simulator.New(simulator.Options{})
			cloud.AddAccessKey(simulator.AccessKey{AK: testAK, SK: testSK})
			cloud.SetProject(listedFleet(source))
			server := httptest.NewServer(cloud.Host(source.Service))
			t.Cleanup(server.Close)
			theirs := make(map[string]map[string]map[string]string) // by kind and ID
			for _, list := range sdkLists(sdkClients(t, server.URL)) {
				if service, _, _ := strings.Cut(list.kind, ":"); service != source.Service {
					continue
				}
				listed = append(listed, list.kind)
				if theirs[list.kind] == nil {
					theirs[list.kind] = make(map[string]map[string]string)
				}
				maps.Copy(theirs[list.kind], list.read(t))
			}
			ours := readListed(t, source, server.URL)
			for _, l := range source.Lists {
				kind := source.Service + ":" + l.ResourceType
				if kind == "dcs:memcached" { // it is in the SDK's list of dcs:redis
					continue
				}
				if !reflect.DeepEqual(ours[kind], theirs[kind]) {
					t.Errorf("%s: the exporter reads\n%v\nthe SDK\n%v", kind, ours[kind], theirs[kind])
				}
				if got, want := len(theirs[kind]), cloud.Truth(testProject, kind, nil).Resources; got != want {
					t.Errorf("%s: the SDK reads %d, the cloud has %d", kind, got, want)
				}
				if !slices.Contains(listed, kind) {
					t.Errorf("%s is not read by the SDK", kind)
				}
			}
			if refusals := cloud.Refusals(); len(refusals) > 0 {
				t.Errorf("the cloud refused requests: %q", refusals)
			}
		})
	}
}

// listedFleet returns resources of each type that a source lists, with tags that each of
// them can have.
func listedFleet(source tagapi.Source) simulator.Project {
	random := rand.New(rand.NewPCG(7, 7))
	project := simulator.Project{ID: testProject, Region: "cn-north-4", Resources: make(map[string][]simulator.Instance)}
	for _, l := range source.Lists {
		kind := source.Service + ":" + l.ResourceType
		if project.Resources[kind] != nil || kind == "dcs:memcached" {
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
			}
			for _, j := range random.Perm(4)[:random.IntN(4)] {
				in.Tags = append(in.Tags, simulator.T([]string{"env", "业务线", "a b", "Env"}[j], []string{"", "prod", "值 1"}[random.IntN(3)]))
			}
			project.Resources[kind] = append(project.Resources[kind], in)
		}
		if kind == "modelarts:pool" {
			project.PoolTags = unionOf(project.Resources[kind])
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

// readListed returns what the exporter reads: tags by kind and ID.
func readListed(t *testing.T, source tagapi.Source, url string) map[string]map[string]map[string]string {
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
	read := make(map[string]map[string]map[string]string)
	parts, _ := reading.Parts(time.Time{})
	for _, part := range parts {
		byID := make(map[string]map[string]string)
		for _, r := range part.Resources {
			byID[r.ID] = make(map[string]string)
			for _, tag := range r.Tags {
				byID[r.ID][tag.Key] = tag.Value
			}
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
