package server

import (
	"fmt"
	"net/http"
	"net/http/pprof"
	"net/url"
	"strconv"

	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	build "github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"

	"huaweicloud_tag_exporter/collector"
	"huaweicloud_tag_exporter/internal/catalog"
)

// Name is the name of the program.
const Name = "huaweicloud_tag_exporter"

// root is the pattern of the landing page.
const root = "GET /{$}"

// Routes returns the handler of all pages.
func (s *Server) Routes() (http.Handler, error) {
	landing, err := s.landingPage()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux() // GET is HEAD too; it answers 405 to others
	mux.Handle(root, landing)
	metrics := &collector.Handler{
		Current: s.running.Load,
		Process: []prometheus.Collector{
			collectors.NewGoCollector(),
			collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
			buildInfo(),
			s.successful, s.successTime,
		},
		TimeoutOffset:  s.options.TimeoutOffset,
		DefaultTimeout: s.options.DefaultTimeout,
		Logger:         s.options.Logger,
	}
	mux.HandleFunc("GET /-/healthy", text("healthy\n"))
	mux.HandleFunc("GET /-/ready", text("ready\n"))
	mux.HandleFunc("/-/reload", s.serveReload)
	mux.HandleFunc("GET /service-discovery", s.serveDiscovery)
	mux.HandleFunc("GET /config", s.serveConfig)
	mux.HandleFunc("GET /status", s.serveStatus)
	if s.options.EnablePprof {
		mux.HandleFunc("/debug/pprof/", pprof.Index)
		mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
		mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	}
	return withMetrics(mux, s.options.TelemetryPath, metrics)
}

// landingPage links to the other pages by relative addresses, so that it also works
// where a proxy serves it under a path of its own.
func (s *Server) landingPage() (http.Handler, error) {
	const here = "./"
	metrics := (&url.URL{Path: s.options.TelemetryPath}).EscapedPath()
	page, err := web.NewLandingPage(web.LandingConfig{
		RoutePrefix: here, // each link begins with it
		Name:        "Huawei Cloud tag exporter",
		Description: "Tags of " + catalog.Titles() + ", and of all that an account has",
		Version:     s.options.Version,
		Profiling:   strconv.FormatBool(s.options.EnablePprof),
		Links: []web.LandingLinks{
			{Address: metrics, Text: "Metrics"},
			{Address: metrics + "?collect=" + collector.None, Text: "Metrics of the exporter itself", Description: "nothing is read for them"},
			{Address: "status", Text: "Status", Description: "what the last scrapes saw, by account"},
			{Address: "service-discovery", Text: "Service discovery", Description: "one target for each project and service, for what an account lists, and for the exporter itself"},
			{Address: "config", Text: "Configuration", Description: "in force, without secrets"},
			{Address: "-/healthy", Text: "Health"},
			{Address: "-/ready", Text: "Readiness"},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("landing page: %w", err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.Clone(r.Context())
		r.URL.Path = here // the page takes the prefix of its links for its own path
		page.ServeHTTP(w, r)
	}), nil
}

// buildInfo is what collectors/version has, and the date of the build besides.
func buildInfo() prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: Name + "_build_info",
		Help: "1, labeled by the version, revision, branch and date of the exporter, and by what it was built with and for.",
		ConstLabels: prometheus.Labels{
			"version": build.Version, "revision": build.GetRevision(), "branch": build.Branch, "build_date": build.BuildDate,
			"tags": build.GetTags(), "goversion": build.GoVersion, "goos": build.GoOS, "goarch": build.GoArch,
		},
	}, func() float64 { return 1 })
}

// withMetrics puts the metrics beside the pages; in the place of the landing
// page if the path is "/". The path is compared rather than given to the mux,
// which panics on some and takes others for patterns.
func withMetrics(pages *http.ServeMux, path string, metrics http.Handler) (http.Handler, error) {
	asked := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: path}}
	if _, pattern := pages.Handler(asked); pattern != "" && pattern != root {
		return nil, fmt.Errorf("--web.telemetry-path: %s is the path of another page", path)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == path {
			metrics.ServeHTTP(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	}), nil
}

func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }
}

func (s *Server) serveReload(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodPost && r.Method != http.MethodPut:
		w.Header().Set("Allow", "POST, PUT")
		http.Error(w, "only POST and PUT reload", http.StatusMethodNotAllowed)
		return
	case !s.options.EnableLifecycle:
		http.Error(w, "reloading over HTTP needs --web.enable-lifecycle", http.StatusForbidden)
		return
	}
	if err := s.Reload(); err != nil {
		_ = level.Error(s.options.Logger).Log("msg", "reloading configuration failed", "err", err)
		http.Error(w, "reloading configuration failed: "+err.Error(), http.StatusInternalServerError)
	}
}

func (s *Server) serveConfig(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	now := s.running.Load()
	_, _ = w.Write(now.Config.YAML())
	for _, known := range now.InForce() {
		_, _ = w.Write(comment(known))
	}
}
