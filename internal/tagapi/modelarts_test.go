package tagapi

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
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
		"workspace 0 is a number": {change: func(w *listedWorld) {
			w.cloud.Inject(simulator.Fault{Operation: workspaces.operation, Rewrite: func(body []byte) []byte {
				return bytes.ReplaceAll(body, []byte(`"id":"0"`), []byte(`"id":0`))
			}})
		}},
		"no workspace 0": {change: func(w *listedWorld) {
			w.cloud.UpdateProject(testProject, func(p *simulator.Project) {
				p.Resources["modelarts:workspace"] = p.Resources["modelarts:workspace"][1:]
			})
		}},
		"no pools":          {change: func(w *listedWorld) { w.noPools() }},
		"no pools, refused": {quirks: simulator.Quirks{NoPoolsError: true}, change: func(w *listedWorld) { w.noPools() }},
		"pools, refused": {change: func(w *listedWorld) {
			w.cloud.Inject(simulator.Fault{Operation: opListPoolTags, Answer: simulator.Instead(simulator.ErrorE1(400, codeNoPools, "pool not found"))})
		}, failed: codeNoPools, partial: true},
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
				source := modelArts(Settings{TagsInList: true})
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

// noPools leaves the project without pools, and so without their tags.
func (w *listedWorld) noPools() {
	w.cloud.UpdateProject(testProject, func(p *simulator.Project) {
		p.Resources["modelarts:pool"], p.PoolTags, p.NoPools = nil, nil, true
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

// TestPoolAnnotations: what the tags of one pool may look like, and what is none of it.
func TestPoolAnnotations(t *testing.T) {
	const unreadable = "unreadable"
	for text, want := range map[string]string{
		`"[{\"key\":\"env\",\"value\":\"prod\"}]"`:            "[{env prod}]",
		`"[{\"Key\":\"env\",\"Value\":\"prod\"}]"`:            "[{env prod}]",
		`"[{\"key\":\"env\",\"values\":[\"a\",\"b\"]}]"`:      "[{env a} {env b}]",
		`"[{\"key\":\"env\",\"values\":[]},{\"key\":\"x\"}]"`: "[{env } {x }]",
		`"[{\"key\":1,\"value\":true}]"`:                      "[{1 true}]",
		`"{\"key\":\"env\",\"value\":\"prod\"}"`:              "[{env prod}]",
		`"{\"env\":\"prod\"}"`:                                "[{env prod}]",
		`"{\"key\":\"env\"}"`:                                 "[{env }]",
		`"{\"key\":\"a\",\"owner\":\"b\"}"`:                   "[{key a} {owner b}]",
		`[{"key":"env","value":"prod"}]`:                      "[{env prod}]",
		`{"env":"prod"}`:                                      "[{env prod}]",
		`null`:                                                "[]", `""`: "[]", `"  "`: "[]", `"null"`: "[]", `"[]"`: "[]", `"{}"`: "[]", `[]`: "[]", `{}`: "[]",
		`"env=prod"`: unreadable, `7`: unreadable, `"7"`: unreadable, `"[\"env=prod\"]"`: unreadable, `"[null]"`: unreadable,
		`"{\"env\":[\"prod\"]}"`: unreadable, `"[{\"name\":\"env\"}]"`: unreadable, `"[{\"key\":\"env\",\"value\":\"prod\"}] x"`: unreadable,
		`"[{\"key\":\"env\",\"val\":\"prod\"}]"`: unreadable,
	} {
		page := &rowPage{row: &modelArtsRows()[0]}
		err := huaweicloud.Decode([]byte(`{"items":[{"metadata":{"name":"p","annotations":{"os.modelarts/tms.tags":`+text+`}}},{"metadata":{"name":"q"}}]}`), page)
		if err != nil || len(page.items) != 2 || page.items[1].unreadable || page.items[1].Tags != nil {
			t.Errorf("%s: %+v, %v", text, page.items, err)
			continue
		}
		first := page.items[0]
		slices.SortFunc(first.Tags, func(a, b inventory.Tag) int { return strings.Compare(a.Key+a.Value, b.Key+b.Value) })
		if got := fmt.Sprint(first.Tags); !first.unreadable && got != want || first.unreadable != (want == unreadable) {
			t.Errorf("%s: %s, unreadable: %t", text, got, first.unreadable)
		}
	}
}

// TestManyWorkspaces: the list of workspaces counts its pages.
func TestManyWorkspaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newListedWorld(t, modelArts(allOfModelArts), 0, simulator.Quirks{})
		w.cloud.UpdateProject(testProject, func(p *simulator.Project) {
			for i := range testFleet {
				p.Resources["modelarts:workspace"] = append(p.Resources["modelarts:workspace"], simulator.Instance{ID: fmt.Sprint("more-", i)})
			}
		})
		few := workspaces
		few.pages.size = testPage
		found, err := few.list(t.Context(), w.session, nil, 0, func(rowItem) {})
		if err != nil || len(found) != testFleet+2 {
			t.Errorf("%d workspaces, %v", len(found), err)
		}
	})
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
			source := modelArts(test.settings)
			if got := source.Types(); !slices.Equal(got, test.types) || strings.Join(source.Operations, " ") != test.operations {
				t.Errorf("%+v: types %q by %q", test.settings, got, source.Operations)
			}
			if source.Reach == 0 && test.settings.TagsInList {
				t.Errorf("%+v: the pools have no names", test.settings)
			}
			if source.ResourceType == pool && !test.settings.TagsInList {
				return // as ever
			}
			w := newListedWorld(t, modelArts(allOfModelArts), testFleet, simulator.Quirks{})
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
