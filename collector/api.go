package collector

import (
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

// apiSeries counts the attempts that the reads of one service of one project
// make. It outlasts reloads, for as long as the project and the service are
// configured, so that counters never fall. The IAM of a project counts as a service.
type apiSeries struct {
	key      seriesKey
	requests *prometheus.CounterVec
	errors   *prometheus.CounterVec
	duration *prometheus.HistogramVec

	mu    sync.Mutex
	codes map[string]bool // the cloud's own error codes so far
}

// maxCodes bounds the error codes that become series. A service has some dozens;
// an answer that makes them up must not grow the number of series for ever.
const maxCodes = 100

type seriesKey struct{ account, project, region, service string }

// keyOf returns the key of the series about the reading of a part.
func keyOf(p inventory.Part) seriesKey { return seriesKey{p.Account, p.Project, p.Region, p.Service} }

func (k seriesKey) labels() prometheus.Labels {
	labels := prometheus.Labels{"account": k.account, "project": k.project, "region": k.region, "cloud_service": k.service}
	maps.DeleteFunc(labels, func(_, value string) bool { return value == "" })
	return labels
}

var (
	requestsDoc = doc("counter", "api_requests_total",
		"Attempts to call an operation, by HTTP status; code none where there was no answer.", readLabels, "operation", "code")
	errorsDoc = doc("counter", "api_errors_total",
		"Failed attempts, by the cloud's own error code, or timeout, connection, malformed, redirect, too_large, paused.", readLabels, "operation", "error_code")
	latencyDoc = doc("histogram", "api_request_duration_seconds",
		"Time from sending an attempt until its whole answer was read or it was given up.", readLabels, "operation")
)

func newAPISeries(key seriesKey) *apiSeries {
	labels := key.labels()
	return &apiSeries{
		key:   key,
		codes: make(map[string]bool),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: requestsDoc.Name, Help: requestsDoc.Help, ConstLabels: labels,
		}, requestsDoc.Labels[len(readLabels):]),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: errorsDoc.Name, Help: errorsDoc.Help, ConstLabels: labels,
		}, errorsDoc.Labels[len(readLabels):]),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: latencyDoc.Name, Help: latencyDoc.Help, ConstLabels: labels,
			Buckets:                         []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
			NativeHistogramBucketFactor:     1.1,
			NativeHistogramMaxBucketNumber:  100,
			NativeHistogramMinResetDuration: time.Hour,
		}, latencyDoc.Labels[len(readLabels):]),
	}
}

// foresee makes the series of operations exist at 0 before their first call, as far as
// their labels can be foreseen.
func (s *apiSeries) foresee(operations []string) {
	for _, operation := range operations {
		s.requests.WithLabelValues(operation, "200")
		s.requests.WithLabelValues(operation, "none")
		for _, code := range huaweicloud.OwnCodes {
			s.errors.WithLabelValues(operation, code)
		}
		s.duration.WithLabelValues(operation)
	}
}

func (s *apiSeries) observe(a huaweicloud.Attempt) {
	code := "none"
	if a.Status != 0 {
		code = strconv.Itoa(a.Status)
	}
	s.requests.WithLabelValues(a.Operation, code).Inc()
	if a.ErrorCode != "" {
		s.errors.WithLabelValues(a.Operation, s.errorCode(a)).Inc()
	}
	if a.Sent {
		s.duration.WithLabelValues(a.Operation).Observe(a.Duration.Seconds())
	}
}

// errorCode returns the attempt's error code, or one made of its status when
// there are too many already.
func (s *apiSeries) errorCode(a huaweicloud.Attempt) string {
	if slices.Contains(huaweicloud.OwnCodes[:], a.ErrorCode) {
		return a.ErrorCode
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.codes[a.ErrorCode] {
		if len(s.codes) >= maxCodes {
			return "http_" + strconv.Itoa(a.Status)
		}
		s.codes[a.ErrorCode] = true
	}
	return a.ErrorCode
}

// Describe implements prometheus.Collector. It describes nothing: registries want all
// series of a name to have the same labels, and some have no account.
func (*apiSeries) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (s *apiSeries) Collect(ch chan<- prometheus.Metric) {
	s.requests.Collect(ch)
	s.errors.Collect(ch)
	s.duration.Collect(ch)
}
