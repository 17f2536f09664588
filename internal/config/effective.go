package config

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/strictyaml"
)

// Effective says of which account the tag policy in force is read from Organizations, and
// in whose name: that of the organization's management account, or of one to which that
// has delegated it.
type Effective struct {
	// AccountConfig has the name of the account whose policy it is, and the credential and
	// the ID of the one that asks. "" is no ID: IAM knows it.
	huaweicloud.AccountConfig
	AccountID     string // whose policy it is; "": one of Config.Accounts, and its IAM knows it
	Organizations huaweicloud.ServiceConfig
	IAM           huaweicloud.ServiceConfig // of the account that asks
	RenewAfter    time.Duration             // Organizations is not asked again before that
}

// noAccount is the form of the IDs of what is no account, of which Organizations has no
// policy in force.
var noAccount = regexp.MustCompile(`^(r|ou)-[0-9a-z]+$`)

// effective checks of which accounts the policy in force is read. It comes after the
// accounts and the projects, whose names they are.
func (d *decoder) effective(f *file, c *Config) (all []Effective) {
	first := make(map[string]string)
	for i := range f.Policy.Effective {
		e := &f.Policy.Effective[i]
		of := d.judged(e, c)
		d.unique(&e.Account, d.At(e).Path, first)
		made := Effective{
			AccountID: cmp.Or(e.AccountID, of.ID), IAM: of.IAM, RenewAfter: e.RenewAfter,
			Organizations: d.accountService(f.Defaults, catalog.Organizations, &e.Endpoint),
		}
		made.Name, made.Credential = e.Account, d.lend(&f.Credentials, &e.Credentials)
		if made.Credential.Name == of.Credential.Name {
			made.ID = of.ID // it asks for itself
		}
		if made.IAM.Name == "" { // only projects name the account
			endpoint, err := catalog.AccountEndpoint(huaweicloud.IAM)
			if err != nil {
				d.Errorf(e, "%w", err)
			}
			made.IAM = huaweicloud.ServiceConfig{Name: huaweicloud.IAM, Endpoint: endpoint, Limits: f.Defaults}
		}
		all = append(all, made)
	}
	return all
}

// judged finds the account whose policy is to be read, and gives the entry its name. Of one
// that only projects name, all that is known is what the entry says.
func (d *decoder) judged(e *effective, c *Config) (of Account) {
	account, id := d.At(&e.Account), d.At(&e.AccountID)
	switch {
	case account.Bad || id.Bad:
		return of
	case !account.Given() && !id.Given():
		d.Errorf(e, "give account, the name of one, or account_id")
		return of
	case noAccount.MatchString(e.AccountID):
		d.Errorf(id, "%s is the root of an organization or a unit of it; only accounts have a policy in force", strictyaml.Quote(e.AccountID))
		return of
	}
	i := slices.IndexFunc(c.Accounts, func(a Account) bool {
		return account.Given() && a.Name == e.Account || !account.Given() && a.ID == e.AccountID
	})
	if i >= 0 {
		of = c.Accounts[i]
	}
	e.Account = cmp.Or(e.Account, of.Name, e.AccountID)
	known := c.AccountNames()
	switch {
	case !slices.Contains(known, e.Account) && !account.Given():
		d.Errorf(id, "no account has that ID: give its name in account besides (known: %s)", cmp.Or(strings.Join(known, ", "), "none"))
	case !slices.Contains(known, e.Account):
		d.Errorf(account, "no such account: %s (known: %s)", strictyaml.Quote(e.Account), cmp.Or(strings.Join(known, ", "), "none"))
	case i < 0 && !id.Given():
		d.Errorf(e, "account_id is missing: %s is none of accounts, so nobody knows its ID", strictyaml.Quote(e.Account))
	case id.Given() && of.ID != "" && of.ID != e.AccountID:
		d.Errorf(id, "accounts says that the ID of %s is %s", strictyaml.Quote(e.Account), of.ID)
	}
	return of
}
