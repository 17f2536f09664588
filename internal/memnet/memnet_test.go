package memnet

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/nettest"
)

func TestConn(t *testing.T) {
	nettest.TestConn(t, func() (client, server net.Conn, stop func(), err error) {
		client, server = newPair(&net.TCPAddr{Port: 1}, &net.TCPAddr{Port: 2})
		return client, server, func() { client.Close(); server.Close() }, nil
	})
}

func TestReset(t *testing.T) {
	client, server := newPair(&net.TCPAddr{Port: 1}, &net.TCPAddr{Port: 2})
	defer client.Close()
	if _, err := server.Write([]byte("lost")); err != nil {
		t.Fatal(err)
	}
	if err := server.(*conn).SetLinger(0); err != nil {
		t.Fatal(err)
	}
	server.Close()
	if n, err := client.Read(make([]byte, 4)); n != 0 || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("read %d bytes, %v; want a reset", n, err)
	}
}

// TestVirtualTime: a server that answers after an hour answers at once, and an
// hour has passed.
func TestVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var network Network
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(time.Hour)
			_, _ = io.WriteString(w, "late")
		}))
		server.Listener = network.Listen()
		server.Start()
		defer server.Close()
		transport := &http.Transport{DialContext: network.DialContext}
		defer transport.CloseIdleConnections()
		begun := time.Now()
		resp, err := (&http.Client{Transport: transport}).Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if body, err := io.ReadAll(resp.Body); string(body) != "late" || time.Since(begun) != time.Hour {
			t.Errorf("%q after %s, error %v", body, time.Since(begun), err)
		}
	})
}

func TestRefused(t *testing.T) {
	var network Network
	l := network.Listen()
	l.Close()
	if _, err := network.DialContext(context.Background(), "tcp", l.Addr().String()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dialling what was closed: %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accept: %v", err)
	}
}
