package huaweicloud

import (
	"net"
	"syscall"
	"testing"
	"time"
)

// TestKeepAlive: the probes of TCP find a dead connection within 30 s. It reads what the
// dialer has told the kernel, since the network in memory of other tests has no TCP.
func TestKeepAlive(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	client, err := NewClient(ClientConfig{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := client.connections.dial(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	option := func(level, name int) (value int) {
		err := raw.Control(func(fd uintptr) {
			if value, err = syscall.GetsockoptInt(int(fd), level, name); err != nil {
				t.Error(err)
			}
		})
		if err != nil {
			t.Error(err)
		}
		return value
	}
	probes := option(syscall.IPPROTO_TCP, syscall.TCP_KEEPCNT)
	seconds := option(syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE) + probes*option(syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL)
	if option(syscall.SOL_SOCKET, syscall.SO_KEEPALIVE) == 0 || probes < 2 || time.Duration(seconds)*time.Second > 30*time.Second {
		t.Errorf("dead within %d s, after %d probes", seconds, probes)
	}
}
