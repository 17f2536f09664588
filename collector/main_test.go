package collector

import (
	"fmt"
	stdlog "log" //nolint:depguard // to take it over
	"os"
	"testing"
)

// TestMain fails if net/http says anything through the standard logger, as it does
// of answers to nobody and of panics in handlers.
func TestMain(m *testing.M) {
	said := new(logBuffer)
	stdlog.SetOutput(said)
	code := m.Run()
	if text := said.String(); text != "" {
		fmt.Fprint(os.Stderr, "net/http said:\n", text)
		code = 1
	}
	os.Exit(code)
}
