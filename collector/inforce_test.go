package collector

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/simulator"
)

// inForceSince returns a tag policy that changed at a time: the value of each key must be
// "good".
func inForceSince(updated time.Time, keys ...string) simulator.EffectivePolicy {
	var tags []string
	for _, key := range keys {
		tags = append(tags, fmt.Sprintf(`"%s":{"tag_key":"%s","tag_value":["good"]}`, strings.ToLower(key), key))
	}
	return simulator.EffectivePolicy{Content: `{"tags":{` + strings.Join(tags, ",") + `}}`, Updated: updated}
}

// effective is the policy of an account, for which another one asks.
func (w *world) effective(name, id, asking string) config.Effective {
	return config.Effective{
		AccountConfig: huaweicloud.AccountConfig{Name: name, Credential: w.account(asking, "").Credential},
		AccountID:     id, Organizations: w.service("organizations"), IAM: w.service("iam"), RenewAfter: 15 * time.Minute,
	}
}

// governed is a company whose account beta is the management account. All of acme and beta
// that Config lists is read, and judged by a rule of the file; that of acme by a policy in
// force, too.
type governed struct {
	*company
	effective []config.Effective
}

func newGoverned(t *testing.T) *governed {
	t.Helper()
	g := &governed{company: newCompany(t)}
	g.accounts = []config.Account{g.account("acme", acme), g.account("beta", beta)}
	for i := range g.accounts {
		g.accounts[i].Discover = nil
		g.accounts[i].Config.RenewAfter = 0
	}
	g.effective = []config.Effective{g.world.effective("acme", acme, "beta")}
	before := g.change
	g.change = func(c *config.Config) { before(c); c.Effective = g.effective }
	g.yaml = g.config("{dds: {}}", "policy: {rules: [{key: env, values: [prod]}]}")
	for _, id := range []string{acme, beta} {
		g.cloud.UpdateAccount(id, func(a *simulator.Account) {
			a.Resources = []simulator.AccountResource{
				resource(id, "server-1", "ecs.cloudServers", func(r *simulator.AccountResource) {
					r.Tags = []simulator.Tag{simulator.T("owner", "bad"), simulator.T("Team", "bad"), simulator.T("env", "prod")}
				}),
				resource(id, "server-2", "ecs.cloudServers", func(r *simulator.AccountResource) { r.Tags[0] = simulator.T("env", "dev") }),
			}
			if id == beta {
				a.Role = simulator.ManagementAccount
			}
		})
	}
	g.inForce("owner")
	g.reload()
	return g
}

// inForce changes the policy of acme now. Without keys, none is attached.
func (g *governed) inForce(keys ...string) {
	g.cloud.UpdateAccount(acme, func(a *simulator.Account) {
		a.EffectivePolicy = simulator.EffectivePolicy{}
		if len(keys) > 0 {
			a.EffectivePolicy = inForceSince(time.Now(), keys...)
		}
	})
}

// organizations has Organizations fail in some way until the returned function is called.
func (g *governed) organizations(f simulator.Fault) (mend func()) {
	f.Operation = simulator.OpShowEffectivePolicies
	return g.cloud.Inject(f)
}

// verdicts returns what a scrape says of an account: violations by rule and reason but
// those of which there are none, what is noncompliant, and success of reading the policy;
// and how long ago it was read and changed.
func (e exposition) verdicts(account string) string {
	var found []string
	for _, line := range e {
		name, rest, _ := strings.Cut(strings.TrimPrefix(line, namespace), "{")
		value := rest[strings.LastIndex(rest, " ")+1:]
		if label(line, "account") != account {
			continue
		}
		switch name {
		case "policy_violations":
			if value != "0" {
				found = append(found, label(line, "rule")+" "+label(line, "reason")+"="+value)
			}
		case "policy_noncompliant_resources":
			found = append(found, "noncompliant="+value)
		case "policy_effective_success":
			found = append(found, "success="+value)
		case "policy_effective_read_timestamp_seconds", "policy_changed_timestamp_seconds":
			at, err := strconv.ParseFloat(value, 64)
			if err != nil {
				panic(err)
			}
			name = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(name, "policy_"), "effective_"), "_timestamp_seconds")
			found = append(found, fmt.Sprint(name, "=", time.Since(time.UnixMilli(int64(at*1000))).Round(time.Second)))
		}
	}
	return strings.Join(found, ", ")
}

// TestInForce: a policy is judged by from the scrape on that reads it, until another one
// is read.
func TestInForce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGoverned(t)
		const ours = "env value=1, noncompliant=1"
		var mend func()
		for _, step := range []struct {
			name   string
			change func()
			asked  int // times that Organizations is
			want   string
		}{
			{"first", func() { time.Sleep(time.Hour) }, 1, "changed=1h0m0s, success=1, read=0s, noncompliant=2, env value=1, owner value=1"},
			{"a change is not known yet", func() { time.Sleep(time.Minute); g.inForce("owner", "Team") }, 0, "changed=1h1m0s, success=1, read=1m0s, noncompliant=2, env value=1, owner value=1"},
			{"nor shortly before it is time", func() { time.Sleep(14*time.Minute - time.Second) }, 0, "changed=1h14m59s, success=1, read=14m59s, noncompliant=2, env value=1, owner value=1"},
			{"it counts as seen now", func() { time.Sleep(time.Second) }, 1, "changed=0s, success=1, read=0s, noncompliant=2, env value=1, owner value=1, team value=1"},
			{"read again, it is the same", func() { time.Sleep(15 * time.Minute) }, 1, "changed=15m0s, success=1, read=0s, noncompliant=2, env value=1, owner value=1, team value=1"},
			{"the same in another order", func() {
				time.Sleep(15 * time.Minute)
				g.cloud.UpdateAccount(acme, func(a *simulator.Account) {
					a.EffectivePolicy.Content = strings.NewReplacer(`"tag_key":"Team","tag_value":["good"]`, `"tag_value" : ["good"],"tag_key":"Team"`).Replace(a.EffectivePolicy.Content)
				})
			}, 1, "changed=30m0s, success=1, read=0s, noncompliant=2, env value=1, owner value=1, team value=1"},
			{"Organizations fails", func() {
				time.Sleep(15 * time.Minute)
				mend = g.organizations(simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(403, "Organizations.1007", "no"))})
			}, 1, "changed=45m0s, success=0, read=15m0s, noncompliant=2, env value=1, owner value=1, team value=1"},
			{"a bad document", func() {
				mend()
				mend = func() {}
				g.cloud.UpdateAccount(acme, func(a *simulator.Account) { a.EffectivePolicy.Content = "<html>" })
			}, 1, "changed=45m0s, success=0, read=15m0s, noncompliant=2, env value=1, owner value=1, team value=1"},
			{"none is attached", func() { mend(); g.inForce() }, 1, "changed=0s, success=1, read=0s, noncompliant=1, env value=1"},
			{"and then the first one", func() { time.Sleep(15 * time.Minute); g.inForce("owner") }, 1, "changed=0s, success=1, read=0s, noncompliant=2, env value=1, owner value=1"},
			{"it hangs", func() { time.Sleep(15 * time.Minute); mend = g.organizations(simulator.Fault{Break: simulator.Hang}) }, 2, "changed=15m4s, success=0, read=15m4s, noncompliant=2, env value=1, owner value=1"},
		} {
			step.change()
			calls := g.cloud.Calls(simulator.OpShowEffectivePolicies)
			got := g.scrapeWithin("", 10*time.Second)
			if said := sortedWords(got.verdicts("acme")); said != sortedWords(step.want) {
				t.Errorf("%s: acme\ngot  %s\nwant %s", step.name, said, sortedWords(step.want))
			}
			if said := sortedWords(got.verdicts("beta")); said != ours {
				t.Errorf("%s: beta\ngot  %s\nwant %s", step.name, said, ours)
			}
			if n := g.cloud.Calls(simulator.OpShowEffectivePolicies) - calls; n != step.asked {
				t.Errorf("%s: Organizations is asked %d times, want %d", step.name, n, step.asked)
			}
		}
		mend()
		for _, message := range []string{"reading tags failed", "reading tags works again"} {
			if n := strings.Count(g.log.String(), `account=acme service=organizations msg="`+message+`"`); n < 1 || n > 2 {
				t.Errorf("%d times %q in the log:\n%s", n, message, g.log)
			}
		}
	})
}

func sortedWords(text string) string {
	words := strings.Split(text, ", ")
	slices.Sort(words)
	return strings.Join(words, ", ")
}
