// The strict decoder of dashboards, pinned here so that it leaves the
// exporter's own dependencies alone.
module strict

go 1.26.0

require github.com/grafana/grafana-foundation-sdk/go v0.0.18
