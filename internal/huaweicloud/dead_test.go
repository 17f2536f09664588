package huaweicloud

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"huaweicloud_tag_exporter/internal/memnet"
	"huaweicloud_tag_exporter/internal/simulator"
)

// forgetful is a proxy that may forget its connections, as a firewall does: they
// stay open, and what is sent through them gets nowhere.
type forgetful struct {
	listener net.Listener
	era      atomic.Int32
	opened   atomic.Int32
}

// newForgetful puts one in front of a server.
func newForgetful(t *testing.T, network *memnet.Network, server *httptest.Server) *forgetful {
	f := &forgetful{listener: network.Listen()}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := f.listener.Accept()
			if err != nil {
				return
			}
			inner, err := network.DialContext(t.Context(), "tcp", server.Listener.Addr().String())
			if err != nil {
				t.Error(err)
				return
			}
			f.opened.Add(1)
			era := f.era.Load()
			all.Go(func() { f.forward(client, inner, era) })
			all.Go(func() { f.forward(inner, client, era) })
		}
	})
	t.Cleanup(func() { f.listener.Close(); all.Wait() })
	return f
}

func (f *forgetful) forward(from, to net.Conn, era int32) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if f.era.Load() == era {
			_, _ = to.Write(buffer[:n])
		}
		if err != nil {
			to.Close()
			return
		}
	}
}

// tlsRig is a rig with a cloud that speaks TLS, behind a proxy.
func tlsRig(t *testing.T, http2 bool) (*rig, *forgetful) {
	r := newRig(t, simulator.Options{Log: 10_000})
	server := newServer(r.network, r.Cloud)
	server.EnableHTTP2 = http2
	server.StartTLS()
	proxy := newForgetful(t, r.network, server)
	t.Cleanup(func() { r.client.Close(); server.Close() })
	r.server.Close()
	r.server = server
	r.server.URL = "https://" + proxy.listener.Addr().String()
	r.next(ClientConfig{CAFile: caFile(t, server)})
	return r, proxy
}

// TestDeadConnectionIdle: between two scrapes, all connections are forgotten. The pings
// of HTTP/2 find that out. For HTTP/1.1, the probes of TCP would; the network of this
// test has none, so one attempt is lost, and no more.
func TestDeadConnectionIdle(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		inBubble(t, func(t *testing.T) {
			r, proxy := tlsRig(t, http2)
			r.Inject(simulator.Fault{Latency: 20 * time.Millisecond})
			want(t, "before", r.flood(16), 48)
			proxy.era.Add(1)
			time.Sleep(30 * time.Second)
			r.clear()
			began := time.Now()
			want(t, "after", r.call(), nil)
			if http2 {
				want(t, "attempts over HTTP/2", r.sent(), 1)
				return
			}
			want(t, "timeouts over HTTP/1.1", r.with(0, CodeTimeout), 1)
			want(t, "attempts", r.sent(), 2)
			if took := time.Since(began); took > r.limits.RequestTimeout+time.Second {
				t.Errorf("took %s", took)
			}
			r.clear()
			want(t, "then", r.flood(16), 48)
			want(t, "attempts", r.sent(), 48)
		})
	}
}

// TestDeadConnectionInUse: while a service is read all the time, all connections
// are forgotten. Half a minute later nothing fails any more.
func TestDeadConnectionInUse(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		inBubble(t, func(t *testing.T) {
			r, proxy := tlsRig(t, http2)
			r.limits.MaxRetries = 0
			s := r.session(DDS)
			want(t, "before", callOf(t.Context(), s), nil)
			proxy.era.Add(1)
			forgotten := time.Now()
			var all sync.WaitGroup
			var last atomic.Int64 // failure
			for time.Since(forgotten) < time.Minute {
				all.Go(func() {
					if callOf(t.Context(), s) != nil {
						last.Store(int64(time.Since(forgotten)))
					}
				})
				time.Sleep(500 * time.Millisecond)
			}
			all.Wait()
			if last := time.Duration(last.Load()); last == 0 || last > 30*time.Second {
				t.Errorf("HTTP/2 %t: the last failure after %s", http2, last)
			}
		})
	}
}

// TestHungServiceBesideAnother: a service that never answers costs another one none of
// its connections.
func TestHungServiceBesideAnother(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		d := newDoor(t, r)
		d.Start()
		hung := newServer(r.network, http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) { <-q.Context().Done() }))
		hung.Start()
		t.Cleanup(hung.Close)
		service, err := r.client.Service(r.project, ServiceConfig{Name: ModelArts, Endpoint: hung.URL, Limits: r.limits})
		if err != nil {
			t.Fatal(err)
		}
		s, err := service.Session(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			want(t, "one", r.call(), nil)
			wantCode(t, callOf(t.Context(), s), 0, CodeTimeout)
		}
		_, opened := d.count()
		want(t, "connections opened", opened, 1)
	})
}

// TestStaleConnections: a server closes a kept connection just when it is used
// again. That is no failed attempt, for a POST either, and no header shows it.
func TestStaleConnections(t *testing.T) {
	for _, service := range []string{DDS, Fabric} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, simulator.Options{})
			r.limits.MaxRetries = 0
			served := make(map[string]int) // by connection
			serve(t, r, func(w http.ResponseWriter, q *http.Request) {
				if _, found := q.Header["Idempotency-Key"]; found {
					t.Error("Idempotency-Key is sent")
				}
				if served[q.RemoteAddr]++; served[q.RemoteAddr] == 2 {
					panic(http.ErrAbortHandler)
				}
				r.ServeHTTP(w, q)
			})
			s := r.session(service)
			for range 3 {
				want(t, service, callOf(t.Context(), s), nil)
			}
			want(t, "observed", r.with(200, ""), 3)
			want(t, "all", r.sent(), 3)
		})
	}
}

// TestStaleConnectionToIAM: a password that may be wrong is never sent again unseen.
func TestStaleConnectionToIAM(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := passwordRig(t, simulator.Options{})
		r.limits.MaxRetries = 0
		want(t, "before", r.call(), nil)
		r.next(ClientConfig{})
		r.Inject(simulator.Fault{Operation: simulator.OpCreateToken, Break: simulator.Hangup})
		wantCode(t, r.call(), 0, CodeConnection)
		want(t, "tokens", r.tokens(), 2)
	})
}

// TestUnprocessedStreams: what an HTTP/2 server says that it has not processed is no
// failed attempt.
func TestUnprocessedStreams(t *testing.T) {
	for name, refuse := range map[string]func(f *http2.Framer, stream uint32) error{
		"refused stream": func(f *http2.Framer, stream uint32) error {
			return f.WriteRSTStream(stream, http2.ErrCodeRefusedStream)
		},
		"go away": func(f *http2.Framer, stream uint32) error { return f.WriteGoAway(stream-2, http2.ErrCodeNo, nil) },
	} {
		for _, service := range []string{DDS, Fabric} {
			t.Run(name+" "+service, func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					r := newRig(t, simulator.Options{})
					r.limits.MaxRetries = 0
					streams := 0
					server := newServer(r.network, nil)
					server.TLS = &tls.Config{NextProtos: []string{"h2"}}
					server.Config.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){
						"h2": func(_ *http.Server, c *tls.Conn, _ http.Handler) {
							defer c.Close()
							eachRequest(c, func(f *http2.Framer, stream uint32) error {
								if streams++; streams == 2 {
									return refuse(f, stream)
								}
								return writeAnswer(f, stream, `{"tags":[],"resources":[]}`)
							})
						},
					}
					server.StartTLS()
					t.Cleanup(func() { r.client.Close(); server.Close() })
					r.server.Close()
					r.server = server
					r.next(ClientConfig{CAFile: caFile(t, server)})
					s := r.session(service)
					for range 3 {
						want(t, "error", callOf(t.Context(), s), nil)
					}
					want(t, "streams", streams, 4)
					want(t, "observed", r.with(200, ""), 3)
					want(t, "all", r.sent(), 3)
				})
			})
		}
	}
}

// eachRequest serves HTTP/2 frame by frame, as net/http's server cannot.
func eachRequest(c net.Conn, serve func(f *http2.Framer, stream uint32) error) {
	framer := http2.NewFramer(c, c)
	_, err := io.ReadFull(c, make([]byte, len(http2.ClientPreface)))
	if err == nil {
		err = framer.WriteSettings()
	}
	for err == nil {
		var frame http2.Frame
		if frame, err = framer.ReadFrame(); err != nil {
			return
		}
		ended := false
		switch f := frame.(type) {
		case *http2.HeadersFrame:
			ended = f.StreamEnded()
		case *http2.DataFrame:
			ended = f.StreamEnded()
		}
		if ended {
			err = serve(framer, frame.Header().StreamID)
		}
	}
}

func writeAnswer(f *http2.Framer, stream uint32, body string) error {
	var block bytes.Buffer
	status := hpack.NewEncoder(&block).WriteField(hpack.HeaderField{Name: ":status", Value: "200"})
	headers := f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block.Bytes(), EndHeaders: true})
	return errors.Join(status, headers, f.WriteData(stream, true, []byte(body)))
}
