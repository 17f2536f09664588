//go:build unix

package collector

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// prebuilt is a collector of metrics that exist already.
type prebuilt []prometheus.Metric

func (prebuilt) Describe(chan<- *prometheus.Desc) {}

func (p prebuilt) Collect(ch chan<- prometheus.Metric) {
	for _, m := range p {
		ch <- m
	}
}

// prebuild returns what a collector collects as client_golang's own constant
// metrics, in the same order.
func prebuild(c prometheus.Collector) (built prebuilt) {
	plain, described := make(map[string]*prometheus.Desc), make(map[*prometheus.Desc]description)
	for _, d := range descriptions {
		described[d.Desc] = d
	}
	metrics := make(chan prometheus.Metric)
	go func() {
		defer close(metrics)
		c.Collect(metrics)
	}()
	for m := range metrics {
		var content dto.Metric
		_ = m.Write(&content)
		values := make(map[string]string)
		for _, pair := range content.Label {
			values[pair.GetName()] = strings.Clone(pair.GetValue())
		}
		d := described[m.Desc()]
		labels := slices.DeleteFunc(slices.Clone(d.Labels), func(name string) bool { _, given := values[name]; return !given })
		as := d.Name + strings.Join(labels, ",") // one without an account, which is left out
		if plain[as] == nil {
			plain[as] = prometheus.NewDesc(d.Name, d.Help, labels, nil)
		}
		ordered := make([]string, len(labels))
		for i, name := range labels {
			ordered[i] = values[name]
		}
		built = append(built, prometheus.MustNewConstMetric(plain[as], prometheus.GaugeValue, content.Gauge.GetValue(), ordered...))
	}
	return built
}

// cost is what a function took in several rounds. Of its times the best counts,
// since other work on the machine only adds to them.
type cost struct {
	wall, cpu     time.Duration
	allocs, bytes uint64
}

// of runs f. It begins without garbage, so that f pays for its own only.
func (c *cost) of(f func()) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	begun, used := time.Now(), cpuTime()
	f()
	wall, cpu := time.Since(begun), cpuTime()-used
	runtime.ReadMemStats(&after)
	if c.wall == 0 {
		c.wall, c.cpu = wall, cpu
	}
	c.wall, c.cpu = min(c.wall, wall), min(c.cpu, cpu)
	c.allocs += after.Mallocs - before.Mallocs
	c.bytes += after.TotalAlloc - before.TotalAlloc
}

// cpuTime is what all processors spent on this process so far.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func (c *cost) report(b *testing.B, prefix string) {
	b.Helper()
	b.ReportMetric(float64(c.wall.Nanoseconds())/manySeries, prefix+"ns/series")
	b.ReportMetric(float64(c.cpu.Nanoseconds())/manySeries, prefix+"cpu-ns/series")
	b.ReportMetric(float64(c.allocs)/float64(b.N)/manySeries, prefix+"allocs/series")
	b.ReportMetric(float64(c.bytes)/float64(b.N)/manySeries, prefix+"B/series")
}

// BenchmarkExposition takes an inventory with 100,000 distinct tags to the
// bytes of the answer: it counts, builds the series, gathers and encodes them.
// x-prebuilt and x-prebuilt-cpu compare its time with that of gathering and
// encoding alone, of metrics that exist already.
func BenchmarkExposition(b *testing.B) {
	for _, resources := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("resources=%d", resources), func(b *testing.B) {
			inv := manyTags(resources)
			built := prebuild(scrapeOf(inv))
			var ours, theirs cost
			for b.Loop() {
				var bytes, wanted int
				theirs.of(func() { wanted = expose(built) })
				ours.of(func() { bytes = expose(scrapeOf(inv)) })
				if bytes != wanted {
					b.Fatalf("%d bytes, want %d", bytes, wanted)
				}
			}
			b.ReportMetric(0, "ns/op") // of both together, which says nothing
			ours.report(b, "")
			theirs.report(b, "prebuilt-")
			b.ReportMetric(ours.wall.Seconds()/theirs.wall.Seconds(), "x-prebuilt")
			b.ReportMetric(ours.cpu.Seconds()/theirs.cpu.Seconds(), "x-prebuilt-cpu")
		})
	}
}
