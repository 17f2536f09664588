package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// broken asks for the instances, and returns what comes of a broken answer.
func (r *rig) broken(b Break) (status int, body []byte, err error) {
	defer r.Inject(Fault{Break: b})()
	resp, err := r.client.Do(r.sign(r.request("GET", instances, ""), "", testAK, testSK))
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	return resp.StatusCode, body, err
}

// TestBreaks: what ends at once does so in a bubble, where a test that hangs fails.
func TestBreaks(t *testing.T) {
	t.Run("reset", func(t *testing.T) {
		if _, _, err := newRig(t, Options{}).broken(Reset); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("hangup", func(t *testing.T) {
		inBubble(t, Options{}, func(r *rig) {
			if _, _, err := r.broken(Hangup); !errors.Is(err, io.EOF) {
				r.t.Errorf("error %v", err)
			}
		})
	})
	t.Run("truncated", func(t *testing.T) {
		inBubble(t, Options{}, func(r *rig) {
			status, body, err := r.broken(Truncated)
			if status != 200 || len(body) == 0 || !errors.Is(err, io.ErrUnexpectedEOF) {
				r.t.Errorf("%d, %d bytes, error %v", status, len(body), err)
			}
		})
	})
	t.Run("half json", func(t *testing.T) {
		status, body, err := newRig(t, Options{}).broken(HalfJSON)
		if status != 200 || err != nil || json.Valid(body) || len(body) == 0 {
			t.Errorf("%d, %s, error %v", status, body, err)
		}
	})
	t.Run("wrong json", func(t *testing.T) {
		status, body, err := newRig(t, Options{}).broken(WrongJSON)
		if status != 200 || err != nil || !json.Valid(body) {
			t.Errorf("%d, %s, error %v", status, body, err)
		}
	})
	t.Run("huge", func(t *testing.T) {
		status, body, err := newRig(t, Options{}).broken(Huge)
		if status != 200 || err != nil || len(body) <= 16<<20 || !json.Valid(body) {
			t.Errorf("%d, %d bytes, error %v", status, len(body), err)
		}
	})
}

// TestNoContentWithBody looks at the bytes, since a client does not.
func TestNoContentWithBody(t *testing.T) {
	r := newRig(t, Options{})
	r.Inject(Fault{Answer: Instead(Text(http.StatusNoContent, `{"tags":[]}`))})
	req := r.sign(r.request("GET", poolTags, ""), "", testAK, testSK)
	req.Close = true // else net/http logs an unsolicited response
	resp, err := r.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent || resp.Header.Get("Content-Length") != "11" {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
}

// TestOtherTransports breaks answers over TLS, with HTTP/1.1 and HTTP/2, where
// connections cannot be taken over.
func TestOtherTransports(t *testing.T) {
	for _, proto := range []string{"HTTP/1.1", "HTTP/2.0"} {
		c := New(Options{Log: 1})
		server := httptest.NewUnstartedServer(c)
		server.EnableHTTP2 = proto == "HTTP/2.0"
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		defer server.Close()
		do := func(f Fault) (int, error) {
			defer c.Inject(f)()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+filterPath, strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			req.Close = proto == "HTTP/1.1"
			resp, err := server.Client().Do(req)
			if err != nil {
				return 0, err
			}
			defer resp.Body.Close()
			_, err = io.ReadAll(resp.Body)
			return resp.StatusCode, err
		}
		for _, b := range []Break{Reset, Hangup, Truncated} {
			if _, err := do(Fault{Break: b, Answer: Instead(Text(200, "long enough"))}); err == nil {
				t.Errorf("%s: break %d shows no error", proto, b)
			}
		}
		if status, err := do(Fault{Answer: Instead(Text(204, "{}"))}); status != 204 || err != nil {
			t.Errorf("%s: 204 is %d, error %v", proto, status, err)
		}
		if got := c.Requests()[0].Proto; got != proto {
			t.Errorf("tested %s, not %s", got, proto)
		}
	}
}

// TestHang: nothing more comes until one side ends it, however long that takes.
func TestHang(t *testing.T) {
	for name, test := range map[string]struct {
		broken  Break
		latency time.Duration
		release func(r *rig, cancel func())
	}{
		"client leaves":              {broken: Hang, release: func(_ *rig, cancel func()) { cancel() }},
		"cloud closes":               {broken: Hang, release: func(r *rig, _ func()) { r.Close(); r.Close() }},
		"client leaves half a body":  {broken: Stall, release: func(_ *rig, cancel func()) { cancel() }},
		"cloud closes half a body":   {broken: Stall, release: func(r *rig, _ func()) { r.Close() }},
		"client leaves slow answer":  {latency: time.Hour, release: func(_ *rig, cancel func()) { cancel() }},
		"cloud speeds up its answer": {latency: time.Hour, release: func(r *rig, _ func()) { r.Close() }},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, Options{}, func(r *rig) {
				r.Inject(Fault{Break: test.broken, Latency: test.latency})
				ctx, cancel := context.WithCancel(r.t.Context())
				defer cancel()
				req := r.sign(r.request("GET", instances, ""), "", testAK, testSK).WithContext(ctx)
				var ended bool
				var body []byte
				var err error
				go func() {
					var resp *http.Response
					if resp, err = r.client.Do(req); err == nil {
						body, err = io.ReadAll(resp.Body)
						err = errors.Join(err, resp.Body.Close())
					}
					ended = true
				}()
				time.Sleep(59 * time.Minute)
				synctest.Wait()
				if ended || r.InFlight(OpListInstances) != 1 {
					r.t.Errorf("ended by itself: %d bytes, error %v", len(body), err)
				}
				test.release(r, cancel)
				synctest.Wait()
				if !ended || (err == nil) != (name == "cloud speeds up its answer") {
					r.t.Errorf("ended: %t, error %v", ended, err)
				}
				if (len(body) > 0) != (test.broken != Hang && name != "client leaves slow answer") {
					r.t.Errorf("%d bytes came", len(body))
				}
			})
		})
	}
}
