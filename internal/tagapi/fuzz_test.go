package tagapi

import (
	"context"
	"regexp"
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

// The fuzz targets take two pages of a listing as the API might answer them, and
// read them as Read does. Whatever they hold, what is read can become series: text is
// UTF-8, and nothing is there twice. Package collector fuzzes the way from there.

func FuzzPoolTags(f *testing.F) {
	f.Add([]byte(`{"tags":[{"key":"env","values":["prod","","测试"]},{"key":"le","values":null}]}`), []byte(`{"tags":[]}`))
	f.Add([]byte(`{"tags":{"key":"env","value":"prod"}}`), []byte(`{"error_code":"ModelArts.6400","error_msg":"fromIndex(200) > toIndex(33)"}`))
	f.Add([]byte("{\"tags\":[{\"key\":\"\xff\",\"values\":[\"\xfe\",\"\xff\",\"\\ud800\"]},{\"key\":\"\xfe\",\"value\":7}]}"), []byte(`{}`))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		reading := newFuzzReading(modelArts(Settings{}))
		for _, body := range [][]byte{first, second} {
			var answer poolTags
			if huaweicloud.Decode(body, &answer) != nil {
				continue
			}
			for _, tag := range answer.Tags.List {
				_ = tag.id()
				reading.AddValues(string(tag.Key.Text), tag.values()...)
			}
		}
		checkReading(t, reading)
	})
}

func FuzzInstances(f *testing.F) {
	f.Add([]byte(`{"instances":[{"id":"a","name":"n","tags":[{"key":"env","value":"prod"}]},{"id":"b"}],"total_count":"3"}`),
		[]byte(`{"instances":[{"id":"b"},{"id":"c"}],"total_count":3}`), []byte(`{"tags":[{"key":"env","value":null},{"key":"env"}]}`))
	f.Add([]byte("{\"instances\":[{\"id\":\"a\",\"name\":\"\xff\",\"tags\":{\"key\":\"\xff\",\"value\":\"\xfe\"}}]}"),
		[]byte(`{"instances":null}`), []byte("{\"tags\":[{\"key\":\"\xff\",\"value\":1},{\"key\":\"\xfe\",\"value\":true}]}"))
	f.Add([]byte(`{"instances":[{"id":"../a"}]}`), []byte(`{"total_count":0}`), []byte(`{"tags":""}`))
	f.Fuzz(func(t *testing.T, first, second, tags []byte) {
		reading := newFuzzReading(dds())
		reader := dds().New(Settings{TagsInList: true}, nil).(*instancesReader)
		read := &instancesRead{instancesReader: reader, into: reading, toRead: newQueue()}
		_, err := fuzzList(&instances, first, second).read(t.Context(), read.listed)
		if err != nil {
			return
		}
		read.toRead.close()
		for i, ok := read.toRead.take(); ok; i, ok = read.toRead.take() {
			if !instanceID.MatchString(i.ID) {
				t.Errorf("the tags of %q would be asked for", i.ID)
			}
			var answer instanceTags
			if huaweicloud.Decode(tags, &answer) == nil {
				reading.Read(inventory.Resource{ID: i.ID, Name: i.Name, Tags: answer.Tags}, time.Unix(1, 0))
			}
		}
		checkReading(t, reading)
	})
}

func FuzzWorkspaces(f *testing.F) {
	f.Add([]byte(`{"resources":[{"resource_id":"a","resource_detail":{},"resource_name":"n","tags":[{"key":"env","value":"prod"}],"sys_tags":[]}],"total_count":2}`),
		[]byte(`{"resources":[{"resource_id":"b","resource_detail":null,"tags":null,"sys_tags":""}],"total_count":"2"}`))
	f.Add([]byte("{\"resources\":[{\"resource_id\":\"\xff\",\"tags\":[{\"key\":\"\xff\",\"value\":\"\xff\"}]},{\"resource_id\":\"\xfe\"}]}"),
		[]byte(`{"resources":{"resource_id":"c","tags":{"key":"le","value":5}}}`))
	f.Add([]byte(`{"resources":[{"resource_id":""}]}`), []byte(`{"resources":[null]}`))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		reading := newFuzzReading(fabric())
		_, err := fuzzList(&fabricWorkspaces, first, second).read(t.Context(), func(w rowItem) {
			reading.Read(w.resource(reading), time.Unix(1, 0))
		})
		if err == nil {
			checkReading(t, reading)
		}
	})
}

func FuzzResources(f *testing.F) {
	f.Add([]byte(`{"resources":[{"id":"a","name":"n","provider":"ecs","type":"cloudServers","region_id":"cn-north-4","project_id":"p","tags":{"env":"prod","_sys_x":null}}],"page_info":{"current_count":1,"next_marker":"abcd"}}`),
		[]byte(`{"resources":[{"id":"a","provider":"ECS","type":"cloudservers","region_id":"cn-north-4","project_id":"p","tags":{"env":7}},{"id":"a","provider":"ecs","type":"cloudservers","project_id":"q","state":"deleted"}]}`))
	f.Add([]byte("{\"resources\":[{\"id\":\"\xff\",\"provider\":\"\xfe\",\"type\":\"\xff\",\"tags\":{\"\xff\":\"\xfe\",\"\xfe\":\"\"}},{\"id\":\"\xfe\",\"provider\":\"\xff\",\"type\":\"\xff\",\"tags\":{}}]}"),
		[]byte(`{"page_info":{"current_count":"0"}}`))
	f.Add([]byte(`{"resources":[{"id":"a","provider":"dds","type":"instances","tags":null},{"id":"b","provider":"dds","type":"instances","tags":{}},{"id":"c","provider":"dds","type":"instance","tags":{}}]}`), []byte(`{"resources":[{}]}`))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		reading := newFuzzReading(Config())
		read := &configRead{rememberedConfig: newRememberedConfig(), into: reading, begun: time.Unix(1, 0)}
		read.setRecorder(recorder{answered: true})
		all := newFiltered(read.begun, nil)
		for _, body := range [][]byte{first, second} {
			var answer resourcePage
			if huaweicloud.Decode(body, &answer) == nil {
				collect(reading, all.places, &answer, place{})
			}
		}
		read.closeChain(all)
		made := make(map[inventory.Part]bool)
		for _, inv := range read.parts(time.Time{}) {
			checkInventory(t, inv)
			if made[inv.Part] || !inv.Whole || inv.Unreadable == 0 && inv.Err != nil {
				t.Errorf("%+v", inv)
			}
			made[inv.Part] = true
			checkInventory(t, inventory.Inventory{Resources: []inventory.Resource{{ID: inv.Service, Name: inv.ResourceType}, {ID: inv.Region + "/" + inv.ProjectID}}})
		}
	})
}

// fuzzList is the list of a row that answers the first page, where that ends the second, and
// behind it nothing.
func fuzzList(r *row, first, second []byte) *listing[rowItem] {
	decode := func(body []byte) (page[rowItem], error) {
		answer := &rowPage{row: r}
		err := huaweicloud.Decode(body, answer)
		return page[rowItem]{answer.items, answer.total}, err
	}
	begin, err := decode(first)
	fetch := func(_ context.Context, offset int, _ bool) (page[rowItem], error) {
		switch {
		case offset == 0:
			return begin, err
		case offset <= len(begin.items):
			return decode(second)
		}
		return page[rowItem]{}, nil
	}
	return &listing[rowItem]{limit: 2, ahead: 1, plain: r.plain, id: func(i rowItem) string { return i.ID }, fetch: fetch}
}

var fuzzExclude = regexp.MustCompile(`^(?:_sys_.*)$`)

func newFuzzReading(source Source) *inventory.Reading {
	return inventory.NewReading(inventory.Part{ResourceType: source.ResourceType}, source.Reach, inventory.NewFilter(fuzzExclude))
}

// checkReading fails the test if a text that becomes a label is no UTF-8, or if a
// resource, a key of a resource or a value of a key is there twice.
func checkReading(t *testing.T, reading *inventory.Reading) {
	t.Helper()
	reading.Whole(time.Unix(1, 0))
	inv, _ := reading.Snapshot(time.Time{})
	checkInventory(t, inv)
}

func checkInventory(t *testing.T, inv inventory.Inventory) {
	t.Helper()
	distinct := func(what string, texts []string) {
		for _, text := range texts {
			if !utf8.ValidString(text) {
				t.Errorf("%s is no UTF-8: %q", what, text)
			}
		}
		slices.Sort(texts)
		if len(slices.Compact(texts)) != len(texts) {
			t.Errorf("%s is there twice: %q", what, texts)
		}
	}
	var ids []string
	for _, r := range inv.Resources {
		ids = append(ids, r.ID)
		var keys []string
		for _, tag := range r.Tags {
			keys = append(keys, tag.Key)
			distinct("a value", []string{tag.Value})
		}
		distinct("a key", keys)
		distinct("a name", []string{r.Name})
	}
	distinct("a resource", ids)
	for key, values := range inv.Values {
		distinct("a key", []string{key})
		distinct("a value", values)
	}
}
