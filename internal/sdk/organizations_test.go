package sdk_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	epssdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/eps/v1"
	epsmodel "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/eps/v1/model"
	organizationssdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/organizations/v1"
	organizationsmodel "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/organizations/v1/model"

	"huaweicloud_tag_exporter/internal/simulator"
)

// TestOrganizationsSDK is TestAccountSDK for Organizations and enterprise projects.
func TestOrganizationsSDK(t *testing.T) {
	const content = `{"tags":{"owner":{"tag_key":"Owner","tag_value":["ä","\"*"]}}}`
	updated := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	account := simulator.Account{
		ID: testAccount, Role: simulator.ManagementAccount,
		EffectivePolicy: simulator.EffectivePolicy{Content: content, Updated: updated},
	}
	var want []string
	for _, name := range []string{"", "Forschung, 名", `q"\`} {
		account.EnterpriseProjects = append(account.EnterpriseProjects, simulator.EnterpriseProject{ID: "e" + name, Name: name, Created: updated})
		want = append(want, "e"+name+" "+name)
	}
	cloud := simulator.New(simulator.Options{Quirks: simulator.Quirks{EPSQuirks: simulator.EPSQuirks{DefaultUnlisted: true}}})
	cloud.AddAccessKey(simulator.AccessKey{AK: testAK, SK: testSK, Account: testAccount})
	cloud.SetAccount(account)
	url, stop, err := cloud.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)

	organizations := organizationssdk.NewOrganizationsClient(newGlobalSDK(t, url, organizationssdk.OrganizationsClientBuilder()))
	ask := func() *organizationsmodel.ShowEffectivePoliciesResponse {
		t.Helper()
		answer, err := organizations.ShowEffectivePolicies(&organizationsmodel.ShowEffectivePoliciesRequest{
			EntityId: testAccount, PolicyType: organizationsmodel.GetShowEffectivePoliciesRequestPolicyTypeEnum().TAG_POLICY,
		})
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	if got := ask(); *got.PolicyContent != content || !time.Time(*got.LastUpdatedAt).Equal(updated) || *got.EntityId != testAccount || got.PolicyType.Value() != "tag_policy" {
		t.Errorf("the policy in force is %v", got)
	}
	cloud.UpdateAccount(testAccount, func(a *simulator.Account) { a.EffectivePolicy = simulator.EffectivePolicy{} })
	if got := ask(); *got.PolicyContent != "" || got.LastUpdatedAt != nil {
		t.Errorf("without a policy, that in force is %v", got)
	}

	eps := epssdk.NewEpsClient(newGlobalSDK(t, url, epssdk.EpsClientBuilder()))
	var got []string
	for limit, offset := int32(2), int32(0); ; offset += limit {
		answer, err := eps.ListEnterpriseProject(&epsmodel.ListEnterpriseProjectRequest{Limit: &limit, Offset: &offset})
		if err != nil {
			t.Fatal(err)
		}
		if *answer.TotalCount != int32(len(want)) {
			t.Errorf("%d enterprise projects altogether", *answer.TotalCount)
		}
		if len(*answer.EnterpriseProjects) == 0 {
			break
		}
		for _, p := range *answer.EnterpriseProjects {
			got = append(got, p.Id+" "+p.Name)
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the SDK reads %q, the cloud has %q", got, want)
	}
	if refusals := cloud.Refusals(); len(refusals) > 0 {
		t.Errorf("the cloud refused requests: %q", refusals)
	}

	cloud.UpdateAccount(testAccount, func(a *simulator.Account) { a.Role = simulator.Member })
	_, err = organizations.ShowEffectivePolicies(&organizationsmodel.ShowEffectivePoliciesRequest{
		EntityId: testAccount, PolicyType: organizationsmodel.GetShowEffectivePoliciesRequestPolicyTypeEnum().TAG_POLICY,
	})
	if err == nil || !strings.Contains(err.Error(), "Organizations.1002") {
		t.Errorf("a member is told %v", err)
	}
}
