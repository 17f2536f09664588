package collector

import (
	"fmt"
	"runtime/debug"
)

// panicked is the error that a panic becomes.
type panicked struct {
	value any
	stack []byte
}

// Error implements error. The stack is for the log alone.
func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// safely runs f and returns its error, or its panic as one. net/http does that for
// the goroutine of a request. Reads have goroutines of their own, where a panic
// would end the process and with it the scrapes of all other projects.
func safely(f func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicked{value, debug.Stack()}
		}
	}()
	return f()
}
