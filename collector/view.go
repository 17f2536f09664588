package collector

import (
	"cmp"
	"maps"
	"slices"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/inventory"
)

// view is what is known of accounts and their projects when a scrape is shown. What a
// source of a whole account has read gets its names from it, and only here: IAM may answer
// later than that source, or in another scrape.
type view struct {
	targets  []*target
	claims   map[claim]bool
	accounts map[string]accountView // by name
	rules    map[string]rules       // of accounts that have a policy in force
}

// claim is a part that has a source of its own, by configuration: it is never taken from
// Config, not even while its own source fails. A copy that may be a day old would look
// like a recovery.
type claim struct{ projectID, service, resourceType string }

type accountView struct {
	projects []config.Project  // that were discovered
	named    map[string]string // by the ID of a project, its name
	taken    map[string]string // by a name, the ID of the project of this account that has it
	// unclaimed are the services of which nobody knows yet what has a source of its own,
	// since IAM has never answered.
	unclaimed []string
	answered  bool
}

// view returns what is known now.
func (c *Collector) view() *view {
	v := &view{claims: make(map[claim]bool), accounts: make(map[string]accountView)}
	answered := make(map[*account]bool)
	for _, a := range c.accounts { // before the lock, which is taken while an answer is adopted
		answered[a] = a.discovery != nil && a.discovery.answered()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	v.targets = c.allLocked()
	v.rules = c.rulesInForce()
	for _, t := range v.targets {
		if t.ofProject() {
			for _, name := range t.source.Types() {
				v.claims[claim{t.is.ProjectID, t.is.Service, name}] = true
			}
		}
	}
	for _, a := range c.accounts {
		of := accountView{projects: a.projects, answered: answered[a], named: make(map[string]string), taken: make(map[string]string)}
		for _, p := range slices.Concat(c.Config.Projects, a.projects) {
			of.named[p.ID] = cmp.Or(of.named[p.ID], p.Name)
			if p.Account == a.config.Name {
				of.taken[p.Name] = p.ID
			}
		}
		if a.discovery != nil && !of.answered {
			for _, s := range a.config.Discover.Services {
				of.unclaimed = append(of.unclaimed, s.Name)
			}
		}
		v.accounts[a.config.Name] = of
	}
	return v
}

// name gives the parts of a result of an account their names, and hides those that are
// shown from elsewhere.
func (v *view) name(r *result) {
	of := v.accounts[r.target.is.Account]
	hints := make(map[string]string) // by the ID of a project
	for _, p := range r.parts {
		hints[p.ProjectID] = max(hints[p.ProjectID], p.Project)
	}
	names := of.names(hints)
	for i := range r.parts {
		p := &r.parts[i]
		p.Account = r.target.is.Account
		if p.ProjectID != "" {
			p.Project = names[p.ProjectID]
		}
		p.hidden = v.claims[claim{p.ProjectID, p.Service, p.ResourceType}] || slices.Contains(of.unclaimed, p.Service)
	}
}

// names returns the names of projects: that of the project of this ID that is configured or
// discovered, else that by which Config calls it, else the ID; and the ID, too, where
// another project of the account has the name already.
func (a accountView) names(hints map[string]string) map[string]string {
	names := make(map[string]string, len(hints))
	taken := make(map[string]string)
	for _, id := range slices.Sorted(maps.Keys(hints)) {
		name := cmp.Or(a.named[id], hints[id], id)
		if owner := cmp.Or(a.taken[name], taken[name], id); owner != id {
			name = id
		}
		names[id], taken[name] = name, id
	}
	return names
}

// fail notes that resources of a type could not be read in a region, of whichever project:
// each of those that has a series of that service there may have some.
func (v *view) fail(known states, p inventory.Inventory) {
	for of, state := range known {
		if of.account == p.Account && of.region == p.Region && of.service == p.Service &&
			!v.claims[claim{state.projectID, p.Service, p.ResourceType}] {
			state.failed = true
		}
	}
}
