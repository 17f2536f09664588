// Package server is the exporter as a running program: the configuration in
// force, its replacement by another one, and the pages.
package server

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"

	"huaweicloud_tag_exporter/collector"
	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// Options are the settings that last as long as the process.
type Options struct {
	// Load reads the configuration, at the start and on each reload.
	Load      func() (*config.Config, error)
	UserAgent string
	Version   string // for people
	Logger    log.Logger
	Dial      huaweicloud.DialFunc // to the cloud; nil: the network's

	TelemetryPath   string
	EnableLifecycle bool
	EnablePprof     bool
	TimeoutOffset   time.Duration
	DefaultTimeout  time.Duration
}

// Server holds the running configuration. It is safe for concurrent use.
type Server struct {
	options Options
	reload  sync.Mutex // one at a time
	running atomic.Pointer[collector.Collector]

	successful  prometheus.Gauge
	successTime prometheus.Gauge
}

// New loads the configuration for the first time. Its error is that of Load.
func New(o Options) (*Server, error) {
	s := &Server{
		options: o,
		successful: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "huaweicloud_tag_config_last_reload_successful",
			Help: "Whether the last attempt to load the configuration was successful.",
		}),
		successTime: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "huaweicloud_tag_config_last_reload_success_timestamp_seconds",
			Help: "When the configuration was last loaded successfully.",
		}),
	}
	return s, s.Reload()
}

// Reload loads the configuration again. If that fails, the old one stays in
// force and the error says why.
func (s *Server) Reload() error {
	s.reload.Lock()
	defer s.reload.Unlock()
	err := s.replace()
	if err != nil {
		s.successful.Set(0)
		return err
	}
	s.successful.Set(1)
	s.successTime.SetToCurrentTime()
	c := s.running.Load().Config
	_ = level.Info(s.options.Logger).Log("msg", "loaded configuration", "projects", len(c.Projects), "accounts", len(c.Accounts))
	return nil
}

func (s *Server) replace() error {
	c, err := s.options.Load()
	if err != nil {
		return err
	}
	previous := s.running.Load()
	next, err := collector.New(c, collector.Options{
		UserAgent: s.options.UserAgent, Logger: s.options.Logger, Dial: s.options.Dial,
	}, previous)
	if err != nil {
		return err
	}
	s.running.Store(next)
	if previous != nil {
		previous.Close()
	}
	return nil
}

// Audit reads everything once. It calls ended as each project and service ends.
func (s *Server) Audit(ctx context.Context, ended func()) []collector.Report {
	return s.running.Load().Audit(ctx, ended)
}

// NamesResponsible reports whether the policy says who has to mend what an audit finds.
func (s *Server) NamesResponsible() bool { return s.running.Load().Config.Policy.NamesResponsible() }

// Close closes idle connections to the cloud.
func (s *Server) Close() { s.running.Load().Close() }
