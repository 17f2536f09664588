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
	into := newReading()
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

func newReading() *inventory.Reading {
	return inventory.NewReading(inventory.Part{Account: testDomain}, inventory.All, inventory.NewFilter(regexp.MustCompile(`^(?:_sys_.*)$`)))
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
			line += " ! " + requestID.ReplaceAllString(p.Err.Error(), "")
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

var requestID = regexp.MustCompile(` \(request [0-9a-f]+\)`)

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
