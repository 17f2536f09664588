package tagapi

import (
	"errors"
	"fmt"
	"testing"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

func TestFailures(t *testing.T) {
	var f failures
	f.add(nil)
	if err := f.err("%d: %w"); err != nil {
		t.Errorf("no failure gave %v", err)
	}
	first := errors.New("first")
	f.add(fmt.Errorf("instance 1: %w", huaweicloud.ErrNoTime))
	if err := f.err("%d: %w"); !errors.Is(err, huaweicloud.ErrNoTime) {
		t.Errorf("got %v", err)
	}
	f.add(first)
	f.add(errors.New("second"))
	f.add(huaweicloud.ErrNoTime)
	if err := f.err("%d: %w"); !errors.Is(err, first) || err.Error() != "4: first" {
		t.Errorf("got %v", err)
	}
}
