package main

import (
	"context"
	"net/http"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

const (
	headerTimeout = 10 * time.Second
	// idleTimeout is above usual scrape intervals, so that scrapers keep their
	// connections, while those that nobody uses any more end.
	idleTimeout = 5 * time.Minute
	// stopTimeout is how long scrapes in progress may take to end after SIGTERM.
	stopTimeout = 20 * time.Second
)

// newHTTPServer returns the server of the pages. It bounds neither the time of a
// scrape nor that of its answer: the scraper does the one, the handler the other.
func newHTTPServer(routes http.Handler) *http.Server {
	return &http.Server{Handler: routes, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout}
}

// stop lets scrapes in progress end, but not for ever.
func stop(s *http.Server, logger log.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		_ = level.Warn(logger).Log("msg", "scrapes were cut off", "err", err)
		_ = s.Close()
	}
}
