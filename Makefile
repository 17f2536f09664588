# Everything is built from source by Go alone; the tools land in bin/.

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
REVISION ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
BRANCH   ?= $(shell git rev-parse --abbrev-ref HEAD 2>/dev/null || echo unknown)
# The date of the commit, so that two builds of one commit are the same.
DATE     ?= $(shell git log -1 --format=%cI 2>/dev/null || echo unknown)

PKG     := github.com/prometheus/common/version
LDFLAGS := -s -w -X $(PKG).Version=$(VERSION) -X $(PKG).Revision=$(REVISION) -X $(PKG).Branch=$(BRANCH) -X $(PKG).BuildDate=$(DATE)

GOLANGCI_LINT := bin/golangci-lint-v2.15.0
GOFUMPT       := bin/gofumpt-v0.12.0

FUZZTIME ?= 30s

# What builds the image; podman does as well.
DOCKER ?= docker

.PHONY: help build image test check lint format fuzz bench golden clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build the exporter into bin/
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/huaweicloud_tag_exporter .

image: ## Build the container image
	$(DOCKER) build --build-arg VERSION='$(VERSION)' --build-arg REVISION='$(REVISION)' \
		--build-arg BRANCH='$(BRANCH)' --build-arg DATE='$(DATE)' -t huaweicloud_tag_exporter .

test: ## Run the tests with the race detector
	go test -race -timeout 15m ./...

check: lint test fuzz ## Everything that must pass: lint, tests, fuzzing

lint: $(GOLANGCI_LINT) $(GOFUMPT) ## Vet, lint and check the format
	go vet ./...
	go mod verify
	go mod tidy -diff
	@test -z "$$($(GOFUMPT) -l .)" || { echo "make format would change:"; $(GOFUMPT) -l .; exit 1; }
	$(GOLANGCI_LINT) run ./...

format: $(GOFUMPT) ## Format the code
	$(GOFUMPT) -w .

# go test takes one fuzz target at a time; two of them run side by side.
fuzz: ## Run each fuzz target for FUZZTIME
	@grep -r --include='*_test.go' -o '^func Fuzz[A-Za-z0-9]*' . | sed 's|/[^/]*:func | |' | \
		xargs -P 2 -n 2 sh -c 'echo "fuzz $$1 in $$0"; \
			go test -run "^$$" -fuzz "^$$1\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s -parallel 1 "$$0" || exit 255'

bench: ## Run the benchmarks
	go test -run '^$$' -bench . -benchtime 3x ./collector
	go test -run '^$$' -bench . ./internal/policy

golden: ## Write the golden files anew
	go test ./internal/config ./internal/docs ./internal/e2e ./internal/kubernetes -update

clean: ## Remove what was built
	rm -rf bin

$(GOLANGCI_LINT):
	GOBIN=$(CURDIR)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
	mv bin/golangci-lint $@

$(GOFUMPT):
	GOBIN=$(CURDIR)/bin go install mvdan.cc/gofumpt@v0.12.0
	mv bin/gofumpt $@
