package collector

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/policy"
	"huaweicloud_tag_exporter/internal/simulator"
)

// dial asks for an answer and leaves it to the test to read it.
func (w *world) dial(request string) (net.Conn, *bufio.Reader) {
	w.t.Helper()
	conn, err := w.network.DialContext(w.t.Context(), "tcp", w.web.Listener.Addr().String())
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, request); err != nil {
		w.t.Fatal(err)
	}
	return conn, bufio.NewReader(conn)
}

// large has an answer that no buffer of a connection holds.
func large(t *testing.T) *world {
	t.Helper()
	instances := fleet(2000)
	for i := range instances {
		instances[i].Tags = []simulator.Tag{simulator.T("owner", fmt.Sprint("team-", i))}
	}
	w := newWorld(t, simulator.Options{}, simulator.Project{Instances: instances}, "{dds: {tags_from: instance_list}}")
	w.configure(w.config("{dds: {tags_from: instance_list}}", "") + "\ntags: {max_values_per_key: 5000}")
	w.handler.TimeoutOffset = 500 * time.Millisecond
	return w
}

// given returns for how long a scrape may read.
func (w *world) given(timeout time.Duration) time.Duration {
	w.t.Helper()
	synctest.Wait() // earlier reads have ended
	target := w.collector.targets[0]
	before := target.reader
	target.reader = readerFunc(func(ctx context.Context, _ *huaweicloud.Session, _ *inventory.Reading) error {
		<-ctx.Done()
		return ctx.Err()
	})
	defer func() { synctest.Wait(); target.reader = before }()
	begun := time.Now()
	w.scrapeWithin("", timeout).want(w.t, "collector_success", `collector_success{cloud_service="dds"} 0`)
	return time.Since(begun)
}

// TestAnswerChunks: an answer is what was written, in as few pieces as it fits in.
func TestAnswerChunks(t *testing.T) {
	a, want := newAnswer(), new(bytes.Buffer)
	for _, size := range []int{0, 1, chunkBytes - 2, 1, 7, 3 * chunkBytes, chunkBytes - 7, 5} {
		piece := bytes.Repeat([]byte{byte(size)}, size)
		want.Write(piece)
		if n, err := a.Write(piece); n != size || err != nil {
			t.Errorf("wrote %d of %d bytes, %v", n, size, err)
		}
	}
	if got := bytes.Join(a.chunks, nil); !bytes.Equal(got, want.Bytes()) || a.size != want.Len() {
		t.Errorf("%d bytes of %d, size %d", len(got), want.Len(), a.size)
	}
	if got := (want.Len() + chunkBytes - 1) / chunkBytes; len(a.chunks) != got {
		t.Errorf("%d chunks, want %d", len(a.chunks), got)
	}
}

// TestSlowReader: a client that takes its time over an answer takes none from
// the scrapes after it, or beside it.
func TestSlowReader(t *testing.T) {
	for _, test := range []struct{ name, header string }{
		{"a browser", ""},
		{"a scraper", within(50*time.Second) + "\r\n"},
	} {
		bubble(t, test.name, func(t *testing.T) {
			w := large(t)
			_, slow := w.dial("GET /metrics HTTP/1.1\r\nHost: x\r\n" + test.header + "\r\n")
			synctest.Wait() // the answer waits to be read
			if f := w.flight(); f != nil {
				t.Error("its read is not over")
			}
			if got := w.given(10 * time.Second); got != 9500*time.Millisecond {
				t.Errorf("a scrape meanwhile has %s", got)
			}
			time.Sleep(stallTimeout / 2)
			resp, err := http.ReadResponse(slow, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if body, err := io.ReadAll(resp.Body); err != nil || len(body) < 3*chunkBytes {
				t.Fatalf("%d bytes, %v", len(body), err)
			}
			if got := w.given(10 * time.Second); got != 9500*time.Millisecond {
				t.Errorf("the next scrape has %s", got)
			}
		})
	}
}

// TestStalledReader: who stops reading is given up after a minute, but not who
// reads slowly, and a connection is not cut for the requests after that.
func TestStalledReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := large(t)
		const request = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
		_, stalled := w.dial(request)
		time.Sleep(stallTimeout + time.Second)
		if n, err := io.Copy(io.Discard, stalled); err != nil || n > 3*chunkBytes {
			t.Errorf("a stalled client still got %d bytes, %v", n, err)
		}
		slow, answers := w.dial(request)
		resp, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		for size := int64(0); size < resp.ContentLength; {
			time.Sleep(stallTimeout - time.Second)
			n, err := io.CopyN(io.Discard, resp.Body, min(2*chunkBytes, resp.ContentLength-size))
			if err != nil {
				t.Fatalf("cut after %d of %d bytes: %v", size+n, resp.ContentLength, err)
			}
			size += n
		}
		time.Sleep(2 * stallTimeout)
		if _, err := io.WriteString(slow, "GET /metrics?project=nobody HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if resp, err = http.ReadResponse(answers, nil); err != nil || resp.StatusCode != http.StatusBadRequest {
			t.Fatalf("the next request on that connection: %v, %v", resp, err)
		}
		defer resp.Body.Close()
	})
}

// sleeper is a collector whose series take long to gather.
type sleeper time.Duration

func (sleeper) Describe(chan<- *prometheus.Desc) {}

func (s sleeper) Collect(chan<- prometheus.Metric) { time.Sleep(time.Duration(s)) }

// TestWorkIsTakenOff: what judging and encoding take is taken off the time of the
// scrapes after it, if that is more than the offset, and wears off. It counts from
// the end of the last read on.
func TestWorkIsTakenOff(t *testing.T) {
	for _, test := range []struct {
		name              string
		judging, encoding time.Duration
		query             string
		timeout           time.Duration // of that scrape
		want              time.Duration // for the next, of 10 s
	}{
		{"quick", 0, 300 * time.Millisecond, "", time.Minute, 9500 * time.Millisecond},
		{"judging", 2 * time.Second, 0, "", time.Minute, 7 * time.Second},
		{"encoding", 0, 2 * time.Second, "", time.Minute, 7 * time.Second},
		{"both", time.Second, time.Second, "", time.Minute, 7 * time.Second},
		{"at most half of it", time.Minute, 0, "", time.Minute, 5 * time.Second},
		{"of a scrape that names no time", 2 * time.Second, 2 * time.Second, "", 0, 9500 * time.Millisecond},
		{"of one that reads nothing", 0, 2 * time.Second, "collect=none", time.Minute, 9500 * time.Millisecond},
	} {
		bubble(t, test.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{}, simulator.Project{}, "{dds: {}}")
			w.handler.TimeoutOffset = 500 * time.Millisecond
			w.cloud.Inject(simulator.Fault{Latency: time.Second})
			evaluate := w.collector.evaluate
			w.collector.evaluate = func(p *policy.Policy, s policy.Scope, i inventory.Inventory, n int) policy.Verdict {
				time.Sleep(test.judging)
				return evaluate(p, s, i, n)
			}
			w.handler.Process = []prometheus.Collector{sleeper(test.encoding)}
			w.scrapeWithin(test.query, test.timeout)
			w.handler.Process, w.collector.evaluate = nil, evaluate
			if got := w.given(10 * time.Second); got != test.want {
				t.Errorf("the next scrape reads for %s, want %s", got, test.want)
			}
			for range 50 {
				w.scrapeWithin("", time.Minute)
			}
			if got := w.given(10 * time.Second); got != 9500*time.Millisecond {
				t.Errorf("after many quick ones: %s", got)
			}
		})
	}
}
