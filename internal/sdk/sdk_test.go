// Package sdk_test holds the simulator to the official SDK. It stands apart, since
// the SDK's clients take long to compile.
package sdk_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	httpclient "github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/config"
	fabricsdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dataartsfabric/v1"
	fabricmodel "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dataartsfabric/v1/model"
	ddssdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dds/v3"
	ddsmodel "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dds/v3/model"
	modelartssdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/modelarts/v1"
	modelartsmodel "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/modelarts/v1/model"

	"huaweicloud_tag_exporter/internal/simulator"
)

const (
	testAK      = "AKTEST000000"
	testSK      = "sk-of-the-test"
	testProject = "5f3c9a7e21d84b60a1c2d3e4f5061728"
)

// TestSDK has the official SDK's own clients read the cloud that the exporter is
// tested against: two readers, one wire format. They are paged by what the
// documentation says, without any of our code.
func TestSDK(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			cloud := simulator.New(simulator.Options{})
			cloud.AddAccessKey(simulator.AccessKey{AK: testAK, SK: testSK})
			cloud.SetProject(fleet(seed))
			url, stop, err := cloud.Listen("127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(stop)
			client := newSDK(t, url)
			for service, truths := range map[string][2]simulator.Truth{
				"modelarts": {client.poolTags(), cloud.TruthModelArts(testProject, nil)},
				"dds":       {client.instances(), cloud.TruthDDS(testProject, nil)},
				"fabric":    {client.workspaces(), cloud.TruthFabric(testProject, nil)},
			} {
				if got, want := show(truths[0]), show(truths[1]); got != want {
					t.Errorf("%s: the SDK reads\n%s\nthe cloud has\n%s", service, got, want)
				}
			}
			if refusals := cloud.Refusals(); len(refusals) > 0 {
				t.Errorf("the cloud refused requests: %q", refusals)
			}
		})
	}
}

func show(t simulator.Truth) string {
	return fmt.Sprintf("%d resources, %d untagged, tagged %v, values %q", t.Resources, t.Untagged, t.Tagged, t.Values)
}

// fleet returns one with varied tags, all of which are possible.
func fleet(seed uint64) simulator.Project {
	random := rand.New(rand.NewPCG(seed, seed))
	keys := []string{"env", "Env", "业务线", "cost-center", "cost.center", "le", "__name__", "🚀", "a b", `q"\`, " space ", "_sys_x", "tab\t"}
	tags := func() (tags []simulator.Tag) {
		for _, i := range random.Perm(len(keys))[:random.IntN(5)] {
			tag := simulator.T(keys[i], fmt.Sprintf("值 %d\n\"", random.IntN(4)))
			switch random.IntN(5) {
			case 0:
				tag.Value = nil
			case 1:
				tag = simulator.T(keys[i], "")
			}
			tags = append(tags, tag)
		}
		return tags
	}
	project := simulator.Project{ID: testProject, Region: "cn-north-4"}
	for i := range random.IntN(450) {
		tag := simulator.PoolTag{Key: fmt.Sprintf("key-%04d", i)}
		for j := range 1 + i%4 {
			tag.Values = append(tag.Values, fmt.Sprintf("value-%d", j))
		}
		project.PoolTags = append(project.PoolTags, tag)
	}
	for i := range 100 + random.IntN(60) {
		project.Instances = append(project.Instances, simulator.Instance{
			ID: simulator.InstanceID(i), Name: fmt.Sprintf("db-%d", i), Created: time.Unix(int64(i), 0), Tags: tags(),
		})
	}
	for i := range 100 + random.IntN(160) {
		project.Workspaces = append(project.Workspaces, simulator.Workspace{
			ID: fmt.Sprintf("w-%d", i), Name: fmt.Sprintf("lake-%d", i), EnterpriseProjectID: "0", Tags: tags(),
		})
	}
	return project
}

type sdk struct {
	t         *testing.T
	modelarts *modelartssdk.ModelArtsClient
	dds       *ddssdk.DdsClient
	fabric    *fabricsdk.DataArtsFabricClient
}

func newSDK(t *testing.T, url string) sdk {
	t.Helper()
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	credential, err := basic.NewCredentialsBuilder().WithAk(testAK).WithSk(testSK).WithProjectId(testProject).SafeBuild()
	if err != nil {
		t.Fatal(err)
	}
	build := func(builder *httpclient.HcHttpClientBuilder) *httpclient.HcHttpClient {
		client, err := builder.WithEndpoint(url).WithCredential(credential).
			WithHttpConfig(config.DefaultHttpConfig().WithHttpTransport(transport)).SafeBuild()
		if err != nil {
			t.Fatal(err)
		}
		return client
	}
	return sdk{
		t, modelartssdk.NewModelArtsClient(build(modelartssdk.ModelArtsClientBuilder())),
		ddssdk.NewDdsClient(build(ddssdk.DdsClientBuilder())),
		fabricsdk.NewDataArtsFabricClient(build(fabricsdk.DataArtsFabricClientBuilder())),
	}
}

func (s sdk) poolTags() simulator.Truth {
	s.t.Helper()
	truth := simulator.Truth{Values: make(map[string][]string)}
	limit := int32(200)
	for page := int32(0); ; page++ {
		answer, err := s.modelarts.ListPoolTags(&modelartsmodel.ListPoolTagsRequest{Limit: &limit, Offset: &page})
		if err != nil {
			s.t.Fatal(err)
		}
		for _, tag := range *answer.Tags {
			truth.Values[*tag.Key] = *tag.Values
		}
		if len(*answer.Tags) == 0 {
			return truth
		}
	}
}

func (s sdk) instances() simulator.Truth {
	s.t.Helper()
	truth := newSDKTruth()
	for offset := int32(0); ; {
		list, err := s.dds.ListInstances(&ddsmodel.ListInstancesRequest{Offset: &offset})
		if err != nil {
			s.t.Fatal(err)
		}
		for _, instance := range *list.Instances {
			answer, err := s.dds.ListInstanceTags(&ddsmodel.ListInstanceTagsRequest{InstanceId: instance.Id})
			if err != nil {
				s.t.Fatal(err)
			}
			tags := make(map[string]string)
			for _, tag := range *answer.Tags {
				addFirst(tags, *tag.Key, tag.Value)
			}
			truth.add(tags)
		}
		offset += int32(len(*list.Instances))
		if len(*list.Instances) == 0 {
			return truth.sorted()
		}
	}
}

func (s sdk) workspaces() simulator.Truth {
	s.t.Helper()
	truth := newSDKTruth()
	limit, all := int32(100), false
	for offset := int32(0); ; {
		answer, err := s.fabric.ListTagFabricWorkspaces(&fabricmodel.ListTagFabricWorkspacesRequest{
			Limit: &limit, Offset: &offset, Body: &fabricmodel.ListTagWorkspacesRequestBody{WithoutAnyTag: &all},
		})
		if err != nil {
			s.t.Fatal(err)
		}
		for _, workspace := range *answer.Resources {
			tags := make(map[string]string)
			for _, tag := range *workspace.Tags {
				addFirst(tags, tag.Key, tag.Value)
			}
			truth.add(tags)
		}
		offset += int32(len(*answer.Resources))
		if len(*answer.Resources) == 0 {
			return truth.sorted()
		}
	}
}

// addFirst sets a tag as the contract has it: an empty key is none, the first
// value counts.
func addFirst(tags map[string]string, key string, value *string) {
	if _, twice := tags[key]; twice || key == "" {
		return
	}
	tags[key] = ""
	if value != nil {
		tags[key] = *value
	}
}

type sdkTruth struct{ simulator.Truth }

func newSDKTruth() *sdkTruth {
	return &sdkTruth{simulator.Truth{Tagged: make(map[string]map[string]int), Values: make(map[string][]string)}}
}

func (s *sdkTruth) add(tags map[string]string) {
	s.Resources++
	if len(tags) == 0 {
		s.Untagged++
	}
	for key, value := range tags {
		if s.Tagged[key] == nil {
			s.Tagged[key] = make(map[string]int)
		}
		s.Tagged[key][value]++
		s.Values[key] = append(s.Values[key], value)
	}
}

func (s *sdkTruth) sorted() simulator.Truth {
	for key, values := range s.Values {
		slices.Sort(values)
		s.Values[key] = slices.Compact(values)
	}
	return s.Truth
}
