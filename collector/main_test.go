package collector

import (
	"fmt"
	stdlog "log" //nolint:depguard // to take it over
	"os"
	"strings"
	"testing"
)

// TestMain takes over what net/http says by itself, as the exporter does. The
// tests provoke one thing: an answer to nobody, behind a 204 that has a body.
func TestMain(m *testing.M) {
	said := new(logBuffer)
	stdlog.SetOutput(said)
	code := m.Run()
	for line := range strings.Lines(said.String()) {
		if !strings.Contains(line, "Unsolicited response received on idle HTTP channel") {
			fmt.Fprint(os.Stderr, line)
			code = 1
		}
	}
	os.Exit(code)
}
