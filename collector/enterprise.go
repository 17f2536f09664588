package collector

import (
	"context"
	"sync"
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

// enterpriseNames knows what the enterprise projects of an account are called. It is the
// reader of the target that asks EPS, like discovery. A name is good to have: what it does
// not know goes by its ID, and no scrape waits long for it.
type enterpriseNames struct {
	list func(context.Context, *huaweicloud.Session) (names map[string]string, allowed bool, err error)

	mu    sync.Mutex
	known map[string]string // by ID; nil: EPS has never said. It never changes
	next  time.Time         // when to ask again
}

// Read implements tagapi.Reader. It asks EPS if that is due.
func (n *enterpriseNames) Read(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading) error {
	begun := time.Now()
	if n.due(begun) {
		ctx, cancel := context.WithTimeout(ctx, namesWait)
		defer cancel()
		n.answer(nil, begun.Add(namesPause)) // unless there is a better one
		names, allowed, err := n.list(ctx, s)
		if err != nil {
			return err
		}
		if !allowed {
			into.Notice("the user may not list enterprise projects: those whose listings have no names are shown by their IDs")
			names = n.last()
		}
		if names == nil {
			names = map[string]string{}
		}
		n.answer(names, begun.Add(namesHold))
	}
	into.Whole(begun)
	return nil
}

func (n *enterpriseNames) due(now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !now.Before(n.next)
}

// answer notes what EPS has said; nil is nothing.
func (n *enterpriseNames) answer(names map[string]string, next time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if names != nil {
		n.known = names
	}
	n.next = next
}

// last returns the names that hold.
func (n *enterpriseNames) last() map[string]string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.known
}

// goOn takes over what is known of the same account.
func (n *enterpriseNames) goOn(old *enterpriseNames) {
	old.mu.Lock()
	defer old.mu.Unlock()
	n.known, n.next = old.known, old.next
}

// addEnterpriseNames adds the target that asks EPS about an account.
func (c *Collector) addEnterpriseNames(a *account, iam *apiSeries, from kept) error {
	t, err := c.accountTarget(a, tagapi.EnterpriseProjects(), *a.config.EPS, from)
	if err != nil {
		return err
	}
	t.iam, t.names = iam, &enterpriseNames{list: tagapi.ListEnterpriseProjects}
	if old, ok := from.reader(t).(*enterpriseNames); ok {
		t.names.goOn(old)
	}
	a.names, t.reader = t.names, t.names
	return nil
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

// or returns these names, and those of others for accounts that had none. What is renewed
// during a scrape is shown by the next: some of it is judged already.
func (n names) or(later names) names {
	for account, called := range n {
		if called != nil {
			later[account] = called
		}
	}
	return later
}
