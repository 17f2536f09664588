package dashboards

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/testproc"
)

// held returns the numbers that must not move because a service could not be
// read: all of Tag governance and Tag explorer but whether things were read.
func held(t *testing.T, api testproc.Prometheus, boards []dashboard) map[string]float64 {
	t.Helper()
	numbers := make(map[string]float64)
	for _, d := range boards {
		for _, p := range d.Panels {
			for _, q := range p.Targets {
				aboutReading := !slices.ContainsFunc(ofTags.FindAllStringSubmatch(q.Expr, -1), func(m []string) bool {
					return m[1] != "collector_success"
				})
				if d.file == "exporter-health.json" || aboutReading || strings.HasPrefix(q.Expr, "topk") {
					continue
				}
				rows, err := api.Ask(interpolate(t, q.Expr, everything), true)
				if err != nil {
					t.Fatal(err)
				}
				for labels, value := range testproc.Values(rows) {
					numbers[p.Title+" "+q.RefID+" "+labels] = value
				}
			}
		}
	}
	return numbers
}

func wantUnmoved(t *testing.T, before, after map[string]float64) {
	t.Helper()
	if len(before) < 200 {
		t.Errorf("only %d numbers before", len(before))
	}
	for name, value := range before {
		if got, ok := after[name]; !ok || got != value {
			t.Errorf("%s: %v, then %v (%t)", name, value, got, ok)
		}
	}
	for name := range after {
		if _, ok := before[name]; !ok {
			t.Errorf("%s: new", name)
		}
	}
}

const incompleteTitle = "Services not fully read"

// wantIncomplete waits until each dashboard says how many services it lacks.
func wantIncomplete(t *testing.T, api testproc.Prometheus, boards []dashboard, want float64) {
	t.Helper()
	panels := 0
	for _, d := range boards {
		for _, p := range d.Panels {
			if p.Title != incompleteTitle {
				continue
			}
			panels++
			testproc.Eventually(t, func() error {
				rows, err := api.Ask(interpolate(t, p.Targets[0].Expr, everything), true)
				if err == nil && (len(rows) != 1 || rows[0].Value != want) {
					err = fmt.Errorf("%s: %v services not fully read, want %v", d.file, rows, want)
				}
				return err
			})
		}
	}
	if panels != len(boards) {
		t.Errorf("%d of %d dashboards say how many services they lack", panels, len(boards))
	}
}
