package collector

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// gauge is a constant metric, as prometheus.NewConstMetric makes them. A scrape
// may have hundreds of thousands, which differ in little: so gauges share the
// labels that are the same, and nothing is sorted for one gauge alone.
//
// Nothing checks its labels. The registry that gathers it does: it leaves out
// a gauge with a label that is no UTF-8, and the others stand.
type gauge struct {
	desc    *prometheus.Desc
	labels  []*dto.LabelPair // sorted by name
	content dto.Gauge
	value   float64
}

// Desc implements prometheus.Metric.
func (g *gauge) Desc() *prometheus.Desc { return g.desc }

// Write implements prometheus.Metric.
func (g *gauge) Write(m *dto.Metric) error {
	m.Label, m.Gauge = g.labels, &g.content
	return nil
}

// emitter sends gauges that share their first labels.
type emitter struct {
	ch     chan<- prometheus.Metric
	shared []*dto.LabelPair // in the order of the descriptions; nil: left out
	absent int              // how many of them are
	slabs  *slabs
}

func newEmitter(ch chan<- prometheus.Metric) emitter {
	return emitter{ch: ch, slabs: new(slabs)}
}

// of returns an emitter of gauges about the reading of a service.
func (e emitter) of(k seriesKey) emitter {
	return e.with("account", k.account).with("project", k.project).with("region", k.region).with("cloud_service", k.service)
}

// with returns an emitter of gauges that share one more label. An empty account, project
// or region is left out: to Prometheus that is the same, to people it is less to read.
func (e emitter) with(name, value string) emitter {
	at, pair := len(e.shared), &dto.LabelPair{Name: &name, Value: &value}
	if value == "" && at < maybeAbsent {
		pair, e.absent = nil, e.absent+1
	}
	e.shared = append(e.shared[:at:at], pair)
	return e
}

// gauge sends a gauge. The values of its further labels follow those of the
// shared ones, in the order of the description.
func (e emitter) gauge(d description, value float64, more ...string) {
	g := &e.slabs.gauges.take(1)[0]
	g.desc, g.value = d.Desc, value
	g.content.Value = &g.value
	pairs, values := e.slabs.pairs.take(len(more)), e.slabs.values.take(len(more))
	copy(values, more)
	for i := range more {
		pairs[i].Name, pairs[i].Value = &d.Labels[len(e.shared)+i], &values[i]
	}
	g.labels = e.slabs.labels.take(len(d.Labels) - e.absent)[:0]
	for _, label := range d.sorted {
		if own := label - len(e.shared); own >= 0 {
			g.labels = append(g.labels, &pairs[own])
		} else if e.shared[label] != nil {
			g.labels = append(g.labels, e.shared[label])
		}
	}
	e.ch <- g
}

// number returns a truth as the value of a gauge.
func number(truth bool) float64 {
	if truth {
		return 1
	}
	return 0
}

// seconds returns a time as the value of a gauge.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// slabs hand out what gauges are made of from arrays of 128, so that a scrape of
// 100,000 series makes thousands of allocations instead of a million.
type slabs struct {
	gauges slab[gauge]
	labels slab[*dto.LabelPair]
	pairs  slab[dto.LabelPair]
	values slab[string]
}

// slab allocates for many at once. Each keeps its neighbours in memory, which
// suits the gauges of a scrape: they all end with it.
type slab[T any] []T

// take returns n zero values.
func (s *slab[T]) take(n int) []T {
	if len(*s) < n {
		*s = make([]T, max(n, 128))
	}
	taken := (*s)[:n:n]
	*s = (*s)[n:]
	return taken
}
