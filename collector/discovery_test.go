package collector

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/simulator"
)

// discovering returns a company of which acme's projects are discovered, and nothing else
// is read.
func discovering(t *testing.T) *company {
	t.Helper()
	c := newCompany(t)
	c.accounts[0].Config = nil
	c.reload()
	return c
}

// askIAM has IAM fail in some way until the returned function is called.
func (c *company) askIAM(f simulator.Fault) (mend func()) {
	f.Operation = simulator.OpListAuthProjects
	return c.cloud.Inject(f)
}

var iamFails = simulator.Fault{Answer: simulator.Instead(simulator.ErrorE7(http.StatusInternalServerError, "no"))}

const (
	ok1    = "acme/cn-north-4/cn-north-4/dds ok"
	one    = "acme/cn-north-4/cn-north-4/dds/instance=1"
	team   = "acme/cn-north-4_team/cn-north-4/dds/instance=1"
	okTeam = "acme/cn-north-4_team/cn-north-4/dds ok"
)

// TestDiscovery: new projects appear and deleted ones go, in the first scrape after
// renew_after; until then, and as long as IAM does not answer, its last answer stays in
// force.
func TestDiscovery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := discovering(t)
		var mend func()
		for _, step := range []struct {
			name   string
			change func()
			asked  int // times that IAM is
			want   []string
			found  string
		}{
			{"the first scrape waits for IAM", func() {}, 1, []string{"acme/iam ok", ok1, one}, "1"},
			{"a new project is not known yet", func() { c.add(acme, 2, "cn-north-4_team") }, 0, []string{"acme/iam ok", ok1, one}, "1"},
			{"nor shortly before it is time", func() { time.Sleep(10*time.Minute - time.Second) }, 0, []string{"acme/iam ok", ok1, one}, "1"},
			{"it is read in the scrape that asks", func() { time.Sleep(time.Second) }, 1, []string{"acme/iam ok", ok1, one, okTeam, team}, "2"},
			{"a deleted one is still read", func() { c.cloud.RemoveProject(projectOf(acme, 2)) }, 0, []string{"acme/iam ok", ok1, one, "acme/cn-north-4_team/cn-north-4/dds failed"}, "2"},
			{"IAM fails", func() { time.Sleep(10 * time.Minute); mend = c.askIAM(iamFails) }, 2, []string{"acme/iam failed", ok1, one, "acme/cn-north-4_team/cn-north-4/dds failed"}, "2"},
			{"IAM hangs", func() { mend(); mend = c.askIAM(simulator.Fault{Break: simulator.Hang}) }, 2, []string{"acme/iam failed", ok1, one, "acme/cn-north-4_team/cn-north-4/dds failed"}, "2"},
			{"it goes when IAM says so", func() { mend() }, 1, []string{"acme/iam ok", ok1, one}, "1"},
			{"another takes the place of one", func() {
				c.cloud.RemoveProject(projectOf(acme, 1))
				c.add(acme, 5, "cn-north-4")
				time.Sleep(10 * time.Minute)
			}, 1, []string{"acme/iam ok", ok1, one}, "1"},
			{"a disabled one goes", func() {
				c.cloud.UpdateProject(projectOf(acme, 5), func(p *simulator.Project) { p.Disabled = true })
				time.Sleep(10 * time.Minute)
			}, 1, []string{"acme/iam ok"}, "0"},
		} {
			step.change()
			calls := c.cloud.Calls(simulator.OpListAuthProjects)
			begun := time.Now()
			got := c.scrapeWithin("", 10*time.Second)
			if took := time.Since(begun); took > 10*time.Second {
				t.Errorf("%s: %s", step.name, took)
			}
			c.wants(step.name, got, step.want...)
			got.want(t, "discovered_projects", `discovered_projects{account="acme"} `+step.found)
			if n := c.cloud.Calls(simulator.OpListAuthProjects) - calls; n != step.asked {
				t.Errorf("%s: IAM is asked %d times, want %d", step.name, n, step.asked)
			}
		}
		for _, message := range []string{"reading tags failed", "reading tags works again"} {
			if n := strings.Count(c.log.String(), `account=acme service=iam msg="`+message+`"`); n != 1 {
				t.Errorf("%d times %q in the log:\n%s", n, message, c.log)
			}
		}
		c.expectRefusals = true // of the projects that are deleted and disabled
	})
}

// TestDiscoveryBeside: while IAM is asked again, the projects that are known are read.
func TestDiscoveryBeside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := discovering(t)
		c.accounts[0].IAM.Limits.RequestTimeout = 5 * time.Second
		c.reload()
		c.scrape("")
		time.Sleep(10 * time.Minute)
		c.add(acme, 2, "cn-north-4_team")
		begun := time.Now()
		var reads []time.Duration
		c.cloud.OnCall(simulator.OpListInstances, func(int) { reads = append(reads, time.Since(begun)) })
		defer c.askIAM(simulator.Fault{Latency: 3 * time.Second})()
		c.wants("a slow IAM", c.scrape(""), "acme/iam ok", ok1, one, okTeam, team)
		// One request proves that the credential is still good, the others wait for it a second at most.
		if len(reads) != 2 || reads[0] > time.Second || reads[1] != 3*time.Second {
			t.Errorf("projects are read after %s", reads)
		}
	})
}

// TestNeverAnswered: as long as IAM has said nothing, any project may be one of the
// account, and none is read.
func TestNeverAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := discovering(t)
		mend := c.askIAM(iamFails)
		got := c.scrape("")
		c.wants("IAM fails", got, "acme/iam failed")
		got.want(t, "discovered_projects", "")
		for query, status := range map[string]int{
			"project=cn-north-4": 200, "project=nobody&collect=dds": 200, "account=acme&project=nobody": 200, "project=": 400,
			"account=&project=nobody": 400, "account=nobody": 400,
		} {
			if got := c.get(t.Context(), query); got.status != status {
				t.Errorf("%s: %d, want %d: %s", query, got.status, status, got.body)
			}
		}
		mend()
		c.wants("a scrape of a project asks", c.scrape("project=cn-north-4"), ok1, one)
		if got := c.get(t.Context(), "project=nobody"); got.status != 400 {
			t.Errorf("%d: %s", got.status, got.body)
		}
		c.wants("a project alone", c.scrape("project=cn-north-4&account=acme&collect=dds"), ok1, one)
	})
}

// TestWhoAsksIAM: a scrape of the account asks IAM when that is due, even where it shows
// nothing of it; one that is narrowed to known projects does not.
func TestWhoAsksIAM(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := discovering(t)
		c.projects = []config.Project{c.configured("own", "", projectOf(beta, 1))}
		c.projects[0].Credential = c.account("beta", beta).Credential
		c.reload()
		for _, test := range []struct {
			query string
			asks  bool
			shows bool // IAM's series
		}{
			{"project=own", false, false},
			{"account=", false, false},
			{"collect=none", false, false},
			{"collect=dds", true, false},
			{"collect=config", true, false},
			{"account=acme&collect=iam", true, true},
			{"account=acme", true, true},
			{"project=cn-north-4", false, false},
			{"", true, true},
		} {
			time.Sleep(time.Hour)
			calls := c.cloud.Calls(simulator.OpListAuthProjects)
			got := c.scrape(test.query)
			if asked := c.cloud.Calls(simulator.OpListAuthProjects) > calls; asked != test.asks {
				t.Errorf("%q: IAM is asked: %t", test.query, asked)
			}
			if shows := got.about("discovered_projects") != "" && strings.Contains(got.sums(), "acme/iam ok"); shows != test.shows {
				t.Errorf("%q: IAM is shown: %t", test.query, shows)
			}
		}
	})
}

// TestOneQuestion: scrapes that overlap ask IAM once, and both read what is new.
func TestOneQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := discovering(t)
		defer c.askIAM(simulator.Fault{Latency: time.Second})()
		other := make(chan exposition)
		go func() { other <- c.scrape("") }()
		time.Sleep(time.Second / 2)
		for _, got := range []exposition{c.scrape(""), <-other} {
			c.wants("overlapping", got, "acme/iam ok", ok1, one)
		}
		if n := c.cloud.Calls(simulator.OpListAuthProjects); n != 1 {
			t.Errorf("IAM is asked %d times", n)
		}
	})
}

// TestChosen: which of IAM's projects are read, and by which names.
func TestChosen(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*company)
		want   string // the projects that are read
		count  string
	}{
		"regions":    {func(c *company) { c.accounts[0].Discover.Regions = []string{"cn-n*", "eu-west-101"} }, "cn-north-4 cn-north-4_team", "2"},
		"one region": {func(c *company) { c.accounts[0].Discover.Regions = []string{"cn-south-1"} }, "cn-south-1", "1"},
		"names":      {func(c *company) { c.accounts[0].Discover.Projects = regexp.MustCompile("^.*_team$") }, "cn-north-4_team", "1"},
		"a region that no table has": {func(c *company) {
			c.accounts[0].Discover.Regions = []string{"lab-1"}
			c.add(acme, 4, "lab-1_x")
		}, "lab-1_x", "1"},
		"one is configured": {func(c *company) {
			c.projects = []config.Project{c.configured("own", "acme", projectOf(acme, 1))}
		}, "cn-north-4_team cn-south-1 own", "2"},
		"one is configured for no account": {func(c *company) {
			c.projects = []config.Project{c.configured("own", "", projectOf(acme, 1))}
		}, "cn-north-4_team cn-south-1 own", "2"},
		"another has the name": {func(c *company) {
			c.projects = []config.Project{c.configured("cn-north-4", "acme", projectOf(acme, 3))}
		}, projectOf(acme, 1) + " cn-north-4 cn-north-4_team", "2"},
		"one of no account has the name": {func(c *company) {
			c.projects = []config.Project{c.configured("cn-north-4", "", projectOf(beta, 1))}
			c.projects[0].Credential = c.account("beta", beta).Credential
		}, "cn-north-4 cn-north-4 cn-north-4_team cn-south-1", "3"},
		"another account has the name": {func(c *company) {
			c.accounts = append(c.accounts, c.account("beta", beta))
			c.accounts[1].Config = nil
		}, "cn-north-4 cn-north-4 cn-north-4_team cn-south-1", "3"},
	} {
		bubble(t, name, func(t *testing.T) {
			c := discovering(t)
			c.add(acme, 2, "cn-north-4_team")
			c.cloud.SetProject(simulator.Project{ID: projectOf(acme, 3), Region: "cn-south-1", Account: acme})
			c.cloud.SetProject(simulator.Project{ID: projectOf(acme, 9), Name: "MOS", Region: "cn-north-4", Account: acme})
			test.change(c)
			c.reload()
			got := c.scrape("")
			var read []string
			for _, line := range got {
				if strings.HasPrefix(line, "huaweicloud_tag_resources{") {
					read = append(read, label(line, "project"))
				}
			}
			slices.Sort(read)
			if names := strings.Join(read, " "); names != test.want {
				t.Errorf("read are %s, want %s", names, test.want)
			}
			if text := `discovered_projects{account="acme"} ` + test.count; !strings.Contains(got.about("discovered_projects"), text) {
				t.Errorf("%s, want %s", got.about("discovered_projects"), text)
			}
		})
	}
}
