package tagapi

import (
	"errors"
	"fmt"
	"sync"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// failures counts what went wrong in many requests of a kind and keeps one
// error that stands for them: the first, but one that says more than that time
// was up. The zero value is ready for use; it is safe for concurrent use.
type failures struct {
	mu    sync.Mutex
	n     int
	first error
}

func (f *failures) add(err error) {
	if err == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n++
	if f.first == nil || (errors.Is(f.first, huaweicloud.ErrNoTime) && !errors.Is(err, huaweicloud.ErrNoTime)) {
		f.first = err
	}
}

// err returns nil or an error in a format that takes their number and the one
// that stands for them.
func (f *failures) err(format string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.n == 0 {
		return nil
	}
	return fmt.Errorf(format, f.n, f.first)
}
