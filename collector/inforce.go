package collector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/policy"
	"huaweicloud_tag_exporter/internal/tagapi"
)

// inForce knows the tag policy in force of an account.
type inForce struct {
	held[*InForce] // none of which ever changes
	key            seriesKey
	ours           *policy.Policy // that of the file
	accountID      string
	iam            *huaweicloud.Service // of the account, which knows the ID; nil: that is given

	// Guarded by the lock of held:
	concluded bool  // some scrape has a result
	err       error // that of the last one; nil: it was read, or was not due
}

// InForce is a tag policy in force, as it was read.
type InForce struct {
	Account string
	Content string   // the document; "": no policy is attached
	Rules   []string // of the document
	Read    time.Time
	Changed time.Time // zero: not known

	both *policy.Policy // the file's rules and these
}

func (f *inForce) askOrganizations(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading) (*InForce, error) {
	begun := time.Now()
	account := f.accountID
	if account == "" {
		session, err := f.iam.Session(ctx, s.Observer())
		if err != nil {
			return nil, err
		}
		if account, err = session.AccountID(ctx); err != nil {
			return nil, err
		}
	}
	said, err := tagapi.ReadEffectivePolicy(ctx, s, account)
	if err != nil {
		return nil, err
	}
	if said.Unknown {
		into.Notice("Organizations knows no policy in force of this account: none is attached, or the account is not in the organization")
	}
	return f.parse(said, begun)
}

// parse returns what Organizations has said, with the rules of our file.
func (f *inForce) parse(said tagapi.EffectivePolicy, begun time.Time) (*InForce, error) {
	both, rules, err := f.ours.With(policy.Document{Name: "policy in force of account " + f.key.account, Content: []byte(said.Content)})
	if err != nil {
		return nil, fmt.Errorf("read the tag policy in force: %w", err)
	}
	return &InForce{Account: f.key.account, Content: said.Content, Rules: rules, Read: begun, Changed: said.Updated, both: both}, nil
}

// dateChange sets when a policy in force has changed. What Organizations says of that is
// taken only for the time before it was read first.
func dateChange(before, now *InForce) (*InForce, error) {
	switch {
	case before != nil && policy.Same(before.Content, now.Content):
		now.Changed = before.Changed
	case before != nil, now.Changed.After(now.Read): // from now on the numbers are others, whenever it was that it changed
		now.Changed = now.Read
	}
	return now, nil
}

// conclude takes what a scrape learnt.
func (f *inForce) conclude(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.concluded, f.err = true, err
}

// goOn takes over what is known of the same account, with the rules that our file has now.
func (f *inForce) goOn(old *inForce) {
	f.held.goOn(&old.held)
	old.mu.Lock()
	defer old.mu.Unlock()
	f.concluded, f.err = old.concluded, old.err
	if known := f.answer; known != nil { // it can be parsed now as it could when it was read
		f.answer, _ = f.parse(tagapi.EffectivePolicy{Content: known.Content, Updated: known.Changed}, known.Read)
	}
}

// addPolicy adds the target that reads the tag policy in force of an account.
func (c *Collector) addPolicy(of config.Effective, from kept) error {
	var iam *huaweicloud.Service
	if of.AccountID == "" {
		var err error
		if iam, err = c.iamOf(of.Name); err != nil {
			return fmt.Errorf("policy in force of account %s: %w", of.Name, err)
		}
	}
	t, err := c.accountTarget(of.AccountConfig, of.IAM, of.Organizations, tagapi.Organizations(), from)
	if err != nil {
		return err
	}
	c.count(t, huaweicloud.IAM, []string{huaweicloud.OpAuthDomains}, from) // whose policy it is, and who asks, may both be asked
	f := &inForce{key: keyOf(t.is), ours: c.Config.Policy, accountID: of.AccountID, iam: iam}
	f.renewAfter, f.ask, f.adopt = of.RenewAfter, f.askOrganizations, dateChange
	t.reader, t.asks, t.policy = f, f, f
	if old, ok := from.reader(t).(*inForce); ok && old.accountID == f.accountID {
		f.goOn(old)
	}
	c.policies = append(c.policies, f)
	return nil
}

// iamOf returns the IAM of an account, which knows the ID of that.
func (c *Collector) iamOf(name string) (*huaweicloud.Service, error) {
	for _, a := range c.accounts {
		if a.config.Name == name {
			return c.client.AccountService(a.config.AccountConfig, a.config.IAM, a.config.IAM)
		}
	}
	return nil, errors.New("nobody knows the ID of the account")
}

// rules are what parts are judged by: those of the file, and those in force of the account.
type rules struct {
	*policy.Policy
	awaited bool // a policy in force has not been read yet: what it says is missing
}

// rulesInForce returns the rules of each account whose policy in force is read.
func (c *Collector) rulesInForce() map[string]rules {
	all := make(map[string]rules, len(c.policies))
	for _, f := range c.policies {
		if answer := f.last(); answer != nil {
			all[f.key.account] = rules{answer.both, false}
		} else {
			all[f.key.account] = rules{f.ours, true}
		}
	}
	return all
}

// hasPolicy reports whether the policy in force of an account is read.
func (c *Collector) hasPolicy(account string) bool {
	return slices.ContainsFunc(c.policies, func(f *inForce) bool { return f.key.account == account })
}

// InForce returns the tag policies in force, in the order of the configuration. Of those
// that have not been read, only the account is known.
func (c *Collector) InForce() []InForce {
	var all []InForce
	for _, f := range c.policies {
		all = append(all, f.shown())
	}
	return all
}

// shown is what there is to be shown to people.
func (f *inForce) shown() InForce {
	if answer := f.last(); answer != nil {
		return *answer
	}
	return InForce{Account: f.key.account}
}

// Describe implements prometheus.Collector. It describes nothing, like scrape.
func (*inForce) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (f *inForce) Collect(ch chan<- prometheus.Metric) {
	f.mu.Lock()
	defer f.mu.Unlock()
	emit := newEmitter(ch).with("account", f.key.account)
	if f.concluded {
		emit.gauge(policySuccessDesc, number(f.err == nil))
	}
	if f.answer == nil {
		return
	}
	emit.gauge(policyReadDesc, seconds(f.answer.Read))
	if !f.answer.Changed.IsZero() {
		emit.gauge(policyChangedDesc, seconds(f.answer.Changed))
	}
}
