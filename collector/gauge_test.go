package collector

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// TestGauge: whichever of its labels it shares, and whichever of those are absent, a
// gauge is what client_golang would have made of the same description, value and labels.
func TestGauge(t *testing.T) {
	const rounds = 40 // more gauges than one slab holds
	for _, d := range descriptions {
		first := min(maybeAbsent, len(d.Labels)) // the labels that all gauges share
		for absent := range 1 << 3 {             // account, project, region
			labels, constant := make([]string, len(d.Labels)), prometheus.Labels{}
			for i, name := range d.Labels {
				if i >= maybeAbsent || absent&(1<<i) == 0 {
					labels[i] = "the " + name
					constant[name] = labels[i]
				}
			}
			var gauges []prometheus.Metric
			collect(func(all emitter) {
				for round := range rounds {
					emit := all
					for i, name := range d.Labels {
						emit = emit.with(name, labels[i])
						if i+1 >= first {
							emit.gauge(d, float64(round), labels[i+1:]...)
						}
					}
				}
			}, func(m prometheus.Metric) { gauges = append(gauges, m) })
			perRound := len(d.Labels) - first + 1
			if len(gauges) != rounds*perRound {
				t.Fatalf("%s: %d gauges", d.Name, len(gauges))
			}
			for i, m := range gauges {
				want, got := new(dto.Metric), new(dto.Metric)
				plain := prometheus.NewDesc(d.Name, d.Help, nil, constant)
				if err := prometheus.MustNewConstMetric(plain, prometheus.GaugeValue, float64(i/perRound)).Write(want); err != nil {
					t.Fatal(err)
				}
				if err := m.Write(got); err != nil {
					t.Fatal(err)
				}
				if got.String() != want.String() || m.Desc() != d.Desc {
					t.Fatalf("%s, gauge %d\n got %v %v\nwant %v %v", d.Name, i, m.Desc(), got, d.Desc, want)
				}
			}
		}
	}
}

// collect hands on what is emitted.
func collect(emit func(emitter), each func(prometheus.Metric)) {
	ch := make(chan prometheus.Metric)
	go func() {
		defer close(ch)
		emit(newEmitter(ch))
	}()
	for m := range ch {
		each(m)
	}
}
