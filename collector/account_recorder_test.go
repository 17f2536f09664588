package collector

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// TestRecorderIsTold: that the recorder is off is in the log once, and on the status page as
// long as it is; and once, that a user may not ask for it.
func TestRecorderIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany(t)
		logged := map[string]int{}
		for _, step := range []struct {
			change func(*simulator.Account)
			text   string // in the log, once more
			page   string // the error of the account's Config
		}{
			{func(a *simulator.Account) { a.Recorder.Off = true }, `msg="reading tags failed" duration_seconds=0 err="the Config recorder of the account is off`, "the Config recorder of the account is off: Config does not learn what changes"},
			{func(a *simulator.Account) { a.Recorder.Off = false }, `msg="reading tags works again"`, ""},
			{func(a *simulator.Account) { a.Denied = []string{simulator.OpShowTrackerConfig} }, `msg="unexpected answer" notice="this user may not ask whether the Config recorder is on (rms:trackerConfig:get)`, ""},
			{func(a *simulator.Account) { a.Denied = nil; a.Recorder.Frozen = true }, `msg="reading tags failed" duration_seconds=0 err="the Config recorder of the account is frozen`, "the Config recorder of the account is frozen: Config does not learn what changes"},
		} {
			c.cloud.UpdateAccount(acme, step.change)
			logged[step.text]++
			for range 3 {
				c.scrape("")
				page := ""
				for _, r := range c.collector.Last() {
					if r.Service == "config" && r.Err != nil {
						page = r.Err.Error()
					}
				}
				if page != step.page {
					t.Errorf("the status page says %q, want %q", page, step.page)
				}
				time.Sleep(6 * time.Minute)
			}
			for text, want := range logged {
				if n := strings.Count(c.log.String(), "account=acme service=config "+text); n != want {
					t.Errorf("%d times in the log, want %d: %s\n%s", n, want, text, c.log)
				}
			}
		}
	})
}

// TestRecorderHangs: while nobody knows whether the recorder is still on, what it said last
// holds, and so resources are read as before.
func TestRecorderHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany(t)
		c.accounts[0].Discover = nil
		for i := range c.accounts {
			c.accounts[i].Config.Limits.RequestTimeout, c.accounts[i].Config.Limits.MaxRetries = 10*time.Second, 3
		}
		c.reload()
		c.scrapeWithin("", 10*time.Second)
		defer c.cloud.Inject(simulator.Fault{Operation: simulator.OpShowTrackerConfig, Break: simulator.Hang})()
		for range 3 {
			time.Sleep(59 * time.Minute)
			got := c.scrapeWithin("", 10*time.Second)
			c.wants("the recorder hangs", got, append([]string{"acme/config failed", ok1, one}, others...)...)
			got.want(t, "config_recorder_on", "")
		}
	})
}

// TestReloadOfAccount: a reload while an account is read takes nothing from the read that is
// under way, nor from the next one.
func TestReloadOfAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany(t)
		defer c.cloud.Inject(simulator.Fault{Operation: simulator.OpListAllResources, Latency: time.Second})()
		want := append([]string{"acme/config ok", "acme/iam ok", ok1, one}, others...)
		for _, wait := range []time.Duration{0, 10 * time.Minute} {
			time.Sleep(wait)
			during := make(chan exposition)
			go func() { during <- c.scrape("") }()
			time.Sleep(time.Second / 2)
			c.reload()
			after := c.scrape("")
			c.wants("during the reload", <-during, want...)
			c.wants("after it", after, want...)
			calls := c.cloud.Calls(simulator.OpListAllResources)
			c.wants("later", c.scrape(""), want...)
			if n := c.cloud.Calls(simulator.OpListAllResources); n != calls {
				t.Errorf("%d calls later: what was read during the reload is forgotten", n-calls)
			}
		}
	})
}
