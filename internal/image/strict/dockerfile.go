package main

import (
	"context"
	"encoding/json"
	"os"
	"strings"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// build is what BuildKit would do.
type build struct {
	Warnings []string // of its linter
	Image    any      // the configuration of the image
	Runs     []command
}

type command struct {
	Platform  string // that it runs on
	Env, Args []string
}

// dockerfile converts a Dockerfile as on a machine with linux/amd64, for
// linux/arm64. Each build argument has its name in small letters as its value.
func dockerfile(ctx context.Context, path string) (*build, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	b := new(build)
	arguments := make(map[string]string)
	for _, name := range []string{"VERSION", "REVISION", "BRANCH", "DATE"} {
		arguments[name] = strings.ToLower(name)
	}
	state, image, _, _, err := dockerfile2llb.Dockerfile2LLB(ctx, text, dockerfile2llb.ConvertOpt{
		Config: dockerui.Config{
			BuildArgs:      arguments,
			BuildPlatforms: []ocispecs.Platform{{OS: "linux", Architecture: "amd64"}},
		},
		TargetPlatform: &ocispecs.Platform{OS: "linux", Architecture: "arm64"},
		MetaResolver:   offline{},
		Warn: func(rule, description, _, message string, _ []parser.Range) {
			b.Warnings = append(b.Warnings, rule+": "+description+": "+message)
		},
	})
	if err != nil {
		return nil, err
	}
	b.Image = image.Config
	definition, err := state.Marshal(ctx)
	if err != nil {
		return nil, err
	}
	for _, raw := range definition.Def {
		var op pb.Op
		if err := op.UnmarshalVT(raw); err != nil {
			return nil, err
		}
		if exec := op.GetExec(); exec != nil {
			b.Runs = append(b.Runs, command{op.Platform.OS + "/" + op.Platform.Architecture, exec.Meta.Env, exec.Meta.Args})
		}
	}
	return b, nil
}

// offline knows of each base image that it is there and has one layer.
type offline struct{}

var _ llb.ImageMetaResolver = offline{}

func (offline) ResolveImageConfig(_ context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	image, err := json.Marshal(ocispecs.Image{
		Platform: *opt.ImageOpt.Platform,
		RootFS:   ocispecs.RootFS{Type: "layers", DiffIDs: []digest.Digest{digest.FromString(ref)}},
	})
	return ref, "", image, err
}
