package tagapi

import (
	"fmt"
	"runtime/debug"
)

// Panic is the error that a panic becomes.
type Panic struct {
	Value any
	Stack []byte
}

// Error implements error. It leaves out the stack, which is for the log alone.
func (p *Panic) Error() string { return fmt.Sprintf("panic: %v", p.Value) }

// Safely runs f and returns its error, or its panic as one. net/http does that for
// the goroutine of a request. Reads have goroutines of their own, where a panic
// would end the process and with it the scrapes of all other projects.
func Safely(f func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &Panic{value, debug.Stack()}
		}
	}()
	return f()
}
