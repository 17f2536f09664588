package server

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"huaweicloud_tag_exporter/collector"
)

// targetGroup is one entry of Prometheus's HTTP service discovery.
// https://prometheus.io/docs/prometheus/latest/http_sd/
type targetGroup struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

// discoveryTimeout is how long IAM may take to say which projects an account has. After
// that, Prometheus is told of those that are known: it would not wait for ever either.
const discoveryTimeout = 5 * time.Second

// serveDiscovery names this exporter, as the asking Prometheus reaches it, once for
// each project and service, once for what an account lists, and once for the series about
// the exporter itself.
func (s *Server) serveDiscovery(w http.ResponseWriter, r *http.Request) {
	if r.Host == "" { // HTTP/1.0
		http.Error(w, "without a Host header the targets have no address", http.StatusBadRequest)
		return
	}
	groups := []targetGroup{}
	add := func(instance string, labels map[string]string) {
		labels["instance"] = instance
		// What is left out is the scrape job's own, which knows of a proxy's path.
		if s.options.TelemetryPath != "/metrics" {
			labels["__metrics_path__"] = s.options.TelemetryPath
		}
		if isHTTPS(r) {
			labels["__scheme__"] = "https"
		}
		groups = append(groups, targetGroup{[]string{r.Host}, labels})
	}
	ctx, cancel := context.WithTimeout(r.Context(), discoveryTimeout)
	defer cancel()
	targets, accounts := s.running.Load().Targets(ctx)
	for _, t := range targets {
		labels := map[string]string{"__param_collect": t.Service}
		if accounts { // elsewhere a project of the same name may be of another account
			labels["__param_account"] = t.Account
		}
		instance := t.Service
		if t.Project != "" {
			labels["__param_project"] = t.Project
			instance = t.Project + "/" + instance
		}
		if t.Project == "" || t.Discovered {
			instance = t.Account + "/" + instance
		}
		add(instance, labels)
	}
	add("exporter", map[string]string{"__param_collect": collector.None})
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(groups)
}

// isHTTPS reports whether the asker came by TLS, to us or to the first of the proxies
// between.
func isHTTPS(r *http.Request) bool {
	asked, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Proto"), ",")
	return r.TLS != nil || strings.EqualFold(strings.TrimSpace(asked), "https")
}
