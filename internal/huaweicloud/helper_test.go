package huaweicloud

import (
	"context"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"huaweicloud_tag_exporter/internal/memnet"
	"huaweicloud_tag_exporter/internal/simulator"
)

const (
	testProject = "5f3c9a7e21d84b60a1c2d3e4f5061728"
	testAK      = "SIMACCESSKEY0001"
	testSK      = "sim-secret-key-0001"
)

var testTime = time.Date(2026, 1, 15, 8, 15, 0, 0, time.UTC)

// TestMain runs all tests behind a proxy, which loopback addresses do not use,
// and looks for goroutines that they left behind.
func TestMain(m *testing.M) {
	proxyServer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"tags":[{"key":"proxied","value":"`+r.URL.Host+`"}]}`)
	}))
	for name, value := range map[string]string{"HTTP_PROXY": proxyServer.URL, "http_proxy": proxyServer.URL, "NO_PROXY": "", "no_proxy": ""} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil { // most of them wait
		panic(err)
	}
	code := m.Run()
	proxyServer.Close()
	http.DefaultClient.CloseIdleConnections()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// inBubble runs a test at testTime, in a bubble where waiting takes no time.
func inBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(testTime))
		test(t)
	})
}

// rig is a cloud and a client of it, in a network in memory.
type rig struct {
	*simulator.Cloud
	*recorder
	t       *testing.T
	server  *httptest.Server
	network *memnet.Network
	client  *Client
	project ProjectConfig
	limits  Limits
}

func newRig(t *testing.T, opts simulator.Options) *rig {
	t.Helper()
	cloud := simulator.New(opts)
	network := new(memnet.Network)
	server := newServer(network, cloud)
	server.Start()
	client, err := NewClient(ClientConfig{UserAgent: "test/1", Dial: network.DialContext}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cloud.Close(); client.Close(); server.Close() })
	cloud.AddAccessKey(simulator.AccessKey{AK: testAK, SK: testSK})
	cloud.AddUser(simulator.User{Domain: "account", Name: "exporter", Password: "pass-word-1"})
	cloud.SetProject(simulator.Project{
		ID: testProject, Region: "cn-north-4",
		Instances:  []simulator.Instance{{ID: simulator.InstanceID(1), Tags: []simulator.Tag{simulator.T("env", "prod")}}},
		Workspaces: []simulator.Workspace{{ID: "w1", Tags: []simulator.Tag{simulator.T("env", "prod")}}},
		PoolTags:   []simulator.PoolTag{{Key: "env", Values: []string{"prod"}}},
	})
	return &rig{
		Cloud: cloud, recorder: new(recorder), t: t, server: server, network: network, client: client,
		project: ProjectConfig{Name: "shop", Region: "cn-north-4", ID: testProject, Credential: keys(testAK, testSK)},
		limits:  Limits{MaxConcurrency: 16, RequestTimeout: 10 * time.Second, MaxRetries: 3},
	}
}

// newServer returns a server that is not started yet.
func newServer(network *memnet.Network, h http.Handler) *httptest.Server {
	server := httptest.NewUnstartedServer(h)
	server.Listener.Close()
	server.Listener = network.Listen()
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	return server
}

// caFile returns a file with a server's certificate.
func caFile(t *testing.T, server *httptest.Server) string {
	t.Helper()
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return writeFile(t, t.TempDir(), "ca.pem", string(certificate))
}

// next makes the rig's client the previous one of a new client, as a reload does.
func (r *rig) next(config ClientConfig) {
	r.t.Helper()
	config.UserAgent, config.Dial = "test/1", r.network.DialContext
	client, err := NewClient(config, r.client)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(client.Close)
	r.client = client
}

func keys(ak, sk string) CredentialConfig {
	return CredentialConfig{Name: "default", Kind: AccessKey, AccessKey: NewSecret(ak), SecretKey: NewSecret(sk)}
}

func (r *rig) password(password string) CredentialConfig {
	return CredentialConfig{
		Name: "user", Kind: Password, DomainName: "account", Username: "exporter",
		Password: NewPassword(password), IAMEndpoint: r.server.URL,
	}
}

func (r *rig) service(name string) *Service {
	r.t.Helper()
	s, err := r.client.Service(r.project, ServiceConfig{Name: name, Endpoint: r.server.URL, Limits: r.limits})
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

func (r *rig) session(name string) *Session {
	r.t.Helper()
	s, err := r.service(name).Session(r.t.Context(), r)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// call reads the tags of the one instance, in a session of its own.
func (r *rig) call() error {
	r.t.Helper()
	_, err := Call[tagsAnswer](r.t.Context(), r.session(DDS), tagsRequest)
	return err
}

// tagsAnswer is what the tag calls of the tests return.
type tagsAnswer struct {
	Tags List[struct {
		Key   Text `json:"key"`
		Value Text `json:"value"`
	}] `json:"tags"`
}

func (a *tagsAnswer) Absent() bool      { return a.Tags == nil }
func (a *tagsAnswer) Members() []string { return []string{"tags"} }

type workspacesAnswer struct {
	Resources List[struct{}] `json:"resources"`
	Total     Count          `json:"total_count"`
}

func (a *workspacesAnswer) Absent() bool      { return a.Resources == nil }
func (a *workspacesAnswer) Members() []string { return []string{"resources", "total_count"} }

var (
	tagsRequest = Request{
		Operation: simulator.OpListInstanceTags, Method: http.MethodGet,
		Path: "/v3/" + testProject + "/instances/" + simulator.InstanceID(1) + "/tags",
	}
	poolsRequest = Request{
		Operation: simulator.OpListPoolTags, Method: http.MethodGet,
		Path: "/v1/" + testProject + "/pools/tags", Query: "limit=200&offset=0",
	}
	filterRequest = Request{
		Operation: simulator.OpListFabricWorkspaces, Method: http.MethodPost,
		Path:  "/v1/" + testProject + "/fabric-workspace/resource-instances/filter",
		Query: "limit=100&offset=0", Body: []byte(`{"without_any_tag":true}`),
	}
)

// flood has three services make n calls each, at once, and returns how many
// succeeded.
func (r *rig) flood(n int) (succeeded int) {
	r.t.Helper()
	var all sync.WaitGroup
	var mu sync.Mutex
	for _, name := range []string{DDS, ModelArts, Fabric} {
		s := r.session(name)
		for range n {
			all.Go(func() {
				if callOf(r.t.Context(), s) == nil {
					mu.Lock()
					defer mu.Unlock()
					succeeded++
				}
			})
		}
	}
	all.Wait()
	return succeeded
}

func callOf(ctx context.Context, s *Session) (err error) {
	switch s.name {
	case DDS:
		_, err = Call[tagsAnswer](ctx, s, tagsRequest)
	case ModelArts:
		_, err = Call[tagsAnswer](ctx, s, poolsRequest)
	default:
		_, err = Call[workspacesAnswer](ctx, s, filterRequest)
	}
	return err
}

func (r *rig) wantRefusals(want ...string) {
	r.t.Helper()
	if got := r.Refusals(); len(got) != len(want) || (len(want) > 0 && !slices.Equal(got, want)) {
		r.t.Errorf("refused %q, want %q", got, want)
	}
}

// failure returns the failed attempt that the error is.
func failure(t *testing.T, err error) (failed *Error) {
	t.Helper()
	if !errors.As(err, &failed) {
		t.Fatalf("error %v is no failed attempt", err)
	}
	return failed
}

func wantCode(t *testing.T, err error, status int, code string) {
	t.Helper()
	failed := failure(t, err)
	if failed.Status != status || failed.Code != code {
		t.Errorf("error %d %s (%v), want %d %s", failed.Status, failed.Code, err, status, code)
	}
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func writeFile(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
