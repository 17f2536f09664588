package huaweicloud

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
)

var errConnectionLost = errors.New("the connection was lost before the answer")

type sentKey struct{}

// sendOnce returns a context for a request that is sent once only. By itself,
// net/http sends a GET again when a kept connection breaks: an attempt that
// nobody counts, waits for or paces.
func sendOnce(ctx context.Context) context.Context {
	sent := new(atomic.Bool)
	ctx = context.WithValue(ctx, sentKey{}, sent)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
}

// proxy takes the proxy from the environment. The transport asks it before each
// try, so it can keep a sent request from being sent again.
func proxy(req *http.Request) (*url.URL, error) {
	if sent, ok := req.Context().Value(sentKey{}).(*atomic.Bool); ok && sent.Load() {
		return nil, errConnectionLost
	}
	return http.ProxyFromEnvironment(req)
}
