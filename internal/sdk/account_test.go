package sdk_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strings"
	"testing"

	httpclient "github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/global"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/config"
	configsdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/config/v1"
	configmodel "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/config/v1/model"
	iamsdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/iam/v3"
	iammodel "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/iam/v3/model"

	"huaweicloud_tag_exporter/internal/simulator"
)

const testAccount = "dddd2222333344445555666677778888"

// TestAccountSDK is TestSDK for what belongs to an account, with its quirks.
func TestAccountSDK(t *testing.T) {
	for name, quirks := range map[string]simulator.ConfigQuirks{
		"documented": {},
		"other": {
			Pages: simulator.PagesBetween, EndMarker: simulator.AsText, MarkerIsIndex: true, ExactTypes: true,
			SummaryLowerCase: true, NotFrozen: simulator.AsObject,
		},
		"third": {Pages: simulator.PagesThenEmpty, EndMarker: simulator.Absent, NotFrozen: simulator.Absent},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := simulator.New(simulator.Options{Quirks: simulator.Quirks{ConfigQuirks: quirks}})
			cloud.AddAccessKey(simulator.AccessKey{AK: testAK, SK: testSK, Account: testAccount})
			cloud.SetAccount(company())
			cloud.SetProject(simulator.Project{ID: testProject, Region: "cn-north-4", Account: testAccount})
			cloud.SetProject(simulator.Project{ID: "p2", Name: "cn-north-4_team", Account: testAccount, Parent: testProject, Disabled: true})
			url, stop, err := cloud.Listen("127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(stop)
			client := newAccountSDK(t, url)

			found := client.resources()
			if want := cloud.TruthAccount(testAccount, nil); !reflect.DeepEqual(found, want) {
				t.Errorf("the SDK reads\n%v\nthe cloud has\n%v", found, want)
			}
			total := 0
			for part, truth := range found {
				kind, regions := []string{part.Provider + "." + part.Type}, []string{part.Region, "other"}
				if got := client.counted(&kind, &regions, part.Project); !quirks.ExactTypes && got != truth.Resources {
					t.Errorf("the summary counts %d of %v, want %d", got, part, truth.Resources)
				}
				total += truth.Resources
			}
			if got := client.counted(nil, nil, ""); got != total {
				t.Errorf("the summary counts %d, want %d", got, total)
			}
			client.identity()
			client.recorder(cloud)
			if refusals := cloud.Refusals(); len(refusals) > 0 {
				t.Errorf("the cloud refused requests: %q", refusals)
			}
		})
	}
}

// company has resources of which the SDK can tell all that the truth does: it cannot
// tell a null from no tags.
func company() simulator.Account {
	random := rand.New(rand.NewPCG(1, 1))
	a := simulator.Account{ID: testAccount, Name: "shop", Recorder: simulator.Recorder{Types: []string{"ecs.cloudservers"}}}
	for i := range 700 {
		kind := []string{"ecs.cloudservers", "ecs.cloudServers", "evs.volumes", "obs.buckets"}[random.IntN(4)]
		r := simulator.AccountResource{ID: fmt.Sprintf("r-%d", i), Name: "näme, 名"}
		r.Provider, r.Type, _ = strings.Cut(kind, ".")
		if r.Provider != "obs" {
			r.Region, r.Project = []string{"cn-north-4", "cn-south-1"}[i%2], []string{testProject, "p2"}[i%2]
		}
		for _, key := range []string{"env", "Env", "业务线", `q"\`} {
			if random.IntN(3) == 0 {
				r.Tags = append(r.Tags, simulator.T(key, []string{"", "值", "\t"}[random.IntN(3)]))
			}
		}
		a.Resources = append(a.Resources, r)
	}
	return a
}

type accountSDK struct {
	t      *testing.T
	config *configsdk.ConfigClient
	iam    *iamsdk.IamClient
}

func newAccountSDK(t *testing.T, url string) accountSDK {
	t.Helper()
	return accountSDK{
		t, configsdk.NewConfigClient(newGlobalSDK(t, url, configsdk.ConfigClientBuilder())),
		iamsdk.NewIamClient(newGlobalSDK(t, url, iamsdk.IamClientBuilder())),
	}
}

// newGlobalSDK returns the SDK's client of a service that is asked per account.
func newGlobalSDK(t *testing.T, url string, builder *httpclient.HcHttpClientBuilder) *httpclient.HcHttpClient {
	t.Helper()
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	credential, err := global.NewCredentialsBuilder().WithAk(testAK).WithSk(testSK).WithDomainId(testAccount).SafeBuild()
	if err != nil {
		t.Fatal(err)
	}
	client, err := builder.WithEndpoint(url).WithCredential(credential).
		WithHttpConfig(config.DefaultHttpConfig().WithHttpTransport(transport)).SafeBuild()
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// resources reads all pages.
func (s accountSDK) resources() map[simulator.AccountPart]simulator.Truth {
	s.t.Helper()
	truths := make(map[simulator.AccountPart]*sdkTruth)
	limit := int32(200)
	for request := (&configmodel.ListAllResourcesRequest{Limit: &limit}); ; {
		answer, err := s.config.ListAllResources(request)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, r := range *answer.Resources {
			part := simulator.AccountPart{
				Project: *r.ProjectId, Region: *r.RegionId, Provider: strings.ToLower(*r.Provider), Type: strings.ToLower(*r.Type),
			}
			if truths[part] == nil {
				truths[part] = newSDKTruth()
			}
			truths[part].add(r.Tags)
		}
		if next := answer.PageInfo.NextMarker; next == nil || *next == "" {
			break
		}
		request.Marker = answer.PageInfo.NextMarker
	}
	found := make(map[simulator.AccountPart]simulator.Truth, len(truths))
	for part, truth := range truths {
		found[part] = truth.sorted()
	}
	return found
}

// counted adds up what the summary counts of a project's types and regions.
func (s accountSDK) counted(kinds, regions *[]string, project string) int {
	s.t.Helper()
	request := &configmodel.CollectAllResourcesSummaryRequest{Type: kinds, RegionId: regions}
	if project != "" {
		request.ProjectId = &[]string{project}
	}
	answer, err := s.config.CollectAllResourcesSummary(request)
	if err != nil {
		s.t.Fatal(err)
	}
	n := 0
	for _, provider := range *answer.Body {
		for _, kind := range *provider.Types {
			for _, region := range *kind.Regions {
				n += int(*region.Count)
			}
		}
	}
	return n
}

func (s accountSDK) identity() {
	s.t.Helper()
	domains, err := s.iam.KeystoneListAuthDomains(new(iammodel.KeystoneListAuthDomainsRequest))
	if err != nil {
		s.t.Fatal(err)
	}
	if all := *domains.Domains; len(all) != 1 || all[0].Id != testAccount || all[0].Name != "shop" || !all[0].Enabled {
		s.t.Errorf("domains %v", all)
	}
	projects, err := s.iam.KeystoneListAuthProjects(new(iammodel.KeystoneListAuthProjectsRequest))
	if err != nil {
		s.t.Fatal(err)
	}
	var got []string
	for _, p := range *projects.Projects {
		got = append(got, fmt.Sprint(p.Id, " ", p.Name, " ", p.DomainId, " ", p.ParentId, " ", p.Enabled, p.IsDomain))
	}
	want := []string{
		testProject + " cn-north-4 " + testAccount + " " + testAccount + " true false",
		"p2 cn-north-4_team " + testAccount + " " + testProject + " false false",
	}
	if !reflect.DeepEqual(got, want) {
		s.t.Errorf("projects %q, want %q", got, want)
	}
}

func (s accountSDK) recorder(cloud *simulator.Cloud) {
	s.t.Helper()
	for _, frozen := range []bool{false, true} {
		cloud.UpdateAccount(testAccount, func(a *simulator.Account) { a.Recorder.Frozen = frozen })
		answer, err := s.config.ShowTrackerConfig(new(configmodel.ShowTrackerConfigRequest))
		if err != nil {
			s.t.Fatal(err)
		}
		status := cmp.Or(answer.FrozenStatus, &configmodel.FrozenStatus{IsFrozen: new(bool)})
		if selector := answer.Selector; selector.AllSupported || !reflect.DeepEqual(selector.ResourceTypes, []string{"ecs.cloudservers"}) || *status.IsFrozen != frozen {
			s.t.Errorf("recorder %v", answer)
		}
	}
}
