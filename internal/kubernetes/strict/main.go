// Command strict renders manifests as helm and kustomize do, checks them, and prints them as JSON.
// Where anything is wrong with them, it says so and exits 1.
//
//	strict helm CHART [VALUES …]   lint, too
//	strict notes CHART [VALUES …]  what helm says after an installation, as it is
//	strict kustomize DIRECTORY
//	strict decode FILE
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
)

func main() {
	log.SetOutput(io.Discard) // helm tells of each link that it follows
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return errors.New("usage: strict helm CHART [VALUES …] | notes CHART [VALUES …] | kustomize DIRECTORY | decode FILE")
	}
	manifests, problem := render(args[0], args[1], args[2:])
	if problem != nil {
		return problem
	}
	if args[0] == "notes" {
		_, err := os.Stdout.Write(bytes.Join(manifests, nil))
		return err
	}
	var objects []runtime.Object
	var problems []error
	for _, manifest := range manifests {
		object, err := decode(manifest)
		if err == nil {
			err = restricted(object)
		}
		if err != nil {
			problems = append(problems, err)
		}
		objects = append(objects, object)
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(objects)
}

// render returns one YAML document for each object.
func render(tool, path string, values []string) ([][]byte, error) {
	switch tool {
	case "helm", "notes":
		return helm(path, values, tool == "notes")
	case "kustomize":
		return kustomize(path)
	case "decode":
		content, err := os.ReadFile(path)
		return documents(content), err
	}
	return nil, fmt.Errorf("no such tool: %s", tool)
}
