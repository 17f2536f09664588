package collector

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Handler answers scrapes.
type Handler struct {
	// Current returns the collector of the running configuration.
	Current func() *Collector
	// Process holds the series that are not about any project. A narrowed
	// scrape leaves them out.
	Process []prometheus.Collector
	// TimeoutOffset is taken off the time that the scraper gives, for the
	// answer's way back; but at most half of it. If judging and encoding recent
	// answers took longer than that, that time (times 1.5) is taken off instead.
	TimeoutOffset time.Duration
	// DefaultTimeout bounds a scrape whose scraper gives no time.
	DefaultTimeout time.Duration
	Logger         log.Logger

	rendering atomic.Int64 // what judging and encoding took lately, ns
}

// ServeHTTP implements http.Handler. It answers before the scraper's deadline,
// whatever the cloud does.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD are served here", http.StatusMethodNotAllowed)
		return
	}
	timeout, given := h.timeout(r.Header.Get("X-Prometheus-Scrape-Timeout-Seconds"))
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil { // what cannot be read might have narrowed it
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	selection := Selection{
		Accounts: slices.Concat(query["account"], query["account[]"]),
		Projects: slices.Concat(query["project"], query["project[]"]),
		Services: slices.Concat(query["collect"], query["collect[]"]),
	}
	current := h.Current()
	if err := current.Check(selection); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if r.Method == http.MethodHead {
		h.encode(r, nil).send(w, r) // reading the cloud for nothing but headers is a waste
		return
	}
	collectors, readUntil := current.Scrape(ctx, selection)
	if hungUp(ctx) {
		return
	}
	if !selection.narrowed() || selection.none() {
		collectors = append(collectors, h.Process...)
	}
	a := h.encode(r, collectors)
	if given && !selection.none() {
		h.rendered(time.Since(readUntil))
	}
	a.send(w, r)
}

// encode returns the series of the collectors in the format that the scraper
// prefers.
func (h *Handler) encode(r *http.Request, collectors []prometheus.Collector) *answer {
	registry := prometheus.NewRegistry()
	for _, c := range collectors {
		if err := registry.Register(c); err != nil { // two series of one name: a mistake of ours
			_ = level.Error(h.Logger).Log("msg", "registering metrics failed", "err", err)
		}
	}
	a := newAnswer()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorLog:          errorLog{h.Logger},
		ErrorHandling:     promhttp.ContinueOnError, // one bad series must not take the others with it
		EnableOpenMetrics: true,
	}).ServeHTTP(a, r)
	return a
}

// rendered remembers how long an answer takes once everything is read: a slow
// one at once, and it wears off in the scrapes after it. What the scraper takes to
// read it is not counted: one that is slow must not take time off all others.
func (h *Handler) rendered(took time.Duration) {
	before := h.rendering.Load()
	h.rendering.Store(max(int64(took), before-before/8))
}

// timeout returns the time for a scrape, and whether its scraper named one.
func (h *Handler) timeout(header string) (timeout time.Duration, given bool) {
	seconds, err := strconv.ParseFloat(header, 64)
	if err != nil || !(seconds > 0) || seconds > 24*3600 {
		return h.DefaultTimeout, false
	}
	whole := time.Duration(seconds * float64(time.Second))
	// The offset is meant for the way back. A large answer takes longer than that.
	offset := max(h.TimeoutOffset, time.Duration(h.rendering.Load())*3/2)
	return whole - min(offset, whole/2), true
}

type errorLog struct{ logger log.Logger }

// Println implements promhttp.Logger.
func (l errorLog) Println(v ...any) {
	for _, err := range v {
		_ = level.Error(l.logger).Log("msg", "encoding metrics failed", "err", err)
	}
}
