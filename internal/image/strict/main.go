// Command strict reads a file as the program that it is written for does, prints
// what that program makes of it as JSON, and exits 1 if it would refuse it.
//
//	strict dockerfile|compose|alertmanager FILE [COMPOSE OVERRIDE]
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/prometheus/alertmanager/config"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) < 2 || len(args) > 2 && args[0] != "compose" {
		return fmt.Errorf("%d arguments, want a kind and a file", len(args))
	}
	var understood any
	var err error
	switch kind, path := args[0], args[1]; kind {
	case "dockerfile":
		understood, err = dockerfile(ctx, path)
	case "compose":
		understood, err = loader.LoadWithContext(ctx, types.ConfigDetails{
			WorkingDir:  filepath.Dir(path),
			ConfigFiles: types.ToConfigFiles(args[1:]),
		})
	case "alertmanager":
		understood, err = config.LoadFile(path)
	default:
		return fmt.Errorf("what is a %s?", kind)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(understood)
}
