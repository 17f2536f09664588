package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"

	"huaweicloud_tag_exporter/internal/memnet"
)

// serveAfter starts our server in front of a page that answers after a while.
func serveAfter(t *testing.T, d time.Duration) (*http.Server, func() net.Conn) {
	t.Helper()
	var network memnet.Network
	listener := network.Listen()
	server := newHTTPServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(d):
			_, _ = io.WriteString(w, "page")
		case <-r.Context().Done():
		}
	}))
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-served
	})
	return server, func() net.Conn {
		conn, err := network.DialContext(t.Context(), "tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
}

const request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

func send(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

func wantPage(t *testing.T, from *bufio.Reader) {
	t.Helper()
	resp, err := http.ReadResponse(from, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "page" {
		t.Errorf("%q, %v", body, err)
	}
}

// TestIdleConnections: a scraper that comes every five minutes, less a second, keeps
// its connection; one that has left without a word is forgotten.
func TestIdleConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, dial := serveAfter(t, 0)
		conn := dial()
		answers := bufio.NewReader(conn)
		for range 3 {
			send(t, conn, request)
			wantPage(t, answers)
			time.Sleep(5*time.Minute - time.Second)
		}
		begun := time.Now()
		if _, err := answers.ReadByte(); err != io.EOF || time.Since(begun) != time.Second {
			t.Errorf("the idle connection ended after another %s: %v", time.Since(begun), err)
		}
	})
}

// TestUnfinishedRequest: a client that does not finish its request is not waited for.
func TestUnfinishedRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, dial := serveAfter(t, 0)
		conn := dial()
		send(t, conn, "GET / HTTP/1.1\r\nHost: ")
		begun := time.Now()
		if _, err := io.Copy(io.Discard, conn); err != nil || time.Since(begun) != 10*time.Second {
			t.Errorf("it ended after %s: %v", time.Since(begun), err)
		}
	})
}

// TestStop: what is being answered is answered, as long as that takes no more than 20 s.
func TestStop(t *testing.T) {
	for _, test := range []struct {
		name          string
		answers, ends time.Duration
		log           string
	}{
		{"in time", 15 * time.Second, 15 * time.Second, ""},
		{"too late", time.Hour, 20 * time.Second, "scrapes were cut off"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, dial := serveAfter(t, test.answers)
				conn := dial()
				send(t, conn, request)
				synctest.Wait()
				begun := time.Now()
				var logged bytes.Buffer
				stop(server, log.NewLogfmtLogger(&logged))
				if took := time.Since(begun); took < test.ends || took > test.ends+time.Second { // it looks twice a second
					t.Errorf("it stopped after %s, want %s", took, test.ends)
				}
				if test.log == "" {
					wantPage(t, bufio.NewReader(conn))
				} else if _, err := io.Copy(io.Discard, conn); err != nil {
					t.Error(err)
				}
				if got := logged.String(); !strings.Contains(got, test.log) || (test.log == "") != (got == "") {
					t.Errorf("logged: %s", got)
				}
			})
		})
	}
}
