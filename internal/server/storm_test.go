package server

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"
	"go.uber.org/goleak"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/simulator"
)

var stormSeed = flag.Uint64("storm.seed", 0, "seed of TestStorm; 0 is any")

const (
	stormConcurrency = 4
	stormRate        = 30 // a second
	stormMaxAge      = 2 * time.Second
)

// stormTimeouts are those of the two scrapers. The shorter one is often up
// before everything is read.
var stormTimeouts = []time.Duration{6 * time.Second, 3 * time.Second}

// storm is an exporter in bad weather, the cloud that it reads, and two scrapers.
type storm struct {
	*testing.T
	cloud     *simulator.Cloud
	histories map[string]*history // by project
	gates     []*gate
	web       *httptest.Server
	client    *http.Client
	lag       *lag

	mu                          sync.Mutex
	calls, loads, exact, failed int
}

// TestStorm: whatever the cloud does, scrapes answer in time, what they show
// with success is the truth, counters never fall, the limits hold, and nothing
// is left behind.
func TestStorm(t *testing.T) {
	seed := *stormSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-storm.seed=%d", seed)
	s := newStorm(t, seed)
	var scrapers sync.WaitGroup
	for scraper := range 2 {
		for _, query := range []string{"", "project=user", "project=keys", "collect=dds", "collect=fabric&collect=modelarts"} {
			scrapers.Go(func() {
				before := make(map[string]float64)
				for n := range 30 {
					if query == "collect=dds" && n%2 == 1 {
						s.reload()
					}
					name := fmt.Sprintf("seed %d, scraper %d, %q, scrape %d", seed, scraper, query, n)
					before = s.scrape(name, query, stormTimeouts[scraper], before)
				}
			})
		}
	}
	scrapers.Wait()
	t.Logf("%d calls, %d loads, answers %v; of the services shown %d were exact, %d had failed", s.calls, s.loads, s.cloud.Answers(""), s.exact, s.failed)
	if s.exact < 3*s.failed {
		t.Errorf("only %d services were read, %d failed", s.exact, s.failed)
	}
	for _, g := range s.gates {
		// The limiter lets stormRate and a tenth go in a second; and those it let go
		// before may arrive in it too, but each has a place among the requests in
		// flight, or had until its time was up.
		perSecond, inFlight := g.mostPerSecond(), g.mostInFlight()
		t.Logf("%s: %d connections, at most %d requests a second, %d in flight", g.name, g.everOpened(), perSecond, inFlight)
		if limit := stormRate + stormRate/10 + 2*stormConcurrency; perSecond > limit {
			t.Errorf("%s: %d requests in a second, want at most %d", g.name, perSecond, limit)
		}
		// One that the client gave up may be answered before the server knows.
		if limit := stormConcurrency + 1; inFlight > limit {
			t.Errorf("%s: %d requests in flight, want at most %d", g.name, inFlight, limit)
		}
		g.wantOpen(stormConcurrency)
	}
	for _, refusal := range s.cloud.Refusals() {
		if !strings.Contains(refusal, "token expired at") {
			t.Errorf("the cloud refused: %s", refusal)
		}
	}
}

func newStorm(t *testing.T, seed uint64) *storm {
	ignore := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, ignore) })
	s := &storm{T: t, cloud: simulator.New(simulator.Options{TokenLifetime: 4 * time.Second}), client: &http.Client{Transport: new(http.Transport)}}
	s.lag = newLag(t)
	s.cloud.AddAccessKey(simulator.AccessKey{AK: testAK, SK: testSK})
	s.cloud.AddUser(simulator.User{Domain: "sim", Name: "exporter", Password: testSK})
	s.histories = map[string]*history{"keys": newHistory(s.cloud, "p1", seed), "user": newHistory(s.cloud, "p2", seed+1)}
	s.weather(seed)
	iam := newGate(t, "iam", s.cloud)
	s.gates = append(s.gates, iam)
	projects := ""
	for i, name := range []string{"keys", "user"} {
		projects += fmt.Sprintf("\n  - {name: %s, region: cn-north-4, project_id: p%d, credentials: %[1]s, services: {modelarts: {}, fabric: {}, dds: {max_tag_age: %[3]s, renew_after: %[4]s}}, endpoints: {",
			name, i+1, []time.Duration{stormMaxAge, 0}[i], []time.Duration{stormMaxAge / 4, 0}[i])
		for _, service := range []string{"modelarts", "dds", "fabric"} {
			g := newGate(t, name+"/"+service, s.cloud)
			s.gates = append(s.gates, g)
			projects += fmt.Sprintf("%s: %s, ", service, g.URL)
		}
		projects += "}}"
	}
	server, err := New(Options{
		Load: func() (*config.Config, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.loads++; s.loads%3 == 0 {
				return nil, errors.New("bad weather")
			}
			return config.Parse("test.yml", fmt.Appendf(nil, `
credentials:
  keys: {access_key: %s, secret_key: %[2]s}
  user: {domain_name: sim, username: exporter, password: %[2]s, iam_endpoint: %s}
defaults: {max_concurrency: %d, requests_per_second: %d, request_timeout: 600ms, max_retries: 1}
projects: %s
policy: {rules: [{key: owner, required: true}], max_violation_series: %d}
`, testAK, testSK, iam.URL, stormConcurrency, stormRate, projects, 100+s.loads))
		},
		Logger: log.NewNopLogger(), TelemetryPath: "/metrics", EnableLifecycle: true,
		TimeoutOffset: 2 * time.Second, // at most half of the timeout is taken DefaultTimeout: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	routes, err := server.Routes()
	if err != nil {
		t.Fatal(err)
	}
	s.web = httptest.NewServer(routes)
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
		{Probability: 0.02, Break: simulator.Reset},
		{Probability: 0.01, Break: simulator.Hang},
	} {
		fault.Seed = seed + uint64(i)
		s.cloud.Inject(fault)
	}
	s.cloud.OnCall("", func(int) {
		s.mu.Lock()
		s.calls++
		calls := s.calls
		s.mu.Unlock()
		switch {
		case calls%24 == 0:
			s.histories["keys"].change()
		case calls%24 == 12:
			s.histories["user"].change()
		case calls%900 == 7:
			s.cloud.ExpireTokens()
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

// scrape scrapes once and judges what it gets. It returns the counters.
func (s *storm) scrape(name, query string, timeout time.Duration, before map[string]float64) (counters map[string]float64) {
	req, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.web.URL+"/metrics?"+query, nil)
	if err != nil {
		s.Error(err)
		return before
	}
	req.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", fmt.Sprint(timeout.Seconds()))
	begun := time.Now()
	resp, err := s.client.Do(req)
	if err != nil {
		s.Errorf("%s: %v", name, err)
		return before
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ended := time.Now()
	if took := ended.Sub(begun) - s.lag.between(begun, ended); err != nil || resp.StatusCode != http.StatusOK || took > timeout {
		s.Errorf("%s: status %d, error %v, took %s of %s:\n%.2000s", name, resp.StatusCode, err, took, timeout, durations.FindAll(body, -1))
		return before
	}
	counters = make(map[string]float64)
	inventories := make(map[string][]string)
	values := make(map[string]float64)
	for line := range strings.Lines(string(body)) {
		series, number, _ := strings.Cut(strings.TrimSpace(line), " ")
		if i := strings.LastIndex(line, "} "); i > 0 { // values of labels may have spaces
			series, number = line[:i+1], strings.TrimSpace(line[i+2:])
		}
		value, err := strconv.ParseFloat(number, 64)
		if strings.HasPrefix(line, "#") || err != nil {
			continue
		}
		values[series] = value
		if counter.MatchString(series) {
			counters[series] = value
		}
		if inventory.MatchString(series) {
			target := label(series, "project") + "/" + label(series, "cloud_service")
			inventories[target] = append(inventories[target], strings.TrimSpace(line))
		}
		if strings.Contains(series, `error_code="paused"`) && value > 0 {
			s.Errorf("%s: expired tokens paused a credential: %s", name, strings.TrimSpace(line))
		}
	}
	for series, value := range before {
		if now, shown := counters[series]; !shown || now < value {
			s.Errorf("%s: %s fell from %v to %v", name, series, value, now)
		}
	}
	for series, took := range values {
		if strings.HasPrefix(series, "huaweicloud_tag_collector_duration_seconds{") {
			project, service := label(series, "project"), label(series, "cloud_service")
			success := values[strings.Replace(series, "duration_seconds", "success", 1)] == 1
			// The read may be older than the scrape, as long as it took.
			from := begun.Add(-time.Duration(took*float64(time.Second)) - 250*time.Millisecond)
			s.judge(name, project, service, success, inventories[project+"/"+service], from, ended)
		}
	}
	return counters
}

var (
	counter   = regexp.MustCompile(`^\w+_(total|count|bucket)(\{|$)`)
	durations = regexp.MustCompile(`(?m)^huaweicloud_tag_collector_duration_seconds{.*$`)
	inventory = regexp.MustCompile(`^huaweicloud_tag_(resources|untagged_resources|unreadable_resources|tagged_resources|info|keys|key_values|policy_noncompliant_resources)\{`)
)

func label(series, name string) string {
	_, after, _ := strings.Cut(series, name+`="`)
	value, _, _ := strings.Cut(after, `"`)
	return value
}

// judge compares the series of a service with all that it may have looked like.
func (s *storm) judge(name, project, service string, success bool, shown []string, from, to time.Time) {
	s.mu.Lock()
	if success {
		s.exact++
	} else {
		s.failed++
	}
	s.mu.Unlock()
	maxAge := time.Duration(0)
	if project == "keys" && service == "dds" {
		maxAge = stormMaxAge
	}
	slices.Sort(shown)
	got, is := strings.Join(shown, "\n"), lines
	if !success {
		if len(shown) == 0 {
			return
		}
		got, is = listed(shown), counted // all that is claimed is how many there are
	}
	truths := make(map[string]bool)
	s.histories[project].truths(service, from, to, maxAge, func(p simulator.Project) bool {
		truths[is(project, service, p)] = true
		return !truths[got]
	})
	if !truths[got] {
		s.Errorf("%s: %s/%s, success %t, shows\n%s\nwhich it was at no time of the read, but rather\n%s", name, project, service, success,
			got, strings.Join(slices.Sorted(maps.Keys(truths)), "\nor\n"))
	}
}

// listed returns how many resources were listed, whether read or not.
func listed(shown []string) string {
	n := 0
	for _, line := range shown {
		name, _, _ := strings.Cut(line, "{")
		if name == "huaweicloud_tag_resources" || name == "huaweicloud_tag_unreadable_resources" {
			count, _ := strconv.Atoi(line[strings.LastIndex(line, " ")+1:])
			n += count
		}
	}
	return fmt.Sprint(n, " resources")
}

func counted(_, _ string, p simulator.Project) string {
	return fmt.Sprint(len(p.Instances)+len(p.Workspaces), " resources")
}
