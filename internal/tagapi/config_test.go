package tagapi

import (
	"context"
	"fmt"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/memnet"
	"huaweicloud_tag_exporter/internal/simulator"
)

const (
	testAccount   = "dddd2222333344445555666677778888"
	testAK        = "SIMACCESSKEY0001"
	testSK        = "sim-secret-key-0001"
	testUser      = "exporter"
	testPassword  = "sim-password-0001"
	testDomain    = "acme"
	latency       = 50 * time.Millisecond
	manyResources = 450 // of one place: three pages
)

// accountRig is an account in a simulated cloud, and a reader of it.
type accountRig struct {
	*simulator.Cloud
	t        *testing.T
	client   *huaweicloud.Client
	account  huaweicloud.AccountConfig
	iam      huaweicloud.ServiceConfig
	config   huaweicloud.ServiceConfig
	settings Settings
	reader   Reader
}

// newAccountRig returns one whose answers take a latency each. It must be called in a bubble.
func newAccountRig(t *testing.T, quirks simulator.Quirks, resources ...simulator.AccountResource) *accountRig {
	t.Helper()
	cloud := simulator.New(simulator.Options{Quirks: quirks, Log: 5000})
	network := new(memnet.Network)
	server := httptest.NewUnstartedServer(cloud)
	server.Listener.Close()
	server.Listener = network.Listen()
	server.Start()
	client, err := huaweicloud.NewClient(huaweicloud.ClientConfig{UserAgent: "test/1", Dial: network.DialContext}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cloud.Close(); client.Close(); server.Close() })
	cloud.SetAccount(simulator.Account{ID: testAccount, Name: testDomain, Resources: resources})
	cloud.AddAccessKey(simulator.AccessKey{AK: testAK, SK: testSK, Account: testAccount})
	cloud.AddUser(simulator.User{Domain: testDomain, Name: testUser, Password: testPassword})
	cloud.Inject(simulator.Fault{Latency: latency})
	limits := huaweicloud.Limits{MaxConcurrency: 16, RequestTimeout: 5 * time.Second, MaxRetries: 3}
	r := &accountRig{
		Cloud: cloud, t: t, client: client,
		account: huaweicloud.AccountConfig{Name: testDomain, ID: testAccount, Credential: huaweicloud.CredentialConfig{
			Name: "keys", Kind: huaweicloud.AccessKey, AccessKey: huaweicloud.NewSecret(testAK), SecretKey: huaweicloud.NewSecret(testSK),
		}},
		iam:      huaweicloud.ServiceConfig{Name: huaweicloud.IAM, Endpoint: server.URL, Limits: limits},
		config:   huaweicloud.ServiceConfig{Name: "config", Endpoint: server.URL, Limits: limits},
		settings: Settings{RenewAfter: 5 * time.Minute, MaxTagAge: time.Hour},
	}
	return r
}

// usePassword has the account read by a user of it.
func (r *accountRig) usePassword() {
	r.account.Credential = huaweicloud.CredentialConfig{
		Name: "user", Kind: huaweicloud.Password, DomainName: testDomain, Username: testUser, Password: huaweicloud.NewPassword(testPassword),
	}
}

// seen is what a read shows.
type seen struct {
	parts    []inventory.Inventory
	err      error // of the read as such
	recorder string
	notices  []string
	took     time.Duration
	calls    int
	failed   []string // attempts, by operation and code
}

// read has the account read as a scrape does that has so much time; 0: no end of it.
func (r *accountRig) read(within time.Duration) seen {
	r.t.Helper()
	if r.reader == nil {
		r.reader = Config().New(r.settings, nil)
	}
	service, err := r.client.AccountService(r.account, r.iam, r.config)
	if err != nil {
		r.t.Fatal(err)
	}
	ctx := r.t.Context()
	if within > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, within)
		defer cancel()
	}
	var tally attempts
	session, err := service.Session(ctx, &tally)
	if err != nil {
		r.t.Fatal(err)
	}
	into := inventory.NewReading(inventory.Part{Account: testDomain}, inventory.All, inventory.NewFilter(regexp.MustCompile(`^(?:_sys_.*)$`)))
	begun, before := time.Now(), r.Calls("")
	s := seen{err: r.reader.Read(ctx, session, into)}
	s.took, s.calls, s.failed = time.Since(begun), r.Calls("")-before, tally.failed
	oldest := time.Now().Add(-r.settings.MaxTagAge)
	if begun.Before(oldest) || r.settings.MaxTagAge == 0 {
		oldest = begun
	}
	var whole bool
	s.parts, whole = into.Parts(oldest)
	if !whole && s.err == nil {
		r.t.Error("the read has succeeded, and not all parts are known")
	}
	if on, known := into.Recorder(); known {
		s.recorder = map[bool]string{true: "on", false: "off"}[on]
	}
	s.notices = into.Notices()
	return s
}

// attempts notes the attempts that failed.
type attempts struct {
	mu     sync.Mutex
	failed []string
}

func (a *attempts) Observe(attempt huaweicloud.Attempt) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if attempt.ErrorCode != "" {
		a.failed = append(a.failed, attempt.Operation+" "+attempt.ErrorCode)
	}
}

// lines are the parts in words, with their errors.
func (s seen) lines() string {
	var lines []string
	for _, p := range s.parts {
		if p.Account != testDomain {
			lines = append(lines, "a part of the account "+p.Account)
		}
		if p.AnyProject {
			p.ProjectID = "*"
		}
		line := fmt.Sprintf("%s:%s %s/%s", p.Service, p.ResourceType, p.Region, p.ProjectID)
		if p.Whole {
			line += fmt.Sprintf(" %d, %d untagged, %d unreadable, %s", len(p.Resources), p.Untagged(), p.Unreadable, tagsOf(p))
		}
		if p.Err != nil && p.Unreadable == 0 {
			line += " ! " + p.Err.Error()
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func tagsOf(p inventory.Inventory) string {
	var all []string
	for _, key := range p.Keys() {
		for _, value := range key.Values {
			all = append(all, fmt.Sprintf("%s=%s:%d", key.Name, value.Value, value.Resources))
		}
	}
	return strings.Join(all, " ")
}

// truth is what a read shows that has everything. But skips parts.
func (r *accountRig) truth(skip ...string) string {
	var lines []string
	truths := r.TruthAccount(testAccount, func(key string) bool { return strings.HasPrefix(key, "_sys_") })
	for part, truth := range truths {
		service, name := catalog.TypeOf(part.Provider, part.Type)
		line := fmt.Sprintf("%s:%s %s/%s %d, %d untagged, %d unreadable, ", service, name, part.Region, part.Project, truth.Resources, truth.Untagged, truth.Unreadable)
		var all []string
		for key, values := range truth.Tagged {
			for value, n := range values {
				all = append(all, fmt.Sprintf("%s=%s:%d", key, value, n))
			}
		}
		slices.Sort(all)
		if !slices.ContainsFunc(skip, func(start string) bool { return strings.HasPrefix(line, start) }) {
			lines = append(lines, line+strings.Join(all, " "))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// wantTruth fails the test unless a read shows everything, with success, and nothing was
// asked for that the documentation forbids.
func (r *accountRig) wantTruth(s seen) {
	r.t.Helper()
	if got, want := sortLines(s.lines()), r.truth(); got != want {
		r.t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if s.err != nil {
		r.t.Error(s.err)
	}
	r.wantNoRefusals()
}

func (r *accountRig) wantNoRefusals() {
	r.t.Helper()
	if refusals := r.Refusals(); len(refusals) > 0 {
		r.t.Errorf("the cloud refused requests, the first: %s", refusals[0])
	}
}

// want fails the test unless a read shows these lines.
func (s seen) want(t *testing.T, lines string) {
	t.Helper()
	var trimmed []string
	for line := range strings.Lines(lines) {
		if line = strings.TrimSpace(line); line != "" {
			trimmed = append(trimmed, line)
		}
	}
	if got, want := sortLines(s.lines()), sortLines(strings.Join(trimmed, "\n")); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func sortLines(text string) string {
	lines := strings.Split(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// of returns n resources of a place, every third without tags.
func of(n int, kind, region, project string) []simulator.AccountResource {
	provider, name, _ := strings.Cut(kind, ".")
	list := make([]simulator.AccountResource, n)
	for i := range list {
		r := simulator.AccountResource{
			ID: fmt.Sprintf("%s-%s-%d", provider, region, i), Name: fmt.Sprint("n", i), Provider: provider, Type: name, Region: region,
			Project: project, ProjectName: "name of " + project,
		}
		if i%3 > 0 {
			r.Tags = []simulator.Tag{simulator.T("env", []string{"prod", "dev"}[i%2]), simulator.T("_sys_x", "1")}
		}
		list[i] = r
	}
	return list
}

// company is an account with one of each oddity.
func company() []simulator.AccountResource {
	untold := of(5, "vpc.securityGroups", "cn-north-4", "p1")
	untold[0].TagsMember, untold[3].TagsMember = simulator.TagsAbsent, simulator.TagsNull
	untaggable := append(of(3, "config.trackers", "", ""), of(2, "config.trackers", "cn-north-4", "p1")...)
	for i := range untaggable {
		untaggable[i].TagsMember = []simulator.TagsMember{simulator.TagsAbsent, simulator.TagsNull}[i%2]
	}
	deleted := of(4, "evs.volumes", "cn-north-4", "p1")
	deleted[1].State, deleted[2].State = "Deleted", "Normal"
	allDeleted := of(2, "evs.volumes", "cn-south-1", "p2")
	allDeleted[0].State, allDeleted[1].State = "Deleted", "Deleted"
	twice := of(2, "nat.natGateways", "cn-north-4", "p1") // an ID in two projects, two regions and two types
	other := append(of(2, "nat.natGateways", "cn-north-4", "p1_sub"), of(2, "nat.gateways", "cn-north-4", "p1")...)
	nulls := of(1, "bms.servers", "cn-north-4", "p1")
	nulls[0].Tags = []simulator.Tag{{Key: "__type_baremetal"}, simulator.T("业务", "线"), simulator.T("env", ""), simulator.T("env", "second")}
	return slices.Concat(
		of(manyResources, "ecs.cloudServers", "cn-north-4", "p1"), of(7, "ecs.cloudServers", "cn-south-1", "p2"),
		of(400, "ims.images", "cn-south-1", "p2"), // two full pages
		of(3, "dds.instances", "cn-north-4", "p1"), of(9, "obs.buckets", "", ""),
		untold, untaggable, deleted, allDeleted, twice, other, nulls,
	)
}

// TestConfigQuirks: whatever is left open about Config, everything is read that there
// is, with few calls.
func TestConfigQuirks(t *testing.T) {
	for name, q := range map[string]simulator.Quirks{
		"documented":             {},
		"short pages":            {ConfigQuirks: simulator.ConfigQuirks{Pages: simulator.PagesShort}},
		"an empty page at last":  {ConfigQuirks: simulator.ConfigQuirks{Pages: simulator.PagesThenEmpty}},
		"empty pages between":    {ConfigQuirks: simulator.ConfigQuirks{Pages: simulator.PagesBetween}},
		"no marker at last":      {ConfigQuirks: simulator.ConfigQuirks{EndMarker: simulator.EndAbsent}},
		"an empty marker":        {ConfigQuirks: simulator.ConfigQuirks{EndMarker: simulator.EndEmpty}},
		"markers are numbers":    {ConfigQuirks: simulator.ConfigQuirks{MarkerIsIndex: true}},
		"exact types":            {ConfigQuirks: simulator.ConfigQuirks{ExactTypes: true}},
		"lower case":             {ConfigQuirks: simulator.ConfigQuirks{SummaryLowerCase: true}},
		"exact, and lower case":  {ConfigQuirks: simulator.ConfigQuirks{ExactTypes: true, SummaryLowerCase: true}},
		"refused by region":      {ConfigQuirks: simulator.ConfigQuirks{TypeRegionRefused: "RMS.00010001"}},
		"refused by type":        {ConfigQuirks: simulator.ConfigQuirks{TypeRegionRefused: "RMS.00010002"}},
		"refused as parameter":   {ConfigQuirks: simulator.ConfigQuirks{TypeRegionRefused: "RMS.00010004"}},
		"global is refused":      {ConfigQuirks: simulator.ConfigQuirks{GlobalRegion: simulator.GlobalRefused}},
		"global is empty":        {ConfigQuirks: simulator.ConfigQuirks{GlobalRegion: simulator.GlobalEmpty}},
		"no summary":             {ConfigQuirks: simulator.ConfigQuirks{NoSummary: true}},
		"no summary, long pages": {ConfigQuirks: simulator.ConfigQuirks{NoSummary: true, Pages: simulator.PagesBetween}},
		"deleted are counted":    {ConfigQuirks: simulator.ConfigQuirks{SummaryCountsDeleted: true}},
		"not frozen, absent":     {ConfigQuirks: simulator.ConfigQuirks{NotFrozen: simulator.NotFrozenAbsent}},
		"not frozen, false":      {ConfigQuirks: simulator.ConfigQuirks{NotFrozen: simulator.NotFrozenFalse}},
		"empty arrays are null":  {EmptyArrays: simulator.EmptyNull},
		"empty arrays are not":   {EmptyArrays: simulator.EmptyAbsent, ConfigQuirks: simulator.ConfigQuirks{Pages: simulator.PagesBetween}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newAccountRig(t, q, company()...)
				first := r.read(0)
				r.wantTruth(first)
				if len(first.failed) > 0 || first.recorder != "on" {
					t.Errorf("%q failed, the recorder is %q", first.failed, first.recorder)
				}
				second := r.read(0)
				r.wantTruth(second)
				if second.calls != 0 {
					t.Errorf("%d calls where nothing is due", second.calls)
				}
				time.Sleep(5 * time.Minute)
				third := r.read(0)
				r.wantTruth(third)
				most := 2 + 2*len(company())/200 + 17 // recorder, summary, places
				if q.Pages != simulator.PagesFull {
					most *= 2
				}
				t.Logf("%d calls, then %d, of %d", first.calls, third.calls, most)
				if third.calls > most {
					t.Errorf("%d calls, want %d at most", third.calls, most)
				}
			})
		})
	}
}
