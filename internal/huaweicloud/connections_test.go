package huaweicloud

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// door counts the connections to a server.
type door struct {
	*httptest.Server
	mu           sync.Mutex
	open, opened int
}

// newDoor puts a server that is not started yet in front of the rig's cloud.
func newDoor(t *testing.T, r *rig) *door {
	d := &door{Server: newServer(r.network, r.Cloud)}
	d.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		d.mu.Lock()
		defer d.mu.Unlock()
		switch state {
		case http.StateNew:
			d.opened++
			d.open++
		case http.StateClosed, http.StateHijacked:
			d.open--
		default:
		}
	}
	t.Cleanup(d.Close)
	t.Cleanup(r.client.Close)
	r.server.Close()
	r.server = d.Server
	return d
}

func (d *door) count() (open, opened int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open, d.opened
}

// TestConnections: no more requests in flight than allowed, and the connections
// of a session serve the next one, even of the next configuration.
func TestConnections(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		r.limits.MaxConcurrency = 3
		d := newDoor(t, r)
		d.Start()
		r.Inject(simulator.Fault{Latency: 5 * time.Millisecond})
		for range 5 {
			s := r.session(DDS)
			time.Sleep(2 * time.Minute) // until the next scrape
			want(t, "concurrency", s.Concurrency(), 3)
			want(t, "project", s.ProjectID(), testProject)
			var all sync.WaitGroup
			for range 20 {
				all.Go(func() { want(t, "error", callOf(t.Context(), s), nil) })
			}
			all.Wait()
			for range 2 { // the first of these reloads sees no request
				old := r.client
				r.next(ClientConfig{})
				r.service(DDS)
				old.Close()
			}
		}
		want(t, "in flight", r.MaxInFlight(""), 3)
		open, opened := d.count()
		want(t, "opened for 100 requests", opened, 3)
		want(t, "open", open, 3)
		want(t, "allowed, without an IAM that nothing asks", r.client.connections.current.MaxConnsPerHost, 3)

		r.limits.MaxConcurrency = 1 // so their limit is not kept
		r.next(ClientConfig{})
		want(t, "error", r.call(), nil)
		_, opened = d.count()
		want(t, "opened after the limit changed", opened, 4)
	})
}

// TestBound: as many connections to a host as the services of the busiest one may have
// requests in flight, an IAM once for each project.
func TestBound(t *testing.T) {
	t.Parallel()
	r := newRig(t, simulator.Options{})
	r.project.Credential = r.password("pass-word-1")
	r.project.Credential.IAMEndpoint = "http://iam.example"
	for _, s := range []struct {
		project, name, endpoint string
		limit, bound            int
	}{
		{"shop", DDS, "http://one.example", 3, 3},
		{"shop", ModelArts, "http://two.example", 2, 3},
		{"shop", Fabric, "http://two.example", 2, 4},
		{"bank", DDS, "http://three.example", 4, 7}, // IAM: 3 and 4
		{"bank", Fabric, "http://three.example", 1, 7},
		{"bank", ModelArts, "http://three.example", 4, 9},
	} {
		r.project.Name = s.project
		if _, err := r.client.Service(r.project, ServiceConfig{Name: s.name, Endpoint: s.endpoint, Limits: Limits{MaxConcurrency: s.limit}}); err != nil {
			t.Fatal(err)
		}
		want(t, s.project+" "+s.name, r.client.connections.current.MaxConnsPerHost, s.bound)
	}
}

// TestConnectionsOfOtherLimits: a reload that changes how many connections there may be
// leaves none of the old ones behind.
func TestConnectionsOfOtherLimits(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		d := newDoor(t, r)
		d.Start()
		want(t, "before", r.call(), nil)
		old := r.client
		r.next(ClientConfig{})
		r.service(DDS)
		r.service(Fabric)
		open, _ := d.count()
		want(t, "open before the old one ends", open, 1)
		old.Close()
		synctest.Wait()
		open, _ = d.count()
		want(t, "open", open, 0)
		want(t, "after", r.call(), nil)
	})
}

// TestAbandonedDials: dials that take longer than anybody waits for them do not
// pile up, and once they are done they are of use.
func TestAbandonedDials(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for _, http2 := range []bool{false, true} {
			r := newRig(t, simulator.Options{})
			r.limits.MaxConcurrency, r.limits.MaxRetries = 2, 0
			d := newDoor(t, r)
			d.EnableHTTP2 = http2
			slow := &slowListener{Listener: d.Listener, release: make(chan struct{})}
			d.Listener = slow
			d.StartTLS()
			r.next(ClientConfig{CAFile: caFile(t, d.Server)})
			s := r.session(DDS)
			for range 5 {
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				var all sync.WaitGroup
				for range 2 {
					all.Go(func() {
						if err := callOf(ctx, s); err == nil {
							t.Error("no error")
						}
					})
				}
				all.Wait()
				cancel()
			}
			close(slow.release)
			var all sync.WaitGroup
			for range 10 {
				all.Go(func() { want(t, "error", callOf(t.Context(), s), nil) })
			}
			all.Wait()
			if _, opened := d.count(); opened > 2 {
				t.Errorf("http/2 %t: %d connections, want at most 2", http2, opened)
			}
		}
	})
}

// slowListener gives connections on which nothing is read before the release.
type slowListener struct {
	net.Listener
	release chan struct{}
}

// Accept implements net.Listener.
func (l *slowListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return &slowConn{conn, l.release}, err
}

type slowConn struct {
	net.Conn
	release chan struct{}
}

// Read implements net.Conn.
func (c *slowConn) Read(p []byte) (int, error) {
	<-c.release
	return c.Conn.Read(p)
}

// TestReadsOutliveTheirClient: a read that goes on when its client has been
// closed leaves no connection behind.
func TestReadsOutliveTheirClient(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		d := newDoor(t, r)
		d.Start()
		s := r.session(DDS)
		held, release := make(chan struct{}), make(chan struct{})
		remove := r.OnCall("", func(n int) {
			close(held)
			<-release
		})
		var first sync.WaitGroup
		first.Go(func() { want(t, "error", callOf(t.Context(), s), nil) })
		<-held
		remove()
		r.client.Close()
		for range 3 {
			want(t, "error", callOf(t.Context(), s), nil)
		}
		close(release)
		first.Wait()
		synctest.Wait()
		open, _ := d.count()
		want(t, "open", open, 0)
	})
}
