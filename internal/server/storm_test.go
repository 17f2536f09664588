package server

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"
	"go.uber.org/goleak"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/memnet"
	"huaweicloud_tag_exporter/internal/simulator"
)

var stormSeed = flag.Uint64("storm.seed", 0, "seed of TestStorm and TestStormInTime; 0 is any")

const (
	stormConcurrency = 4
	stormRate        = 30 // a second
	stormMaxAge      = 2 * time.Second
	stormOffset      = 2 * time.Second
)

// stormTimeouts are those of the two scrapers. The shorter one is often up
// before everything is read.
var stormTimeouts = []time.Duration{6 * time.Second, 3 * time.Second}

// storm is an exporter in bad weather, the cloud that it reads, and two scrapers.
type storm struct {
	*testing.T
	seed      uint64
	network   *memnet.Network // nil: the machine's own
	cloud     *simulator.Cloud
	histories map[string]*history // by project
	gates     []*gate
	web       *httptest.Server
	client    *http.Client

	mu                          sync.Mutex
	calls, loads, exact, failed int
}

// TestStorm: whatever the cloud does, what scrapes show with success is the truth,
// counters never fall, requests in flight and connections are bounded, and nothing is
// left behind. It runs over real connections and in real time, and so judges no times.
func TestStorm(t *testing.T) {
	s := newStorm(t, nil)
	s.rage(15, func(string, time.Duration, time.Duration) {})
}

// TestStormInTime: and in virtual time, every scrape ends by its deadline, most of what
// is read is read, and no service is sent more requests a second than its limit.
func TestStormInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStorm(t, new(memnet.Network))
		s.rage(40, func(name string, timeout, took time.Duration) {
			if limit := timeout - min(stormOffset, timeout/2); took > limit {
				t.Errorf("%s took %s, want %s at most", name, took, limit)
			}
		})
		if s.exact < 3*s.failed {
			t.Errorf("only %d services were read, %d failed", s.exact, s.failed)
		}
		for _, g := range s.gates {
			perSecond := g.mostPerSecond()
			t.Logf("%s: at most %d requests a second", g.name, perSecond)
			if limit := stormRate + stormRate/10; perSecond > limit {
				t.Errorf("%s: %d requests in a second, want at most %d", g.name, perSecond, limit)
			}
		}
	})
}

// rage has the scrapers scrape and judges what they get, and how long that takes.
func (s *storm) rage(rounds int, inTime func(name string, timeout, took time.Duration)) {
	var scrapers sync.WaitGroup
	for scraper, timeout := range stormTimeouts {
		for _, query := range []string{"", "project=user", "project=keys", "collect=dds", "collect=fabric&collect=modelarts", "account=acme"} {
			scrapers.Go(func() {
				before := make(map[string]float64)
				for n := range rounds {
					if query == "collect=dds" && n%2 == 1 {
						s.reload()
					}
					name := fmt.Sprintf("seed %d, scraper %d, %q, scrape %d", s.seed, scraper, query, n)
					begun := time.Now()
					before = s.scrape(name, query, timeout, before)
					inTime(name, timeout, time.Since(begun))
				}
			})
		}
	}
	scrapers.Wait()
	s.Logf("%d calls, %d loads, answers %v; of the services shown %d were exact, %d had failed", s.calls, s.loads, s.cloud.Answers(""), s.exact, s.failed)
	for _, g := range s.gates {
		inFlight := g.mostInFlight()
		s.Logf("%s: %d connections, at most %d requests in flight", g.name, g.everOpened(), inFlight)
		// One that the client gave up may be answered before the server knows.
		if limit := stormConcurrency + 1; inFlight > limit {
			s.Errorf("%s: %d requests in flight, want at most %d", g.name, inFlight, limit)
		}
		g.wantOpen(stormConcurrency)
	}
	for _, refusal := range s.cloud.Refusals() {
		if !strings.Contains(refusal, "token expired at") {
			s.Errorf("the cloud refused: %s", refusal)
		}
	}
}

func newStorm(t *testing.T, network *memnet.Network) *storm {
	ignore := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, ignore) })
	seed := *stormSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-storm.seed=%d", seed)
	s := &storm{
		T: t, seed: seed, network: network,
		cloud:  simulator.New(simulator.Options{TokenLifetime: 4 * time.Second}),
		client: &http.Client{Transport: new(http.Transport)},
	}
	o := Options{
		Logger: log.NewNopLogger(), TelemetryPath: "/metrics", EnableLifecycle: true,
		TimeoutOffset: stormOffset, DefaultTimeout: time.Minute,
	}
	if network != nil {
		o.Dial, s.client.Transport = network.DialContext, &http.Transport{DialContext: network.DialContext}
	}
	s.cloud.AddAccessKey(simulator.AccessKey{AK: testAK, SK: testSK})
	s.cloud.AddUser(simulator.User{Domain: "sim", Name: "exporter", Password: testSK})
	s.histories = map[string]*history{"keys": newHistory(s.cloud, "p1", seed), "user": newHistory(s.cloud, "p2", seed+1)}
	s.addAccount()
	s.weather(seed)
	if network == nil {
		// Not where requests are counted exactly: net/http sends those again that a kept
		// connection was reset under.
		s.cloud.Inject(simulator.Fault{Probability: 0.02, Break: simulator.Reset, Seed: seed + 4})
	}
	o.Load = s.configuration()
	server, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	routes, err := server.Routes()
	if err != nil {
		t.Fatal(err)
	}
	s.web = httptest.NewUnstartedServer(routes)
	if network != nil {
		s.web.Listener.Close()
		s.web.Listener = network.Listen()
	}
	s.web.Start()
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		s.web.Close()
		server.Close()
		for _, g := range s.gates {
			g.wantOpen(0)
		}
		s.cloud.Close()
	})
	return s
}

// configuration opens a gate for each service of two projects and of an account, and for
// each IAM. It
// returns what loads the configuration that asks through them; every third time, that
// fails.
func (s *storm) configuration() func() (*config.Config, error) {
	gate := func(name string) string {
		g := newGate(s.T, name, s.cloud, s.network)
		s.gates = append(s.gates, g)
		return g.URL
	}
	iam, projects := gate("iam"), ""
	for i, name := range []string{"keys", "user"} {
		projects += fmt.Sprintf("\n  - {name: %s, region: cn-north-4, project_id: p%d, credentials: %[1]s, services: {modelarts: {}, fabric: {}, dds: {max_tag_age: %[3]s, renew_after: %[4]s}}, endpoints: {",
			name, i+1, []time.Duration{stormMaxAge, 0}[i], []time.Duration{stormMaxAge / 4, 0}[i])
		for _, service := range []string{"modelarts", "dds", "fabric"} {
			projects += fmt.Sprintf("%s: %s, ", service, gate(name+"/"+service))
		}
		projects += "}}"
	}
	accounts := fmt.Sprintf(`
  - {name: acme, domain_id: acme-id, credentials: acme, endpoints: {iam: %s, config: %s},
     config: {renew_after: 1s}, discover: {services: [dds], renew_after: 1s, endpoints: {dds: %s}}}`,
		gate("acme/iam"), gate("acme/config"), gate("acme/dds"))
	return func() (*config.Config, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.loads++; s.loads%3 == 0 {
			return nil, errors.New("bad weather")
		}
		return config.Parse("test.yml", fmt.Appendf(nil, `
credentials:
  keys: {access_key: %[1]s, secret_key: %[2]s}
  acme: {access_key: %[1]sACME, secret_key: %[2]s}
  user: {domain_name: sim, username: exporter, password: %[2]s, iam_endpoint: %[3]s}
defaults: {max_concurrency: %[4]d, requests_per_second: %[5]d, request_timeout: 600ms, max_retries: 1}
projects: %[6]s
accounts: %[7]s
policy: {rules: [{key: owner, required: true}], max_violation_series: %[8]d}
`, testAK, testSK, iam, stormConcurrency, stormRate, projects, accounts, 100+s.loads))
	}
}

// weather makes answers slow and breaks some, and has the fleet change and the
// tokens expire now and then.
func (s *storm) weather(seed uint64) {
	random := rand.New(rand.NewPCG(seed, 1))
	s.cloud.Inject(simulator.Fault{LatencyFunc: func(int) time.Duration { // 5 to 200 ms, mostly short
		return time.Duration((5 + 195*math.Pow(random.Float64(), 5)) * float64(time.Millisecond))
	}})
	for i, fault := range []simulator.Fault{
		{Probability: 0.05, Answer: simulator.Instead(simulator.Empty(http.StatusInternalServerError))},
		{Probability: 0.05, Answer: simulator.Instead(simulator.Throttled(simulator.PolicyUserPerMinute, ""))},
		{Probability: 0.01, Break: simulator.Hang},
	} {
		fault.Seed = seed + uint64(i)
		s.cloud.Inject(fault)
	}
	issued, expire := 0, false // the call that was the last to obtain a token
	s.cloud.OnCall(simulator.OpCreateToken, func(int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		issued = s.calls
	})
	s.cloud.OnCall("", func(int) {
		s.mu.Lock()
		s.calls++
		calls := s.calls
		expire = expire || calls%900 == 7
		// One that is refused before anybody has accepted it says that the user is.
		expires := expire && calls-issued > 100
		expire = expire && !expires
		s.mu.Unlock()
		switch {
		case expires:
			s.cloud.ExpireTokens()
		case calls%24 == 0:
			s.histories["keys"].change()
		case calls%24 == 12:
			s.histories["user"].change()
		}
	})
}

func (s *storm) reload() {
	resp, err := s.client.Post(s.web.URL+"/-/reload", "", nil)
	if err != nil {
		s.Error(err)
		return
	}
	resp.Body.Close()
}
