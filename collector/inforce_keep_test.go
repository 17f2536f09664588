package collector

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/simulator"
	"huaweicloud_tag_exporter/internal/tagapi"
)

// says fails the test unless a scrape says that of acme.
func (g *governed) says(step string, e exposition, want string) {
	g.t.Helper()
	if got := sortedWords(e.verdicts("acme")); got != sortedWords(want) {
		g.t.Errorf("%s\ngot  %s\nwant %s", step, got, sortedWords(want))
	}
}

// TestNeverInForce: as long as no policy in force was read, what only the file says is
// shown, and no sum that would be too low.
func TestNeverInForce(t *testing.T) {
	for name, test := range map[string]struct {
		fault  simulator.Fault
		change func(*governed)
		code   string // of the failed attempts
		err    string
	}{
		"a member may not ask": {simulator.Fault{Times: -1}, func(g *governed) {
			g.cloud.UpdateAccount(beta, func(a *simulator.Account) { a.Role = simulator.Member })
		}, "Organizations.1002", "HTTP 401: Organizations.1002"},
		"no right":       {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(403, "Organizations.1007", "no"))}, nil, "Organizations.1007", "HTTP 403: Organizations.1007"},
		"throttled":      {simulator.Fault{Answer: simulator.Instead(simulator.QuotaExhausted())}, nil, "APIG.0308", "HTTP 429: APIG.0308"},
		"no such API":    {simulator.Fault{Answer: simulator.Instead(simulator.ErrorE3(404, "APIG.0101", "no"))}, nil, "APIG.0101", "HTTP 404: APIG.0101"},
		"no JSON":        {simulator.Fault{Answer: simulator.Instead(simulator.Text(200, "<html>"))}, nil, "malformed", "malformed: want a JSON object"},
		"no document":    {simulator.Fault{Rewrite: simulator.MemberAs("policy_content", `"[]"`)}, nil, "", "policy in force of account acme:1: document: must be an object"},
		"nobody answers": {simulator.Fault{Break: simulator.Hang}, nil, "timeout", "timeout"},
	} {
		bubble(t, name, func(t *testing.T) {
			g := newGoverned(t)
			begun, mend := time.Now(), func() {}
			if test.fault.Times == 0 {
				mend = g.organizations(test.fault)
			}
			if test.change != nil {
				test.change(g)
				g.reload()
			}
			got := g.scrapeWithin("", 10*time.Second)
			g.says("failing", got, "env value=1, success=0")
			if n := strings.Count(got.about("policy_violation_info"), "\n"); n != 1 { // two accounts, one each
				t.Errorf("violations:\n%s", got.about("policy_violation_info"))
			}
			errors := got.about("api_errors_total")
			if test.code != "" && !strings.Contains(errors, `account="acme",cloud_service="organizations",error_code="`+test.code+`",operation="ShowEffectivePolicies"`) {
				t.Errorf("want %s, got\n%s", test.code, errors)
			}
			if strings.Contains(errors, "paused") {
				t.Errorf("the credential is taken for refused:\n%s", errors)
			}
			reports := g.collector.Last()
			last := reports[len(reports)-1]
			if last.Err == nil || !strings.Contains(last.Err.Error(), test.err) || last.InForce == nil || last.InForce.Account != "acme" || !last.InForce.Read.IsZero() {
				t.Errorf("the status page says %v, %+v", last.Err, last.InForce)
			}
			audited := g.collector.Audit(t.Context(), func() {})
			if err := audited[len(audited)-1].Err; err == nil {
				t.Error("an audit says nothing of it")
			}
			mend()
			if test.change == nil {
				g.says("mended", g.scrape(""), "changed="+time.Since(begun).Round(time.Second).String()+", env value=1, noncompliant=2, owner value=1, read=0s, success=1")
			}
		})
	}
}

// TestWhoAsksForPolicies: a policy is read with whatever of its account is wanted, and
// shown to whoever wants all of the account.
func TestWhoAsksForPolicies(t *testing.T) {
	const all = "changed=0s, env value=1, noncompliant=0, noncompliant=2, owner value=1, read=0s, success=1"
	for _, test := range []struct {
		query string
		asked int
		want  string
	}{
		{"", 1, all},
		{"account=acme", 1, all},
		{"account=acme&collect=organizations", 1, "changed=0s, read=0s, success=1"},
		{"account=acme&collect=config", 1, "env value=1, noncompliant=2, owner value=1"},
		{"account=beta", 0, ""},
		{"account=", 0, ""},
		{"project=lone", 0, ""},
		{"project=shop", 1, "noncompliant=0"},
		{"collect=dds", 1, "noncompliant=0"},
		{"collect=none", 0, ""},
	} {
		bubble(t, test.query, func(t *testing.T) {
			g := newGoverned(t)
			g.projects = []config.Project{g.configured("shop", "acme", projectOf(acme, 1)), g.configured("lone", "", testProject)}
			g.reload()
			g.says("first", g.scrape(test.query), test.want)
			if n := g.cloud.Calls(simulator.OpShowEffectivePolicies); n != test.asked {
				t.Errorf("%d calls, want %d", n, test.asked)
			}
			g.scrape("")
			time.Sleep(time.Minute)
			g.says("alone", g.scrape("collect=organizations"), "changed=1m0s, read=1m0s, success=1")
			if n := g.cloud.Calls(simulator.OpShowEffectivePolicies); n != 1 {
				t.Errorf("%d calls, want 1", n)
			}
		})
	}
}

// TestPolicyIsATarget of its own, where one is read, and a source that has no tags.
func TestPolicyIsATarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGoverned(t)
		of := func() (found []Target) {
			targets, _ := g.collector.Targets(t.Context())
			return slices.DeleteFunc(targets, func(t Target) bool { return t.Service != "organizations" })
		}
		if got := of(); !slices.Equal(got, []Target{{"acme", "", "organizations", false}}) {
			t.Errorf("got %+v", got)
		}
		if got := g.scrape("").about("collector_.*|source_info"); !strings.Contains(got, "config") || strings.Contains(got, "organizations") {
			t.Errorf("got\n%s", got)
		}
		if got := g.get(t.Context(), "project="); got.status != 400 {
			t.Errorf("a project without a name: %d", got.status)
		}
		g.effective = nil
		g.reload()
		if got := of(); len(got) > 0 {
			t.Errorf("got %+v", got)
		}
		if got := g.get(t.Context(), "collect=organizations"); got.status != 400 {
			t.Errorf("without a policy: %d", got.status)
		}
	})
}

// TestPolicyIsAskedOnce: scrapes that overlap share one question.
func TestPolicyIsAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGoverned(t)
		defer g.organizations(simulator.Fault{Latency: time.Second})()
		var scrapes sync.WaitGroup
		for range 5 {
			scrapes.Go(func() {
				if got := sortedWords(g.scrape("").verdicts("acme")); !strings.Contains(got, "noncompliant=2, owner value=1") {
					t.Error(got)
				}
			})
			time.Sleep(100 * time.Millisecond)
		}
		scrapes.Wait()
		if n := g.cloud.Calls(simulator.OpShowEffectivePolicies); n != 1 {
			t.Errorf("%d calls", n)
		}
	})
}

// TestPolicyOverReload: a new configuration goes on with what is known of the account,
// beside the rules that the file has now.
func TestPolicyOverReload(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*governed)
		calls  int
		want   string
	}{
		"nothing": {func(*governed) {}, 0, "changed=1m0s, env value=1, noncompliant=2, owner value=1, read=1m0s, success=1"},
		"other rules": {func(g *governed) {
			g.yaml = g.config("{dds: {}}", "policy: {rules: [{key: owner, required: true}]}")
		}, 0, "changed=1m0s, noncompliant=2, owner (in force) value=1, owner missing=1, read=1m0s, success=1"},
		"other keys are tags": {func(g *governed) { g.yaml += "\ntags: {exclude_keys: env}" }, 0, "changed=1m0s, noncompliant=1, owner value=1, read=1m0s, success=1"},
		"more often":          {func(g *governed) { g.effective[0].RenewAfter = 0 }, 1, "changed=1m0s, env value=1, noncompliant=2, owner value=1, read=0s, success=1"},
		"another account":     {func(g *governed) { g.effective[0].AccountID = beta }, 1, "env value=1, noncompliant=1, read=0s, success=1"},
		"no longer":           {func(g *governed) { g.effective = nil }, 0, "env value=1, noncompliant=1"},
	} {
		bubble(t, name, func(t *testing.T) {
			g := newGoverned(t)
			g.scrape("")
			time.Sleep(time.Minute)
			test.change(g)
			g.reload()
			g.says("after the reload", g.scrape(""), test.want)
			if n := g.cloud.Calls(simulator.OpShowEffectivePolicies) - 1; n != test.calls {
				t.Errorf("%d calls, want %d", n, test.calls)
			}
		})
	}
}

// TestFirstChange: when a policy changed before the exporter ran is known only from
// Organizations, and is never in the future.
func TestFirstChange(t *testing.T) {
	for ago, want := range map[time.Duration]string{
		2 * time.Hour: "changed=2h0m0s", -2 * time.Hour: "changed=0s", 0: "",
	} {
		bubble(t, ago.String(), func(t *testing.T) {
			g := newGoverned(t)
			g.cloud.UpdateAccount(acme, func(a *simulator.Account) {
				a.EffectivePolicy.Updated = time.Now().Add(-ago)
				if ago == 0 {
					a.EffectivePolicy.Updated = time.Time{}
				}
			})
			if got := g.scrape("").verdicts("acme"); strings.Contains(got, "changed") != (want != "") || !strings.Contains(got, want) {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// TestWhosePolicy: an account whose ID is not configured is asked for it once, by its own
// credential; so is the one that asks.
func TestWhosePolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGoverned(t)
		g.accounts[0].ID, g.effective[0].AccountID, g.effective[0].RenewAfter = "", "", 0
		g.reload()
		mend := g.cloud.Inject(simulator.Fault{Operation: simulator.OpListAuthDomains, Account: acme, Answer: simulator.Instead(simulator.ErrorE7(403, "no"))})
		g.says("nobody says whose", g.scrape(""), "success=0")
		if n := g.cloud.Calls(simulator.OpShowEffectivePolicies); n != 0 {
			t.Errorf("Organizations is asked %d times", n)
		}
		mend()
		g.cloud.ResetStats()
		for range 2 {
			g.says("asked", g.scrape(""), "changed=0s, env value=1, noncompliant=2, owner value=1, read=0s, success=1")
		}
		if n := g.cloud.Calls(simulator.OpListAuthDomains); n != 2 { // acme's, and beta's in the name of acme's policy
			t.Errorf("IAM is asked %d times", n)
		}
	})
}

// TestUnknownPolicy: a 404 may mean either of two things, and the log says so once.
func TestUnknownPolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGoverned(t)
		g.effective[0].AccountID, g.effective[0].RenewAfter = "cccc2222333344445555666677778888", 0
		g.reload()
		for range 2 {
			g.says("unknown", g.scrape(""), "env value=1, noncompliant=1, read=0s, success=1")
		}
		if n := strings.Count(g.log.String(), "knows no policy in force of this account"); n != 1 {
			t.Errorf("%d times in the log:\n%s", n, g.log)
		}
	})
}

// TestLatePolicy: an answer that comes after that to a later question is too old.
func TestLatePolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &inForce{key: seriesKey{account: "acme"}}
		early := time.Now()
		for _, question := range []struct {
			begun   time.Time
			content string
		}{
			{early.Add(time.Second), `{"tags":{"new":{"tag_key":{"@@assign":"new"}}}}`},
			{early, `{"tags":{"old":{"tag_key":{"@@assign":"old"}}}}`},
		} {
			answer, err := f.parse(tagapi.EffectivePolicy{Content: question.content}, question.begun)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.take(answer, question.begun); err != nil {
				t.Error(err)
			}
		}
		if last := f.last(); !strings.Contains(last.Content, "new") || !last.Read.After(early) {
			t.Errorf("in force is %s of %s", last.Content, last.Read)
		}
	})
}

// TestPolicyFailsOverReload: a reload does not make up for a question that failed.
func TestPolicyFailsOverReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGoverned(t)
		defer g.organizations(simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(403, "Organizations.1007", "no"))})()
		const failed = `policy_effective_success{account="acme"} 0`
		g.scrape("").want(t, "policy_effective_success", failed)
		g.reload()
		g.scrape("collect=organizations").want(t, "policy_effective_success", failed)
	})
}
