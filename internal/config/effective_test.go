package config

import (
	"reflect"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// TestEffective: of each account, who is asked for its policy, by whom and how often.
func TestEffective(t *testing.T) {
	c := parse(t, `
credentials: {default: {token: t}, organization: {token: o}}
defaults: {max_retries: 1}
accounts:
  - {name: shop, domain_id: d-shop, config: , endpoints: {iam: "http://127.0.0.1:9001"}, max_retries: 2}
  - {name: asked, config: }
projects:
  - {region: cn-north-4, project_id: p1, account: label, services: {dds: }}
  - {region: cn-north-4, project_id: p2, account: d-plain, services: {dds: }}
policy:
  effective:
    - {account: shop, credentials: organization, endpoint: "http://127.0.0.1:9000/", renew_after: 0s}
    - account: asked
    - {account: label, account_id: d-label, credentials: organization}
    - account_id: d-plain
`)
	limits, own := standard, standard
	limits.MaxRetries, own.MaxRetries = 1, 2
	credential := func(name, token string) huaweicloud.CredentialConfig {
		return huaweicloud.CredentialConfig{Name: name, Kind: huaweicloud.Token, Token: huaweicloud.NewSecret(token)}
	}
	service := func(name, endpoint string, limits huaweicloud.Limits) huaweicloud.ServiceConfig {
		return huaweicloud.ServiceConfig{Name: name, Endpoint: endpoint, Limits: limits}
	}
	const organizations, iam = "https://organizations.myhuaweicloud.com", "https://iam.myhuaweicloud.com"
	want := []Effective{
		{
			huaweicloud.AccountConfig{Name: "shop", Credential: credential("organization", "o")},
			"d-shop",
			service("organizations", "http://127.0.0.1:9000", limits), service("iam", "http://127.0.0.1:9001", own), 0,
		},
		{
			huaweicloud.AccountConfig{Name: "asked", Credential: credential("default", "t")},
			"",
			service("organizations", organizations, limits), service("iam", iam, limits), 15 * time.Minute,
		},
		{
			huaweicloud.AccountConfig{Name: "label", Credential: credential("organization", "o")},
			"d-label",
			service("organizations", organizations, limits), service("iam", iam, limits), 15 * time.Minute,
		},
		{
			huaweicloud.AccountConfig{Name: "d-plain", Credential: credential("default", "t")},
			"d-plain",
			service("organizations", organizations, limits), service("iam", iam, limits), 15 * time.Minute,
		},
	}
	for i, got := range c.Effective {
		if !reflect.DeepEqual(got, want[i]) {
			t.Errorf("got  %+v\nwant %+v", got, want[i])
		}
	}
	again := parse(t, string(c.YAML()))
	if len(c.Effective) != len(want) || string(again.YAML()) != string(c.YAML()) {
		t.Errorf("%d, shown as\n%s\nand then\n%s", len(c.Effective), c.YAML(), again.YAML())
	}
}

// TestEffectiveByID: an account that has an ID is found by it; one that asks for itself
// need not ask which account it is.
func TestEffectiveByID(t *testing.T) {
	c := parse(t, "credentials: {default: {token: t}}\naccounts: [{name: shop, domain_id: d-shop, config: }]\npolicy: {effective: [{account_id: d-shop}]}")
	got := c.Effective[0]
	if got.Name != "shop" || got.AccountID != "d-shop" || got.ID != "d-shop" {
		t.Errorf("got %+v", got)
	}
	if c.Policy == nil {
		t.Error("there is no policy")
	}
}
