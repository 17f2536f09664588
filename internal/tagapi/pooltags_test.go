package tagapi

import (
	"fmt"
	"testing"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// A list that never ends, or that cannot be paged, is an error and not a cut; it
// is noticed as soon as it can be.
func TestEndlessPoolTags(t *testing.T) {
	for name, test := range map[string]struct {
		item  func(call, i int) string
		calls int
	}{
		"fresh pages":                      {func(call, i int) string { return fmt.Sprintf("key-%d-%d", call, i) }, poolTagsPages},
		"the same page":                    {func(_, i int) string { return fmt.Sprintf("key-%d", i) }, 2},
		"the same page from the third":     {func(call, i int) string { return fmt.Sprintf("key-%d-%d", min(call, 3), i) }, 4},
		"two pages in turn":                {func(call, i int) string { return fmt.Sprintf("key-%d-%d", call%2, i) }, poolTagsPages},
		"the same, turned":                 {func(call, i int) string { return fmt.Sprintf("key-%d", (i*7+call)%poolTagsLimit) }, poolTagsPages + 2},
		"one item is repeated":             {func(_, _ int) string { return "key" }, 2},
		"records, from the third the same": {func(call, i int) string { return fmt.Sprintf("key-%d", i+[]int{0, 1, 200, 399}[min(call, 4)-1]) }, 5},
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			pager := poolTagsPager{fetch: func(int) ([]poolTag, error) {
				calls++
				items := make([]poolTag, poolTagsLimit)
				for i := range items {
					items[i].Key.Text = huaweicloud.Text(test.item(calls, i))
				}
				return items, nil
			}}
			if _, err := pager.readAll(); err == nil {
				t.Error("no error")
			}
			if calls != test.calls {
				t.Errorf("%d calls, want %d", calls, test.calls)
			}
		})
	}
}

// The longest list of each kind is read to its end.
func TestLongestPoolTags(t *testing.T) {
	for _, step := range []int{poolTagsLimit, 1} { // pages, records
		const n = 150_000
		pager := poolTagsPager{fetch: func(offset int) ([]poolTag, error) {
			var items []poolTag
			for i := offset * step; i < min(offset*step+poolTagsLimit, n); i++ {
				items = append(items, poolTag{Key: huaweicloud.Member{Text: huaweicloud.Text(fmt.Sprint(i))}})
			}
			return items, nil
		}}
		all, err := pager.readAll()
		distinct := make(map[string]bool)
		for _, tag := range all {
			distinct[tag.id()] = true
		}
		if err != nil || len(distinct) != n {
			t.Errorf("steps of %d: %d of %d keys, %v", step, len(distinct), n, err)
		}
	}
}
