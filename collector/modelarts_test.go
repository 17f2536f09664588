package collector

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/simulator"
)

// poolTagsPage is how many tags a full page of ListPoolTags has.
const poolTagsPage = 200

// poolKeys returns n keys, a few of them with two or three values.
func poolKeys(n int) []simulator.PoolTag {
	tags := make([]simulator.PoolTag, n)
	for i := range tags {
		tags[i].Key = fmt.Sprintf("key-%04d", i)
		for j := range max(1, 4-i%50) {
			tags[i].Values = append(tags[i].Values, fmt.Sprintf("value-%d", j))
		}
	}
	return tags
}

func TestPoolTagPages(t *testing.T) {
	offsets := map[string]simulator.PoolOffset{"pages": simulator.PageOffset, "records": simulator.RecordOffset}
	ends := map[string]simulator.PoolPastEnd{
		"empty": simulator.PastEndEmpty, "6400 beyond": simulator.PastEndError, "6400 at the end": simulator.AtEndError,
	}
	for offsetName, offset := range offsets {
		for endName, end := range ends {
			t.Run(offsetName+", "+endName, func(t *testing.T) {
				quirks := simulator.Quirks{PoolOffset: offset, PoolPastEnd: end}
				w := newWorld(t, simulator.Options{Quirks: quirks}, simulator.Project{}, "{modelarts: {}}")
				w.wantPoolTags(0, 1, 199, 200, 201, 399, 400, 401, 1000)
			})
		}
		t.Run(offsetName+", keys repeated across pages", func(t *testing.T) {
			quirks := simulator.Quirks{PoolOffset: offset, SplitPoolKeys: true}
			w := newWorld(t, simulator.Options{Quirks: quirks}, simulator.Project{}, "{modelarts: {}}")
			w.wantPoolTags(180, 190, 200, 380, 500)
		})
	}
}

// wantPoolTags scrapes with each of these numbers of keys.
func (w *world) wantPoolTags(numbers ...int) {
	w.t.Helper()
	for _, n := range numbers {
		w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.PoolTags = poolKeys(n) })
		lines := append(w.truth("modelarts"), `api_error_ratio{cloud_service="modelarts",key="",operation="ListPoolTags",value=""} 0`)
		w.scrape("").want(w.t, tagMetrics+"|api_error_ratio|api_errors_total", strings.Join(lines, "\n"))
		if w.t.Failed() {
			w.t.Fatalf("%d keys", n)
		}
	}
}

func TestPoolTagShapes(t *testing.T) {
	tags := []simulator.PoolTag{
		{Key: "env", Values: []string{"prod", "test"}},
		{Key: "Env", Values: []string{"prod"}},
		{Key: "owner"},
		{Key: "empty", Values: []string{""}},
		{Key: "", Values: []string{"ignored"}},
		{Key: "_sys_enterprise_project_id", Values: []string{"0"}},
		{Key: "le", Values: []string{"+Inf"}},
		{Key: "__name__", Values: []string{"up", "\xff"}},
		{Key: "业务线", Values: []string{"支付 🚀", "a\"b\\c\nd"}},
	}
	for name, quirks := range map[string]simulator.Quirks{
		"values, []":                {},
		"values, null":              {EmptyArrays: simulator.Null},
		"values absent":             {EmptyArrays: simulator.Absent},
		"one value an item":         {PoolTagShape: simulator.PoolKeyValue},
		"one value, or one object":  {PoolTagShape: simulator.PoolObject},
		"keys come more than once":  {SplitPoolKeys: true},
		"and with one value a time": {SplitPoolKeys: true, PoolTagShape: simulator.PoolKeyValue},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{Quirks: quirks}, simulator.Project{PoolTags: tags}, "{modelarts: {}}")
			w.wantTruth(w.scrape(""), "modelarts")
			for _, few := range [][]simulator.PoolTag{nil, {{Key: "one", Values: []string{"v"}}}, {{Key: "valueless"}}} {
				w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.PoolTags = few })
				w.wantTruth(w.scrape(""), "modelarts")
			}
		})
	}
}

// Answers that the simulator does not give.
func TestPoolTagBodies(t *testing.T) {
	for _, test := range []struct{ name, body, want string }{
		{"null values", `{"tags":[{"key":"a","values":null},{"key":"b","values":[null,"","x",null]},{"key":"c","value":null}]}`, `
			collector_success{cloud_service="modelarts"} 1
			keys{cloud_service="modelarts"} 3
			key_values{cloud_service="modelarts",key="a"} 0
			key_values{cloud_service="modelarts",key="b"} 2
			key_values{cloud_service="modelarts",key="c"} 0
			info{cloud_service="modelarts",key="b",value=""} 1
			info{cloud_service="modelarts",key="b",value="x"} 1`},
		{"numbers and booleans", `{"tags":[{"key":1,"values":[2,true]}]}`, `
			collector_success{cloud_service="modelarts"} 1
			keys{cloud_service="modelarts"} 1
			key_values{cloud_service="modelarts",key="1"} 2
			info{cloud_service="modelarts",key="1",value="2"} 1
			info{cloud_service="modelarts",key="1",value="true"} 1`},
		{"null keys", `{"tags":[{"key":null,"values":["x"]}]}`, `
			collector_success{cloud_service="modelarts"} 1
			keys{cloud_service="modelarts"} 0`},
		{"empty object", `{}`, `
			collector_success{cloud_service="modelarts"} 1
			keys{cloud_service="modelarts"} 0`},
		{"null", `null`, `collector_success{cloud_service="modelarts"} 0`},
		{"another object", `{"items":[]}`, `collector_success{cloud_service="modelarts"} 0`},
		{"nested values", `{"tags":[{"key":"a","values":[["x"]]}]}`, `collector_success{cloud_service="modelarts"} 0`},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{}, simulator.Project{}, "{modelarts: {}}")
			answer := simulator.Text(http.StatusOK, test.body)
			w.cloud.Inject(simulator.Fault{Operation: simulator.OpListPoolTags, Answer: &answer})
			w.scrape("").want(t, tagMetrics, test.want)
		})
	}
}

func TestNoPools(t *testing.T) {
	for _, refused := range []bool{false, true} {
		bubble(t, fmt.Sprint("refused: ", refused), func(t *testing.T) {
			options := simulator.Options{Quirks: simulator.Quirks{NoPoolsError: refused}}
			w := newWorld(t, options, simulator.Project{NoPools: true}, "{modelarts: {}}")
			want := `
				collector_success{cloud_service="modelarts"} 1
				keys{cloud_service="modelarts"} 0`
			if refused {
				want = `
					collector_success{cloud_service="modelarts"} 0
					api_errors_total{cloud_service="modelarts",error_code="ModelArts.50015001",operation="ListPoolTags"} 1`
			}
			w.scrape("").want(t, tagMetrics+"|api_errors_total", want)
		})
	}
}

// What an offset past the end is answered with is no failure, but on the first
// page it is.
func TestPoolTagsPastEnd(t *testing.T) {
	w := newWorld(t, simulator.Options{Quirks: simulator.Quirks{PoolPastEnd: simulator.AtEndError}},
		simulator.Project{PoolTags: poolKeys(200)}, "{modelarts: {}}")
	w.scrape("").want(t, "keys|collector_success|api_.*(total|ratio)", `
		keys{cloud_service="modelarts"} 200
		collector_success{cloud_service="modelarts"} 1
		api_requests_total{cloud_service="modelarts",code="200",operation="ListPoolTags"} 1
		api_requests_total{cloud_service="modelarts",code="400",operation="ListPoolTags"} 1
		api_error_ratio{cloud_service="modelarts",key="",operation="ListPoolTags",value=""} 0
	`)
	w.cloud.Inject(simulator.Fault{Answer: simulator.Instead(simulator.ErrorE1(400, "ModelArts.6400", "fromIndex(0) > toIndex(0)"))})
	w.scrape("").want(t, "keys|info|collector_success|api_.*(total|ratio)", `
		collector_success{cloud_service="modelarts"} 0
		api_requests_total{cloud_service="modelarts",code="200",operation="ListPoolTags"} 1
		api_requests_total{cloud_service="modelarts",code="400",operation="ListPoolTags"} 2
		api_errors_total{cloud_service="modelarts",error_code="ModelArts.6400",operation="ListPoolTags"} 1
		api_error_ratio{cloud_service="modelarts",key="",operation="ListPoolTags",value=""} 1
	`)
}

// A server that ignores the offset is noticed.
func TestPoolTagsOffsetIgnored(t *testing.T) {
	w := newWorld(t, simulator.Options{}, simulator.Project{}, "{modelarts: {}}")
	items := make([]string, poolTagsPage)
	for i := range items {
		items[i] = fmt.Sprintf(`{"key":"key-%d"}`, i)
	}
	page := simulator.Text(http.StatusOK, fmt.Sprintf(`{"tags":[%s]}`, strings.Join(items, ",")))
	w.cloud.Inject(simulator.Fault{Answer: &page})
	w.scrape("").want(t, tagMetrics, `collector_success{cloud_service="modelarts"} 0`)
	if !strings.Contains(w.log.String(), "offset 1 gives the first page again") {
		t.Errorf("log:\n%s", w.log.String())
	}
}

// Keys that come into use or fall out of it while they are being read shift the
// pages. None that stays may get lost unnoticed.
func TestPoolTagsShift(t *testing.T) {
	more := func(tags []simulator.PoolTag) []simulator.PoolTag {
		return append([]simulator.PoolTag{{Key: "a-new-one"}}, tags...)
	}
	less := func(tags []simulator.PoolTag) []simulator.PoolTag { return tags[1:] }
	halfPage := func(tags []simulator.PoolTag) []simulator.PoolTag {
		return append(poolKeys(1100)[1000:], tags...)
	}
	const failed = `collector_success{cloud_service="modelarts"} 0`
	keys := func(n int) string {
		return fmt.Sprintf(`
			keys{cloud_service="modelarts"} %d
			collector_success{cloud_service="modelarts"} 1`, n)
	}
	for _, test := range []struct {
		name     string
		offset   simulator.PoolOffset
		shift    func([]simulator.PoolTag) []simulator.PoolTag
		from, to int // calls before which the keys shift
		want     string
		calls    int
	}{
		{"records, a key more", simulator.RecordOffset, more, 4, 4, keys(1000), 7},
		{"records, a key less", simulator.RecordOffset, less, 4, 4, failed, 4},
		// 5 full pages and an empty one, then the 5 once more.
		{"pages, calm", simulator.PageOffset, more, 0, 0, keys(1000), 11},
		{"pages, a key more at first", simulator.PageOffset, more, 2, 2, keys(1001), 6 + 1 + 6 + 5}, // the second page begins with the last of the first
		{"pages, half a page more at first", simulator.PageOffset, halfPage, 2, 2, keys(1100), 6 + 1 + 6 + 5},
		{"pages, a key less at first", simulator.PageOffset, less, 2, 2, keys(999), 5 + 1 + 5 + 4},
		{"pages, a key less in between", simulator.PageOffset, less, 4, 4, keys(999), 5 + 1 + 5 + 4},
		{"pages, a key less at the end", simulator.PageOffset, less, 6, 6, keys(999), 6 + 1 + 5 + 4},
		{"pages, a key less when all were read", simulator.PageOffset, less, 7, 7, keys(999), 6 + 1 + 5 + 4},
		{"pages, a key more in between", simulator.PageOffset, more, 4, 4, keys(1001), 6 + 1 + 6 + 5},
		{"pages, a key less in the second pass, too", simulator.PageOffset, less, 4, 8, keys(995), 5 + 1 + 5 + 1 + 5 + 4},
		{"pages, a key less all the time", simulator.PageOffset, less, 1, 1000, failed, 3 * (5 + 1)},
	} {
		t.Run(test.name, func(t *testing.T) {
			options := simulator.Options{Quirks: simulator.Quirks{PoolOffset: test.offset}}
			w := newWorld(t, options, simulator.Project{PoolTags: poolKeys(1000)}, "{modelarts: {}}")
			w.cloud.OnCall(simulator.OpListPoolTags, func(n int) {
				if test.from <= n && n <= test.to {
					w.cloud.UpdateProject(testProject, func(p *simulator.Project) { p.PoolTags = test.shift(p.PoolTags) })
				}
			})
			w.scrape("").want(t, "keys|collector_success", test.want)
			if calls := w.cloud.Calls(simulator.OpListPoolTags); calls != test.calls {
				t.Errorf("%d calls, want %d", calls, test.calls)
			}
		})
	}
}

// The order in which a page gives its keys, and their values, say nothing about
// whether the pages have moved.
func TestPoolTagsTurned(t *testing.T) {
	w := newWorld(t, simulator.Options{}, simulator.Project{PoolTags: poolKeys(300)}, "{modelarts: {}}")
	w.cloud.OnCall(simulator.OpListPoolTags, func(n int) {
		if n == 3 { // the first page, once more
			w.cloud.UpdateProject(testProject, func(p *simulator.Project) {
				slices.Reverse(p.PoolTags[:poolTagsPage])
				slices.Reverse(p.PoolTags[0].Values)
			})
		}
	})
	w.wantTruth(w.scrape(""), "modelarts")
	if calls := w.cloud.Calls(simulator.OpListPoolTags); calls != 3 {
		t.Errorf("%d calls", calls)
	}
}
