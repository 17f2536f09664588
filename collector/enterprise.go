package collector

import (
	"context"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/tagapi"
)

const (
	namesHold  = time.Hour       // EPS is not asked again before that
	namesPause = 5 * time.Minute // likewise, if it did not answer
	namesWait  = 5 * time.Second // a scrape waits no longer for it
)

// addEnterpriseNames adds the target that asks EPS what the enterprise projects of an
// account are called. A name is good to have: what it does not know goes by its ID, and no
// scrape waits long for it.
func (c *Collector) addEnterpriseNames(a *account, from kept) error {
	t, err := c.accountTarget(a.config.AccountConfig, a.config.IAM, *a.config.EPS, tagapi.EnterpriseProjects(), from)
	if err != nil {
		return err
	}
	a.names = &held[map[string]string]{renewAfter: namesHold, retryAfter: namesPause, ask: a.askForNames}
	t.reader, t.asks = a.names, a.names
	if old, ok := from.reader(t).(*held[map[string]string]); ok {
		a.names.goOn(old)
	}
	return nil
}

// askForNames asks EPS. If the user may not ask, the names that are known hold.
func (a *account) askForNames(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, namesWait)
	defer cancel()
	names, allowed, err := tagapi.ListEnterpriseProjects(ctx, s)
	if err == nil && !allowed {
		into.Notice("the user may not list enterprise projects: those whose listings have no names are shown by their IDs")
		if names = a.names.last(); names == nil {
			names = map[string]string{} // from now on nobody waits for them
		}
	}
	return names, err
}

// names are what the enterprise projects of accounts are called: by account, and by ID. An
// account of which nobody has said that yet has nil.
type names map[string]map[string]string

// names returns what is known now.
func (c *Collector) names() names {
	known := make(names)
	for _, a := range c.accounts {
		if a.names != nil {
			known[a.config.Name] = a.names.last()
		}
	}
	return known
}

// awaits reports whether the names of an account have never been read. What is judged
// meanwhile would go by IDs, and by names a moment later.
func (n names) awaits(account string) bool {
	called, asked := n[account]
	return asked && called == nil
}
