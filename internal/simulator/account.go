package simulator

import "slices"

// Account is an account (domain) with what Huawei Cloud Config, Organizations and the
// enterprise project service have of it.
// A project belongs to it by Project.Account, a user by User.Domain, an access key
// by AccessKey.Account.
type Account struct {
	ID   string // of the domain
	Name string // of the domain; users log in with it
	// Role is what it may ask Organizations for, and EffectivePolicy what is answered
	// about it.
	Role            Role
	EffectivePolicy EffectivePolicy
	// EnterpriseProjects are those that its users are authorised for, not all there are.
	EnterpriseProjects []EnterpriseProject
	// Resources are what Config lists, which need not be what the projects hold.
	Resources []AccountResource
	Recorder  Recorder
	// Denied are operations that its users have no right to: they answer 403.
	Denied []string
	// Counted changes what the summary says of a type ("ecs.cloudservers", as it is
	// spelled in the summary) in a region: n is what there is, and the result is what
	// is said, or nothing of it if negative. Nil changes nothing. It must not call
	// methods of the cloud.
	Counted func(kind, region string, n int) int
}

// Recorder is the resource recorder of Config.
type Recorder struct {
	Off    bool     // see Quirks.RecorderOff
	Frozen bool     // as for an account in arrears
	Types  []string // that it records, as "provider.type"; empty is all that are supported
}

// AccountResource is a resource as Config has it. Its ID, provider, type, region
// and project together are unique, its ID alone need not be.
type AccountResource struct {
	ID, Name       string
	Provider, Type string // spelled as they are to be served
	Region         string // "" is served as "global"
	// Project is the ID of its project, "" for global resources.
	Project, ProjectName                   string
	EnterpriseProjectID, EnterpriseProject string // "" are served as "0" and "default"
	State                                  string // Normal, Deleted, or "" for no such member
	Created, Updated                       string // in any form, as Config has them of each service
	Tags                                   []Tag  // served as an object; a nil Value is a null in it
	TagsMember                             Form   // Null and Absent hide the tags
	Properties                             string // JSON; "" is {}
}

// stateDeleted is a resource that is gone, and still in the list.
const stateDeleted = "Deleted"

func (a Account) clone() Account {
	a.Recorder.Types = slices.Clone(a.Recorder.Types)
	a.Denied = slices.Clone(a.Denied)
	a.EnterpriseProjects = slices.Clone(a.EnterpriseProjects)
	a.Resources = slices.Clone(a.Resources)
	for i := range a.Resources {
		a.Resources[i].Tags = cloneTags(a.Resources[i].Tags)
	}
	return a
}

// SetAccount adds the account or replaces the one with its ID. It keeps a deep
// copy. It panics if two resources of it are the same.
func (c *Cloud) SetAccount(a Account) {
	c.UpdateAccount(a.ID, func(old *Account) { *old = a })
}

// UpdateAccount lets f change a copy of the account, as UpdateProject does it for a
// project.
func (c *Cloud) UpdateAccount(id string, f func(*Account)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := Account{ID: id}
	if s, ok := c.accounts[id]; ok {
		a = s.account.clone()
	}
	f(&a)
	c.accounts[id] = c.newInventory(a.clone())
}

// RemoveAccount deletes the account; its calls then answer 403. Its projects stay.
func (c *Cloud) RemoveAccount(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.accounts, id)
}

// Account returns a copy of the account, and whether it exists.
func (c *Cloud) Account(id string) (Account, bool) {
	c.mu.RLock()
	s, found := c.accounts[id]
	c.mu.RUnlock()
	if !found {
		return Account{}, false
	}
	return s.account.clone(), true
}
