package tagapi

import (
	"fmt"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// instancesPage is an answer of n instances with ten tags each.
func instancesPage(n int) []byte {
	var tags []string
	for i := range 10 {
		tags = append(tags, fmt.Sprintf(`{"key":"key-%d","value":"value-%d"}`, i, i))
	}
	var items []string
	for i := range n {
		items = append(items, fmt.Sprintf(`{"id":"%032xin02","name":"orders-%d","tags":[%s]}`, i, i, strings.Join(tags, ",")))
	}
	return []byte(`{"instances":[` + strings.Join(items, ",") + `],"total_count":` + fmt.Sprint(n) + `}`)
}

// TestAllocationsOfTags: a fleet may have millions of tags, so a list of them costs no
// more than its texts, one slice, and little else.
func TestAllocationsOfTags(t *testing.T) {
	const n, perInstance = 100, 2*10 + 2 + 3
	body := instancesPage(n)
	allocations := testing.AllocsPerRun(5, func() {
		answer := &rowPage{row: &instances}
		if err := huaweicloud.Decode(body, answer); err != nil || len(answer.items[n-1].Tags) != 10 {
			t.Fatalf("%v", err)
		}
	})
	if allocations > n*perInstance {
		t.Errorf("%.1f allocations for each instance, want %d", allocations/n, perInstance)
	}
}
