package tagapi

import (
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/simulator"
)

// BenchmarkListed reads 10,000 resources of a service, whose cloud takes 50 ms for each
// answer. The limit is one latency for the first page, and then as many pages at once as
// may be in flight. Most of what is allocated is the simulator's.
func BenchmarkListed(b *testing.B) {
	const n = 10_000
	for _, service := range []string{"ecs", "evs"} {
		b.Run(service, func(b *testing.B) {
			source := listedSourceOf(service)
			w := newListedWorld(b, source, n, simulator.Quirks{})
			var reader Reader
			read := func() {
				reader = source.New(Settings{}, reader)
				reading := inventory.NewReading(inventory.Part{Service: service, ResourceType: source.ResourceType}, inventory.All, inventory.NewFilter(fuzzExclude))
				if err := reader.Read(b.Context(), w.session, reading); err != nil {
					b.Fatal(err)
				}
				if parts, _ := reading.Parts(time.Time{}); len(parts[0].Resources) != n {
					b.Fatalf("%d resources", len(parts[0].Resources))
				}
			}
			read() // the first read of numbered pages makes twice the calls
			clear(w.attempts)
			w.cloud.Inject(simulator.Fault{Latency: latency})
			b.ReportAllocs()
			for b.Loop() {
				read()
			}
			calls := 0
			for _, attempts := range w.attempts {
				calls += attempts
			}
			pages := float64(calls) / float64(b.N)
			limit := latency.Seconds() * (1 + (pages-1)/float64(w.session.Concurrency()))
			b.ReportMetric(pages, "calls/op")
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/limit, "x-limit")
		})
	}
}

// BenchmarkRowPage decodes a page of 1000 volumes, as the reader alone does it.
func BenchmarkRowPage(b *testing.B) {
	body := append([]byte(`{"count":1000,"volumes":[`), make([]byte, 0, 1<<20)...)
	for i := range 1000 {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, `{"id":"11112222-3333-4444-5555-666677778888","links":[{"href":"https://evs.example/v2/p/volumes/x","rel":"self"}],"name":"data",`+
			`"status":"in-use","attachments":[{"server_id":"s","attachment_id":"a","attached_at":"2026-01-01T00:00:00","device":"/dev/vdb"}],`+
			`"snapshot_id":null,"size":40,"metadata":{"hw:passthrough":"false"},"bootable":"false","volume_image_metadata":{},"enterprise_project_id":"0",`+
			`"tags":{"env":"prod","owner":"shop","cost-center":"CC-1000"}}`...)
	}
	body = append(body, `]}`...)
	r := listedSourceOf("evs").New(Settings{}, nil).(*listedReader).rows[0]
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		page := &rowPage{row: &r}
		if err := huaweicloud.Decode(body, page); err != nil || len(page.items) != 1000 {
			b.Fatal(len(page.items), err)
		}
	}
}
