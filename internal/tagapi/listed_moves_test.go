package tagapi

import (
	"slices"
	"testing"

	"huaweicloud_tag_exporter/internal/simulator"
)

// TestListedMoves: whatever comes and goes while a list is read, everything is there that
// was there throughout, once.
func TestListedMoves(t *testing.T) {
	type fleet = []simulator.Instance
	changes := map[string]func(fleet) fleet{
		"the first goes":           func(all fleet) fleet { return all[1:] },
		"the first page goes":      func(all fleet) fleet { return all[testPage:] },
		"the end of a page goes":   func(all fleet) fleet { return slices.Delete(all, testPage-1, testPage) },
		"the end of the next goes": func(all fleet) fleet { return slices.Delete(all, 2*testPage-1, 2*testPage) },
		"all but one go":           func(all fleet) fleet { return all[:1] },
		"one comes first":          func(all fleet) fleet { return slices.Insert(all, 0, simulator.Instance{ID: "new"}) },
		"one comes last":           func(all fleet) fleet { return append(all, simulator.Instance{ID: "new"}) },
		"one goes, one comes":      func(all fleet) fleet { return append(all[1:], simulator.Instance{ID: "new"}) },
	}
	for name, change := range changes {
		moves(t, name, 0, change)
		moves(t, name+", short pages", testPage-3, change)
	}
}

// moves reads each list while a change is made to what it has. A service that gives less on
// a page than it is asked for may make a list that cannot be read.
func moves(t *testing.T, name string, clamp int, change func([]simulator.Instance) []simulator.Instance) {
	t.Run(name, func(t *testing.T) {
		eachListed(t, func(t *testing.T, source Source) {
			rows := source.New(Settings{}, nil).(*listedReader).rows
			for _, moved := range withSure(rows) {
				if !paged(moved) {
					continue
				}
				quirks := whereAsked(moved, rows)
				quirks.Listed.Clamp = clamp
				w := newListedWorld(t, source, testFleet, quirks)
				kind := source.Service + ":" + moved.kind
				project, _ := w.cloud.Project(testProject)
				old := project.Resources[kind]
				changed := change(slices.Clone(old))
				w.cloud.OnCall(moved.operation, func(n int) {
					if n == 2 {
						w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.Resources[kind] = changed })
					}
				})
				parts, failed := w.read()
				part := parts[moved.kind]
				if !part.Whole {
					if clamp == 0 {
						t.Errorf("%s: %v", moved.operation, failed[moved.kind])
					}
					continue
				}
				for _, in := range slices.Concat(old, changed) {
					is := func(other simulator.Instance) bool { return other.ID == in.ID }
					throughout := slices.ContainsFunc(old, is) && slices.ContainsFunc(changed, is)
					read := 0
					for _, r := range part.Resources {
						if r.ID == in.ID {
							read++
						}
					}
					if throughout && read == 0 || read > 1 {
						t.Errorf("%s: %s was read %d times", moved.operation, in.ID, read)
					}
				}
				known := moved.operation == "ListSharesByTag" // what goes was in the list before it
				if name == "the first page goes" && !known && partOf(part) != w.truth(moved.kind) {
					t.Errorf("%s: got %s, want %s", moved.operation, partOf(part), w.truth(moved.kind))
				}
				w.wantNoFailure()
			}
		})
	})
}
