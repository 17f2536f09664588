package tagapi

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"huaweicloud_tag_exporter/internal/simulator"
)

// TestPoolsByName: the tags of pools are read in each of their spellings. What cannot be
// read, and what the tag API knows otherwise, is told.
func TestPoolsByName(t *testing.T) {
	for name, test := range map[string]struct {
		quirks  simulator.Quirks
		change  func(*listedWorld)
		failed  string // "": it has not
		partial bool   // the part is shown all the same
		unread  int
	}{
		"as objects":  {},
		"with values": {quirks: simulator.Quirks{Listed: simulator.ListedQuirks{PoolTags: simulator.PoolTagValues}}},
		"as members":  {quirks: simulator.Quirks{Listed: simulator.ListedQuirks{PoolTags: simulator.PoolTagMembers}}},
		"in no text":  {change: func(w *listedWorld) { w.rewrite(`{"env":"prod"}`) }},
		"one object": {change: func(w *listedWorld) {
			w.rewrite(`"{\"key\":\"env\",\"value\":\"prod\"}"`)
		}},
		"unreadable":   {quirks: simulator.Quirks{Listed: simulator.ListedQuirks{PoolTags: simulator.PoolTagGarbage}}, failed: "36 pools are listed with tags that are no JSON", partial: true, unread: 36},
		"a number":     {change: func(w *listedWorld) { w.rewrite(`7`) }, failed: "tags that are no JSON", partial: true, unread: 46},
		"a system tag": {change: func(w *listedWorld) { w.setPoolTags(simulator.PoolTag{Key: "_sys_x", Values: []string{"a"}}) }},
		"no workspace 0": {change: func(w *listedWorld) {
			w.cloud.UpdateProject(testProject, func(p *simulator.Project) {
				p.Resources["modelarts:workspace"] = p.Resources["modelarts:workspace"][1:]
			})
		}},
		"other tags":   {change: func(w *listedWorld) { w.setPoolTags(simulator.PoolTag{Key: "new", Values: []string{"a"}}) }, failed: "not the tags that the tag API has", partial: true},
		"a value less": {change: func(w *listedWorld) { w.setPoolTags() }, failed: "not the tags that the tag API has", partial: true},
		"the tag API fails": {change: func(w *listedWorld) {
			w.cloud.Inject(simulator.Fault{Operation: opListPoolTags, Answer: simulator.Instead(simulator.ErrorE1(403, "ModelArts.1", "denied"))})
		}, failed: "ModelArts.1", partial: true},
		"the workspaces fail": {change: func(w *listedWorld) {
			w.cloud.Inject(simulator.Fault{Operation: workspaces.operation, Answer: simulator.Instead(simulator.ErrorE1(403, "ModelArts.2", "denied"))})
		}, failed: "list modelarts workspaces: ListWorkspace: HTTP 403: ModelArts.2"},
		"one workspace fails": {change: func(w *listedWorld) {
			w.cloud.Inject(simulator.Fault{Operation: "ListPools", After: 1, Answer: simulator.Instead(simulator.ErrorE1(403, "ModelArts.3", "denied"))})
		}, failed: "ModelArts.3"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				source := modelArtsWith(Settings{TagsInList: true})
				w := newListedWorld(t, source, testFleet, test.quirks)
				if test.change != nil {
					test.change(w)
				}
				parts, failed := w.read()
				part, err := parts[pool], failed[pool]
				switch {
				case test.failed == "" && err != nil, test.failed != "" && (err == nil || !strings.Contains(err.Error(), test.failed)):
					t.Errorf("error %v, want %q", err, test.failed)
				case part.Whole != (test.failed == "" || test.partial) || part.Unreadable != test.unread:
					t.Errorf("whole: %t, %d unreadable", part.Whole, part.Unreadable)
				case part.Whole && test.unread == 0 && partOf(part) != w.truth(pool):
					t.Errorf("got %s, want %s", partOf(part), w.truth(pool))
				}
			})
		})
	}
}

// setPoolTags changes what the tag API says, to what it said and more, or to a value less.
func (w *listedWorld) setPoolTags(more ...simulator.PoolTag) {
	w.cloud.UpdateProject(testProject, func(p *simulator.Project) {
		if p.PoolTags = append(p.PoolTags, more...); len(more) == 0 {
			p.PoolTags[0].Values = p.PoolTags[0].Values[1:]
		}
	})
}

// rewrite gives all pools the tag env=prod, listed as a text.
func (w *listedWorld) rewrite(text string) {
	w.cloud.UpdateProject(testProject, func(p *simulator.Project) {
		all := p.Resources["modelarts:pool"]
		for i := range all {
			all[i].Tags = []simulator.Tag{simulator.T("env", "prod")}
		}
		p.PoolTags = unionOf(all)
	})
	w.cloud.Inject(simulator.Fault{Operation: "ListPools", Rewrite: simulator.MemberAs("os.modelarts/tms.tags", text)})
}

// TestModelArtsTypes: what is read depends on the settings; pools by their tags alone are
// read beside the lists of other types.
func TestModelArtsTypes(t *testing.T) {
	for _, test := range []struct {
		settings   Settings
		types      []string
		operations string
	}{
		{Settings{}, []string{"pool"}, "ListPoolTags"},
		{Settings{ResourceTypes: []string{"pool"}}, []string{"pool"}, "ListPoolTags"},
		{Settings{TagsInList: true}, []string{"pool"}, "ListWorkspace ListPools ListPoolTags"},
		{Settings{ResourceTypes: []string{"service"}}, []string{"service"}, "ListWorkspace ListInferServices"},
		{Settings{ResourceTypes: []string{"pool", "notebook"}}, []string{"pool", "notebook"}, "ListWorkspace ListAllNotebooks ListPoolTags"},
		{allOfModelArts, []string{"pool", "notebook", "service"}, "ListWorkspace ListPools ListAllNotebooks ListInferServices ListPoolTags"},
	} {
		synctest.Test(t, func(t *testing.T) {
			source := modelArts().With(test.settings)
			if got := source.Types(); !slices.Equal(got, test.types) || strings.Join(source.Operations, " ") != test.operations {
				t.Errorf("%+v: types %q by %q", test.settings, got, source.Operations)
			}
			if source.Reach == 0 && test.settings.TagsInList {
				t.Errorf("%+v: the pools have no names", test.settings)
			}
			if source.ResourceType == pool && !test.settings.TagsInList {
				return // as ever
			}
			w := newListedWorld(t, modelArtsWith(allOfModelArts), testFleet, simulator.Quirks{})
			w.source = source
			parts, failed := w.read()
			for _, name := range test.types {
				byTags := name == pool && !test.settings.TagsInList
				switch part := parts[name]; {
				case failed[name] != nil, byTags && len(part.Values) != 4, !byTags && partOf(part) != w.truth(name):
					t.Errorf("%+v: %s: %v, got %s, values %v", test.settings, name, failed[name], partOf(part), part.Values)
				}
			}
			if len(parts) != len(test.types) {
				t.Errorf("%+v: %d parts", test.settings, len(parts))
			}
			w.wantNoFailure()
		})
	}
}
