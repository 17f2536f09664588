package collector

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// TestGauge: whichever of its labels it shares, a gauge is what client_golang
// would have made of the same description, value and labels.
func TestGauge(t *testing.T) {
	const rounds = 40 // more gauges than one slab holds
	for _, d := range descriptions {
		labels := make([]string, len(d.Labels))
		for i, name := range d.Labels {
			labels[i] = "the " + name
		}
		ch := make(chan prometheus.Metric, rounds*(len(labels)+1))
		all := newEmitter(ch)
		for round := range rounds {
			emit := all
			for shared := range labels {
				emit.gauge(d, float64(round), labels[shared:]...)
				emit = emit.with(d.Labels[shared], labels[shared])
			}
			emit.gauge(d, float64(round))
		}
		close(ch)
		n := 0
		for m := range ch {
			want, got := new(dto.Metric), new(dto.Metric)
			round := n / (len(labels) + 1)
			if err := prometheus.MustNewConstMetric(d.Desc, prometheus.GaugeValue, float64(round), labels...).Write(want); err != nil {
				t.Fatal(err)
			}
			if err := m.Write(got); err != nil {
				t.Fatal(err)
			}
			if got.String() != want.String() || m.Desc() != d.Desc {
				t.Fatalf("%s, gauge %d\n got %v %v\nwant %v %v", d.Name, n, m.Desc(), got, d.Desc, want)
			}
			n++
		}
	}
}
