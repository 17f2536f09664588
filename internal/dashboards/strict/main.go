// Command strict decodes Grafana dashboards as their schema has them, prints
// what does not fit it, and exits 1 if anything does not.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	plugins.RegisterDefaultPlugins()
	found := false
	for _, path := range os.Args[1:] {
		for _, message := range check(path) {
			fmt.Printf("%s: %s\n", path, message)
			found = true
		}
	}
	if found {
		os.Exit(1)
	}
}

// check returns what the decoder has to say. It asks for optional fields too,
// which Grafana fills in; these messages are left out.
func check(path string) []string {
	raw, err := os.ReadFile(path)
	if err != nil {
		return []string{err.Error()}
	}
	err = new(dashboard.Dashboard).UnmarshalJSONStrict(raw)
	if err == nil {
		return nil
	}
	var all cog.BuildErrors
	if !errors.As(err, &all) {
		return []string{err.Error()}
	}
	var messages []string
	for _, e := range all {
		if !strings.HasPrefix(e.Message, "required field is") {
			messages = append(messages, e.Error())
		}
	}
	return messages
}
