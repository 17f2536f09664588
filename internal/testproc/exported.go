package testproc

import (
	"slices"

	"huaweicloud_tag_exporter/collector"
)

// Exported describes everything that the exporter exports about what it reads, and what it is to export
// with accounts: rules, dashboards and pages know that already. What the collector describes itself is
// taken from there.
func Exported() []collector.MetricDoc {
	docs := collector.Metrics()
	known := make(map[string]bool)
	for i, d := range docs {
		known[d.Name] = true
		if !slices.Contains(d.Labels, "account") {
			docs[i].Labels = append([]string{"account"}, d.Labels...)
		}
	}
	for _, d := range []collector.MetricDoc{
		{Name: "huaweicloud_tag_source_info", Labels: []string{"account", "project", "region", "cloud_service", "resource_type", "source"}},
		{Name: "huaweicloud_tag_config_recorder_on", Labels: []string{"account"}},
		{Name: "huaweicloud_tag_discovered_projects", Labels: []string{"account"}},
	} {
		if !known[d.Name] {
			docs = append(docs, d)
		}
	}
	return docs
}
